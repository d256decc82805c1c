"""Put the former address back: whoever reads its mail says that the change was not theirs.

It ends ways in and gives none: what was added since shortly before the change goes, an erasure
that may be the thief's wish does not happen, and mailed links sign nobody in until the person was
there by a passkey or a password from before, or two people recovered the account. So neither a
thief of the session nor whoever reads the former mailbox can take the account over with it.
"""

from __future__ import annotations

from dataclasses import dataclass

from workflows import calendar
from workflows.account.events import (
    AddressChangeUndone,
    AutomationRevoked,
    ErasureTakenBack,
    PasskeyRemoved,
    RecoveryCancelled,
    SignOnUnlinked,
)
from workflows.account.passwords import without_password
from workflows.account.state import State
from workflows.context import Context
from workflows.errors import NotAllowed, NotNow


@dataclass(frozen=True, slots=True)
class UndoAddressChange:
    """`doubtful` names passkeys and the password that are so new (see
    `workflows.account.addresses.DOUBT`) that they may be the thief's."""

    stream: str
    change: str
    doubtful: tuple[str, ...] = ()


def decide(state: State, command: UndoAddressChange, context: Context) -> tuple[object, ...]:
    if context.actor.id != state.id:
        raise NotAllowed("this link is not for this account")
    undo = state.undo
    if undo is None or undo.change != command.change or undo.until <= calendar.iso(context.now):
        raise NotNow(
            "this change can no longer be undone",
            code="undo_over",
            remedy="it was undone already, or more than a week has passed; if your account is not "
            "in your hands, ask two people who look after it to recover it",
        )
    if state.address is None:
        raise NotNow("this account has no address", code="no_address")
    doubtful = set(command.doubtful)
    return (
        *(PasskeyRemoved(passkey) for passkey in state.passkeys if passkey in doubtful),
        # Of whatever age: who reads the former mailbox may run the provider of its domain.
        *(SignOnUnlinked(link) for link in sorted(state.sign_ons)),
        # It would end with a mailed link, to the mailbox that is only now put back.
        *((RecoveryCancelled(),) if state.recovery else ()),
        *(without_password(state, "undone") if state.password in doubtful else ()),
        *(AutomationRevoked(automation) for automation in state.automations),
        *((ErasureTakenBack(),) if state.erasure_due else ()),
        AddressChangeUndone(
            change=undo.change,
            address=undo.former,
            dropped=state.address,
            former_change=undo.former_change,
        ),
    )
