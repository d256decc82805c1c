"""Staff roles: which there are, and which one person may not hold together."""

from __future__ import annotations

from workflows.account.state import State
from workflows.errors import Invalid

STAFF_ROLES = (
    "intake", "reviewer", "decider", "program_manager", "service_manager", "service_developer",
    "auditor", "administrator",
)  # fmt: skip
# Pairs that one person never holds together: whoever keeps the installation running decides
# nothing, and an auditor audits nobody's work of their own.
INCOMPATIBLE = (
    ("administrator", "reviewer"), ("administrator", "decider"),
    ("administrator", "program_manager"), ("reviewer", "decider"),
    ("auditor", "reviewer"), ("auditor", "decider"), ("auditor", "program_manager"),
    ("service_developer", "service_manager"),
)  # fmt: skip
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


def _words(role: str) -> str:
    return role.replace("_", " ")
