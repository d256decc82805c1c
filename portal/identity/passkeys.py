"""Passkeys: WebAuthn registration and sign-in, discoverable credentials with user verification."""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import urlsplit

import webauthn
from webauthn.helpers import base64url_to_bytes, bytes_to_base64url
from webauthn.helpers.exceptions import WebAuthnException
from webauthn.helpers.structs import (
    AuthenticatorSelectionCriteria,
    PublicKeyCredentialDescriptor,
    ResidentKeyRequirement,
    UserVerificationRequirement,
)

from portal import vault
from portal.boards import accounts
from portal.desk import challenges, passkey_uses
from portal.installation import settings
from portal.ledger import perform
from workflows.account.commands.add_passkey import AddPasskey
from workflows.actors import Actor, Strength
from workflows.errors import Invalid, StrengthNeeded

REGISTER, SIGN_IN = "passkey-register", "passkey-sign-in"
INTRODUCE, STEP_UP = "passkey-introduce", "passkey-step-up"


def rp_id() -> str:
    return urlsplit(settings().base_url).hostname or "localhost"


def registration_options(actor: Actor, name: str) -> str:
    """PublicKeyCredentialCreationOptions as JSON (WebAuthn level 3, section 5.4).

    For who has a passkey already they hold `introduction`, PublicKeyCredentialRequestOptions: one
    that is there lets the new one in.
    """
    held = accounts.passkeys_of(actor.id)
    options = webauthn.generate_registration_options(
        rp_id=rp_id(),
        rp_name="Trusted Access Portal",
        user_id=actor.id.encode(),
        user_name=name,
        challenge=challenges.make(REGISTER, actor.id),
        authenticator_selection=AuthenticatorSelectionCriteria(
            resident_key=ResidentKeyRequirement.REQUIRED,
            user_verification=UserVerificationRequirement.REQUIRED,
        ),
        exclude_credentials=[
            PublicKeyCredentialDescriptor(id=base64url_to_bytes(row.passkey)) for row in held
        ],
    )
    whole: dict[str, Any] = json.loads(webauthn.options_to_json(options))
    if held:
        whole["introduction"] = json.loads(_own_options(actor, INTRODUCE))
    return json.dumps(whole)


def register(actor: Actor, answer: str, label: str, introduction: str = "") -> None:
    """Verify the browser's answer and add the passkey to the actor's account.

    Args:
        introduction: the answer of a passkey that is on the account, if one is.

    Raises:
        Invalid: the answer does not hold, or its challenge was not made for this person.
        StrengthNeeded: the account has a passkey, and none of its own let this one in.
    """
    _check_introduced(actor, introduction)
    register_unintroduced(actor, answer, label)


def register_unintroduced(actor: Actor, answer: str, label: str) -> None:
    """As `register`, without asking a passkey that is there: for the demo's own passkey alone."""
    try:
        verified = webauthn.verify_registration_response(
            credential=answer,
            expected_challenge=_spent(answer, REGISTER, actor.id),
            expected_rp_id=rp_id(),
            expected_origin=settings().base_url,
            require_user_verification=True,
        )
    except (WebAuthnException, ValueError, KeyError, TypeError) as wrong:
        raise not_verified() from wrong
    perform(
        AddPasskey(
            stream=actor.id,
            passkey=bytes_to_base64url(verified.credential_id),
            public_key=bytes_to_base64url(verified.credential_public_key),
            aaguid=verified.aaguid,
            backup_eligible=verified.credential_device_type == "multi_device",
            label=vault.put(actor.id, label or "Passkey"),
        ),
        actor,
    )
    passkey_uses.used(bytes_to_base64url(verified.credential_id), verified.sign_count)


def _own_options(actor: Actor, purpose: str) -> str:
    """PublicKeyCredentialRequestOptions as JSON, for a passkey of the actor's own."""
    options = webauthn.generate_authentication_options(
        rp_id=rp_id(),
        challenge=challenges.make(purpose, actor.id),
        allow_credentials=[
            PublicKeyCredentialDescriptor(id=base64url_to_bytes(row.passkey))
            for row in accounts.passkeys_of(actor.id)
        ],
        user_verification=UserVerificationRequirement.REQUIRED,
    )
    return webauthn.options_to_json(options)


def _answered(actor: Actor, answer: str, purpose: str) -> None:
    """Raises Invalid and what WebAuthn raises unless a passkey of the actor's own answered."""
    held = {row.passkey: row for row in accounts.passkeys_of(actor.id)}
    used(held[str(json.loads(answer)["id"])], answer, _spent(answer, purpose, actor.id))


def step_up_options(actor: Actor) -> str:
    """For a passkey of the actor's own, once more."""
    return _own_options(actor, STEP_UP)


def check_stepped_up(actor: Actor, answer: str) -> None:
    """Verify that a passkey of the actor's own answered now.

    Raises:
        Invalid: another's, a wrong signature, a spent challenge: all in the same words.
    """
    try:
        _answered(actor, answer, STEP_UP)
    except (WebAuthnException, ValueError, KeyError, TypeError) as wrong:
        raise not_verified() from wrong


def _check_introduced(actor: Actor, answer: str) -> None:
    """A stolen session must not bring a passkey of its own, and then sign with it."""
    if not accounts.passkeys_of(actor.id) or actor.strength < Strength.PASSKEY:
        return  # the first one; or a session that the rule sends to sign in with a passkey
    try:
        _answered(actor, answer, INTRODUCE)
    except (Invalid, WebAuthnException, ValueError, KeyError, TypeError) as wrong:
        raise StrengthNeeded(
            "a further passkey is let in by one that is on your account",
            code="passkey_not_introduced",
            remedy="use one of your passkeys when the browser asks for it, then make the new one",
        ) from wrong


def sign_in_options() -> str:
    """PublicKeyCredentialRequestOptions as JSON; any passkey of ours may answer."""
    options = webauthn.generate_authentication_options(
        rp_id=rp_id(),
        challenge=challenges.make(SIGN_IN, ""),
        user_verification=UserVerificationRequirement.REQUIRED,
    )
    return webauthn.options_to_json(options)


def sign_in(answer: str) -> str:
    """The account whose passkey answered.

    Raises:
        Invalid: no such passkey, a wrong signature, a spent challenge: all in the same words.
    """
    try:
        row = accounts.passkey(str(json.loads(answer)["id"]))
        challenge = _spent(answer, SIGN_IN, "")
        if row is None:
            raise not_verified()
        used(row, answer, challenge)
    except (WebAuthnException, ValueError, KeyError, TypeError) as wrong:
        raise not_verified() from wrong
    account: str = row.account
    return account


def used(row: Any, answer: str, challenge: bytes) -> bool:
    """Verify that the passkey of `row` signed this challenge, and note its use.

    Returns:
        Whether it says of itself that it may be copied beyond one device (backup eligible).

    Raises:
        WebAuthnException: it did not; ValueError, KeyError, TypeError when it cannot be read.
    """
    verified = webauthn.verify_authentication_response(
        credential=answer,
        expected_challenge=challenge,
        expected_rp_id=rp_id(),
        expected_origin=settings().base_url,
        credential_public_key=base64url_to_bytes(row.public_key),
        credential_current_sign_count=passkey_uses.count(row.passkey),
        require_user_verification=True,
    )
    passkey_uses.used(row.passkey, verified.new_sign_count)
    return verified.credential_device_type == "multi_device"


def _spent(answer: str, purpose: str, subject: str) -> bytes:
    """The challenge that the answer speaks of, if it is one of ours and was not used before."""
    client_data = json.loads(base64url_to_bytes(json.loads(answer)["response"]["clientDataJSON"]))
    challenge = base64url_to_bytes(client_data["challenge"])
    if not challenges.spend(challenge, purpose, subject):
        raise not_verified()
    return challenge


def not_verified() -> Invalid:
    return Invalid(
        "the passkey could not be verified",
        code="passkey_not_verified",
        remedy="try again; a question from the browser is answered within five minutes",
    )
