"""Deciders sign with their passkey: this decision, this person, once, within five minutes."""

from __future__ import annotations

import dataclasses
import json
import secrets
from hashlib import sha256

import webauthn
from webauthn.helpers import base64url_to_bytes, bytes_to_base64url
from webauthn.helpers.exceptions import WebAuthnException
from webauthn.helpers.structs import PublicKeyCredentialDescriptor, UserVerificationRequirement

from portal.boards import accounts
from portal.desk import challenges
from portal.identity import passkeys
from portal.installation import settings
from portal.ledger import signatures
from workflows.actors import Actor
from workflows.application.commands.decide import Decide
from workflows.errors import Invalid
from workflows.signatures import Signature

PURPOSE = "decision"


def options(actor: Actor, command: Decide, program_version: str) -> dict[str, object]:
    """What the browser asks the actor's passkey, and the nonce that comes back with the answer.

    Returns:
        `publicKey`, PublicKeyCredentialRequestOptions; `nonce`, base64url. The nonce is no
        secret: it must be one of ours, since its challenge is on our desk.

    Raises:
        Invalid: every passkey of theirs is a synced one.
    """
    held = accounts.passkeys_of(actor.id)
    bound = [row for row in held if not row.backup_eligible]
    if held and not bound:  # from before the rule; an empty list would ask for any passkey
        raise _synced()
    nonce = secrets.token_bytes(32)
    content = signatures.content(command.stream, program_version, command)
    challenge = signatures.challenge(content, nonce)
    challenges.keep(challenge, PURPOSE, _subject(actor, content))
    asked = webauthn.generate_authentication_options(
        rp_id=passkeys.rp_id(),
        challenge=challenge,
        allow_credentials=[
            PublicKeyCredentialDescriptor(id=base64url_to_bytes(row.passkey)) for row in bound
        ],
        user_verification=UserVerificationRequirement.REQUIRED,
    )
    return {
        "publicKey": json.loads(webauthn.options_to_json(asked)),
        "nonce": bytes_to_base64url(nonce),
    }


def signed(actor: Actor, command: Decide, program_version: str, answer: str, nonce: str) -> Decide:
    """The command with its signature, verified: the actor's passkey, over exactly this.

    Raises:
        Invalid: another's passkey, another decision, a spent challenge, a wrong signature: all
            in the same words. A synced passkey of theirs: in words of its own.
    """
    content = signatures.content(command.stream, program_version, command)
    try:
        challenge = signatures.challenge(content, base64url_to_bytes(nonce))
        if not challenges.spend(challenge, PURPOSE, _subject(actor, content)):
            raise _not_signed()
        row = accounts.passkey(str(json.loads(answer)["id"]))
        if row is None or row.account != actor.id:
            raise _not_signed()
        if passkeys.used(row, answer, challenge) or row.backup_eligible:
            raise _synced()
        signature = _signature(answer, row.public_key, nonce)
    except (WebAuthnException, ValueError, KeyError, TypeError) as wrong:
        raise _not_signed() from wrong
    return dataclasses.replace(command, signature=signature)


def _subject(actor: Actor, content: bytes) -> str:
    """A digest, as the desk's column is short: who, and which decision."""
    return sha256(actor.id.encode() + b"\n" + content).hexdigest()


def _signature(answer: str, public_key: str, nonce: str) -> Signature:
    said = json.loads(answer)
    response = said["response"]
    return Signature(
        credential=said["id"],
        public_key=public_key,
        authenticator_data=_strict(response["authenticatorData"]),
        client_data=_strict(response["clientDataJSON"]),
        signature=_strict(response["signature"]),
        nonce=_strict(nonce),
        rp_id=passkeys.rp_id(),
        origin=settings().base_url,
    )


def _strict(text: str) -> str:
    # Decoders skip what is no base64url; such letters must not slip into the ledger.
    return bytes_to_base64url(base64url_to_bytes(text))


def _synced() -> Invalid:
    return Invalid(
        "one decides with a passkey that stays in its device, and this one is synced",
        code="passkey_synced",
        remedy="add a security key, or a passkey that stays in this device, to your account, and "
        "sign with it",
    )


def _not_signed() -> Invalid:
    return Invalid(
        "the decision was not signed by your passkey",
        code="signature_not_verified",
        remedy="show the letter again and sign it; a question to a passkey is good for five "
        "minutes, once, and for that letter alone",
    )
