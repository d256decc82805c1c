"""Organizations' OpenID providers: what they say of themselves, and their keys.

OpenID Connect Discovery 1.0; RFC 8414. A provider is asked anew when what is known is too old,
and for keys when a token names one that nobody knows, once a minute at most.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from authlib.oidc.discovery import get_well_known_url
from joserfc import jwk
from joserfc.errors import JoseError

from portal import outgoing
from portal.desk import providers
from workflows.errors import NotVouched

# What may sign an ID token, with the kind of key that it takes; never `none`, never a shared key.
ALGS = {"RS256": "RSA", "PS256": "RSA", "ES256": "EC", "EdDSA": "OKP"}
MOST_KEYS = 50
LEAST_RSA_BITS = 2048


@dataclass(frozen=True, slots=True)
class Provider:
    """What the discovery document says, checked.

    Attributes:
        announces_iss: whether it names itself when it sends people back (RFC 9207).
        authentications: client authentication methods of its token endpoint.
        algs: those of `ALGS` with which it signs ID tokens.
    """

    issuer: str
    authorization_endpoint: str
    token_endpoint: str
    jwks_uri: str
    userinfo_endpoint: str
    announces_iss: bool
    authentications: tuple[str, ...]
    algs: tuple[str, ...]


def ask(issuer: str) -> Provider:
    """Ask the provider itself, whatever is known of it.

    Raises:
        NotVouched: it cannot be reached, or says something that does not hold.
    """
    if not outgoing.is_permitted(issuer):
        raise _wrong("the issuer is not an https URL")
    try:
        said = outgoing.get_json(get_well_known_url(issuer, external=True))
    except outgoing.Unreachable as silent:
        raise unreachable(silent) from None
    found = _read(issuer, said)
    providers.keep(issuer, json.dumps(said))
    return found


def get(issuer: str) -> Provider:
    """As `ask`, from what it said a few minutes ago if it did."""
    said = providers.known(issuer).said
    return _read(issuer, json.loads(said)) if said else ask(issuer)


def _read(issuer: str, said: Any) -> Provider:
    if not isinstance(said, dict):
        raise _wrong("its discovery document is not a JSON object")
    if said.get("issuer") != issuer:
        raise _wrong("its discovery document names another issuer")
    if "code" not in _texts(said, "response_types_supported", ("code",)):
        raise _wrong("it does not offer the authorization code flow")
    # The default of OpenID Connect Core section 15.1.
    algs = _texts(said, "id_token_signing_alg_values_supported", ("RS256",))
    usable = tuple(alg for alg in ALGS if alg in algs)
    if not usable:
        raise _wrong(f"it signs with none of {', '.join(ALGS)}")
    return Provider(
        issuer=issuer,
        authorization_endpoint=_endpoint(said, "authorization_endpoint"),
        token_endpoint=_endpoint(said, "token_endpoint"),
        jwks_uri=_endpoint(said, "jwks_uri"),
        userinfo_endpoint=_endpoint(said, "userinfo_endpoint", optional=True),
        announces_iss=said.get("authorization_response_iss_parameter_supported") is True,
        authentications=_texts(
            said, "token_endpoint_auth_methods_supported", ("client_secret_basic",)
        ),
        algs=usable,
    )


def _texts(said: dict[str, Any], name: str, otherwise: tuple[str, ...]) -> tuple[str, ...]:
    values = said.get(name)
    if values is None:
        return otherwise
    return tuple(v for v in values if isinstance(v, str)) if isinstance(values, list) else ()


def _endpoint(said: dict[str, Any], name: str, *, optional: bool = False) -> str:
    url = said.get(name)
    if url is None and optional:
        return ""
    if not isinstance(url, str) or not outgoing.is_permitted(url):
        raise _wrong(f"its {name} is not an https URL")
    return url


def key_for(provider: Provider, kid: object, alg: str) -> Any:
    """The key that a token's header names.

    Raises:
        NotVouched: there is none, even after asking for the keys again.
    """
    found = _pick(providers.known(provider.issuer).key_set, kid, alg)
    if found is None and providers.may_ask_for_keys(provider.issuer):
        try:
            fetched = json.dumps(outgoing.get_json(provider.jwks_uri))
        except outgoing.Unreachable as silent:
            raise unreachable(silent) from None
        providers.keep_keys(provider.issuer, fetched)
        found = _pick(fetched, kid, alg)
    if found is None:
        raise NotVouched(
            "your organization's provider signed with a key that it does not publish",
            code="unknown_key",
            remedy="try again in a minute; if it stays so, tell whoever runs the provider",
        )
    return found


def _pick(key_set: str, kid: object, alg: str) -> Any:
    said = json.loads(key_set) if key_set else None
    members = said.get("keys") if isinstance(said, dict) else None
    if not isinstance(members, list):
        return None
    usable = [
        m
        for m in members[:MOST_KEYS]
        if isinstance(m, dict)
        and m.get("kty") == ALGS[alg]
        and m.get("use", "sig") == "sig"
        and m.get("alg", alg) in (alg, "Ed25519" if alg == "EdDSA" else alg)
        and (kid is None or m.get("kid") == kid)
        # Before the library reads it, which warns of a short one each time.
        and (m["kty"] != "RSA" or len(str(m.get("n", ""))) >= LEAST_RSA_BITS // 6)
    ]
    if len(usable) != 1:  # without a key id only one key can be meant
        return None
    try:
        key: Any = jwk.import_key(usable[0])
    except (JoseError, ValueError, TypeError, KeyError):
        return None
    return key if _is_strong(key, alg) else None


def _is_strong(key: Any, alg: str) -> bool:
    if key.is_private:
        return False  # whoever reads the key set could sign with it
    if alg in ("RS256", "PS256"):
        return bool(key.raw_value.key_size >= LEAST_RSA_BITS)
    curve = key.as_dict(private=False)["crv"]
    return bool(curve == ("P-256" if alg == "ES256" else "Ed25519"))


def unreachable(silent: Exception) -> NotVouched:
    return NotVouched(
        f"your organization's provider could not be asked: {silent}",
        code="provider_unreachable",
        remedy="try again in a few minutes, or sign in another way",
    )


def _wrong(why: str) -> NotVouched:
    return NotVouched(
        f"your organization's provider is not set up in a way that can be used: {why}",
        code="provider_unusable",
        remedy="tell whoever runs the provider, or an admin of your organization",
    )
