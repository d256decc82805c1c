"""Being forgotten: what stands in the way, and how long it can be taken back."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta

from workflows.account.state import State
from workflows.context import Context
from workflows.errors import NotNow

OWN_WISH = "own_wish"
WAIT = timedelta(days=7)
REMIND = timedelta(days=1)  # before it happens


def obstacle(state: State, organizations: Iterable[str], context: Context) -> str:
    """Why this person cannot be erased now: "staff", "owner", or "" when nothing stands against
    it. An organization may lose its only member, and never the owner of others."""
    if state.roles:
        return "staff"
    members = [context.others[org_id].members for org_id in organizations]
    if any(m.get(state.id) == "owner" and len(m) > 1 for m in members):
        return "owner"
    return ""


def check_nothing_against(state: State, organizations: Iterable[str], context: Context) -> None:
    """Raises NotNow with what is to be done first."""
    reason = obstacle(state, organizations, context)
    if reason == "staff":
        raise NotNow(
            "you hold a role in the program’s staff",
            code="staff_cannot_be_erased",
            remedy="ask an administrator or a program manager to end your roles first",
        )
    if reason == "owner":
        raise NotNow(
            "you own an organization that has other members",
            code="owner_cannot_be_erased",
            remedy="offer the ownership to another member first, or remove the others",
        )
