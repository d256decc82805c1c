"""An account as its history tells it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from types import MappingProxyType

from workflows.account import events as e
from workflows.vaulted import Vaulted

PHASES = ("absent", "open", "erased")


@dataclass(frozen=True, slots=True)
class Proposal:
    """A staff role that one person proposed, until `expires_at` (ISO 8601 UTC)."""

    proposed_by: str
    expires_at: str


@dataclass(frozen=True, slots=True)
class Recovery:
    """A way back in that is being given; `due` is "" until a second person has confirmed it."""

    organization: str = ""
    proposed_by: str = ""
    expires_at: str = ""
    due: str = ""


@dataclass(frozen=True, slots=True)
class Undo:
    """A change of address that can be undone until a time (ISO 8601 UTC), and what was before."""

    change: str
    former: Vaulted
    former_change: str
    until: str


@dataclass(frozen=True, slots=True)
class State:
    """`roles` are staff roles; `proposals` wait for a second person, by role.

    `synced` are those passkeys that leave their device (backup eligible). `password` names the
    secret that signs in with a code, "" without one; `recovery_codes` are the names of those not
    yet used; `automations`: id -> until when its key counts.
    `address_change` names the change that brought the present address, "" for the first one;
    `links_held`: mailed links sign nobody in; `erasure_due` is "" or ISO 8601 UTC.
    """

    id: str = ""
    phase: str = "absent"
    passkeys: tuple[str, ...] = ()
    synced: frozenset[str] = frozenset()
    sign_ons: frozenset[str] = frozenset()
    password: str = ""
    recovery_codes: frozenset[str] = frozenset()
    roles: frozenset[str] = frozenset()
    proposals: Mapping[str, Proposal] = field(default_factory=lambda: MappingProxyType({}))
    recovery: Recovery | None = None
    automations: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    address: Vaulted | None = None
    address_change: str = ""
    undo: Undo | None = None
    links_held: bool = False
    erasure_due: str = ""

    @property
    def org_id(self) -> None:
        return None


def evolve(state: State, event: object) -> State:
    match event:
        case e.Opened(address=address):
            return replace(state, phase="open", address=address)
        case e.PasskeyAdded(passkey=passkey, backup_eligible=synced):
            copied = state.synced | {passkey} if synced else state.synced
            return replace(state, passkeys=(*state.passkeys, passkey), synced=copied)
        case e.PasskeyRemoved(passkey=passkey):
            kept = tuple(p for p in state.passkeys if p != passkey)
            return replace(state, passkeys=kept, synced=state.synced - {passkey})
        case e.SignOnLinked(link=link):
            return replace(state, sign_ons=state.sign_ons | {link})
        case e.SignOnUnlinked(link=link):
            return replace(state, sign_ons=state.sign_ons - {link})
        case e.PasswordSet(secret=secret):
            return replace(state, password=secret)
        case e.PasswordRemoved():
            return replace(state, password="", recovery_codes=frozenset())
        case e.RecoveryCodesMade(codes=codes):
            return replace(state, recovery_codes=frozenset(codes))
        case e.RecoveryCodeUsed(code=code):
            return replace(state, recovery_codes=state.recovery_codes - {code})
        case e.RoleProposed(role=role, proposed_by=who, expires_at=end):
            return replace(state, proposals={**state.proposals, role: Proposal(who, end)})
        case e.RoleProposalWithdrawn(role=role):
            return replace(state, proposals=_without(state, role))
        case e.RoleAppointed(role=role):
            return replace(state, roles=state.roles | {role}, proposals=_without(state, role))
        case e.RelaxationUsed():
            return state  # says of what follows how it came about
        case e.RoleEnded(role=role):
            return replace(state, roles=state.roles - {role})
        case e.RecoveryProposed(organization=organization, proposed_by=who, expires_at=end):
            return replace(state, recovery=Recovery(organization, who, end))
        case e.RecoveryConfirmed(due=due):
            return replace(state, recovery=replace(state.recovery or Recovery(), due=due))
        case e.RecoveryCancelled():
            return replace(state, recovery=None)
        case e.RecoveryCompleted():
            return replace(
                state,
                recovery=None,
                passkeys=(),
                synced=frozenset(),
                automations={},
                links_held=False,
            )
        case e.AutomationRegistered(automation=automation, expires_at=end):
            return replace(state, automations={**state.automations, automation: end})
        case e.AutomationRevoked(automation=automation):
            left = {k: v for k, v in state.automations.items() if k != automation}
            return replace(state, automations=left)
        case e.Erased():
            return State(id=state.id, phase="erased")
    return _address_or_end(state, event)


def _address_or_end(state: State, event: object) -> State:
    match event:
        case e.PasskeyRenamed():
            return state
        case e.AddressChanged(change=change, address=address, former=former):
            undo = Undo(change, former, event.former_change, event.undo_until)
            return replace(
                state, address=address, address_change=change, undo=undo, links_held=False
            )
        case e.AddressChangeUndone(address=address, former_change=former_change):
            return replace(
                state, address=address, address_change=former_change, undo=None, links_held=True
            )
        case e.MailedLinksAllowed():
            return replace(state, links_held=False)
        case e.ErasureAsked(due=due):
            return replace(state, erasure_due=due)
        case e.ErasureTakenBack() | e.ErasureStopped():
            return replace(state, erasure_due="")
    raise TypeError(f"not an account event: {event!r}")


def _without(state: State, role: str) -> Mapping[str, Proposal]:
    return {k: v for k, v in state.proposals.items() if k != role}
