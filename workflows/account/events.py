"""What can have happened to a person's account."""

from __future__ import annotations

from dataclasses import dataclass

from workflows.vaulted import Vaulted


@dataclass(frozen=True, slots=True)
class Opened:
    """A person has an account. Name and address lie in the vault."""

    address: Vaulted
    name: Vaulted


@dataclass(frozen=True, slots=True)
class PasskeyAdded:
    """A WebAuthn credential; id and COSE public key in base64url, `aaguid` as hex text."""

    passkey: str
    public_key: str
    aaguid: str
    backup_eligible: bool
    label: Vaulted


@dataclass(frozen=True, slots=True)
class PasskeyRenamed:
    passkey: str
    label: Vaulted


@dataclass(frozen=True, slots=True)
class PasskeyRemoved:
    passkey: str


@dataclass(frozen=True, slots=True)
class SignOnLinked:
    """The person signs in through an organization's provider too: what the provider calls them
    lies in the vault."""

    link: str
    organization: str
    issuer: str
    subject: Vaulted


@dataclass(frozen=True, slots=True)
class SignOnUnlinked:
    link: str


@dataclass(frozen=True, slots=True)
class PasswordSet:
    """A password with its authenticator; `secret` names the desk's row, `replaced` the former
    one or "". What is in them is in no event."""

    secret: str
    replaced: str


@dataclass(frozen=True, slots=True)
class PasswordRemoved:
    """`reason` is "asked", "operator", "staff_role", "recovered" or "undone"; recovery codes end
    with it."""

    secret: str
    reason: str


@dataclass(frozen=True, slots=True)
class RecoveryCodesMade:
    """The names of the codes, which open nothing; earlier ones are void."""

    codes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class RecoveryCodeUsed:
    code: str


@dataclass(frozen=True, slots=True)
class RoleProposed:
    """One person of the two that it takes, until a time (ISO 8601 UTC)."""

    role: str
    proposed_by: str
    expires_at: str


@dataclass(frozen=True, slots=True)
class RoleProposalWithdrawn:
    role: str


@dataclass(frozen=True, slots=True)
class RoleAppointed:
    """Whoever did this confirmed what `proposed_by` had proposed; an operator founds alone."""

    role: str
    proposed_by: str


@dataclass(frozen=True, slots=True)
class RelaxationUsed:
    """What follows took fewer people than the rules ask for, by this rule of a small program."""

    rule: str


@dataclass(frozen=True, slots=True)
class RoleEnded:
    role: str


@dataclass(frozen=True, slots=True)
class RecoveryProposed:
    """One of the two people that it takes says that the person lost their way in.

    `organization` is the one whose admins do it, "" for program staff. Times are ISO 8601 UTC.
    """

    organization: str
    proposed_by: str
    expires_at: str


@dataclass(frozen=True, slots=True)
class RecoveryConfirmed:
    """The second agreed; it happens at `due`, unless somebody cancels it."""

    confirmed_by: str
    due: str


@dataclass(frozen=True, slots=True)
class RecoveryCancelled:
    pass


@dataclass(frozen=True, slots=True)
class RecoveryCompleted:
    """Every passkey is gone from the account; a mailed link signs in, and a new one is added."""


@dataclass(frozen=True, slots=True)
class AutomationRegistered:
    """A workload of the person's may read what they see, within `scopes`, until a time (ISO 8601
    UTC). `jkt` is the RFC 7638 thumbprint of its key, `jwk` its public members."""

    automation: str
    jkt: str
    jwk: dict[str, str]
    label: Vaulted
    scopes: tuple[str, ...]
    expires_at: str


@dataclass(frozen=True, slots=True)
class AutomationRevoked:
    automation: str


@dataclass(frozen=True, slots=True)
class AddressChanged:
    """The person proved that they read the mail of `address`, which counts from now on; `former`
    can be put back until a time (ISO 8601 UTC). `former_change` brought it, "" for the first."""

    change: str
    address: Vaulted
    former: Vaulted
    former_change: str
    undo_until: str


@dataclass(frozen=True, slots=True)
class AddressChangeUndone:
    """Whoever reads the mail of the former address put it back: `address` counts again, `dropped`
    does not. Mailed links sign nobody in until the person was in by a stronger way."""

    change: str
    address: Vaulted
    dropped: Vaulted
    former_change: str


@dataclass(frozen=True, slots=True)
class MailedLinksAllowed:
    """The person said so, signed in more strongly than by a link."""


@dataclass(frozen=True, slots=True)
class ErasureAsked:
    """The person wants to be forgotten; it happens at `due` (ISO 8601 UTC)."""

    due: str


@dataclass(frozen=True, slots=True)
class ErasureTakenBack:
    pass


@dataclass(frozen=True, slots=True)
class ErasureStopped:
    """Its time came, and it could not be: `reason` is "owner" or "staff"."""

    reason: str


@dataclass(frozen=True, slots=True)
class Erased:
    """The person's vault key was destroyed; what the ledger keeps are digests without salt."""

    reason: str
