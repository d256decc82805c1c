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
from portal.boards import accounts
from portal.boards.grants import gates
from portal.extensions import db
from portal.issuing import keyring
from portal.ledger import perform, projection
from portal.ledger.tables import events, jobs, streams, unplaced
from tests import builders
from workflows.account.commands.add_passkey import AddPasskey
from workflows.account.commands.allow_mailed_links import AllowMailedLinks
from workflows.account.commands.ask_erasure import AskErasure
from workflows.account.commands.cancel_recovery import CancelRecovery
from workflows.account.commands.change_address import ChangeAddress
from workflows.account.commands.complete_recovery import CompleteRecovery
from workflows.account.commands.confirm_recovery import ConfirmRecovery
from workflows.account.commands.confirm_role import ConfirmRole
from workflows.account.commands.end_role import EndRole
from workflows.account.commands.erase import Erase
from workflows.account.commands.link_sign_on import LinkSignOn
from workflows.account.commands.make_recovery_codes import MakeRecoveryCodes
from workflows.account.commands.propose_recovery import ProposeRecovery
from workflows.account.commands.propose_role import ProposeRole
from workflows.account.commands.register_automation import RegisterAutomation
from workflows.account.commands.remove_passkey import RemovePasskey
from workflows.account.commands.remove_password import RemovePassword
from workflows.account.commands.rename_passkey import RenamePasskey
from workflows.account.commands.revoke_automation import RevokeAutomation
from workflows.account.commands.set_password import SetPassword
from workflows.account.commands.take_back_erasure import TakeBackErasure
from workflows.account.commands.undo_address_change import UndoAddressChange
from workflows.account.commands.unlink_sign_on import UnlinkSignOn
from workflows.account.commands.use_recovery_code import UseRecoveryCode
from workflows.account.commands.withdraw_role_proposal import WithdrawRoleProposal
from workflows.actors import Actor, directory, operator, robot
from workflows.application.commands.clear_check import ClearCheck
from workflows.application.commands.record_check import RecordCheck
from workflows.application.commands.recuse import Recuse
from workflows.application.commands.request_check import RequestCheck
from workflows.application.commands.take_seat import TakeSeat
from workflows.application.commands.withdraw import Withdraw
from workflows.emergency.commands.break_glass import BreakGlass
from workflows.emergency.commands.confirm_break_glass import ConfirmBreakGlass
from workflows.emergency.commands.end_break_glass import EndBreakGlass
from workflows.emergency.commands.review_break_glass import ReviewBreakGlass
from workflows.engagement.commands.attach_document import AttachDocument
from workflows.engagement.commands.change import Change as ChangeEngagement
from workflows.engagement.commands.close import Close as CloseEngagement
from workflows.engagement.commands.open import Open as OpenEngagement
from workflows.grant.commands import begin_attestation as begin_keys
from workflows.grant.commands import suspend_unattested as suspend_keys
from workflows.grant.commands.attest_credential import AttestCredential
from workflows.grant.commands.expire import Expire
from workflows.grant.commands.resume import Resume
from workflows.grant.commands.revoke import Revoke
from workflows.grant.commands.revoke_credential import RevokeCredential
from workflows.grant.commands.suspend import Suspend
from workflows.installation.commands.relax import Relax
from workflows.installation.commands.restore import Restore
from workflows.installation.small_program import RULES, STREAM
from workflows.organization.commands import begin_attestation as begin_people
from workflows.organization.commands import suspend_unattested as suspend_people
from workflows.organization.commands.accept_invitation import AcceptInvitation
from workflows.organization.commands.accept_ownership import AcceptOwnership
from workflows.organization.commands.approve_join import ApproveJoin
from workflows.organization.commands.attest_member import AttestMember
from workflows.organization.commands.change_role import ChangeRole
from workflows.organization.commands.configure_sign_on import ConfigureSignOn
from workflows.organization.commands.contest_domain import ContestDomain
from workflows.organization.commands.decline_invitation import DeclineInvitation
from workflows.organization.commands.decline_join import DeclineJoin
from workflows.organization.commands.delist_person import DelistPerson
from workflows.organization.commands.dismiss_contest import DismissContest
from workflows.organization.commands.drop_domain import DropDomain
from workflows.organization.commands.invite import Invite
from workflows.organization.commands.lapse_domain import LapseDomain
from workflows.organization.commands.leave import Leave
from workflows.organization.commands.lift_sign_on_requirement import LiftSignOnRequirement
from workflows.organization.commands.list_person import ListPerson
from workflows.organization.commands.lose_domain import LoseDomain
from workflows.organization.commands.make_directory_token import MakeDirectoryToken
from workflows.organization.commands.map_directory_group import MapDirectoryGroup
from workflows.organization.commands.offer_ownership import OfferOwnership
from workflows.organization.commands.place_member import PlaceMember
from workflows.organization.commands.prove_sign_on import ProveSignOn
from workflows.organization.commands.register_directory_key import RegisterDirectoryKey
from workflows.organization.commands.remove_member import RemoveMember
from workflows.organization.commands.remove_sign_on import RemoveSignOn
from workflows.organization.commands.request_to_join import RequestToJoin
from workflows.organization.commands.require_sign_on import RequireSignOn
from workflows.organization.commands.resend_invitation import ResendInvitation
from workflows.organization.commands.restore_domain import RestoreDomain
from workflows.organization.commands.revoke_directory_token import RevokeDirectoryToken
from workflows.organization.commands.set_directory_start import SetDirectoryStart
from workflows.organization.commands.set_joining import SetJoining
from workflows.organization.commands.sort_person import SortPerson
from workflows.organization.commands.unplace_member import UnplaceMember
from workflows.organization.commands.verify_domain import VerifyDomain
from workflows.organization.commands.withdraw_invitation import WithdrawInvitation
from workflows.organization.commands.yield_domain import YieldDomain
from workflows.workspace.commands.close import Close as CloseWorkspace
from workflows.workspace.commands.open import Open as OpenWorkspace
from workflows.workspace.commands.place_application import PlaceApplication
from workflows.workspace.commands.take_out_application import TakeOutApplication


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
    _emergencies(people)
    _left_seat(other)
    opened = _grants(people, org)
    client, _ = builders.service(people)
    builders.service(people, "https://second.example", ("code:review",))
    assert client
    key = keyring.create(operator("tests"))
    keyring.activate(key, operator("tests"), at_once=True)
    keyring.destroy(keyring.create(operator("tests")), "a drill", operator("tests"))
    _attestations(org, opened["active"])
    return History(people, org, other, cases, opened)


def _attestations(org: builders.Org, grant: str) -> None:
    """Members and keys that lapsed; of each one for which somebody spoke then, one for which
    nobody did."""
    hand, admin = robot("clock"), org.colleague("admin")
    for who in (admin, org.owner):
        builders.credential(org, grant, by=who)
    perform(begin_people.BeginAttestation(org.id), hand)
    perform(begin_keys.BeginAttestation(grant), hand)
    with time_machine.travel(clock.now() + timedelta(days=99), tick=True):
        perform(suspend_people.SuspendUnattested(org.id), hand)
        perform(suspend_keys.SuspendUnattested(grant), hand)
        [key, *_] = credentials_of(grant, admin.id)
        perform(AttestCredential(grant, key), org.owner)
        perform(AttestMember(org.id, admin.id), org.owner)


def credentials_of(grant: str, account: str) -> list[str]:
    """Keys of a grant in a person's name."""
    with db.engine.connect() as connection:
        query = select(gates.c.credential).where(
            gates.c.grant_id == grant, gates.c.registered_by == account
        )
        return list(connection.execute(query).scalars())


def _members_and_domains(org: builders.Org, other: builders.Org) -> None:
    org.colleague("admin")
    gone = org.colleague()
    perform(RemoveMember(org.id, gone.id), org.owner)
    _invitations(org)
    _handed_over()
    _roles()
    for which in (org, other):
        perform(VerifyDomain(which.id, which.domain, which.token, clock.now_iso()), robot("dns"))
    _domains()
    _joining(org)
    _rooms(org)
    _recoveries(org)
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
    _sign_on(org, other)
    _own_accounts()
    _directory(org)
    for automation in ("aut_1", "aut_2"):
        perform(
            RegisterAutomation(org.owner.id, automation, automation, {"kty": "EC"},
                               vault.put(org.owner.id, "Status board"), ("grants:read",), 90),
            org.owner,
        )  # fmt: skip
    perform(RevokeAutomation(org.owner.id, "aut_2"), org.owner)


def _own_accounts() -> None:
    """Addresses changed and put back, a renamed passkey, erasures of every ending."""
    for ends in ("stays", "undone", "allowed"):
        who = builders.person(f"Address {ends}")
        perform(ChangeAddress(who.id, ids.new("chg"), vault.put(who.id, "new@x.example")), who)
        if ends != "stays":
            change = str(accounts.get(who.id).address_change)
            perform(UndoAddressChange(who.id, change), who)
        if ends == "allowed":
            perform(AllowMailedLinks(who.id), who)
    for ends in ("waits", "taken back", "stopped", "erased"):
        org = builders.organization(f"Of {ends}", f"{ends.replace(' ', '')}.example")
        who = org.owner
        label = vault.put(who.id, "Key")
        perform(AddPasskey(who.id, f"bmFtZWQ{len(ends)}", "Y29z", "00" * 16, True, label), who)
        perform(RenamePasskey(who.id, f"bmFtZWQ{len(ends)}", vault.put(who.id, "New")), who)
        perform(AskErasure(who.id, (org.id,)), who)
        if ends == "taken back":
            perform(TakeBackErasure(who.id), who)
        if ends == "stopped":
            org.colleague()
        if ends in ("stopped", "erased"):
            with time_machine.travel(clock.now() + timedelta(days=8)):
                perform(Erase(who.id, organizations=(org.id,)), robot("clock"))


def _directory(org: builders.Org) -> None:
    """Tokens one after the other, a group that means something, and what a directory says."""
    speaks = directory(org.id)
    for token in ("dtk_1", "dtk_2"):
        perform(MakeDirectoryToken(org.id, token, 365), org.owner)
    perform(RevokeDirectoryToken(org.id, "dtk_1"), org.owner)
    perform(RegisterDirectoryKey(org.id, "dtk_3", "dtk_3", {"kty": "EC"}, 365), org.owner)
    perform(SetDirectoryStart(org.id, "guest"), org.owner)
    perform(MapDirectoryGroup(org.id, "dgr_1", "security_contact", ""), org.owner)
    for name in ("stays", "goes"):
        person, invitation = builders.person(name), ids.new("inv")
        kept, end = vault.put(org.id, f"{name}@{org.domain}"), clock.iso_in(days=7)
        perform(ListPerson(org.id, "", invitation, kept, org.domain, (), end), speaks)
        perform(AcceptInvitation(org.id, invitation), person)
        perform(SortPerson(org.id, person.id, ("dgr_1",)), speaks)
    perform(DelistPerson(org.id, person.id, ""), speaks)
    perform(DelistPerson(org.id, org.owner.id, ""), speaks)


def _sign_on(org: builders.Org, other: builders.Org) -> None:
    """One that is required, one that was removed; an identity that is linked, one that was."""
    issuer, owner = "https://login.cert.example", org.owner
    for which in (org, other):
        command = ConfigureSignOn(which.id, issuer, "portal", "private_key_jwt", True)
        perform(command, builders.again(which.owner))
        perform(ProveSignOn(which.id, which.owner.id, issuer, "portal"), robot("sign_on"))
    perform(RequireSignOn(org.id), owner)
    perform(LiftSignOnRequirement(org.id), owner)
    perform(RequireSignOn(org.id), owner)
    perform(RemoveSignOn(other.id), other.owner)
    for link in ("sgn_1", "sgn_2"):
        perform(LinkSignOn(owner.id, link, org.id, issuer, vault.put(owner.id, link)), owner)
    perform(UnlinkSignOn(owner.id, "sgn_2"), owner)


def _domains() -> None:
    """A domain that lapsed and came back, one lost, one given up, one that changed hands."""
    dns, end = robot("dns"), clock.iso_in(days=14)
    for name in ("back", "lost", "dropped"):
        org = builders.organization(f"The {name}", f"{name}.example")
        perform(VerifyDomain(org.id, org.domain, org.token, clock.now_iso()), dns)
        perform(LapseDomain(org.id, org.domain, clock.now_iso(), end), dns)
        if name == "back":
            perform(RestoreDomain(org.id, org.domain, org.token, clock.now_iso()), dns)
        elif name == "dropped":
            perform(DropDomain(org.id, org.domain), org.owner)
        else:
            with time_machine.travel(clock.now() + timedelta(days=15)):
                perform(LoseDomain(org.id, org.domain), robot("clock"))
    _contested(dns)


def _contested(dns: Actor) -> None:
    manager = builders.person("Mo Domains", roles=("program_manager",))
    holder = builders.organization("Holder", "wanted.example")
    taker, other = (builders.organization(n, "wanted.example") for n in ("Taker", "Other"))
    perform(VerifyDomain(holder.id, holder.domain, holder.token, clock.now_iso()), dns)
    for which in (taker, other):
        perform(ContestDomain(which.id, which.domain, which.token, clock.now_iso()), dns)
    perform(DismissContest(other.id, other.domain), manager)
    perform(YieldDomain(holder.id, holder.domain, to=taker.id), manager)


def _recoveries(org: builders.Org) -> None:
    """One that only waits, one whose day runs, one that was stopped, one that happened."""
    second = org.colleague("admin")
    for ends in ("waits", "runs", "stopped", "happened"):
        lost = org.colleague()
        perform(
            AddPasskey(lost.id, f"cGs{ends}", "Y29zZQ", "00" * 16, True,
                       vault.put(lost.id, "Gone")),
            lost,
        )  # fmt: skip
        perform(ProposeRecovery(lost.id, org.id), org.owner)
        if ends != "waits":
            perform(ConfirmRecovery(lost.id), second)
        if ends == "stopped":
            perform(CancelRecovery(lost.id), lost)
        if ends == "happened":
            with time_machine.travel(clock.now() + timedelta(days=1)):
                perform(CompleteRecovery(lost.id), robot("clock"))


def _rooms(org: builders.Org) -> None:
    """A workspace with an application and people, one closed; engagements of every standing."""
    owner, kept = org.owner, vault.put(org.id, "Heron")
    room, closed, work, over = ids.new("ws"), ids.new("ws"), ids.new("eng"), ids.new("eng")
    for name in (room, closed):
        perform(OpenWorkspace(name, org.id, kept), owner)
        for _ in range(2):
            application = ids.new("app")
            perform(PlaceApplication(name, application), owner)
        perform(TakeOutApplication(name, application), owner)
    perform(CloseWorkspace(closed), owner)
    first, last = clock.now_iso()[:10], clock.iso_in(days=30)[:10]
    for name in (work, over):
        perform(OpenEngagement(name, org.id, room, kept, kept, first, last), owner)
        perform(AttachDocument(name, kept, kept), owner)
    perform(ChangeEngagement(work, kept, first, last), owner)
    perform(CloseEngagement(over), owner)
    guests = [org.colleague("guest") for _ in range(3)]
    for guest in guests:
        perform(PlaceMember(org.id, guest.id, room), owner)
    perform(UnplaceMember(org.id, guests[1].id, room), owner)
    perform(RemoveMember(org.id, guests[2].id), owner)
    invitation = ids.new("inv")
    perform(Invite(org.id, invitation, kept, "guest", clock.iso_in(days=7), work), owner)


def _joining(org: builders.Org) -> None:
    """Three people ask to join by their domain: one is let in, one is not, one waits."""
    perform(SetJoining(org.id, open=True), org.owner)
    for answer in (ApproveJoin, DeclineJoin, None):
        asks = builders.person("By Domain", f"{ids.new('x')}@{org.domain}")
        perform(RequestToJoin(org.id, org.domain, clock.iso_in(days=30)), asks)
        if answer:
            perform(answer(org.id, asks.id), org.owner)
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


def _emergencies(people: builders.Staff) -> None:
    """Emergency power that waits, lasts, was dropped, is over and was reviewed; rules that are
    relaxed and that were."""
    for ends in ("waits", "lasts", "dropped", "over", "reviewed"):
        stream = ids.new("emg")
        reason = vault.put(stream, "A drill.")
        perform(BreakGlass(stream, 1, reason, others=9), people.intake)
        if ends == "dropped":
            perform(EndBreakGlass(stream), people.auditor)
        elif ends != "waits":
            perform(ConfirmBreakGlass(stream), people.auditor)
        if ends in ("over", "reviewed"):
            perform(EndBreakGlass(stream), people.manager)
        if ends == "reviewed":
            perform(ReviewBreakGlass(stream, "justified", reason), people.manager)
    why = vault.put(STREAM, "We are few.")
    for rule in RULES:
        perform(Relax(STREAM, rule, why), operator("tests"))
    perform(Restore(STREAM, RULES[0]), operator("tests"))


def _left_seat(org: builders.Org) -> None:
    """A reviewer whose role ended before they spoke."""
    gone, manager = (
        builders.person("Was There", roles=(r,)) for r in ("reviewer", "program_manager")
    )
    case = builders.submit(org)
    builders.pass_checks(case)
    perform(TakeSeat(case, no_conflict=True), gone)
    perform(EndRole(gone.id, "reviewer"), manager)


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
