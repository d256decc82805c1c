"""Changing one's address: who may, how often, and how it is undone."""

from __future__ import annotations

from datetime import timedelta

from workflows import calendar
from workflows.account.passwords import check_not_by_link
from workflows.account.state import State
from workflows.actors import Strength
from workflows.context import Context
from workflows.errors import NotAllowed, NotNow, StrengthNeeded

UNDO = timedelta(days=7)  # in which whoever reads the former address's mail can put it back
# A way in that was added so shortly before a change that was undone is doubtful with it.
DOUBT = timedelta(days=7)


def check_may_change(state: State, context: Context) -> None:
    """Raises unless the person may change their address now, with this sign-in.

    Raises:
        StrengthNeeded: they have a passkey, or a password, and did not use it.
        NotNow: it was changed within a week, or a recovery is under way.
    """
    if context.actor.id != state.id:
        raise NotAllowed("an address is changed by the person whose account it is")
    if state.passkeys and context.actor.strength < Strength.PASSKEY:
        # Otherwise whoever reads the person's mail could keep the account for themselves.
        raise StrengthNeeded(
            "this account has a passkey", remedy="sign in with it, then change the address"
        )
    if state.password:
        check_not_by_link(context.actor)
    if state.recovery is not None and (
        state.recovery.due or state.recovery.expires_at > calendar.iso(context.now)
    ):
        # It ends with a mailed link: where that goes stays as whoever vouched for it knew it.
        raise NotNow(
            "a recovery of this account is under way",
            code="recovery_under_way",
            remedy="stop it, or wait until it is over",
        )
    if state.undo is not None and state.undo.until > calendar.iso(context.now):
        # Two changes in a row would put the first out of reach of whoever has to undo it.
        raise NotNow(
            "your address was changed less than a week ago",
            code="changed_lately",
            remedy=f"change it again from {state.undo.until[:10]} on, "
            "or put the former one back with the link that was mailed to it",
        )
