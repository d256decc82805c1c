"""An account as its history tells it."""

from __future__ import annotations

from dataclasses import dataclass, replace

from workflows.account import events as e

PHASES = ("absent", "open", "erased")
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


@dataclass(frozen=True, slots=True)
class State:
    id: str = ""
    phase: str = "absent"
    passkeys: tuple[str, ...] = ()
    roles: frozenset[str] = frozenset()

    @property
    def org_id(self) -> None:
        return None


def evolve(state: State, event: object) -> State:
    match event:
        case e.Opened():
            return replace(state, phase="open")
        case e.PasskeyAdded(passkey=passkey):
            return replace(state, passkeys=(*state.passkeys, passkey))
        case e.RoleAppointed(role=role):
            return replace(state, roles=state.roles | {role})
        case e.RoleEnded(role=role):
            return replace(state, roles=state.roles - {role})
        case e.Erased():
            return replace(state, phase="erased", roles=frozenset(), passkeys=())
    raise TypeError(f"not an account event: {event!r}")
