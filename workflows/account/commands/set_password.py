"""Set a password, or change it. Both halves stand at the desk already, and the code was proven."""

from __future__ import annotations

from dataclasses import dataclass

from workflows.account.events import PasswordSet, RecoveryCodesMade
from workflows.account.passwords import check_codes, check_not_by_link, check_own
from workflows.account.state import State
from workflows.actors import Strength
from workflows.context import Context
from workflows.errors import Conflict, StrengthNeeded


@dataclass(frozen=True, slots=True)
class SetPassword:
    """`secret` names the desk's row; `codes` the recovery codes that a first password comes with,
    none for a change."""

    stream: str
    secret: str
    codes: tuple[str, ...] = ()


def decide(state: State, command: SetPassword, context: Context) -> tuple[object, ...]:
    check_own(state, context.actor)
    if command.secret == state.password:
        raise Conflict("this password is set already")
    if state.password:
        check_not_by_link(context.actor)
        return (PasswordSet(command.secret, replaced=state.password),)
    if state.passkeys and context.actor.strength < Strength.PASSKEY:
        # Otherwise whoever reads the person's mail could make a second way in, and keep it.
        raise StrengthNeeded(
            "this account has a passkey", remedy="sign in with it, then set a password"
        )
    check_codes(command.codes)
    return (PasswordSet(command.secret, replaced=""), RecoveryCodesMade(command.codes))
