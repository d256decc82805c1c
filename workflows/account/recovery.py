"""Who may give somebody their way back in: two people, and never the person themselves.

For members two of their organization's owner and admins, or two of the program's staff; for staff
two people of staff with no role in common. A day passes before anything happens, everybody who
looks after the person is told, and the person can stop it with whatever they still have.
"""

from __future__ import annotations

from datetime import timedelta

from workflows.account.state import State
from workflows.context import Context
from workflows.errors import NotAllowed
from workflows.organization.state import State as Organization

KEEPERS = frozenset({"administrator", "program_manager"})
DELAY = timedelta(hours=24)
WAITS = timedelta(days=7)


def check_may_help(state: State, organization: str, context: Context) -> None:
    """Raises NotAllowed unless the actor may be one of the two, by `organization` or as staff."""
    actor = context.actor
    if actor.id == state.id:
        raise NotAllowed(
            "nobody recovers their own account", code="own_recovery", remedy="ask two colleagues"
        )
    if organization and not looks_after(state, context.others[organization], actor.id):
        raise NotAllowed("your role does not allow this")
    if organization and state.roles:
        raise NotAllowed(
            "this person works for the program",
            code="staff_recovery",
            remedy="two of its staff, with different roles, recover their account",
        )
    if organization and state.links_held:
        # It ends with a mailed link, and whose mailbox that is has just been in question.
        raise NotAllowed(
            "a change of this person's address was undone lately",
            code="address_put_back",
            remedy="two of the program's staff recover their account, and ask them by voice first",
        )
    if not organization and not actor.roles & KEEPERS:
        raise NotAllowed("your role does not allow this")


def check_not_elsewhere(organization: str, elsewhere: bool) -> None:
    """Raises NotAllowed when an organization would recover somebody who belongs to another, too:
    else whoever invites somebody could take their passkeys from under another organization."""
    if organization and elsewhere:
        raise NotAllowed(
            "this person belongs to another organization too",
            code="belongs_elsewhere",
            remedy="two of the program's staff recover their account",
        )


def looks_after(state: State, organization: Organization, account: str) -> bool:
    """Whether the account is owner or admin of an organization whose member the person is; a
    guest is looked after elsewhere, and whoever is suspended looks after nobody."""
    here = organization.members.get(state.id, "guest") != "guest"
    return here and organization.looks_after(account)
