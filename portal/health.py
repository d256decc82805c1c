"""Looking at a deployment as a careful operator would: each part, what was found, the remedy."""

from __future__ import annotations

import stat
from collections.abc import Callable
from dataclasses import dataclass

from kombu import Connection
from sqlalchemy import func, select

from portal import clock, schema
from portal.boards import accounts, emergencies, lists, programs, relaxations, signing_keys
from portal.evidence import ofac
from portal.extensions import db
from portal.installation import settings
from portal.ledger.tables import jobs, unplaced
from workflows.account.staff_roles import DEVICE_BOUND


@dataclass(frozen=True, slots=True)
class Finding:
    """`state` is good, warn or bad."""

    part: str
    state: str
    found: str
    remedy: str = ""


def examine() -> list[Finding]:
    """Every part in turn; a part that cannot be looked at is a finding of its own."""
    found: list[Finding] = []
    for look in _LOOKS:
        try:
            found.append(look())
        except Exception as failed:
            part = look.__name__.strip("_").replace("_", " ")
            found.append(Finding(part, "bad", f"could not be looked at: {type(failed).__name__}",
                                 "look at the findings above first"))  # fmt: skip
    return found


def _database() -> Finding:
    at, newest = schema.current(), schema.newest()
    if at != newest:
        return Finding("database", "bad", f"revision {at or 'none'}, the newest is {newest}",
                       "run `portal db upgrade`")  # fmt: skip
    kind = "SQLite in the data folder" if settings().embedded_database else "PostgreSQL"
    return Finding("database", "good", f"{kind}, revision {at}")


def _vault_key() -> Finding:
    path = settings().vault_key_file
    if settings().vault_key or path is None:
        return Finding("vault key", "good", "from the environment")
    mode = stat.S_IMODE(path.stat().st_mode)
    if mode & 0o077:
        return Finding("vault key", "bad", f"{path} can be read by others (mode {mode:o})",
                       f"chmod 600 {path}")  # fmt: skip
    return Finding("vault key", "good", f"{path}, readable by its owner alone")


def _issuer_key() -> Finding:
    active = [k for k in signing_keys.every_key() if k.status == "active"]
    if not active:
        return Finding("issuer's key", "bad", "none is active; no token can be minted",
                       "run `portal keys create`, then `portal keys activate --now`")  # fmt: skip
    return Finding("issuer's key", "good", f"{active[0].kid} since {active[0].since[:10]}")


def _programs() -> Finding:
    found = programs.active()
    if not found:
        return Finding("programs", "bad", "none is in force", "run `portal program activate`")
    return Finding("programs", "good", ", ".join(p.name for p in found))


def _sanctions_list() -> Finding:
    row = lists.current(ofac.SOURCE)
    if row is None:
        return Finding("sanctions list", "bad", "none was imported; no application passes checks",
                       "set PORTAL_SANCTIONS_OFAC, or run `portal lists import`")  # fmt: skip
    days = (clock.now() - clock.parse(row.imported_at)).days
    most = min((p.screening_max_age_days for p in programs.active()), default=7)
    if days >= most:
        return Finding("sanctions list", "bad", f"imported {days} days ago, at most {most} pass",
                       "fetch a new copy and run `portal lists import`")  # fmt: skip
    return Finding("sanctions list", "good", f"{row.entries} entries, imported {days} days ago")


def _broker() -> Finding:
    url = settings().broker_url
    kind = "embedded" if url.startswith("sqla+") else url.partition(":")[0]
    try:
        with Connection(url, connect_timeout=2) as connection:
            connection.ensure_connection(max_retries=1, timeout=2)
    except Exception as failed:
        return Finding("broker", "warn", f"{kind} does not answer ({type(failed).__name__})",
                       "work goes on by the sweeper, more slowly; start it, or set "
                       "PORTAL_BROKER_URL")  # fmt: skip
    return Finding("broker", "good", kind)


def _jobs() -> Finding:
    with db.engine.connect() as connection:
        late = connection.execute(
            select(func.count())
            .select_from(jobs)
            .where(jobs.c.done_at == "", jobs.c.due < clock.iso_in(minutes=-2))
        ).scalar_one()
    if late:
        return Finding("jobs", "bad", f"{late} are late by two minutes or more",
                       "start `portal worker`, and look at its log")  # fmt: skip
    return Finding("jobs", "good", "none is late")


def _positions() -> Finding:
    with db.engine.connect() as connection:
        late = connection.execute(
            select(func.count())
            .select_from(unplaced)
            .where(unplaced.c.at < clock.iso_in(minutes=-1))
        ).scalar_one()
    if late:
        return Finding("positions", "warn", f"{late} entries wait for a position",
                       "start `portal worker`; its sequencer gives them")  # fmt: skip
    return Finding("positions", "good", "every entry has its place")


def _mail() -> Finding:
    if settings().demo:
        return Finding("mail", "good", "caught at /dev/mail (demo)")
    if not settings().smtp_url:
        return Finding("mail", "bad", "no server is set; nobody can sign in by link",
                       "set PORTAL_SMTP_URL")  # fmt: skip
    return Finding("mail", "good", "a server is set")


def _rate_limits() -> Finding:
    if not settings().redis_url:
        return Finding("rate limits", "warn", "each web process counts alone",
                       "with more than one process, set PORTAL_REDIS_URL")  # fmt: skip
    return Finding("rate limits", "good", "counted in Redis")


def _outgoing_requests() -> Finding:
    allowed = settings().private_destinations
    if not allowed:
        return Finding("outgoing requests", "good", "to public addresses alone")
    return Finding("outgoing requests", "good" if settings().demo else "warn",
                   f"also to {', '.join(allowed)}",
                   "" if settings().demo else "unset PORTAL_PRIVATE_DESTINATIONS, unless a "
                   "provider inside is meant")  # fmt: skip


def _private_addresses() -> Finding:
    servers = settings().dns_nameservers
    if servers:
        return Finding("name servers", "warn" if not settings().demo else "good",
                       f"only {', '.join(servers)} are asked",
                       "" if settings().demo else "unset PORTAL_DNS_NAMESERVERS to ask the "
                       "system's, unless this is meant")  # fmt: skip
    return Finding("name servers", "good", "the system's")


def _small_program() -> Finding:
    rules = [row.rule for row in relaxations.relaxed()]
    if not rules:
        return Finding("small program", "good", "no rule is relaxed")
    over = [rule for rule in rules if not relaxations.needed(rule)]
    remedy = f"enough people exist now: `portal small-program end {over[0]}`" if over else (
        "find more people, then `portal small-program end RULE`")  # fmt: skip
    return Finding("small program", "warn", f"relaxed: {', '.join(rules)}", remedy)


def _emergencies() -> Finding:
    waiting = len(emergencies.unreviewed())
    if waiting:
        return Finding("emergency power", "warn", f"{waiting} used and not reviewed",
                       "somebody of staff who had no part in it reviews it at "
                       "/staff/emergency")  # fmt: skip
    return Finding("emergency power", "good", "nothing waits for a review")


def _staff_passkeys() -> Finding:
    """Nobody gets such a role with one, or such a passkey with the role; these are from before."""
    synced = accounts.staff_with_synced_passkeys(DEVICE_BOUND)
    if synced:
        return Finding("staff passkeys", "bad",
                       f"{len(synced)} who decide or administer hold a synced one",
                       "ask them to add a security key and to remove the synced passkey; until "
                       "then no decision of theirs is taken")  # fmt: skip
    return Finding("staff passkeys", "good", "who decides and administers has bound ones alone")


_LOOKS: tuple[Callable[[], Finding], ...] = (
    _database, _vault_key, _issuer_key, _programs, _sanctions_list, _broker, _jobs, _positions,
    _mail, _rate_limits, _private_addresses, _outgoing_requests, _staff_passkeys,
    _small_program, _emergencies,
)  # fmt: skip
