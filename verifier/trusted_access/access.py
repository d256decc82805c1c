"""What a verified token says, with every claim accounted for."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

from trusted_access.errors import TokenInvalid

DETAIL_TYPE = "trusted_access"
_NOTHING: Mapping[str, Any] = {}


class Access(NamedTuple):
    """A verified access token (RFC 9068) of a Trusted Access Portal.

    Attributes:
        scope: OAuth scopes, in the token's order.
        actions: what the grant is for (RFC 9396 `authorization_details` of type
            `trusted_access` that name this audience).
        tier, grant_id, grant_version: of the grant; 0 and "" for a token without one.
        issued_at, expires_at: seconds since 1970.
        jkt: RFC 7638 thumbprint of the key that the token is bound to, "" if unbound.
        act: who acts for the subject (RFC 8693), or None.
    """

    subject: str
    client_id: str
    org: str
    audience: str
    scope: tuple[str, ...]
    actions: tuple[str, ...]
    tier: int
    grant_id: str
    grant_version: int
    issued_at: int
    expires_at: int
    jti: str
    jkt: str
    authorization_details: tuple[dict[str, Any], ...]
    act: dict[str, Any] | None


def _text(value: Any) -> bool:
    return isinstance(value, str) and 0 < len(value) <= 1024


def _moment(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and 0 <= value < 1 << 40


def _object(value: Any) -> bool:
    return isinstance(value, dict)


def _details(value: Any) -> bool:
    return isinstance(value, list) and all(isinstance(v, dict) for v in value)


def _texts(value: Any) -> bool:
    return isinstance(value, list) and all(isinstance(v, str) for v in value)


# Every claim that a token may carry, sorted by whether it must. A claim that stands in neither
# table is refused: a verifier that passes over what it does not know may pass over a condition.
REQUIRED: Mapping[str, Callable[[Any], bool]] = {
    "iss": _text,
    "sub": _text,
    "client_id": _text,
    "aud": _text,
    "iat": _moment,
    "exp": _moment,
    "jti": _text,
    "scope": _text,
}
OPTIONAL: Mapping[str, Callable[[Any], bool]] = {
    "nbf": _moment,
    "org": _text,
    "cnf": _object,
    "act": _object,
    "authorization_details": _details,
    "status": _object,
}


def account_for(claims: Mapping[str, Any]) -> None:
    """Check that every claim is there, of its kind, and known.

    Raises:
        TokenInvalid: naming the claim.
    """
    for name, is_right in REQUIRED.items():
        if name not in claims:
            raise TokenInvalid(f"the claim {name} is missing", "claim_missing")
        if not is_right(claims[name]):
            raise TokenInvalid(f"the claim {name} is not of its kind", "claim_kind")
    for name, value in claims.items():
        if name in REQUIRED:
            continue
        if name not in OPTIONAL:
            raise TokenInvalid(f"the claim {name} is not known here", "claim_unknown")
        if not OPTIONAL[name](value):
            raise TokenInvalid(f"the claim {name} is not of its kind", "claim_kind")


def from_claims(claims: Mapping[str, Any]) -> Access:
    """The access that accounted-for, verified claims speak of.

    Raises:
        TokenInvalid: an authorization detail of another shape, or for another service.
    """
    details = tuple(claims.get("authorization_details", ()))
    mine = [_detail(d, claims["aud"]) for d in details]
    first = mine[0] if mine else _NOTHING
    jkt = claims.get("cnf", _NOTHING).get("jkt", "")
    return Access(
        subject=claims["sub"],
        client_id=claims["client_id"],
        org=claims.get("org", ""),
        audience=claims["aud"],
        scope=tuple(claims["scope"].split()),
        actions=tuple(a for d in mine for a in d["actions"]),
        tier=first.get("tier", 0),
        grant_id=first.get("grant_id", ""),
        grant_version=first.get("grant_version", 0),
        issued_at=claims["iat"],
        expires_at=claims["exp"],
        jti=claims["jti"],
        jkt=jkt if isinstance(jkt, str) else "",
        authorization_details=details,
        act=claims.get("act"),
    )


def _detail(detail: Mapping[str, Any], audience: str) -> Mapping[str, Any]:
    get = detail.get
    if (
        get("type") != DETAIL_TYPE
        or not isinstance(get("locations"), list)
        or not _texts(get("actions"))
        or not isinstance(get("tier"), int)
        or not isinstance(get("grant_id"), str)
        or not isinstance(get("grant_version"), int)
    ):
        raise TokenInvalid("an authorization detail is not of the shape trusted_access", "details")
    if audience not in detail["locations"]:
        raise TokenInvalid("the authorization is for another service", "details")
    return detail
