"""An organization as its history tells it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from types import MappingProxyType

from workflows.organization import attestation, directory, domains, rooms, sign_on
from workflows.organization import events as e
from workflows.organization.attestation import Attested
from workflows.organization.directory import Directory
from workflows.organization.domains import Claim
from workflows.organization.sign_on import SignOn

PHASES = ("absent", "active", "closed")
# What a member may be besides the one owner. `security_contact` and `signing_official` name whom
# the program turns to; in the portal they may do what any member may.
# A `guest` sees the workspaces and engagements that they were let into, and nothing else.
ROLES = ("admin", "member", "security_contact", "signing_official", "guest")


@dataclass(frozen=True, slots=True)
class Invitation:
    """An invitation that waits for its answer until `expires_at` (ISO 8601 UTC)."""

    role: str
    expires_at: str
    room: str = ""


@dataclass(frozen=True, slots=True)
class State:
    """`former` are people who were members once; `offered_to` would own it, if they accept.

    `requests`: account -> until when they ask to join; `joining`: whether anybody may.
    """

    id: str = ""
    phase: str = "absent"
    members: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    former: frozenset[str] = frozenset()
    invitations: Mapping[str, Invitation] = field(default_factory=lambda: MappingProxyType({}))
    requests: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    joining: bool = False
    rooms: Mapping[str, frozenset[str]] = field(default_factory=lambda: MappingProxyType({}))
    offered_to: str = ""
    domains: Mapping[str, Claim] = field(default_factory=lambda: MappingProxyType({}))
    sign_on: SignOn | None = None
    directory: Directory = field(default_factory=Directory)
    attested: Attested = field(default_factory=Attested)

    @property
    def org_id(self) -> str:
        return self.id

    @property
    def has_proven_domain(self) -> bool:
        return any(claim.verified_at for claim in self.domains.values())

    @property
    def owner(self) -> str:
        return next(account for account, role in self.members.items() if role == "owner")

    def looks_after(self, account: str) -> bool:
        """Whether the account is the owner or an admin, and not suspended."""
        manages = self.members.get(account) in ("owner", "admin")
        return manages and account not in self.attested.suspended

    def knew(self, account: str) -> bool:
        """Whether the person is, or ever was, a member."""
        return account in self.members or account in self.former


def evolve(state: State, event: object) -> State:
    match event:
        case e.Registered(owner=owner):
            return replace(state, phase="active", members={owner: "owner"})
        case e.MemberJoined(account=account, role=role) | e.RoleChanged(account=account, role=role):
            return replace(state, members={**state.members, account: role})
        case e.Closed():
            return replace(state, phase="closed")
        case e.MemberRemoved(account=account) | e.MemberLeft(account=account):
            return _without(state, account)
        case e.OwnershipOffered(account=account):
            return replace(state, offered_to=account)
        case e.OwnershipOfferWithdrawn():
            return replace(state, offered_to="")
        case e.OwnershipTransferred(former=former, owner=owner):
            members = {**state.members, former: "admin", owner: "owner"}
            anew = attestation.without(state.attested, former)
            return replace(state, members=members, offered_to="", attested=anew)
    if isinstance(event, sign_on.EVENTS):
        return replace(state, sign_on=sign_on.evolve(state.sign_on, event))
    if isinstance(event, directory.EVENTS):
        return replace(state, directory=directory.evolve(state.directory, event))
    if isinstance(event, attestation.EVENTS):
        return replace(state, attested=attestation.evolve(state.attested, event))
    if isinstance(event, rooms.EVENTS):
        return replace(state, rooms=rooms.evolve(state.rooms, event))
    return _invitations(state, event)


def _invitations(state: State, event: object) -> State:
    match event:
        case e.Invited(invitation=invitation, role=role, expires_at=expires_at):
            waiting = {**state.invitations, invitation: Invitation(role, expires_at)}
        case e.InvitationPlaced(invitation=invitation, room=room):
            placed = replace(state.invitations[invitation], room=room)
            waiting = {**state.invitations, invitation: placed}
        case e.InvitationResent(invitation=invitation, expires_at=expires_at):
            again = replace(state.invitations[invitation], expires_at=expires_at)
            waiting = {**state.invitations, invitation: again}
        case (
            e.InvitationWithdrawn(invitation=answered)
            | e.InvitationAccepted(invitation=answered)
            | e.InvitationDeclined(invitation=answered)
        ):
            waiting = {k: v for k, v in state.invitations.items() if k != answered}
        case _:
            return _requests(state, event)
    return replace(state, invitations=waiting)


def _requests(state: State, event: object) -> State:
    match event:
        case e.JoiningSet(open=joining):
            return replace(state, joining=joining)
        case e.JoinRequested(account=account, expires_at=expires_at):
            return replace(state, requests={**state.requests, account: expires_at})
        case e.JoinApproved(account=account) | e.JoinDeclined(account=account):
            left = {k: v for k, v in state.requests.items() if k != account}
            return replace(state, requests=left)
    return replace(state, domains=domains.evolve(state.domains, event))


def _without(state: State, account: str) -> State:
    return replace(
        state,
        members={k: v for k, v in state.members.items() if k != account},
        former=state.former | {account},
        rooms={k: v for k, v in state.rooms.items() if k != account},
        attested=attestation.without(state.attested, account),
        offered_to="" if state.offered_to == account else state.offered_to,
    )
