"""What follows from an event: further commands in the same transaction, and effects after it.

Pure: event in, commands and effects out. Whatever needs the outside world is an `Effect`: a job
row that is written with the event and worked off later, at least once, under its own key.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from workflows import attestation, calendar
from workflows.account import events as account
from workflows.account.erasure import OWN_WISH
from workflows.account.erasure import REMIND as ERASURE_REMIND
from workflows.application import events as application
from workflows.application.commands.vacate_seat import VacateSeat
from workflows.application.commands.withdraw_of_closed import WithdrawOfClosed
from workflows.emergency import events as emergency
from workflows.grant import events as grant
from workflows.grant.commands.drop_holder import DropHolder
from workflows.grant.commands.open import Open as OpenGrant
from workflows.grant.commands.resume_holder import ResumeHolder
from workflows.grant.commands.suspend_holder import SuspendHolder
from workflows.grant.commands.suspend_unproven import SuspendUnproven
from workflows.installation import events as installation
from workflows.organization import events as organization
from workflows.organization.commands.drop_erased import DropErased
from workflows.organization.commands.receive_domain import ReceiveDomain


@dataclass(frozen=True, slots=True)
class Effect:
    """Work for later. `key` makes it one: a second effect with the same key is the same work.

    Attributes:
        kind: names a file in `portal/tasks/`.
        payload: ids only; never personal text.
        due: ISO 8601 UTC, or "" for at once.
    """

    kind: str
    key: str
    payload: dict[str, str] = field(default_factory=dict)
    due: str = ""


@dataclass(frozen=True, slots=True)
class ForEach:
    """A command for every thing that a board finds, in the same transaction.

    What is found cannot grow unseen: the stream that this follows from is held before the board
    is asked, and whatever would add to the answer reads that stream.

    Attributes:
        lookup: names a function that a board registered, which answers with ids.
        about: its arguments.
        command: makes the command for one id.
    """

    lookup: str
    about: Mapping[str, str]
    command: Callable[[str], object]


def react(stream: str, seq: int, event: object) -> Iterator[object]:
    """Commands, `ForEach` and effects that follow from `event`, entry `seq` of `stream`."""
    reaction = _REACTIONS.get(type(event))
    if reaction is not None:
        yield from reaction(stream, seq, event)


def _gather(stream: str, seq: int, event: application.CheckRequested) -> Iterator[object]:
    yield Effect(
        kind="make_check",
        key=f"check:{stream}:{event.check}:{event.round}",
        payload={"application": stream, "check": event.check, "round": str(event.round)},
    )


def _grant(stream: str, seq: int, event: application.Decided) -> Iterator[object]:
    if event.outcome == "approved":
        yield OpenGrant(stream=event.grant_id, application=stream)
    yield _notice("decided", stream, seq)


def _gone(
    stream: str, seq: int, event: organization.MemberRemoved | organization.MemberLeft
) -> Iterator[object]:
    account = event.account
    yield ForEach(
        lookup="grants_with_keys_of",
        about={"org_id": stream, "account": account},
        command=lambda grant_id: DropHolder(grant_id, account),
    )
    yield Effect("end_sessions", f"sessions:{stream}:{seq}", {"account": account})
    yield _notice("member_gone", stream, seq, account)


def _invitation(stream: str, seq: int, event: Any) -> Iterator[object]:
    yield Effect("send_invitation", f"invitation:{stream}:{seq}",
                 {"invitation": event.invitation})  # fmt: skip


def _recovery(stream: str, seq: int, event: account.RecoveryConfirmed) -> Iterator[object]:
    yield Effect("complete_recovery", f"recovery:{stream}:{seq}", {"account": stream}, event.due)
    yield _notice("recovery_confirmed", stream, seq)


def _recovered(stream: str, seq: int, event: account.RecoveryCompleted) -> Iterator[object]:
    yield Effect("end_sessions", f"sessions:{stream}:{seq}", {"account": stream})
    yield _notice("recovery_completed", stream, seq)


def _answered(stream: str, seq: int, event: Any) -> Iterator[object]:
    """To whom it went is nobody's business any more."""
    yield Effect("forget_invitation", f"invitation:over:{event.invitation}",
                 {"invitation": event.invitation})  # fmt: skip


def _joined(stream: str, seq: int, event: organization.InvitationAccepted) -> Iterator[object]:
    """Somebody whom the directory listed gets what their groups give."""
    yield from _answered(stream, seq, event)
    yield Effect("sort_person", f"sort:{stream}:{seq}",
                 {"organization": stream, "invitation": event.invitation})  # fmt: skip


TOKEN_REMIND = timedelta(days=14)  # before the newest token of a directory ends


def _directory_token(
    stream: str,
    seq: int,
    event: organization.DirectoryTokenMade | organization.DirectoryKeyRegistered,
) -> Iterator[object]:
    made = isinstance(event, organization.DirectoryTokenMade)
    yield _notice("directory_token_made" if made else "directory_key_registered", stream, seq)
    until = calendar.parse(event.expires_at)
    due = calendar.iso(until - TOKEN_REMIND) if until else ""
    about = {"organization": stream, "token": event.token}
    yield Effect("mind_directory_token", f"token:{stream}:{event.token}", about, due)


REMIND = timedelta(days=7)  # before a lapsed domain's grace ends


def _lapsed(stream: str, seq: int, event: organization.DomainLapsed) -> Iterator[object]:
    yield _notice("domain_lapsed", stream, seq)
    until = calendar.parse(event.grace_until)
    remind = calendar.iso(until - REMIND) if until else ""
    about = {"organization": stream, "domain": event.domain, "grace_until": event.grace_until}
    for step, due in (("remind", remind), ("end", event.grace_until)):
        yield Effect("mind_lapse", f"lapse:{step}:{stream}:{seq}", {**about, "step": step}, due)


def _domain_gone(
    stream: str,
    seq: int,
    event: organization.DomainLost | organization.DomainDropped | organization.DomainYielded,
) -> Iterator[object]:
    domain = event.domain
    if event.stood_since:
        yield ForEach(
            lookup="grants_resting_on",
            about={"org_id": stream, "domain": domain, "stood_since": event.stood_since},
            command=lambda grant_id: SuspendUnproven(grant_id, domain),
        )
        yield _notice("domain_lost", stream, seq)
    if isinstance(event, organization.DomainYielded):
        yield ReceiveDomain(event.to, domain)


def _end(stream: str, seq: int, event: grant.Opened) -> Iterator[object]:
    yield Effect("expire_grant", f"expire:{stream}", {"grant": stream}, due=event.expires_at)


def _count(stream: str, seq: int, event: object) -> Iterator[object]:
    """The clock begins to count for how long somebody new, or a new key, is spoken for."""
    about = {"stream": stream, "step": "begin"}
    yield Effect("mind_attestation", f"count:{stream}:{seq}", about)


def _spoken_for(stream: str, seq: int, event: Any) -> Iterator[object]:
    """Until when: reminders before, and the end of it after the grace. All of a stream that is
    due on one day is one piece of work."""
    for at in attestation.reminds_at(event.due):
        yield _mind(stream, "remind", at)
    yield _mind(stream, "end", attestation.lapses_at(event.due))


def _mind(stream: str, step: str, at: str) -> Effect:
    about = {"stream": stream, "step": step, "day": at[:10]}
    return Effect("mind_attestation", f"{step}:{stream}:{at[:10]}", about, at)


def _member_suspended(
    stream: str, seq: int, event: organization.MemberSuspended
) -> Iterator[object]:
    account = event.account
    yield ForEach(
        lookup="grants_with_keys_of",
        about={"org_id": stream, "account": account},
        command=lambda grant_id: SuspendHolder(grant_id, account),
    )
    yield _notice("membership_suspended", stream, seq, account)


def _member_reinstated(
    stream: str, seq: int, event: organization.MemberReinstated
) -> Iterator[object]:
    account = event.account
    yield ForEach(
        lookup="grants_with_keys_of",
        about={"org_id": stream, "account": account},
        command=lambda grant_id: ResumeHolder(grant_id, account),
    )
    yield _notice("membership_given_back", stream, seq, account)


def _notice(what: str, stream: str, seq: int, account: str = "") -> Effect:
    """A mail to whoever looks after the thing, and to `account` whom it concerns."""
    payload = {"what": what, "stream": stream, "seq": str(seq), "account": account}
    return Effect("send_notice", f"notice:{what}:{stream}:{seq}", payload)


def _tell(what: str) -> Callable[[str, int, Any], Iterator[object]]:
    def told(stream: str, seq: int, event: object) -> Iterator[object]:
        yield _notice(what, stream, seq, getattr(event, "account", ""))

    return told


def _joined_member(stream: str, seq: int, event: organization.MemberJoined) -> Iterator[object]:
    yield from _count(stream, seq, event)
    yield _notice("member_joined", stream, seq, event.account)


def _tell_admins(what: str) -> Callable[[str, int, Any], Iterator[object]]:
    def told(stream: str, seq: int, event: object) -> Iterator[object]:
        yield _notice(what, stream, seq)

    return told


def _password_set(stream: str, seq: int, event: account.PasswordSet) -> Iterator[object]:
    if event.replaced:
        yield Effect("forget_secret", f"secret:{event.replaced}", {"secret": event.replaced})
    yield _notice("password_set", stream, seq)


def _password_removed(stream: str, seq: int, event: account.PasswordRemoved) -> Iterator[object]:
    yield Effect("forget_secret", f"secret:{event.secret}", {"secret": event.secret})
    yield _notice("password_removed", stream, seq)


def _emergency(stream: str, seq: int, event: emergency.BreakGlassBegan) -> Iterator[object]:
    yield _notice("emergency_began", stream, seq)
    yield Effect("end_emergency", f"emergency:end:{stream}", {"emergency": stream}, event.until)


def _emergency_over(stream: str, seq: int, event: emergency.BreakGlassEnded) -> Iterator[object]:
    yield _notice("emergency_ended", stream, seq)
    yield Effect("remind_of_review", f"emergency:review:{stream}", {"emergency": stream},
                 event.review_by)  # fmt: skip


def _role_ended(stream: str, seq: int, event: account.RoleEnded) -> Iterator[object]:
    if event.role == "reviewer":
        yield _seats(stream)
    yield _notice("role_ended", stream, seq)


def _seats(account: str) -> ForEach:
    """A seat without a word would block its case for good."""
    return ForEach(
        lookup="seats_without_review",
        about={"account": account},
        command=lambda application: VacateSeat(application, account),
    )


def _erased(stream: str, seq: int, event: account.Erased) -> Iterator[object]:
    """Memberships end, and what could lead to the person, or sign them in, goes; no mail: there
    is nobody to tell. An operator has no say in grants: after their word, the effect ends them."""
    yield _seats(stream)
    if event.reason == OWN_WISH:
        yield ForEach(
            lookup="organizations_of",
            about={"account": stream},
            command=lambda org_id: DropErased(org_id, stream),
        )
    yield Effect("forget_person", f"forget:{stream}", {"account": stream})


def _closed(stream: str, seq: int, event: organization.Closed) -> Iterator[object]:
    yield ForEach(
        lookup="applications_under_way", about={"org_id": stream}, command=WithdrawOfClosed
    )
    yield Effect("forget_drafts", f"drafts:{stream}", {"organization": stream})


def _erasure(stream: str, seq: int, event: account.ErasureAsked) -> Iterator[object]:
    yield _notice("erasure_asked", stream, seq)
    due = calendar.parse(event.due)
    about = {"account": stream, "due": event.due}
    remind = calendar.iso(due - ERASURE_REMIND) if due else ""
    yield Effect("remind_erasure", f"erasure:remind:{stream}:{seq}", about, remind)
    yield Effect("complete_erasure", f"erasure:{stream}:{seq}", about, event.due)


def _address_changed(stream: str, seq: int, event: account.AddressChanged) -> Iterator[object]:
    yield Effect("send_undo", f"undo:{event.change}", {"change": event.change,
                 "former": event.former.id, "until": event.undo_until})  # fmt: skip
    gone = {"account": stream, "change": event.former_change, "item": event.former.id,
            "of": event.change}  # fmt: skip
    yield Effect("forget_address", f"address:{event.change}:former", gone, event.undo_until)
    yield _notice("address_changed", stream, seq)


def _address_back(stream: str, seq: int, event: account.AddressChangeUndone) -> Iterator[object]:
    gone = {"account": stream, "change": event.change, "item": event.dropped.id,
            "of": event.change}  # fmt: skip
    yield Effect("end_sessions", f"sessions:{stream}:{seq}", {"account": stream})
    yield Effect("forget_address", f"address:{event.change}:dropped", gone)
    yield _notice("address_change_undone", stream, seq)


_REACTIONS: dict[type, Callable[[str, int, Any], Iterator[object]]] = {
    account.PasskeyAdded: _tell("passkey_added"),
    account.PasskeyRemoved: _tell("passkey_removed"),
    account.SignOnLinked: _tell("sign_on_linked"),
    account.SignOnUnlinked: _tell("sign_on_unlinked"),
    account.PasswordSet: _password_set,
    account.PasswordRemoved: _password_removed,
    account.RecoveryCodesMade: _tell("recovery_codes_made"),
    account.RecoveryCodeUsed: _tell("recovery_code_used"),
    account.AutomationRegistered: _tell("automation_registered"),
    account.Erased: _erased,
    account.ErasureAsked: _erasure,
    account.ErasureTakenBack: _tell("erasure_taken_back"),
    account.ErasureStopped: _tell("erasure_stopped"),
    account.AddressChanged: _address_changed,
    account.AddressChangeUndone: _address_back,
    account.MailedLinksAllowed: _tell("mailed_links_allowed"),
    account.RecoveryProposed: _tell("recovery_proposed"),
    account.RecoveryConfirmed: _recovery,
    account.RecoveryCancelled: _tell("recovery_cancelled"),
    account.RecoveryCompleted: _recovered,
    account.RoleProposed: _tell("role_proposed"),
    account.RoleAppointed: _tell("role_appointed"),
    account.RoleEnded: _role_ended,
    organization.Invited: _invitation,
    organization.InvitationResent: _invitation,
    organization.InvitationAccepted: _joined,
    organization.InvitationDeclined: _answered,
    organization.InvitationWithdrawn: _answered,
    organization.Registered: _count,
    organization.MemberJoined: _joined_member,
    organization.AttestationBegan: _spoken_for,
    organization.MemberAttested: _spoken_for,
    organization.MemberSuspended: _member_suspended,
    organization.MemberReinstated: _member_reinstated,
    organization.RoleChanged: _tell("role_changed"),
    organization.MemberRemoved: _gone,
    organization.MemberLeft: _gone,
    organization.Closed: _closed,
    organization.JoinRequested: _tell_admins("join_requested"),
    organization.JoinDeclined: _tell("join_declined"),
    organization.DomainLapsed: _lapsed,
    organization.DomainRestored: _tell("domain_restored"),
    organization.DomainLost: _domain_gone,
    organization.DomainDropped: _domain_gone,
    organization.DomainYielded: _domain_gone,
    organization.DomainContested: _tell("domain_contested"),
    organization.DomainContestDismissed: _tell("domain_contest_dismissed"),
    organization.OwnershipOffered: _tell("ownership_offered"),
    organization.OwnershipTransferred: _tell("ownership_transferred"),
    organization.SignOnConfigured: _tell("sign_on_configured"),
    organization.SignOnRequired: _tell("sign_on_required"),
    organization.SignOnRequirementLifted: _tell("sign_on_lifted"),
    organization.SignOnRemoved: _tell("sign_on_removed"),
    organization.DirectoryTokenMade: _directory_token,
    organization.DirectoryKeyRegistered: _directory_token,
    organization.DirectoryTokenRevoked: _tell("directory_token_revoked"),
    organization.OwnerDepartureReported: _tell("owner_departure_reported"),
    emergency.BreakGlassAsked: _tell("emergency_asked"),
    emergency.BreakGlassBegan: _emergency,
    emergency.BreakGlassEnded: _emergency_over,
    emergency.BreakGlassReviewed: _tell("emergency_reviewed"),
    installation.RuleRelaxed: _tell("rule_relaxed"),
    installation.RuleRestored: _tell("rule_restored"),
    application.Submitted: _tell("submitted"),
    application.CheckRequested: _gather,
    application.Decided: _grant,
    grant.Opened: _end,
    grant.CredentialRegistered: _count,
    grant.AttestationBegan: _spoken_for,
    grant.CredentialAttested: _spoken_for,
    grant.Suspended: _tell("suspended"),
    grant.Resumed: _tell("resumed"),
    grant.Revoked: _tell("revoked"),
    grant.Expired: _tell("expired"),
}
