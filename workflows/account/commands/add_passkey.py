"""Add a passkey to one's own account; its attestation has been verified at the door."""

from __future__ import annotations

from dataclasses import dataclass

from workflows.account.events import PasskeyAdded
from workflows.account.passwords import check_not_by_link
from workflows.account.staff_roles import DEVICE_BOUND
from workflows.account.state import State
from workflows.actors import Strength
from workflows.context import Context
from workflows.errors import Conflict, Invalid, NotAllowed, StrengthNeeded
from workflows.vaulted import Vaulted

MOST = 10


@dataclass(frozen=True, slots=True)
class AddPasskey:
    stream: str
    passkey: str
    public_key: str
    aaguid: str
    backup_eligible: bool
    label: Vaulted


def decide(state: State, command: AddPasskey, context: Context) -> tuple[object, ...]:
    if context.actor.id != state.id:
        raise NotAllowed("a passkey is added by the person who holds it")
    if state.passkeys and context.actor.strength < Strength.PASSKEY:
        # Otherwise whoever reads the person's mail could add a key of their own.
        raise StrengthNeeded(
            "this account has a passkey already", remedy="sign in with it, then add another"
        )
    if state.password:
        check_not_by_link(context.actor)
    if command.passkey in state.passkeys:
        raise Conflict("this passkey is on the account already")
    if len(state.passkeys) >= MOST:
        raise Conflict(f"an account holds {MOST} passkeys at most", remedy="remove one first")
    if command.backup_eligible and state.roles & DEVICE_BOUND:
        raise Invalid(
            "one decides and administers only with a device-bound passkey",
            code="passkey_synced",
            remedy="use a security key, or a passkey that stays in this device",
        )
    return (
        PasskeyAdded(
            passkey=command.passkey,
            public_key=command.public_key,
            aaguid=command.aaguid,
            backup_eligible=command.backup_eligible,
            label=command.label,
        ),
    )
