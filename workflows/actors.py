"""Who acts: a person with roles and memberships, a robot, or an operator at the shell."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import IntEnum


class Strength(IntEnum):
    """How the actor proved who they are; a larger value satisfies a smaller demand.

    A session's row holds the value. Those of an older release, where a passkey was 2, would read
    as TOTP: weaker, never stronger; a migration lifts them.
    """

    NONE = 0
    LINK = 1
    TOTP = 2  # a password, and a code from an authenticator app or a recovery code
    PASSKEY = 3


@dataclass(frozen=True, slots=True)
class Actor:
    """The one who performs a command.

    Attributes:
        id: `acc_...` for a person, `robot:<name>`, `operator:<command>`, or `directory:<org_id>`.
        roles: staff roles of this installation (`reviewer`, `decider`, ...).
        memberships: organization id -> roles in it (`owner`, `admin`, `member`).
        strength: of the present sign-in.
        guest_of: organizations of which they see only `rooms`, the workspaces and engagements
            that they were let into.
        via: the organization whose provider vouched for them, "" for none: its word opens nothing
            of another's.
        fresh: whether they proved it in the last minutes; what matters most asks for that
            (`roles.STEP_UP`).
        shown: application id -> its organization, for what stands in those workspaces.
        suspended_in: organizations to which they belong and where nobody spoke for them: there
            they may leave and nothing else, and it is their own organization nevertheless.
    """

    id: str
    roles: frozenset[str] = frozenset()
    memberships: Mapping[str, frozenset[str]] = field(default_factory=dict)
    strength: Strength = Strength.NONE
    via: str = ""
    fresh: bool = True
    guest_of: frozenset[str] = frozenset()
    rooms: frozenset[str] = frozenset()
    shown: Mapping[str, str] = field(default_factory=dict)
    suspended_in: frozenset[str] = frozenset()

    @property
    def belongs_to(self) -> frozenset[str]:
        """Their own organizations, whatever these open to them: what they may not judge."""
        return frozenset({*self.memberships, *self.guest_of, *self.suspended_in})

    @property
    def is_person(self) -> bool:
        return self.id.startswith("acc_")

    def strength_toward(self, org_id: str | None) -> Strength:
        """How strongly they are signed in for a thing of `org_id`."""
        return (
            min(self.strength, Strength.LINK) if self.via and self.via != org_id else self.strength
        )

    def roles_toward(self, org_id: str | None) -> frozenset[str]:
        """Roles that count for a thing of `org_id` (None: a thing of no organization)."""
        if self.id.startswith("robot:"):
            return frozenset({"robot"})
        if self.id.startswith("operator:"):
            return frozenset({"operator"})
        if self.id.startswith("directory:"):
            return frozenset({"directory"}) if org_id in self.memberships else frozenset()
        own = self.memberships.get(org_id, frozenset()) if org_id else frozenset()
        other = {"guest"} if org_id in self.guest_of else set()
        other |= {"suspended"} if org_id in self.suspended_in else set()
        return self.roles | own | ({"member"} if own else other) | {"person"}

    def applied(self, org_id: str, application: str) -> bool:
        """Whether the application is theirs to see, as a member or through a workspace."""
        return org_id in self.memberships or self.shown.get(application) == org_id


def robot(name: str) -> Actor:
    """A robot: may record facts and keep clocks; the roles table gives it no approving verb."""
    return Actor(f"robot:{name}")


def operator(command: str) -> Actor:
    """Someone at the shell of the installation, by the name of the command that they ran."""
    return Actor(f"operator:{command}")


def directory(org_id: str) -> Actor:
    """An organization's own directory, by SCIM: for the people of that organization alone."""
    return Actor(f"directory:{org_id}", memberships={org_id: frozenset({"directory"})})
