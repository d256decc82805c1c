"""Claimed domains looked at: for a proof the first time, and by the clock ever after.

A proof that is not there is given `MISSING_DAYS` from the first look that missed it, name servers
that do not answer `SILENT_DAYS`: an outage must cost nobody their access. Then the organization
is told and has `GRACE_DAYS`.
"""

from __future__ import annotations

from datetime import timedelta

from portal import clock
from portal.boards import domains
from portal.desk import domain_looks
from portal.evidence import dns
from portal.installation import settings
from portal.ledger import perform
from workflows import calendar
from workflows.actors import robot
from workflows.checks.domain_control import Outcome
from workflows.errors import Conflict, Refused
from workflows.organization.commands.contest_domain import ContestDomain
from workflows.organization.commands.lapse_domain import LapseDomain
from workflows.organization.commands.restore_domain import RestoreDomain
from workflows.organization.commands.verify_domain import VerifyDomain

MISSING_DAYS = 2
SILENT_DAYS = 14
GRACE_DAYS = 14
_SAYS_NO = frozenset({Outcome.ANSWERED, Outcome.NO_NAME, Outcome.NO_RECORD})
_OURS = frozenset({Outcome.NO_RESOLVER, Outcome.NETWORK})
_ROBOT = robot("dns")


def look_up(domain: str) -> dns.DnsAnswer:
    """One look at a domain's challenge with the name servers of the settings."""
    return dns.lookup_challenge(
        domain,
        nameservers=tuple(settings().dns_nameservers),
        lifetime=settings().dns_timeout_seconds,
    )


def note_found(org_id: str, domain: str, token: str) -> bool:
    """Put on record that the challenge was found; False when the domain stays with others."""
    now = clock.now_iso()
    try:
        perform(VerifyDomain(org_id, domain, token, now), _ROBOT)
    except Conflict:
        perform(ContestDomain(org_id, domain, token, now), _ROBOT)
        return False
    except Refused:
        return False  # claimed anew meanwhile
    domain_looks.seen(org_id, domain)
    return True


def look_again(org_id: str, domain: str) -> None:
    """Look at a proven domain; note what was found, and let it lapse when its time is up."""
    claim = domains.claim_for_robot(org_id, domain)
    if claim is None or not claim.verified_at:
        return
    answer = look_up(domain)
    if claim.token in answer.values:
        domain_looks.seen(org_id, domain)
        if claim.grace_until:
            perform(RestoreDomain(org_id, domain, claim.token, clock.now_iso()), _ROBOT)
        return
    if answer.outcome in _OURS:
        return  # this machine reaches no name server: that says nothing about the domain
    since = domain_looks.missed(org_id, domain)
    patience = MISSING_DAYS if answer.outcome in _SAYS_NO else SILENT_DAYS
    if not claim.grace_until and since <= clock.iso_in(days=-patience):
        grace = calendar.iso(clock.now() + timedelta(days=GRACE_DAYS))
        perform(LapseDomain(org_id, domain, clock.now_iso(), grace), _ROBOT)
