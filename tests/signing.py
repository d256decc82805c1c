"""A workload or a service as it stands before the issuer, whose every member can be broken."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import secrets
from dataclasses import dataclass, field
from typing import Any

from flask import Flask
from joserfc import jwk
from joserfc.jws import JWSRegistry
from werkzeug.test import TestResponse

from portal import clock, ids, vault
from portal.extensions import db
from portal.issuing import keyring, public_keys
from portal.issuing.clients import ASSERTION_TYPE
from portal.ledger import perform
from tests import builders
from workflows.grant.commands.register_credential import RegisterCredential

ISSUER = "http://localhost:8000"
API = "https://api.example"
GONE: Any = object()


def b64(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def compact(header: Any, claims: Any, key: Any) -> str:
    """A compact JWS of whatever it is given: str and bytes go in as they stand, the rest as JSON.

    `alg` of the header names the signature's algorithm; "none" leaves it out.
    """
    parts = [v if isinstance(v, bytes) else (v if isinstance(v, str) else json.dumps(v)).encode()
             for v in (header, claims)]  # fmt: skip
    head = json.loads(parts[0])
    signed = f"{b64(parts[0])}.{b64(parts[1])}"
    if head["alg"] == "none":
        return f"{signed}."
    algorithm = JWSRegistry.algorithms[head["alg"]]
    return f"{signed}.{b64(algorithm.sign(signed.encode(), key))}"


def changed(members: dict[str, Any], changes: dict[str, Any]) -> dict[str, Any]:
    """The members with changes; `GONE` takes one away."""
    return {k: v for k, v in (members | changes).items() if v is not GONE}


def algorithm(key: Any) -> str:
    return {"EC": "ES256", "OKP": "Ed25519", "RSA": "PS256"}[key.key_type]


def generate(kind: str = "EC") -> Any:
    match kind:
        case "OKP":
            return jwk.OKPKey.generate_key("Ed25519")
        case "RSA":
            return jwk.RSAKey.generate_key(2048)
    return jwk.ECKey.generate_key("P-256")


def register(org: builders.Org, grant_id: str, key: Any) -> str:
    """Register a key of any kind under a grant; the credential's id."""
    public = public_keys.from_members(key.as_dict(private=False))
    credential = ids.new("cred")
    label = vault.put(org.id, "Pipeline")
    perform(
        RegisterCredential(grant_id, credential, public.jkt, public.jwk, label),
        builders.again(org.owner),
    )
    return credential


@dataclass(slots=True)
class Machine:
    """Makes assertions, proofs and requests in the name of one client."""

    id: str
    key: Any
    issuer: str = ISSUER
    proof_key: Any = field(default_factory=generate)

    def assertion(
        self,
        *,
        key: Any = None,
        header: dict[str, Any] | None = None,
        payload: Any = None,
        **changes: Any,
    ) -> str:
        now = clock.epoch()
        claims = {"iss": self.id, "sub": self.id, "aud": self.issuer, "iat": now, "exp": now + 60,
                  "jti": secrets.token_hex(8)}  # fmt: skip
        head = changed({"alg": algorithm(self.key), "typ": "JWT"}, header or {})
        return compact(head, payload or changed(claims, changes), key or self.key)

    def proof(
        self,
        path: str = "/oauth/token",
        *,
        key: Any = None,
        header: dict[str, Any] | None = None,
        token: str = "",
        **changes: Any,
    ) -> str:
        claims: dict[str, Any] = {"htm": "POST", "htu": self.issuer + path, "iat": clock.epoch(),
                                  "jti": secrets.token_hex(8)}  # fmt: skip
        if token:
            claims["ath"] = b64(hashlib.sha256(token.encode()).digest())
        public = self.proof_key.as_dict(private=False)
        head = {"alg": algorithm(self.proof_key), "typ": "dpop+jwt", "jwk": public}
        return compact(changed(head, header or {}), changed(claims, changes), key or self.proof_key)

    def form(self, **changes: Any) -> dict[str, Any]:
        form = {"grant_type": "client_credentials", "client_assertion_type": ASSERTION_TYPE,
                "resource": API}  # fmt: skip
        whole = form | changes
        whole.setdefault("client_assertion", self.assertion())
        return {k: v for k, v in whole.items() if v is not GONE}

    def ask(self, app: Flask, *, proofs: list[str] | None = None, **changes: Any) -> TestResponse:
        """Ask the token endpoint."""
        return post(
            app, "token", self.form(**changes), [self.proof()] if proofs is None else proofs
        )

    def token(self, app: Flask, **changes: Any) -> str:
        answer = self.ask(app, **changes)
        assert answer.status_code == 200, answer.get_data(as_text=True)
        return str(answer.json["access_token"])

    def introspect(
        self,
        app: Flask,
        token: str,
        own: str = "",
        *,
        proofs: list[str] | None = None,
        scheme: str = "DPoP",
    ) -> TestResponse:
        """Ask about a token, as a service does, with `own` or a fresh token of its own."""
        own = own or self.token(app, resource=self.issuer)
        proofs = [self.proof("/oauth/introspect", token=own)] if proofs is None else proofs
        headers = [("Authorization", f"{scheme} {own}")]
        return post(app, "introspect", {"token": token}, proofs, headers)

    def revoke(self, app: Flask, token: str, **changes: Any) -> TestResponse:
        return post(app, "revoke", self.form(token=token, resource=GONE, **changes))


def post(
    app: Flask,
    endpoint: str,
    form: Any,
    proofs: list[str] | None = None,
    headers: list[tuple[str, str]] | None = None,
) -> TestResponse:
    """Post a form to an endpoint of the issuer; never does it answer 5xx."""
    sent = [("DPoP", proof) for proof in proofs or []] + (headers or [])
    with app.test_client() as client:
        answer = client.post(f"/oauth/{endpoint}", data=form, headers=sent)
    assert answer.status_code < 500, answer.get_data(as_text=True)
    return answer


def part(token: str, index: int) -> dict[str, Any]:
    """Header (0) or claims (1) of a compact JWS, as they stand there."""
    text = token.split(".")[index]
    found: dict[str, Any] = json.loads(base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)))
    return found


def hmac_of(secret: bytes, text: str) -> str:
    """HMAC-SHA-256 over a signing input, for a verifier that takes a public key as the secret."""
    return b64(hmac.digest(secret, text.encode(), "sha256"))


def signing_kid() -> str:
    """The kid of the key that the issuer signs with now."""
    with db.engine.connect() as connection:
        return keyring.signing_kid(connection)
