"""A whole offline verification of a token without proof, against the bare signature check."""

from __future__ import annotations

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from trusted_access import Scope, Verifier
from trusted_access.issuer import FixedKeys

from bench.timing import ratio
from bench.vectors import NOW, generate

NAME = "verify offline, no proof"
YARDSTICK = "raw ES256 check by cryptography"
AIM = 1.5


def measure() -> float:
    verifier = Verifier(
        generate.ISSUER, generate.AUDIENCE, keys=FixedKeys(generate.JWKS),
        unsafe_allow_bearer=True, clock=lambda: NOW,
    )  # fmt: skip
    token = generate.token(cnf=generate.GONE)
    policy = Scope("malware:analyze")
    signature = generate.ISSUER_KEY.native.sign(b"x" * 700, ec.ECDSA(hashes.SHA256()))
    public, check = generate.ISSUER_KEY.native.public_key(), ec.ECDSA(hashes.SHA256())
    return ratio(
        lambda: verifier.verify(token, policy=policy),
        lambda: public.verify(signature, b"x" * 700, check),
        samples=15,
        each=300,
    )
