"""A software authenticator: WebAuthn as a device would answer it, for the demo and for tests.

It holds private keys in a file of its own and always says that the user was verified, so it is
worth nothing outside a demo. The portal cannot tell it from a device, and needs not to: it runs
the same ceremonies.
"""

from __future__ import annotations

import base64
import hashlib
import json
import secrets
from pathlib import Path
from typing import Any

import cbor2
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

_PRESENT_VERIFIED = 0x05
_BACKUP_ELIGIBLE = 0x08
_ATTESTED = 0x40


def _b64(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def _unb64(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


class Authenticator:
    """Discoverable ES256 credentials by user; `path` keeps them between runs, None in memory.

    `synced` says of each that it may be copied beyond the device (backup eligible).
    """

    def __init__(self, path: Path | None = None, *, synced: bool = False) -> None:
        self._path = path
        self._flags = _PRESENT_VERIFIED | (_BACKUP_ELIGIBLE if synced else 0)
        self._keys: dict[str, dict[str, Any]] = {}
        if path and path.is_file():
            self._keys = json.loads(path.read_text())

    def holds(self, user: str) -> bool:
        return user in self._keys

    def register(self, options: dict[str, Any], origin: str) -> str:
        """Answer PublicKeyCredentialCreationOptions; RegistrationResponseJSON as text."""
        user = _unb64(options["user"]["id"]).decode()
        key = ec.generate_private_key(ec.SECP256R1())
        credential_id = secrets.token_bytes(32)
        pem = key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        ).decode()
        self._keys[user] = {"id": _b64(credential_id), "pem": pem, "count": 0}
        self._save()
        numbers = key.public_key().public_numbers()
        cose = {1: 2, 3: -7, -1: 1, -2: numbers.x.to_bytes(32), -3: numbers.y.to_bytes(32)}
        attested = bytes(16) + len(credential_id).to_bytes(2) + credential_id + cbor2.dumps(cose)
        rp_id = options["rp"]["id"]
        data = self._data(rp_id, self._flags | _ATTESTED, 0) + attested
        attestation = cbor2.dumps({"fmt": "none", "attStmt": {}, "authData": data})
        return self._answer(
            credential_id,
            {
                "clientDataJSON": _b64(self._client_data("create", options["challenge"], origin)),
                "attestationObject": _b64(attestation),
            },
        )

    def sign_in(self, user: str, options: dict[str, Any], origin: str) -> str:
        """Answer PublicKeyCredentialRequestOptions as `user`; AuthenticationResponseJSON."""
        entry = self._keys[user]
        entry["count"] += 1
        self._save()
        client_data = self._client_data("get", options["challenge"], origin)
        data = self._data(options["rpId"], self._flags, entry["count"])
        key = serialization.load_pem_private_key(entry["pem"].encode(), None)
        if not isinstance(key, ec.EllipticCurvePrivateKey):
            raise TypeError("the authenticator's file holds a key of another kind")
        signed = data + hashlib.sha256(client_data).digest()
        return self._answer(
            _unb64(entry["id"]),
            {
                "clientDataJSON": _b64(client_data),
                "authenticatorData": _b64(data),
                "signature": _b64(key.sign(signed, ec.ECDSA(hashes.SHA256()))),
                "userHandle": _b64(user.encode()),
            },
        )

    def user_of(self, options: dict[str, Any]) -> str:
        """Whose credential of those that the options allow it holds; KeyError for none."""
        allowed = {entry["id"] for entry in options.get("allowCredentials", ())}
        found = [user for user, entry in self._keys.items() if entry["id"] in allowed]
        if not found:
            raise KeyError("the authenticator holds none of the passkeys that are asked for")
        return found[0]

    def _save(self) -> None:
        if self._path:
            self._path.touch(mode=0o600)
            self._path.write_text(json.dumps(self._keys))

    @staticmethod
    def _data(rp_id: str, flags: int, count: int) -> bytes:
        return hashlib.sha256(rp_id.encode()).digest() + bytes([flags]) + count.to_bytes(4)

    @staticmethod
    def _client_data(kind: str, challenge: str, origin: str) -> bytes:
        return json.dumps(
            {"type": f"webauthn.{kind}", "challenge": challenge, "origin": origin,
             "crossOrigin": False}
        ).encode()  # fmt: skip

    @staticmethod
    def _answer(credential_id: bytes, response: dict[str, str]) -> str:
        return json.dumps(
            {
                "id": _b64(credential_id),
                "rawId": _b64(credential_id),
                "type": "public-key",
                "response": response,
                "clientExtensionResults": {},
                "authenticatorAttachment": "platform",
            }
        )
