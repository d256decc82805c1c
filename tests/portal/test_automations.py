"""People's own automation: a key and no secret, reading what its person sees, and nothing else."""

from __future__ import annotations

import json
from typing import Any

import pytest
import time_machine
from flask import Flask
from joserfc import jwk

from portal import clock, guard, ids, vault
from portal.boards import accounts
from portal.boards import automations as board
from portal.issuing import public_keys
from portal.ledger import perform
from portal.notices import mail
from portal.tasks import run
from tests import builders
from tests.portal.people import ask, look
from tests.signing import ISSUER, Machine
from workflows.account.commands.complete_recovery import CompleteRecovery
from workflows.account.commands.confirm_recovery import ConfirmRecovery
from workflows.account.commands.erase import Erase
from workflows.account.commands.propose_recovery import ProposeRecovery
from workflows.account.commands.register_automation import RegisterAutomation
from workflows.account.commands.revoke_automation import RevokeAutomation
from workflows.actors import Actor, Strength, operator, robot
from workflows.errors import Refused
from workflows.organization.commands.remove_member import RemoveMember

API = f"{ISSUER}/api/v1"
READS = ("applications:read", "grants:read")


def automation(person: Actor, scopes: tuple[str, ...] = READS, days: int = 90) -> Machine:
    key = jwk.ECKey.generate_key("P-256")
    public = public_keys.from_members(key.as_dict(private=False))
    automation_id = ids.new("aut")
    label = vault.put(person.id, "Status board")
    command = RegisterAutomation(
        person.id, automation_id, public.jkt, public.jwk, label, scopes, days
    )
    perform(command, person)
    return Machine(automation_id, key)


def read(app: Flask, machine: Machine, path: str, token: str = "", **sent: Any) -> Any:
    token = token or machine.token(app, resource=API)
    proof = sent.get("proof") or machine.proof(f"/api/v1{path}", token=token, htm="GET")
    with app.test_client() as client:
        return client.get(
            f"/api/v1{path}",
            headers={"Authorization": f"{sent.get('scheme', 'DPoP')} {token}", "DPoP": proof},
        )


def test_it_reads_what_its_person_sees(web: Flask) -> None:
    """Applications and grants of the person's organizations, and of nobody else's."""
    org, other, people = (
        builders.organization(),
        builders.organization("Other", "o.example"),
        builders.staff(),
    )
    grant = builders.grant(org, people)
    foreign = builders.submit(other)
    credential, _ = builders.credential(org, grant)
    machine = automation(org.owner)
    found = read(web, machine, "/applications").json["applications"]
    assert [a["organization"] for a in found] == [org.id]
    one = read(web, machine, f"/applications/{found[0]['id']}").json
    assert one["state"] == "approved"
    assert read(web, machine, f"/applications/{foreign}").status_code == 404
    (held,) = read(web, machine, "/grants").json["grants"]
    assert (held["id"], held["state"]) == (grant, "active")
    assert [c["id"] for c in held["credentials"]] == [credential]
    assert read(web, machine, f"/grants/{grant}").json == held
    assert read(web, automation(other.owner), f"/grants/{grant}").status_code == 404
    assert read(web, machine, "/me").json["account"] == org.owner.id


def test_nothing_in_the_api_changes_anything() -> None:
    """Every route of the zone takes GET alone."""
    app = Flask("routes", static_folder="static")
    from portal.zones.api import zone

    app.register_blueprint(zone)
    rules = [r for r in app.url_map.iter_rules() if r.endpoint.startswith("api.")]
    assert len(rules) >= 6
    for rule in rules:
        assert (rule.methods or set()) - {"HEAD", "OPTIONS"} == {"GET"}
        assert guard.PUBLIC in guard.ACCESS[rule.endpoint].roles


def test_scopes_narrow_what_it_reads(web: Flask) -> None:
    """A scope that the key has not is refused at the token, and one that the token has not here."""
    org = builders.organization()
    machine = automation(org.owner)
    refused = machine.ask(web, resource=API, scope="cases:read")
    assert (refused.status_code, refused.json["error"]) == (400, "invalid_scope")
    narrow = machine.token(web, resource=API, scope="grants:read")
    answer = read(web, machine, "/applications", narrow)
    assert answer.status_code == 403
    assert 'scope="applications:read"' in answer.headers["WWW-Authenticate"]
    assert read(web, machine, "/grants", narrow).status_code == 200


def test_its_token_opens_the_api_alone(web: Flask) -> None:
    """Neither a service nor introspection takes it, and the API takes no workload's token."""
    org, people = builders.organization(), builders.staff()
    grant = builders.grant(org, people)
    service = Machine(*builders.service(people))
    machine = automation(org.owner)
    for resource in ("https://api.example", ISSUER, f"{API}/"):
        refused = machine.ask(web, resource=resource)
        assert refused.json["error"] == "invalid_target", resource
    own = machine.token(web, resource=API)
    assert service.introspect(web, own).json == {"active": False}
    assert machine.introspect(web, own, own).status_code == 401
    workload = Machine(*builders.credential(org, grant))
    assert read(web, workload, "/me", workload.token(web)).status_code == 401
    assert read(web, service, "/me", service.token(web, resource=ISSUER)).status_code == 401


def test_a_stolen_token_opens_nothing(web: Flask) -> None:
    """Another's proof, a proof for another request, one used twice, plain Bearer, none: 401."""
    org = builders.organization()
    machine, thief = automation(org.owner), automation(builders.person("A Thief"))
    token = machine.token(web, resource=API)
    for proof in (
        thief.proof("/api/v1/grants", token=token, htm="GET"),
        machine.proof("/api/v1/me", token=token, htm="GET"),
        machine.proof("/api/v1/grants", token=token),
        machine.proof("/api/v1/grants", htm="GET"),
        "none",
    ):
        assert read(web, machine, "/grants", token, proof=proof).status_code == 401
    assert read(web, machine, "/grants", token, scheme="Bearer").status_code == 401
    good = machine.proof("/api/v1/grants", token=token, htm="GET")
    assert read(web, machine, "/grants", token, proof=good).status_code == 200
    assert read(web, machine, "/grants", token, proof=good).status_code == 401


def test_rights_are_the_persons_at_that_moment(web: Flask) -> None:
    """Removed from the organization, the running token reads nothing of it any more."""
    org = builders.organization()
    builders.submit(org)
    colleague = org.colleague()
    machine = automation(colleague)
    token = machine.token(web, resource=API)
    assert len(read(web, machine, "/applications", token).json["applications"]) == 1
    perform(RemoveMember(org.id, colleague.id), org.owner)
    assert read(web, machine, "/applications", token).json["applications"] == []


def test_the_queue_is_staffs(web: Flask) -> None:
    """A reviewer's program sees the open cases without their content; an applicant's is refused."""
    org, people = builders.organization(), builders.staff()
    case = builders.submit(org)
    scopes = ("cases:read", "applications:read")
    reviewer = automation(people.reviewers[0], scopes)
    (found,) = read(web, reviewer, "/cases").json["cases"]
    assert found["id"] == case
    assert set(found) == {"id", "organization", "program", "program_version", "tier", "state",
                          "submitted_at", "promised_at"}  # fmt: skip
    assert read(web, reviewer, f"/applications/{case}").status_code == 404
    applicant = automation(org.owner, scopes)
    assert read(web, applicant, "/cases").status_code == 403


@pytest.mark.parametrize("how", ["revoked", "expired", "erased", "recovered"])
def test_an_ended_key_gets_nothing_at_once(web: Flask, how: str) -> None:
    """No new token, and the one that it holds opens nothing from that moment on."""
    org = builders.organization()
    second, colleague = org.colleague("admin"), org.colleague()
    machine = automation(colleague)
    token = machine.token(web, resource=API)
    assert read(web, machine, "/me", token).status_code == 200
    later = clock.now()
    if how == "revoked":
        perform(RevokeAutomation(colleague.id, machine.id), colleague)
    elif how == "erased":
        perform(Erase(colleague.id, "asked"), operator("tests"))
    elif how == "recovered":
        perform(ProposeRecovery(colleague.id, org.id), org.owner)
        perform(ConfirmRecovery(colleague.id), second)
        later = clock.parse(clock.iso_in(hours=25))
        with time_machine.travel(later, tick=False):
            perform(CompleteRecovery(colleague.id), robot("clock"))
    else:
        later = clock.parse(clock.iso_in(days=91))
    with time_machine.travel(later, tick=False):
        refused = machine.ask(web, resource=API)
        assert (refused.status_code, refused.json["error"]) == (401, "invalid_client")
        assert read(web, machine, "/me", token).status_code == 401


def test_a_key_takes_a_passkey_and_is_ones_own(web: Flask) -> None:
    """A mailed link registers none, nobody registers for another, and its person hears of it."""
    org = builders.organization()
    key = jwk.ECKey.generate_key("P-256").as_dict(private=False)
    form = {"label": "Board", "scopes": "grants:read", "days": "90", "jwk": json.dumps(key)}
    page = "/account/automations"
    assert ask(web, org.owner, page, Strength.LINK, **form).status_code == 403
    assert ask(web, org.owner, page, **form).status_code == 302
    (row,) = board.of_person(org.owner.id)
    assert row.id in look(web, org.owner, page)
    again = ask(web, org.colleague(), page, **form)
    assert "registered already" in again.text
    run.run_due(100)
    address = accounts.address(org.owner.id)
    assert any("reads as you" in m.subject for m in mail.captured() if m.to == address)
    public = public_keys.from_members(jwk.ECKey.generate_key("P-256").as_dict(private=False))
    label = vault.put(org.owner.id, "x")
    other = RegisterAutomation(
        org.owner.id, ids.new("aut"), public.jkt, public.jwk, label, READS, 90
    )
    with pytest.raises(Refused):
        perform(other, org.colleague("admin"))
    assert ask(web, org.colleague(), f"{page}/{row.id}/revoke").status_code == 404
    assert ask(web, org.owner, f"{page}/{row.id}/revoke").status_code == 302
    assert board.of_person(org.owner.id) == []


def test_ten_keys_are_enough(web: Flask) -> None:
    """An eleventh is refused, in words that say what to do."""
    person = builders.person("Busy Body")
    for _ in range(10):
        automation(person)
    with pytest.raises(Refused, match="10 keys are registered already"):
        automation(person)
    with pytest.raises(Refused, match="not scopes"):
        automation(builders.person("Other"), ("decide",))
    with pytest.raises(Refused, match="not taken for 3650 days"):
        automation(builders.person("Third"), READS, 3650)
