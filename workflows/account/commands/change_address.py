"""Change one's address to one whose mail the person has just been shown to read.

That the link of the mail was used is established at the door, which keeps both addresses' digests.
"""

from __future__ import annotations

from dataclasses import dataclass

from workflows import calendar
from workflows.account.addresses import UNDO, check_may_change
from workflows.account.events import AddressChanged
from workflows.account.state import State
from workflows.context import Context
from workflows.errors import NotNow
from workflows.vaulted import Vaulted


@dataclass(frozen=True, slots=True)
class ChangeAddress:
    stream: str
    change: str
    address: Vaulted


def decide(state: State, command: ChangeAddress, context: Context) -> tuple[object, ...]:
    check_may_change(state, context)
    if state.address is None:
        raise NotNow("this account has no address", code="no_address")
    return (
        AddressChanged(
            change=command.change,
            address=command.address,
            former=state.address,
            former_change=state.address_change,
            undo_until=calendar.iso(context.now + UNDO),
        ),
    )
