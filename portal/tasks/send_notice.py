"""Tell people that something of theirs moved; what moved is behind the sign-in, not in the mail."""

from __future__ import annotations

from collections.abc import Callable

from portal.boards import accounts, applications, grants, organizations
from portal.installation import settings
from portal.notices import mail
from workflows.account.recovery import KEEPERS

WORDS = {
    "submitted": "We have your application",
    "decided": "Your application was decided",
    "suspended": "A grant of yours was suspended",
    "resumed": "A grant of yours was given back",
    "revoked": "A grant of yours was revoked",
    "expired": "A grant of yours came to its end",
    "passkey_added": "A passkey was added to your account",
    "passkey_removed": "A passkey was removed from your account",
    "sign_on_linked": "A sign-in through an organization was linked to your account",
    "sign_on_unlinked": "A linked sign-in was removed from your account",
    "sign_on_configured": "Your organization's single sign-on was configured",
    "sign_on_required": "Your organization requires single sign-on now",
    "sign_on_lifted": "Your organization no longer requires single sign-on",
    "sign_on_removed": "Your organization's single sign-on was removed",
    "directory_token_made": "A token for your organization's directory was made",
    "directory_key_registered": "A key for your organization's directory was registered",
    "directory_token_revoked": "A token or key of your organization's directory was revoked",
    "directory_token_ends": "The token or key of your organization's directory ends in two weeks",
    "owner_departure_reported": "Your directory says that the owner left; they stay until they "
    "hand the organization on, or staff recover it",
    "password_set": "The password of your account was set or changed",
    "password_removed": "The password of your account was removed",
    "recovery_codes_made": "New recovery codes were made for your account",
    "recovery_code_used": "A recovery code of your account was used",
    "automation_registered": "A key was registered with which a program reads as you",
    "address_changed": "The address of your account was changed to this one",
    "address_change_undone": "A change of an account's address was undone",
    "mailed_links_allowed": "Mailed links sign you in again",
    "erasure_asked": "Your account is erased in a week, unless you take it back",
    "erasure_reminder": "Your account is erased tomorrow, unless you take it back",
    "erasure_taken_back": "Your account is not erased: you took it back",
    "erasure_stopped": "Your account could not be erased; your account's page says why",
    "recovery_proposed": "Somebody asked to recover an account",
    "recovery_confirmed": "An account is recovered in a day, unless you stop it",
    "recovery_cancelled": "The recovery of an account was cancelled",
    "recovery_completed": "An account was recovered: its passkeys are gone",
    "role_proposed": "You were proposed for a staff role",
    "role_appointed": "You were given a staff role",
    "role_ended": "A staff role of yours was ended",
    "emergency_asked": "Somebody of staff asks for emergency power; a colleague confirms it",
    "emergency_began": "Somebody of staff has emergency power now",
    "emergency_ended": "Emergency power has ended; somebody who had no part in it reviews it",
    "emergency_reviewed": "A use of emergency power was reviewed",
    "emergency_unreviewed": "A use of emergency power has waited a week for its review",
    "rule_relaxed": "The operator relaxed a rule, as the program is small",
    "rule_restored": "A rule that was relaxed for a small program is in force again",
    "member_joined": "Somebody joined your organization",
    "member_gone": "Somebody is no longer a member of an organization",
    "membership_suspended": "Your membership in an organization is suspended until its owner or "
    "an admin says that you still work there",
    "membership_given_back": "Your membership in an organization was given back",
    "role_changed": "A member's role in an organization was changed",
    "invitation_asked_again": "Somebody asks for an expired invitation to be sent again",
    "join_requested": "Somebody asks to join your organization",
    "join_declined": "A request to join an organization was declined",
    "domain_lapsed": "The proof of your domain is gone; put it back to keep your access",
    "domain_lapse_reminder": "The proof of your domain is still gone; access ends in a week",
    "domain_restored": "The proof of your domain is back",
    "domain_lost": "A domain is no longer proven, and what rested on it is suspended",
    "domain_contested": "A domain that you proved belongs to another organization; staff look",
    "domain_contest_dismissed": "A contested domain stays with the organization that holds it",
    "ownership_offered": "The ownership of an organization was offered to a member",
    "ownership_transferred": "An organization has a new owner",
}

# For the person alone; owner and admins have one mail for all of a day, or did it themselves.
_ALONE = frozenset({"membership_suspended", "membership_given_back"})


def _application(stream: str) -> tuple[list[str], str]:
    return (
        organizations.people_to_tell(applications.for_robot(stream).org_id),
        f"/applications/{stream}",
    )


def _grant(stream: str) -> tuple[list[str], str]:
    row = grants.for_notice(stream)
    return (organizations.people_to_tell(row.org_id) if row else [], f"/grants/{stream}")


def _organization(stream: str) -> tuple[list[str], str]:
    return organizations.people_to_tell(stream), f"/organizations/{stream}/members"


def _account(stream: str) -> tuple[list[str], str]:
    return [stream], "/account"


def _around(stream: str) -> list[str]:
    """Everybody who looks after a person: owners and admins, for staff those who keep roles."""
    hosts = organizations.belongs(stream)
    people = [a for org_id in hosts for a in organizations.people_to_tell(org_id)]
    if accounts.roles(stream):
        people += [row.account for row in accounts.staff_for_robot() if row.role in KEEPERS]
    return people


def _all_staff(_stream: str) -> tuple[list[str], str]:
    return [row.account for row in accounts.staff_for_robot()], "/staff/emergency"


def _small_program(_stream: str) -> tuple[list[str], str]:
    return [row.account for row in accounts.staff_for_robot()], "/home"


# What whoever looks after a person is told of too.
_WIDELY = frozenset(
    {"recovery_proposed", "recovery_confirmed", "recovery_cancelled", "recovery_completed",
     "address_change_undone"}
)  # fmt: skip
_OF: dict[str, Callable[[str], tuple[list[str], str]]] = {
    "app": _application,
    "gr": _grant,
    "org": _organization,
    "acc": _account,
    "emg": _all_staff,
    "ins": _small_program,
}


def work(payload: dict[str, str]) -> None:
    """`payload`: what, stream, seq of the event, and the account that it concerns or "".

    One mail a person and event, however often this runs.
    """
    what, stream, concerned = payload["what"], payload["stream"], payload.get("account", "")
    people, path = _OF[stream.partition("_")[0]](stream)
    others = [concerned] if concerned else []
    if what in _WIDELY:
        others += _around(stream)
    people = [] if what in _ALONE else people
    for account in dict.fromkeys([*people, *others]):
        address = accounts.address(account)
        if address is None:
            continue
        page = path if account in people else "/home"
        text = (
            f"{WORDS[what]}.\n\nSign in to read more:\n\n{settings().base_url}{page}\n\n"
            "You get this mail because it concerns you, or because you look after your "
            "organization's access.\n"
        )
        event = f"{what}:{stream}:{payload.get('seq', '')}"
        mail.write(f"{event}:{account}", account, address, WORDS[what], text)
