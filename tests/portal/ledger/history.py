"""A rich history of everything that boards tell, and ways to look at a database as it lies."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import time_machine
from flask import Flask
from sqlalchemy import Table, func, select

from portal import clock, founding, ids, vault
from portal.extensions import db
from portal.issuing import keyring
from portal.ledger import perform, projection
from portal.ledger.tables import events, jobs, streams, unplaced
from tests import builders
from workflows.account.commands.add_passkey import AddPasskey
from workflows.account.commands.confirm_role import ConfirmRole
from workflows.account.commands.end_role import EndRole
from workflows.account.commands.make_recovery_codes import MakeRecoveryCodes
from workflows.account.commands.propose_role import ProposeRole
from workflows.account.commands.remove_passkey import RemovePasskey
from workflows.account.commands.remove_password import RemovePassword
from workflows.account.commands.set_password import SetPassword
from workflows.account.commands.use_recovery_code import UseRecoveryCode
from workflows.account.commands.withdraw_role_proposal import WithdrawRoleProposal
from workflows.actors import operator, robot
from workflows.application.commands.clear_check import ClearCheck
from workflows.application.commands.record_check import RecordCheck
from workflows.application.commands.recuse import Recuse
from workflows.application.commands.request_check import RequestCheck
from workflows.application.commands.take_seat import TakeSeat
from workflows.application.commands.withdraw import Withdraw
from workflows.grant.commands.expire import Expire
from workflows.grant.commands.resume import Resume
from workflows.grant.commands.revoke import Revoke
from workflows.grant.commands.revoke_credential import RevokeCredential
from workflows.grant.commands.suspend import Suspend
from workflows.organization.commands.accept_ownership import AcceptOwnership
from workflows.organization.commands.change_role import ChangeRole
from workflows.organization.commands.decline_invitation import DeclineInvitation
from workflows.organization.commands.invite import Invite
from workflows.organization.commands.leave import Leave
from workflows.organization.commands.offer_ownership import OfferOwnership
from workflows.organization.commands.remove_member import RemoveMember
from workflows.organization.commands.resend_invitation import ResendInvitation
from workflows.organization.commands.verify_domain import VerifyDomain
from workflows.organization.commands.withdraw_invitation import WithdrawInvitation


def at_once(app: Flask, works: Sequence[Callable[[], Any]]) -> list[Any]:
    """Run each work in a thread with an app context of its own, all let go at one moment.

    Returns:
        In their order, what each returned or the exception that it raised.
    """
    gate = threading.Barrier(len(works))
    found: list[Any] = [None] * len(works)

    def run(index: int, work: Callable[[], Any]) -> None:
        with app.app_context():
            try:
                gate.wait(30)
                found[index] = work()
            except Exception as raised:
                found[index] = raised

    threads = [threading.Thread(target=run, args=pair) for pair in enumerate(works)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(120)
    assert not any(thread.is_alive() for thread in threads)
    return found


def rows(*tables: Table) -> dict[str, list[tuple[Any, ...]]]:
    """Every row of the tables, sorted, by table name."""
    with db.engine.connect() as connection:
        return {
            table.name: sorted(tuple(row) for row in connection.execute(select(table)))
            for table in tables
        }


def written() -> dict[str, int]:
    """How many rows the ledger, the outbox and every board have."""
    with db.engine.connect() as connection:
        return {
            table.name: connection.execute(select(func.count()).select_from(table)).scalar_one()
            for table in (events, streams, unplaced, jobs, *projection.tables())
        }


def entries(stream: str) -> list[str]:
    """Names of a stream's events, in order."""
    with db.engine.connect() as connection:
        query = select(events.c.name).where(events.c.stream == stream).order_by(events.c.seq)
        return list(connection.execute(query).scalars())


@dataclass(slots=True)
class History:
    """What `rich` made, for tests that go on from there."""

    people: builders.Staff
    org: builders.Org
    other: builders.Org
    applications: dict[str, str]
    grants: dict[str, str]


def _record(application: str, org: builders.Org, check: str, verdict: str) -> None:
    perform(
        RecordCheck(
            stream=application, check=check, round=1, verdict=verdict, score=40, summary="Hm.",
            finding=vault.put(org.id, "{}"), check_version=1, data_digest="", data_date="",
        ),
        robot("tests"),
    )  # fmt: skip


def rich() -> History:
    """Applications in all phases, credentials, services, domains, keys; everything that can be."""
    people, org = builders.staff(), builders.organization()
    other = builders.organization("Fjord CSIRT", "fjord.example")
    _members_and_domains(org, other)
    cases = _applications(people, org, other)
    opened = _grants(people, org)
    client, _ = builders.service(people)
    builders.service(people, "https://second.example", ("code:review",))
    assert client
    key = keyring.create(operator("tests"))
    keyring.activate(key, operator("tests"), at_once=True)
    keyring.destroy(keyring.create(operator("tests")), "a drill", operator("tests"))
    return History(people, org, other, cases, opened)


def _members_and_domains(org: builders.Org, other: builders.Org) -> None:
    org.colleague("admin")
    gone = org.colleague()
    perform(RemoveMember(org.id, gone.id), org.owner)
    _invitations(org)
    _handed_over()
    _roles()
    for which in (org, other):
        perform(VerifyDomain(which.id, which.domain, which.token, clock.now_iso()), robot("dns"))
    perform(
        AddPasskey(org.owner.id, "cGFzc2tleQ", "Y29zZQ", "00" * 16, True,
                   vault.put(org.owner.id, "Laptop")),
        org.owner,
    )  # fmt: skip
    perform(
        AddPasskey(org.owner.id, "c2Vjb25k", "Y29zZQ", "00" * 16, False,
                   vault.put(org.owner.id, "Key")),
        org.owner,
    )  # fmt: skip
    perform(RemovePasskey(org.owner.id, "c2Vjb25k"), org.owner)
    _passwords()


def _passwords() -> None:
    """One that is set and changed, with a code used and new codes made; one that was removed."""
    kept, gone = builders.person("Pass Word"), builders.person("Pass Gone")
    for who in (kept, gone):
        perform(SetPassword(who.id, ids.new("sec"), tuple(ids.new("rec") for _ in range(10))), who)
    perform(SetPassword(kept.id, ids.new("sec")), kept)
    codes = tuple(ids.new("rec") for _ in range(10))
    perform(MakeRecoveryCodes(kept.id, codes), kept)
    perform(UseRecoveryCode(kept.id, codes[0]), kept)
    perform(RemovePassword(gone.id), gone)


def _invitations(org: builders.Org) -> None:
    """One that waits, one that was sent again, one that was withdrawn, one declined."""
    names = [ids.new("inv") for _ in range(4)]
    for name in names:
        kept = vault.put(org.id, f"{name}@people.example")
        perform(Invite(org.id, name, kept, "member", clock.iso_in(days=7)), org.owner)
    perform(ResendInvitation(org.id, names[1], clock.iso_in(days=9)), org.owner)
    perform(WithdrawInvitation(org.id, names[2]), org.owner)
    perform(DeclineInvitation(org.id, names[3]), org.owner)


def _roles() -> None:
    """Staff roles proposed, confirmed by another, withdrawn, and ended."""
    one = builders.person("Ad Ministrator", roles=("administrator",))
    two = builders.person("Mo Other", roles=("program_manager",))
    new = builders.person("New Colleague")
    for role in ("intake", "reviewer", "service_developer"):
        perform(ProposeRole(new.id, role), one)
    perform(ConfirmRole(new.id, "intake"), two)
    perform(EndRole(new.id, "intake"), one)
    perform(WithdrawRoleProposal(new.id, "reviewer"), two)


def _handed_over() -> None:
    """An organization whose owner changed, and one that is on offer."""
    for accepted in (True, False):
        org = builders.organization("Handed Over", f"handed{accepted}.example".lower())
        heir = org.colleague()
        perform(ChangeRole(org.id, heir.id, "admin"), org.owner)
        perform(OfferOwnership(org.id, heir.id), org.owner)
        if accepted:
            perform(AcceptOwnership(org.id), builders.again(heir))
            perform(Leave(org.id), builders.again(org.owner))


def _applications(people: builders.Staff, org: builders.Org, other: builders.Org) -> dict[str, str]:
    one, two = people.reviewers
    cases = {phase: builders.submit(org) for phase in ("withdrawn", "reviewing", "deciding")}
    cases["checking"], cases["denied"] = builders.submit(other), builders.submit(other)
    perform(Withdraw(cases["withdrawn"]), org.owner)
    _record(cases["checking"], other, "sanctions_name", "needs-human")
    _record(cases["checking"], other, "domain_control", "fail")
    perform(RequestCheck(cases["checking"], "domain_control"), people.intake)
    reason = vault.put(other.id, "Another firm of that name.")
    perform(ClearCheck(cases["checking"], "sanctions_name", reason), people.intake)
    for phase in ("reviewing", "deciding", "denied"):
        builders.pass_checks(cases[phase])
    perform(TakeSeat(cases["reviewing"], no_conflict=True), two)
    perform(Recuse(cases["reviewing"], vault.put(org.id, "I know them.")), two)
    builders.review(cases["reviewing"], one)
    for phase in ("deciding", "denied"):
        builders.review(cases[phase], one, "narrow")
        builders.review(cases[phase], two, "deny")
    builders.decide(cases["denied"], people.decider, outcome="denied", reasons=reasons("deny"))
    return cases


def reasons(outcome: str) -> tuple[str, ...]:
    """A published reason of the shipped program for an outcome."""
    program, _ = founding.read_program(founding.SHIPPED / "cyber-defense")
    return tuple(r.code for r in program.reasons if outcome in r.outcomes)[:1]


def _grants(people: builders.Staff, org: builders.Org) -> dict[str, str]:
    manager = people.manager
    statuses = ("active", "suspended", "revoked", "expired")
    opened = {status: builders.grant(org, people) for status in statuses}
    for grant in opened.values():
        builders.credential(org, grant)
    second, _ = builders.credential(org, opened["active"])
    exposed = RevokeCredential(opened["active"], second, "credential_exposed")
    perform(exposed, builders.again(org.owner))
    for status in ("active", "suspended"):
        perform(Suspend(opened[status], "under_investigation"), manager)
    perform(Resume(opened["active"], vault.put(org.id, "Nothing was found.")), manager)
    perform(Revoke(opened["revoked"], "terms_breached"), manager)
    with time_machine.travel(clock.now() + timedelta(days=201)):
        perform(Expire(opened["expired"]), robot("clock"))
    return opened
