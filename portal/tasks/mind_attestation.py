"""Every 90 days an organization says who still works there: count, remind, suspend, tell."""

from __future__ import annotations

from contextlib import suppress
from typing import Any

from portal import clock
from portal.boards import accounts, attestations, grants, organizations
from portal.boards.attestations import Waiting
from portal.installation import settings
from portal.ledger import outbox, perform
from portal.notices import mail
from workflows import attestation
from workflows.actors import robot
from workflows.errors import NotNow
from workflows.grant.commands import begin_attestation as begin_keys
from workflows.grant.commands import suspend_unattested as suspend_keys
from workflows.organization.commands import begin_attestation as begin_people
from workflows.organization.commands import suspend_unattested as suspend_people
from workflows.reactions import Effect
from workflows.words import counted

TOLD_AFTER_MINUTES = 10  # so that what ends on one day in several grants is one mail
_BEGIN = {"org": begin_people.BeginAttestation, "gr": begin_keys.BeginAttestation}
_SUSPEND = {"org": suspend_people.SuspendUnattested, "gr": suspend_keys.SuspendUnattested}


def work(payload: dict[str, str]) -> None:
    """`payload`: stream, an organization or a grant; step, "begin", "remind", "end" or "told";
    but for "begin" the day (YYYY-MM-DD) that it is for. Each step may run again."""
    stream, step = payload["stream"], payload["step"]
    org_id = _organization(stream)
    if step == "begin":
        _do(_BEGIN, stream)
    elif step == "end":
        _do(_SUSPEND, stream)
        _tell_later(org_id, payload["day"])
    elif step == "remind":
        _remind(org_id, payload["day"])
    else:
        _tell(org_id, payload["day"])


def _organization(stream: str) -> str:
    if stream.startswith("org_"):
        return stream
    row = grants.for_notice(stream)
    return str(row.org_id) if row else ""


def _do(commands: dict[str, Any], stream: str) -> None:
    """A grant that is gone, or an organization that was closed, has nothing left to count."""
    with suppress(NotNow):
        perform(commands[stream.partition("_")[0]](stream), robot("clock"))


def _tell_later(org_id: str, day: str) -> None:
    about = {"stream": org_id, "step": "told", "day": day}
    due = clock.iso_in(minutes=TOLD_AFTER_MINUTES)
    outbox.enqueue(Effect("mind_attestation", f"told:{org_id}:{day}", about, due))


def _remind(org_id: str, day: str) -> None:
    found = attestations.to_remind(org_id, day)
    for account, people, keys in _readers(org_id, found):
        due = min(row.attest_by for row in (*people, *keys))
        text = (
            f"{_capital(counted(len(people), len(keys)))} of your organization wait for your word: "
            "who still works with you, and which keys are still used? Each is one click.\n\n"
            f"Say it before {due[:10]} (UTC). What nobody spoke for is suspended on "
            f"{attestation.lapses_at(due)[:10]}: a suspended member sees nothing of the "
            "organization, and a suspended key gets no token. Your word gives it back at once."
        )
        _write("reminder", org_id, day, account, "Who still works with you?", text)


def _tell(org_id: str, day: str) -> None:
    found = attestations.lapsed(org_id, day)
    for account, people, keys in _readers(org_id, found):
        text = (
            f"{_capital(counted(len(people), len(keys)))} of your organization were suspended, "
            "because nobody said that they still work there, or that it is still used.\n\n"
            "If that was a mistake, say it now: one click gives it back at once. Remove or revoke "
            "what is gone for good."
        )
        _write("suspended", org_id, day, account, "Suspended for want of your word", text)


def _readers(org_id: str, found: Waiting) -> list[tuple[str, tuple[Any, ...], tuple[Any, ...]]]:
    """Owner and admins, each with what waits for them: never they themselves."""
    readers = []
    for account in organizations.people_to_tell(org_id):
        people = tuple(row for row in found.people if row.account != account)
        if people or found.keys:
            readers.append((account, people, found.keys))
    return readers


def _write(what: str, org_id: str, day: str, account: str, subject: str, text: str) -> None:
    """One mail a person, organization and day, however many streams ask for it."""
    address = accounts.address(account)
    if address is None:
        return
    page = f"{settings().base_url}/organizations/{org_id}/attestation"
    why = "You get this mail because you look after your organization's access."
    whole = f"{text}\n\n{page}\n\n{why}\n"
    mail.write(f"attestation:{what}:{org_id}:{day}:{account}", account, address, subject, whole)


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]
