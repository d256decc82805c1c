"""Offline verification: every check of RFC 9068 and RFC 9449, then the policy."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Protocol

from trusted_access import dpop, jws, policy
from trusted_access.access import Access, account_for, from_claims
from trusted_access.errors import (
    Expired,
    Inactive,
    ProofInvalid,
    SignatureInvalid,
    TokenInvalid,
    TokenMalformed,
    WrongAudience,
)
from trusted_access.introspection import Introspector
from trusted_access.issuer import Issuer
from trusted_access.keys import PublicKey
from trusted_access.policy import Policy
from trusted_access.replay import MemoryReplayStore, ReplayStore

LEEWAY_MOST_SECONDS = 60
_TYPES = frozenset({"at+jwt", "application/at+jwt"})
# A token says which key signed it by kid alone; whatever else a header offers is a trap.
_FORBIDDEN_HEADERS = ("jwk", "jku", "x5u", "x5c")


class KeySource(Protocol):
    """Where the issuer's keys come from."""

    def key(self, kid: str) -> PublicKey | None: ...


class Verifier:
    """Verifies tokens of one issuer for one service.

    Args:
        issuer: the portal's base URL.
        audience: this service's, as it was registered.
        leeway: seconds of clock difference that are allowed, 60 at most.
        introspector: asks the issuer about each token after the offline checks, so that a
            revocation counts at once; None trusts the token until it expires.
        replay_store: shared by the processes of a service; the default serves one process.
        keys: instead of fetching them from the issuer.
        unsafe_allow_bearer: accept tokens that are bound to no key. Whoever steals one uses it.
        clock: seconds since 1970.
    """

    def __init__(
        self,
        issuer: str,
        audience: str,
        *,
        leeway: int = 30,
        introspector: Introspector | None = None,
        replay_store: ReplayStore | None = None,
        keys: KeySource | None = None,
        unsafe_allow_bearer: bool = False,
        clock: Callable[[], float] = time.time,
    ) -> None:
        if not 0 <= leeway <= LEEWAY_MOST_SECONDS:
            raise ValueError(f"leeway must be 0 to {LEEWAY_MOST_SECONDS} seconds")
        self.issuer = issuer.rstrip("/")
        self.audience = audience
        self._leeway = leeway
        self._introspector = introspector
        self._store: ReplayStore = replay_store or MemoryReplayStore()
        self._keys: KeySource = keys or Issuer(self.issuer)
        self._allow_bearer = unsafe_allow_bearer
        self._clock = clock

    def verify(
        self,
        token: str,
        *,
        proof: str | None = None,
        request: tuple[str, str] | None = None,
        policy: Policy | None = None,
    ) -> Access:
        """Verify a token as it came with a request.

        Args:
            token: what stood after `DPoP ` in the Authorization header.
            proof: the DPoP header, just one.
            request: method and URL of the request, as the client addressed it.
            policy: what this route asks for; none refuses.

        Returns:
            What the token says, verified.

        Raises:
            VerificationError: a subclass that names the check; nothing may be done.
        """
        now = self._clock()
        access = self._offline(token, now)
        self._sender(access, token, proof, request, now)
        _require(policy, access)
        if self._introspector is not None:
            self._ask(self._introspector, token, access)
        return access

    def _offline(self, token: str, now: float) -> Access:
        parsed = jws.parse(token)
        header = parsed.header
        if header.get("typ") not in _TYPES:
            raise TokenMalformed("typ of the token is not at+jwt", "typ")
        for name in _FORBIDDEN_HEADERS:
            if name in header:
                raise TokenMalformed(f"the token's header may not have {name}", "header")
        kid = header.get("kid")
        if not isinstance(kid, str):
            raise TokenMalformed("the token's header has no kid", "kid")
        key = self._keys.key(kid)
        if key is None:
            raise SignatureInvalid("the issuer has no key of this kid", "unknown_key")
        if header.get("alg") not in key.algs:
            raise SignatureInvalid("alg of the token does not fit the issuer's key", "alg")
        if not key.verifies(parsed.signed, parsed.signature):
            raise SignatureInvalid("the signature is not the issuer's")
        claims = parsed.unverified_claims  # verified from here on
        account_for(claims)
        if claims["iss"] != self.issuer:
            raise TokenInvalid("the token is another issuer's", "issuer")
        if claims["aud"] != self.audience:
            raise WrongAudience("the token is for another service")
        if claims["exp"] <= now - self._leeway:
            raise Expired("the token has expired")
        if max(claims["iat"], claims.get("nbf", 0)) > now + self._leeway:
            raise Expired("the token is not valid yet", "not_yet")
        return from_claims(claims)

    def _sender(
        self,
        access: Access,
        token: str,
        proof: str | None,
        request: tuple[str, str] | None,
        now: float,
    ) -> None:
        if not access.jkt:
            if self._allow_bearer:
                return
            raise TokenInvalid("the token is bound to no key", "unbound")
        if proof is None or request is None:
            raise ProofInvalid("a bound token needs a DPoP proof", "proof_missing")
        dpop.check(
            proof,
            method=request[0],
            url=request[1],
            token=token,
            jkt=access.jkt,
            now=now,
            leeway=self._leeway,
            store=self._store,
        )

    @staticmethod
    def _ask(introspector: Introspector, token: str, access: Access) -> None:
        said = introspector.active(token)
        if said.get("active") is not True or said.get("jti") != access.jti:
            raise Inactive("the issuer says that the token is not active")


_require = policy.require
