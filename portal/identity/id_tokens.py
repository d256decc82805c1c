"""ID tokens: believed only when signature and every claim hold (OpenID Connect Core 3.1.3.7)."""

from __future__ import annotations

from typing import Any

from authlib.oidc.core import CodeIDToken
from joserfc.errors import JoseError

from portal import clock
from portal.identity import providers
from portal.identity.providers import Provider
from portal.issuing import jwt
from workflows.errors import NotVouched

LEEWAY_SECONDS = 60
# What RFC 8176 and OpenID's EAP call proof that no fake page can take along.
_RESISTANT_AMR = frozenset({"hwk", "pop", "fido", "webauthn"})
_RESISTANT_ACR = frozenset({"phr", "phrh"})


def claims(
    text: object, provider: Provider, *, client_id: str, nonce: str, access_token: str
) -> dict[str, Any]:
    """The claims of an ID token that was made for this client and this very sign-on.

    Raises:
        NotVouched: saying which check failed; nothing of the token is quoted.
    """
    if not isinstance(text, str):
        raise wrong("it sent no ID token")
    try:
        token = jwt.peek(text)
    except jwt.Malformed as bad:
        raise wrong(f"its ID token cannot be read: {bad}") from None
    alg = token.header.get("alg")
    if not isinstance(alg, str) or alg not in providers.ALGS:
        raise wrong(f"its ID token is signed with none of {', '.join(providers.ALGS)}")
    key = providers.key_for(provider, token.header.get("kid"), alg)
    verified = jwt.verified(token, key, "Ed25519" if alg == "EdDSA" else alg)
    if verified is None:
        raise wrong("the signature of its ID token does not hold")
    found = CodeIDToken(
        verified,
        token.header,
        options={
            "iss": {"essential": True, "value": provider.issuer},
            "sub": {"essential": True},
            "aud": {"essential": True, "value": client_id},
        },
        params={"client_id": client_id, "nonce": nonce, "access_token": access_token},
    )
    try:
        found.validate(now=clock.epoch(), leeway=LEEWAY_SECONDS)
    except JoseError as bad:
        raise wrong(f"a claim of its ID token does not hold: {_name(bad)}") from None
    except (TypeError, ValueError):
        raise wrong("its ID token cannot be read") from None
    return verified


def _name(bad: JoseError) -> str:
    return str(getattr(bad, "claim", "") or "one that is asked for")


def is_phishing_resistant(found: dict[str, Any]) -> bool:
    """Whether the provider says so, by `amr` (RFC 8176 section 2) or `acr` (OpenID EAP ACR)."""
    amr, acr = found.get("amr"), found.get("acr")
    said = {v for v in amr if isinstance(v, str)} if isinstance(amr, list) else set()
    return bool(said & _RESISTANT_AMR) or (isinstance(acr, str) and acr in _RESISTANT_ACR)


def wrong(why: str) -> NotVouched:
    return NotVouched(
        f"what your organization's provider sent cannot be believed: {why}",
        code="not_believed",
        remedy="begin again; if it happens again, tell whoever runs the provider",
    )
