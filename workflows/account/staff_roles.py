"""Staff roles: which there are, and which one person may not hold together."""

from __future__ import annotations

from workflows.account.state import State
from workflows.errors import Invalid, NotNow

STAFF_ROLES = (
    "intake", "reviewer", "decider", "program_manager", "service_manager", "service_developer",
    "auditor", "council", "administrator",
)  # fmt: skip
# Roles that say yes to something, or will: the table of `workflows/roles.py` gives each of them
# an approving verb (a test compares), but for the council, whose votes are still to come.
DECIDING = ("intake", "reviewer", "decider", "program_manager", "service_manager", "council")
# Pairs that one person never holds together. Whoever keeps the installation running decides
# nothing; an auditor audits nobody's work of their own; who reviews does not decide; who asks for
# a service's approval does not give it. A service developer gives no power, and may be
# administrator: to run a small downstream service is no deciding role.
INCOMPATIBLE = (
    *(("administrator", role) for role in DECIDING),
    *(("auditor", role) for role in DECIDING),
    ("reviewer", "decider"),
    ("service_developer", "service_manager"),
)
# Their passkeys stay in one device: a synced one is as safe as the account of whoever syncs it.
DEVICE_BOUND = frozenset({"decider", "administrator"})


def check_may_hold(state: State, role: str) -> None:
    """Raises Invalid unless the role exists and goes with those that the person holds."""
    if role not in STAFF_ROLES:
        raise Invalid(
            f"{role!r} is not a staff role",
            remedy=f"one of {', '.join(STAFF_ROLES)}",
            fields={"role": "Choose a role"},
        )
    for pair in INCOMPATIBLE:
        if role in pair:
            other = pair[0] if pair[1] == role else pair[1]
            if other in state.roles:
                raise Invalid(
                    f"one person cannot be {_words(role)} and {_words(other)}",
                    code="incompatible_roles",
                    remedy="choose somebody else, or end the other role first",
                )


def check_device_bound(state: State, role: str) -> None:
    """Raises NotNow while the person holds a synced passkey and the role goes with none.

    A person who was no staff may have synced passkeys, and would decide with one: they are asked
    for another before the role is theirs, not after.
    """
    if role in DEVICE_BOUND and state.synced:
        raise NotNow(
            f"this person has a synced passkey, and {_words(role)} goes with bound ones alone",
            code="passkey_synced",
            remedy="they add a security key, or a passkey that stays in one device, and remove "
            "the synced one on their account’s page; then this can be done",
        )


def _words(role: str) -> str:
    return role.replace("_", " ")
