"""Single sign-on: the way to an organization's provider and back.

Authorization code flow with PKCE (RFC 7636), `state` and `nonce`. The three are bound to the
browser: verifier and nonce are made from a secret in its cookie, which the database never sees.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

import requests
from authlib.integrations.base_client import OAuthError
from authlib.integrations.requests_client import OAuth2Session

from portal import outgoing
from portal.boards import sign_ons
from portal.desk import addresses, sign_on_attempts
from portal.desk.sign_on_attempts import Attempt
from portal.identity import client_keys, id_tokens, providers
from portal.identity.id_tokens import wrong
from portal.identity.providers import Provider
from portal.identity.requirement import domain_of
from portal.installation import settings
from workflows.errors import Invalid, NotFound, NotVouched

SCOPE = "openid email profile"


@dataclass(frozen=True, slots=True)
class Vouched:
    """For whom a provider vouched: `address` lies in a domain of the organization's own.

    Attributes:
        resistant: the organization lets count as a passkey what the provider calls so.
    """

    attempt: Attempt
    subject: str
    address: str
    name: str
    resistant: bool


def redirect_uri() -> str:
    return f"{settings().base_url}/sign-on/callback"


def configured(org_id: str) -> Any:
    """What the organization configured; NotFound for nothing, as for no such organization."""
    row = sign_ons.of_organization(org_id)
    if row is None:
        raise NotFound(
            "nobody signs in this way here",
            code="no_sign_on",
            remedy="sign in with your passkey or by a mailed link",
        )
    return row


def _derived(browser: str, purpose: str, state: str) -> str:
    made = hmac.new(browser.encode(), f"{purpose}:{state}".encode(), hashlib.sha256).digest()
    return base64.urlsafe_b64encode(made).rstrip(b"=").decode()


def begin(org_id: str, browser: str) -> tuple[str, str]:
    """The provider's host and the URL that starts a sign-on there, good for ten minutes."""
    row = configured(org_id)
    provider = providers.get(row.issuer)
    state = sign_on_attempts.begin(Attempt(org_id, row.issuer, row.client_id), browser)
    with _session(row.client_id) as session:
        url, _ = session.create_authorization_url(
            provider.authorization_endpoint,
            state=state,
            nonce=_derived(browser, "nonce", state),
            code_verifier=_derived(browser, "verifier", state),
        )
    return urlsplit(provider.authorization_endpoint).netloc, str(url)


def _session(client_id: str, **more: Any) -> Any:
    session = OAuth2Session(
        client_id, redirect_uri=redirect_uri(), scope=SCOPE, code_challenge_method="S256", **more
    )
    return outgoing.guard(session)


def come_back(said: Mapping[str, str], browser: str) -> Vouched:
    """Take a person back from the provider. `said` are the query's parameters.

    Raises:
        NotVouched: whatever does not hold; nothing was changed, and the attempt is over.
    """
    attempt = sign_on_attempts.take(said.get("state", ""), browser)
    if attempt is None:
        raise NotVouched(
            "this sign-in was not begun in this browser, is over, or took too long",
            code="sign_on_over",
            remedy="begin again; a sign-in at the provider may take ten minutes",
        )
    row = configured(attempt.org_id)
    if (row.issuer, row.client_id) != (attempt.issuer, attempt.client_id):
        raise wrong("your organization changed its configuration meanwhile")
    provider = providers.get(row.issuer)
    _check_parameters(provider, said)
    state = said["state"]
    token = _redeem(row, provider, said["code"], _derived(browser, "verifier", state))
    claims = id_tokens.claims(
        token.get("id_token"),
        provider,
        client_id=row.client_id,
        nonce=_derived(browser, "nonce", state),
        access_token=str(token.get("access_token", "")),
    )
    about = claims | (_user_info(row, provider, token, claims) if "email" not in claims else {})
    return _vouched(attempt, row, claims, about)


def _check_parameters(provider: Provider, said: Mapping[str, str]) -> None:
    named = said.get("iss")
    if named != provider.issuer and (provider.announces_iss or named is not None):
        raise wrong("another provider sent you back")  # RFC 9207 section 2.4
    if "error" in said:
        known = re.fullmatch(r"[a-z_]{1,40}", said["error"])
        raise NotVouched(
            "your organization's provider did not sign you in"
            + (f": {said['error'].replace('_', ' ')}" if known else ""),
            code="provider_declined",
            remedy="begin again, or ask whoever runs the provider whether you may use the portal",
        )
    if not said.get("code"):
        raise wrong("it sent no code")


def _redeem(row: Any, provider: Provider, code: str, verifier: str) -> dict[str, Any]:
    with _session(row.client_id, **client_keys.proof(row, provider)) as session:
        client_keys.teach(session, provider)
        try:
            token = session.fetch_token(
                provider.token_endpoint,
                grant_type="authorization_code",
                code=code,
                code_verifier=verifier,
                allow_redirects=False,
            )
        except outgoing.Unreachable as silent:
            raise providers.unreachable(silent) from None
        except (OAuthError, requests.RequestException, ValueError, TypeError, KeyError,
                ArithmeticError, AttributeError):  # fmt: skip
            raise wrong("it did not take the code that it gave you") from None
    return dict(token)


def _user_info(
    row: Any, provider: Provider, token: dict[str, Any], claims: dict[str, Any]
) -> dict[str, Any]:
    """Address and name from the UserInfo endpoint, about the same subject (Core section 5.3)."""
    if not provider.userinfo_endpoint or str(token.get("token_type", "")).lower() != "bearer":
        return {}
    try:
        with outgoing.guard(requests.Session()) as session:
            answer = session.get(
                provider.userinfo_endpoint,
                headers={"Authorization": f"Bearer {token.get('access_token')}"},
            )
        about = answer.json() if answer.status_code == 200 else None
    except outgoing.Unreachable as silent:
        raise providers.unreachable(silent) from None
    except (requests.RequestException, ValueError, RecursionError):
        about = None
    if not isinstance(about, dict) or about.get("sub") != claims["sub"]:
        raise wrong("it does not say about whom it speaks")
    return {k: about[k] for k in ("email", "email_verified", "name") if k in about}


def _vouched(attempt: Attempt, row: Any, claims: dict[str, Any], about: dict[str, Any]) -> Vouched:
    subject, address, name = claims["sub"], about.get("email"), about.get("name")
    if not 0 < len(subject) <= 255:  # OpenID Connect Core section 2
        raise wrong("it does not say about whom it speaks")
    if not isinstance(address, str) or not is_address(address):
        raise _unusable_address("it names no e-mail address of yours")
    if about.get("email_verified") is not True:
        raise _unusable_address("it has not verified your e-mail address")
    check_domain(attempt.org_id, address)
    if not isinstance(name, str) or not name.isprintable() or not 0 < len(name.strip()) <= 120:
        name = address.partition("@")[0]
    resistant = bool(row.counts_as_passkey) and id_tokens.is_phishing_resistant(claims)
    return Vouched(attempt, subject, address, name.strip(), resistant)


def is_address(text: str) -> bool:
    """Whether it is one e-mail address that mail could reach."""
    try:
        addresses.checked(text)
    except Invalid:
        return False
    return True


def check_domain(org_id: str, address: str) -> None:
    """Raises NotVouched unless the address lies in a proven domain of the organization's own."""
    domain = domain_of(address)
    if not domain or not sign_ons.has_proven(org_id, domain):
        raise _unusable_address("your address is in no domain that your organization has proven")


def _unusable_address(why: str) -> NotVouched:
    return NotVouched(
        f"your organization's provider cannot sign you in here: {why}",
        code="address_not_vouched",
        remedy="ask whoever runs the provider, or sign in with your passkey or by a mailed link",
    )
