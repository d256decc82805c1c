"""A whole verification with its DPoP proof, against the two bare signature checks."""

from __future__ import annotations

from itertools import cycle

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from trusted_access import Scope, Verifier
from trusted_access.issuer import FixedKeys

from bench.timing import ratio
from bench.vectors import NOW, generate

NAME = "verify offline, with proof"
YARDSTICK = "two raw ES256 checks by cryptography"
AIM = 1.5
_PROOFS = 5000


def measure() -> float:
    verifier = Verifier(
        generate.ISSUER, generate.AUDIENCE, keys=FixedKeys(generate.JWKS), clock=lambda: NOW
    )
    token = generate.token()
    proofs = cycle([generate.proof(token, jti=f"p-{i}") for i in range(_PROOFS)])
    policy, request = Scope("malware:analyze"), ("POST", generate.URL)
    signature = generate.ISSUER_KEY.native.sign(b"x" * 700, ec.ECDSA(hashes.SHA256()))
    public, check = generate.ISSUER_KEY.native.public_key(), ec.ECDSA(hashes.SHA256())

    def raw() -> None:
        public.verify(signature, b"x" * 700, check)
        public.verify(signature, b"x" * 700, check)

    return ratio(
        lambda: verifier.verify(token, proof=next(proofs), request=request, policy=policy),
        raw,
        samples=15,
        each=300,
    )
