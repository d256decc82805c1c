"""Claimed domains looked at: for a proof the first time, and by the clock ever after.

A proof that is not there is given `MISSING_DAYS` from the first look that missed it, name servers
or a web server that do not answer `SILENT_DAYS`: an outage must cost nobody their access. Then the
organization is told and has `GRACE_DAYS`.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from portal import clock
from portal.boards import domains
from portal.desk import domain_looks
from portal.evidence import dns, well_known
from portal.evidence.well_known import NOT_ASKED, FileAnswer
from portal.installation import settings
from portal.ledger import perform
from workflows import calendar
from workflows.actors import robot
from workflows.checks.domain_control import found_by
from workflows.errors import Conflict, Refused
from workflows.organization.commands.contest_domain import ContestDomain
from workflows.organization.commands.lapse_domain import LapseDomain
from workflows.organization.commands.restore_domain import RestoreDomain
from workflows.organization.commands.verify_domain import VerifyDomain
from workflows.organization.proofs import Absence, absence

MISSING_DAYS = 2
SILENT_DAYS = 14
GRACE_DAYS = 14
_PATIENCE = {Absence.DENIED: MISSING_DAYS, Absence.SILENT: SILENT_DAYS}
_ROBOT = robot("dns")


@dataclass(frozen=True, slots=True)
class Look:
    """One look at both places; the file is asked for only where the record is not the proof."""

    record: dns.DnsAnswer
    file: FileAnswer
    ways: tuple[str, ...]

    @property
    def outcomes(self) -> domain_looks.Outcomes:
        return domain_looks.Outcomes(self.record.outcome, self.file.outcome, self.ways)


def look_up(domain: str, token: str) -> Look:
    """One look for a token, with the name servers of the settings, then at the web server.

    Raises:
        InvalidDomain: before anything is sent.
    """
    record = dns.lookup_challenge(
        domain,
        nameservers=tuple(settings().dns_nameservers),
        lifetime=settings().dns_timeout_seconds,
    )
    ways = found_by(token, record.values, "")
    # The demo's domains have no web server, and no name of theirs is asked for elsewhere.
    file = NOT_ASKED if ways or settings().demo else well_known.fetch(record.domain)
    return Look(record, file, ways or found_by(token, (), file.text))


def note_found(org_id: str, domain: str, token: str, look: Look) -> bool:
    """Put on record that the challenge was found; False when the domain stays with others."""
    now, proof = clock.now_iso(), look.ways[0]
    try:
        perform(VerifyDomain(org_id, domain, token, now, proof), _ROBOT)
    except Conflict:
        perform(ContestDomain(org_id, domain, token, now, proof), _ROBOT)
        return False
    except Refused:
        return False  # claimed anew meanwhile
    domain_looks.seen(org_id, domain, look.outcomes)
    return True


def look_again(org_id: str, domain: str) -> Look | None:
    """Look at a proven domain; note what was found, and let it lapse when its time is up. None
    when it is not proven."""
    claim = domains.claim_for_robot(org_id, domain)
    if claim is None or not claim.verified_at:
        return None
    look = look_up(domain, claim.token)
    if look.ways:
        domain_looks.seen(org_id, domain, look.outcomes)
        if claim.grace_until:
            found = RestoreDomain(org_id, domain, claim.token, clock.now_iso(), look.ways[0])
            perform(found, _ROBOT)
        return look
    why = absence(look.record.outcome, look.file.outcome, proven_by(org_id, domain, claim.proof))
    if why is Absence.UNREACHED:
        return look
    since = domain_looks.missed(org_id, domain, look.outcomes)
    if not claim.grace_until and since <= clock.iso_in(days=-_PATIENCE[why]):
        grace = calendar.iso(clock.now() + timedelta(days=GRACE_DAYS))
        perform(LapseDomain(org_id, domain, clock.now_iso(), grace), _ROBOT)
    return look


def proven_by(org_id: str, domain: str, proof: str) -> tuple[str, ...]:
    """Where the token was when it was last found; `proof` is what the claim says of it, "" for
    one that is not proven."""
    last = domain_looks.last(org_id, domain)
    if not proof:
        return ()
    return last.ways if last and last.ways else (proof,)
