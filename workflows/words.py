"""One vocabulary: what statuses and events are called on pages, in mail and in the API."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Status:
    """`tone` is good, warn, bad, info or quiet; `turn` names who acts next, "" for nobody."""

    label: str
    tone: str
    meaning: str
    turn: str = ""


STATUSES: Mapping[str, Mapping[str, Status]] = {
    "application": {
        "draft": Status("Draft", "quiet", "Only your organization sees it.", "your organization"),
        "checking": Status("Being checked", "info",
            "Facts are being looked up: your domain, your answers, published lists.",
            "the program"),
        "reviewing": Status("In review", "info",
            "People who do not know each other's opinion read your application.",
            "the program's reviewers"),
        "deciding": Status("Awaiting decision", "info",
            "The reviews are in; someone who did not review decides.", "the program's decider"),
        "approved": Status("Approved", "good", "A grant was opened for your organization."),
        "denied": Status("Denied", "bad", "The letter says why, and what you can do."),
        "withdrawn": Status("Withdrawn", "quiet", "Your organization took the application back."),
    },
    "check": {
        "": Status("Running", "info", "The check is being made."),
        "pass": Status("Passed", "good", "The facts are as they should be."),
        "fail": Status("Not found yet", "bad", "The fact could not be confirmed; see the remedy."),
        "needs-human": Status("A person looks at it", "warn",
            "The check cannot decide this; a person will."),
        "stale": Status("Data too old", "warn", "The data is out of date; the check is repeated."),
        "unavailable": Status("Unavailable", "warn",
            "The source did not answer; the check is repeated."),
        "cleared": Status("Cleared by a person", "good", "A person looked and gave a reason."),
    },
    "grant": {
        "active": Status("Active", "good", "Credentials under this grant get tokens."),
        "suspended": Status("Suspended", "warn", "Access is held back; it can be given back."),
        "revoked": Status("Revoked", "bad", "Access was taken away, with every credential."),
        "expired": Status("Expired", "quiet", "The grant's end came; apply again to renew."),
    },
    "credential": {
        "valid": Status("Valid", "good", "This key gets tokens."),
        "suspended": Status("Suspended", "warn",
            "The grant, this key or its holder's membership is suspended."),
        "invalid": Status("Invalid", "bad", "This key gets no tokens any more."),
    },
    "service": {
        "proposed": Status("Waiting for approval", "info", "A service manager looks at it.",
            "a service manager"),
        "approved": Status("Approved", "good", "Tokens are minted for its audience."),
        "retired": Status("Retired", "quiet", "No tokens are minted for it any more."),
    },
    "recommendation": {
        "approve": Status("Approve", "good", "Grant what was asked."),
        "narrow": Status("Grant less", "warn", "Grant a part of what was asked."),
        "deny": Status("Deny", "bad", "Grant nothing."),
    },
    "member": {
        "owner": Status("Owner", "info", "Answers for the organization, and alone can hand it on."),
        "admin": Status("Admin", "info", "Invites and removes members, registers keys."),
        "member": Status("Member", "quiet", "Fills in applications and reads what comes of them."),
        "security_contact": Status(
            "Security contact", "quiet", "A member whom the program turns to in an incident."
        ),
        "guest": Status("Guest", "quiet", "Sees the workspaces and engagements they are let into."),
        "signing_official": Status(
            "Signing official", "quiet", "A member who may bind the organization."
        ),
    },
    "sign_on": {
        "off": Status("Not configured", "quiet", "Nobody signs in through a provider."),
        "offered": Status("Offered", "info", "People may sign in through your provider."),
        "required": Status("Required", "good",
            "Mailed links sign nobody in who has an address in your domains."),
    },
    "listed": {
        "joined": Status("Joined", "good", "Belongs to the organization."),
        "invited": Status("Invited", "info", "Was invited and has not joined yet."),
        "left": Status("Left", "quiet", "The directory says that they do not work there."),
    },
    "purpose": {
        "review": Status("A reviewer, to review", "quiet", "Reads to give an opinion."),
        "decision": Status("A decider, to decide", "quiet", "Reads to decide."),
        "checks": Status("Intake, for the checks", "quiet", "Reads to clear or repeat a check."),
        "oversight": Status("A program manager", "quiet", "Looks after the program."),
        "emergency": Status("Somebody with emergency power", "warn",
            "Reads to stop something; a colleague reviews it afterwards."),
        "audit": Status("An auditor", "quiet", "Looks whether all went as it should."),
    },
    "engagement": {
        "planned": Status("Planned", "quiet", "Its first day is still to come."),
        "running": Status("Running", "good", "Today lies between its first and its last day."),
        "over": Status("Over", "quiet", "Its last day has passed."),
        "closed": Status("Closed", "quiet", "It was ended by hand."),
    },
    "sign_in": {
        "link": Status("By a mailed link", "quiet", "Whoever reads the mail can do this."),
        "totp": Status("By password and code", "info", "More than a link, less than a passkey."),
        "passkey": Status("With a passkey", "good", "What every power in the portal asks for."),
    },
    "staff_role": {
        "intake": Status("Intake", "quiet",
            "Looks at what the checks could not settle, and clears it or asks for it again."),
        "reviewer": Status("Reviewer", "quiet",
            "Reads a case and gives an opinion, without knowing the other reviewers’."),
        "decider": Status("Decider", "quiet",
            "Decides on a case that others reviewed, and signs it with a passkey that stays in "
            "one device."),
        "program_manager": Status("Program manager", "quiet",
            "Looks after grants and people: suspends, revokes, gives back, and is the second of "
            "two who give a role."),
        "service_manager": Status("Service manager", "quiet",
            "Approves the services that tokens are for."),
        "service_developer": Status("Service developer", "quiet",
            "Runs a service that tokens are for: registers it and its key."),
        "auditor": Status("Auditor", "quiet",
            "Reads everything, the ledger and who read what, and changes nothing."),
        "council": Status("Council member", "quiet",
            "Sits on the council that will vote on the program’s rules; holds no power yet."),
        "administrator": Status("Administrator", "quiet",
            "Keeps the installation running and proposes people for roles; approves nothing."),
    },
    "emergency": {
        "waiting": Status("Asked for", "info", "A second person of staff confirms it.",
            "somebody else of staff"),
        "active": Status("In use", "bad", "It lasts until its time, or until somebody ends it."),
        "over": Status("To be reviewed", "warn",
            "It has ended; somebody who had no part in it writes what they found.",
            "somebody else of staff"),
        "reviewed": Status("Reviewed", "good", "Somebody who had no part in it looked at it."),
        "dropped": Status("Not used", "quiet", "It was taken back or turned down."),
        "lapsed": Status("Not confirmed", "quiet", "Nobody confirmed it within an hour."),
    },
    "verdict": {
        "justified": Status("It was justified", "good", "The emergency was one, and met well."),
        "not_justified": Status("It was not justified", "bad",
            "Ordinary ways would have done, or more was done than needed."),
    },
    "relaxation": {
        "roles_by_one": Status("A role by one person", "warn",
            "While one person alone looks after roles, they confirm what they proposed "
            "themselves, a day later."),
        "recovery_by_overlapping_staff": Status("Recovery by two with a common role", "warn",
            "While no two others without a common role exist, the two who recover somebody of "
            "staff may share one."),
        "emergency_by_one": Status("Emergency power by one person", "warn",
            "While fewer than three people are of staff, one takes emergency power alone."),
    },
    "section": {
        "not_started": Status("Not started", "quiet", "Nothing is answered yet."),
        "in_progress": Status("In progress", "info", "Some answers are missing."),
        "completed": Status("Completed", "good", "Every required answer is there."),
        "needs_change": Status("Needs a change", "warn", "An answer has to be looked at again."),
    },
}  # fmt: skip

_EVENTS: Mapping[tuple[str, str], str] = {
    ("application", "Submitted"): "The application was submitted",
    ("application", "StageOpened"): "The stage “{stage}” began",
    ("application", "CheckRequested"): "The check “{check}” was asked for",
    ("application", "CheckRecorded"): "The check “{check}” gave {verdict}",
    ("application", "CheckCleared"): "A person cleared the check “{check}”",
    ("application", "SeatTaken"): "A reviewer took a seat",
    ("application", "Recused"): "A reviewer stood back",
    ("application", "SeatVacated"): "A seat became free, as its reviewer is a reviewer no more",
    ("application", "Reviewed"): "A review was given",
    ("application", "Decided"): "The application was {outcome}",
    ("application", "DecisionSigned"): "The decider’s passkey signed the decision",
    ("application", "Withdrawn"): "The application was withdrawn",
    ("account", "PasswordSet"): "A password was set",
    ("account", "PasswordRemoved"): "A password was removed",
    ("account", "RecoveryCodesMade"): "Recovery codes were made",
    ("account", "RecoveryCodeUsed"): "A recovery code was used",
    ("account", "AutomationRegistered"): "A key for the person’s automation was registered",
    ("account", "AutomationRevoked"): "A key of the person’s automation was revoked",
    ("account", "RoleProposed"): "Somebody was proposed as {role}",
    ("account", "RoleProposalWithdrawn"): "The proposal of a {role} was withdrawn",
    ("account", "RoleAppointed"): "Somebody became {role}",
    ("account", "RelaxationUsed"): "A small program’s rule was used: {rule}",
    ("emergency", "BreakGlassAsked"): "Emergency power was asked for, {hours} hours",
    ("emergency", "BreakGlassBegan"): "Emergency power began",
    ("emergency", "BreakGlassDropped"): "Emergency power was not used",
    ("emergency", "BreakGlassEnded"): "Emergency power ended, by {why}",
    ("emergency", "BreakGlassReviewed"): "Its use was reviewed: {verdict}",
    ("installation", "RuleRelaxed"): "A rule was relaxed for a small program: {rule}",
    ("installation", "RuleRestored"): "A relaxed rule is in force again: {rule}",
    ("account", "RoleEnded"): "Somebody is no longer {role}",
    ("account", "PasskeyRenamed"): "A passkey got another name",
    ("account", "AddressChanged"): "The address was changed, and proven by a mailed link",
    ("account", "AddressChangeUndone"): "The former address was put back",
    ("account", "MailedLinksAllowed"): "Mailed links sign the person in again",
    ("account", "ErasureAsked"): "The person asked to be forgotten",
    ("account", "ErasureTakenBack"): "The person took back that they want to be forgotten",
    ("account", "ErasureStopped"): "The erasure could not be: {reason}",
    ("account", "RecoveryProposed"): "A recovery of the account was proposed",
    ("account", "RecoveryConfirmed"): "A second person confirmed the recovery",
    ("account", "RecoveryCancelled"): "The recovery was cancelled",
    ("account", "RecoveryCompleted"): "The account was recovered",
    ("organization", "Invited"): "Somebody was invited as {role}",
    ("organization", "InvitationResent"): "An invitation was sent again",
    ("organization", "InvitationWithdrawn"): "An invitation was withdrawn",
    ("organization", "InvitationAccepted"): "An invitation was accepted",
    ("organization", "InvitationDeclined"): "An invitation was declined",
    ("organization", "MemberJoined"): "A member joined as {role}",
    ("organization", "InvitationPlaced"): "The invitation leads to one room",
    ("organization", "MemberPlaced"): "A member was let into a workspace or engagement",
    ("organization", "MemberUnplaced"): "A member was taken out of a workspace or engagement",
    ("organization", "Closed"): "The organization was closed: nobody is left in it",
    ("organization", "RoleChanged"): "A member became {role}",
    ("organization", "MemberRemoved"): "A member was removed",
    ("organization", "MemberLeft"): "A member left",
    ("organization", "JoiningSet"): "Joining by domain was opened or closed",
    ("organization", "JoinRequested"): "Somebody with an address at {domain} asked to join",
    ("organization", "JoinApproved"): "A request to join was approved",
    ("organization", "JoinDeclined"): "A request to join was declined",
    ("organization", "DomainClaimed"): "The domain {domain} was claimed",
    ("organization", "DomainVerified"): "The domain {domain} was proven",
    ("organization", "DomainLapsed"): "The proof of {domain} was gone",
    ("organization", "DomainRestored"): "The proof of {domain} was back",
    ("organization", "DomainLost"): "The domain {domain} is no longer proven",
    ("organization", "DomainDropped"): "The domain {domain} was given up",
    ("organization", "DomainContested"): "The domain {domain} is held by another organization",
    ("organization", "DomainContestDismissed"): "The domain {domain} stays with its holder",
    ("organization", "DomainYielded"): "The domain {domain} went to another organization",
    ("organization", "OwnershipOffered"): "The ownership was offered to a member",
    ("organization", "OwnershipOfferWithdrawn"): "The offer of ownership was withdrawn",
    ("organization", "OwnershipTransferred"): "The organization changed hands",
    ("organization", "SignOnConfigured"): "Single sign-on was configured, by {authentication}",
    ("organization", "SignOnProven"): "Somebody signed in through the configured provider",
    ("organization", "SignOnRequired"): "Single sign-on was required",
    ("organization", "SignOnRequirementLifted"): "Single sign-on is no longer required",
    ("organization", "SignOnRemoved"): "Single sign-on was removed",
    ("organization", "DirectoryTokenMade"): "A token for the directory was made",
    ("organization", "DirectoryKeyRegistered"): "A key of the directory was registered",
    ("organization", "DirectoryTokenShortened"): "An earlier token of the directory got its end",
    ("organization", "DirectoryTokenRevoked"): "A token or key of the directory was revoked",
    ("organization", "DirectoryStartSet"): "People of the directory start as {role}",
    ("organization", "DirectoryGroupMapped"): "What a group of the directory gives was set",
    ("organization", "OwnerDepartureReported"): "The directory reported that the owner left",
    ("organization", "AttestationBegan"): "A member is to be spoken for every 90 days",
    ("organization", "MemberAttested"): "An owner or admin said that a member still works there",
    ("organization", "MemberSuspended"): "A membership was suspended: nobody spoke for it",
    ("organization", "MemberReinstated"): "A suspended membership was given back",
    ("account", "SignOnLinked"): "A sign-in through an organization was linked",
    ("account", "SignOnUnlinked"): "A linked sign-in was removed",
    ("grant", "Opened"): "The grant was opened",
    ("grant", "Suspended"): "The grant was suspended",
    ("grant", "Resumed"): "The grant was given back",
    ("grant", "Revoked"): "The grant was revoked",
    ("grant", "Expired"): "The grant came to its end",
    ("grant", "CredentialRegistered"): "A key was registered",
    ("grant", "CredentialRevoked"): "A key was revoked",
    ("grant", "AttestationBegan"): "A key is to be spoken for every 90 days",
    ("grant", "CredentialAttested"): "An owner or admin said that a key is still used",
    ("grant", "CredentialSuspended"): "A key was suspended: {reason}",
    ("grant", "CredentialResumed"): "A key is no longer suspended for: {reason}",
    ("workspace", "Opened"): "The workspace was made",
    ("workspace", "ApplicationPlaced"): "An application was placed",
    ("workspace", "ApplicationTakenOut"): "An application was taken out",
    ("workspace", "Closed"): "The workspace was closed",
    ("engagement", "Opened"): "The engagement was set out, {starts_on} to {ends_on}",
    ("engagement", "Changed"): "Targets or days were changed, now {starts_on} to {ends_on}",
    ("engagement", "DocumentAttached"): "The authorization was attached",
    ("engagement", "Closed"): "The engagement was closed",
    ("screening", "ListImported"): "The list {source} was imported",
    ("policy", "VersionActivated"): "A version of {program} took effect",
}


def status(table: str, value: str) -> Status:
    """The words for a status; KeyError for one without, which a test makes impossible."""
    return STATUSES[table][value]


def counted(people: int, keys: int) -> str:
    """So many people and keys, in words; at least one of them is not nought."""
    said = [f"{n} {one if n == 1 else many}" for n, one, many in
            ((people, "person", "people"), (keys, "key", "keys")) if n]  # fmt: skip
    return " and ".join(said)


def describe(kind: str, event: object) -> str:
    """One sentence about an event, without personal data."""
    name = type(event).__name__
    text = _EVENTS.get((kind, name))
    if text is None:
        spaced = re.sub(r"(?<!^)(?=[A-Z])", " ", name).lower()
        return f"{kind.capitalize()}: {spaced}"
    used = re.findall(r"{(\w+)}", text)
    return text.format(**{f: str(getattr(event, f)).replace("_", " ") for f in used})
