"""Makes test data by performing commands, never by writing rows."""

from __future__ import annotations

import json
import secrets
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

from joserfc import jwk
from webauthn.helpers import bytes_to_base64url

from portal import clock, ids, vault
from portal.boards import accounts, applications, organizations, programs
from portal.demo import answers as sample
from portal.demo.authenticator import Authenticator
from portal.desk import links
from portal.identity import passkeys
from portal.identity.signing_in import open_account
from portal.installation import settings
from portal.issuing import public_keys
from portal.ledger import perform, signatures
from portal.ledger.codec import canonical
from workflows import calendar
from workflows.account.commands.appoint import Appoint
from workflows.actors import Actor, Strength, operator, robot
from workflows.application.commands.decide import Decide
from workflows.application.commands.record_check import RecordCheck
from workflows.application.commands.review import Review
from workflows.application.commands.submit import Submit
from workflows.application.commands.take_seat import TakeSeat
from workflows.application.events import EvidenceFile
from workflows.grant.commands.register_credential import RegisterCredential
from workflows.organization.commands.accept_invitation import AcceptInvitation
from workflows.organization.commands.claim_domain import ClaimDomain
from workflows.organization.commands.invite import Invite
from workflows.organization.commands.register import Register
from workflows.service.commands.approve import Approve
from workflows.service.commands.register import Register as RegisterService
from workflows.service.commands.register_key import RegisterKey
from workflows.signatures import Signature

DEVICE = Authenticator()  # holds the deciders' passkeys
ASKED = ("code:review", "malware:analyze")


def person(name: str = "Pat Example", address: str = "", roles: tuple[str, ...] = ()) -> Actor:
    """A person with an account, signed in with a passkey; staff when they have roles."""
    account = ids.new("acc")
    address = address or f"{account[-10:]}@people.example"
    kept = vault.put(account, address)
    open_account(account, kept, links.address_digest(address), name, Actor(account))
    for role in roles:
        perform(Appoint(account, role), operator("tests"))
    actor = Actor(account, roles=frozenset(roles), strength=Strength.PASSKEY)
    if "decider" in roles:  # who signs with it; the others' passkeys are taken on trust
        options = json.loads(passkeys.registration_options(actor, name))
        passkeys.register(actor, DEVICE.register(options, settings().base_url), "Test key")
    return actor


def again(actor: Actor, strength: Strength = Strength.PASSKEY) -> Actor:
    """The same person with the memberships that they have now."""
    return Actor(actor.id, actor.roles, organizations.of(actor.id), strength)


@dataclass(slots=True)
class Org:
    id: str
    owner: Actor
    name: str
    domain: str
    token: str

    def colleague(self, role: str = "member") -> Actor:
        joined = person("A Colleague")
        invitation, address = ids.new("inv"), vault.put(self.id, "colleague@people.example")
        perform(Invite(self.id, invitation, address, role, clock.iso_in(days=7)), self.owner)
        perform(AcceptInvitation(self.id, invitation), joined)
        return again(joined)


def organization(name: str = "Harbor CERT", domain: str = "harborcert.example") -> Org:
    org_id, owner = ids.new("org"), person("Olena Owner")
    perform(Register(org_id, name=vault.put(org_id, name)), owner)
    owner = again(owner)
    token = f"ta-{org_id[4:]}"
    perform(ClaimDomain(org_id, domain, token, clock.iso_in(days=14)), owner)
    return Org(org_id, owner, name, domain, token)


def submit(org: Org, *, tier: str = "verified-defender", scopes: tuple[str, ...] = ASKED,
           by: Actor | None = None, to: str = "cyber-defense", **changes: Any) -> str:  # fmt: skip
    """A whole application of the organization to a program; returns its id."""
    program = programs.named(to)
    terms = tuple(t.id for t in program.terms)
    given = sample.of(org.name, org.domain, "Norway") | changes
    whole = {**given, "tier": tier, "scopes": list(scopes), "terms": list(terms), "declared": True}
    application = ids.new("app")
    perform(
        Submit(
            stream=application,
            org_id=org.id,
            program=program.name,
            program_version=program.version,
            tier=tier,
            scopes=scopes,
            answers=vault.put(org.id, canonical(whole)),
            answered=tuple(q.id for q in program.questions if whole.get(q.id) not in ("", [])),
            files=(EvidenceFile("proof", vault.put(org.id, sample.PROOF)),),
            terms=terms,
            declared=True,
        ),
        by or org.owner,
    )
    return application


def pass_checks(application: str, *names: str) -> None:
    """Record a pass for checks, as the robot would that found everything in order."""
    row = applications.for_robot(application)
    program = programs.by_version(row.program_version)
    for check in names or program.stages[0].checks:
        perform(
            RecordCheck(
                stream=application, check=check, round=1, verdict="pass", score=0,
                summary="Everything is in order.", finding=vault.put(row.org_id, "{}"),
                check_version=1, data_digest="", data_date="",
            ),
            robot("tests"),
        )  # fmt: skip


def review(application: str, reviewer: Actor, recommendation: str = "approve") -> None:
    row = applications.for_robot(application)
    program = programs.by_version(row.program_version)
    perform(TakeSeat(application, no_conflict=True), reviewer)
    perform(
        Review(
            stream=application,
            recommendation=recommendation,
            scores={c.id: 2 for c in program.rubric},
            reasons=vault.put(row.org_id, "In order."),
        ),
        reviewer,
    )


def decide(
    application: str,
    decider: Actor,
    scopes: tuple[str, ...] = ASKED,
    outcome: str = "approved",
    reasons: tuple[str, ...] = (),
    days: int = 200,
) -> str:
    """Decide; returns the grant's id, "" for a denial."""
    row = applications.for_robot(application)
    approved = outcome == "approved"
    grant = ids.new("gr") if approved else ""
    command = Decide(
        stream=application,
        outcome=outcome,
        scopes=scopes if approved else (),
        reasons=reasons,
        expires_at=calendar.iso(clock.now() + timedelta(days=days)) if approved else "",
        grant_id=grant,
        letter=vault.put(row.org_id, "{}"),
        note=None,
        signature=None,
    )
    perform(signed(command, decider), decider)
    return grant


def signed(command: Decide, decider: Actor) -> Decide:
    """The decision with a signature that holds, by the decider's passkey of `DEVICE`."""
    row = applications.for_robot(command.stream)
    content = signatures.content(command.stream, row.program_version, command)
    return replace(command, signature=signature(DEVICE, decider.id, content))


def signature(device: Authenticator, user: str, content: bytes) -> Signature:
    """The user's passkey of the device signs the content, as a browser would have it do."""
    nonce = secrets.token_bytes(32)
    asked = {"challenge": bytes_to_base64url(signatures.challenge(content, nonce)),
             "rpId": passkeys.rp_id()}  # fmt: skip
    said = json.loads(device.sign_in(user, asked, settings().base_url))
    passkey = accounts.passkey(said["id"])
    return Signature(
        credential=said["id"],
        public_key=passkey.public_key if passkey else "",
        authenticator_data=said["response"]["authenticatorData"],
        client_data=said["response"]["clientDataJSON"],
        signature=said["response"]["signature"],
        nonce=bytes_to_base64url(nonce),
        rp_id=passkeys.rp_id(),
        origin=settings().base_url,
    )


@dataclass(slots=True)
class Staff:
    """One person for each role that the loop needs."""

    intake: Actor
    reviewers: tuple[Actor, Actor]
    decider: Actor
    manager: Actor
    auditor: Actor
    developer: Actor
    services: Actor


def staff() -> Staff:
    return Staff(
        intake=person("Iris Intake", roles=("intake",)),
        reviewers=(person("Rae One", roles=("reviewer",)), person("Rio Two", roles=("reviewer",))),
        decider=person("Dana Decider", roles=("decider",)),
        manager=person("Mo Manager", roles=("program_manager",)),
        auditor=person("Aud Itor", roles=("auditor",)),
        developer=person("Dev Eloper", roles=("service_developer",)),
        services=person("Sen Services", roles=("service_manager",)),
    )


def grant(org: Org, people: Staff, **more: Any) -> str:
    """A grant by the whole way: submitted, checked, reviewed by two, decided by a third."""
    application = submit(org, **more)
    pass_checks(application)
    for reviewer in people.reviewers:
        review(application, reviewer)
    return decide(application, people.decider, more.get("scopes", ASKED))


def credential(org: Org, grant_id: str, by: Actor | None = None) -> tuple[str, jwk.ECKey]:
    """A workload key, registered by the owner or another: credential id and private key."""
    key = jwk.ECKey.generate_key("P-256")
    public = public_keys.from_members(key.as_dict(private=False))
    credential_id = ids.new("cred")
    perform(
        RegisterCredential(grant_id, credential=credential_id, jkt=public.jkt, jwk=public.jwk,
                           label=vault.put(org.id, "Pipeline")),
        by or again(org.owner),
    )  # fmt: skip
    return credential_id, key


def service(people: Staff, audience: str = "https://api.example",
            scopes: tuple[str, ...] = ASKED) -> tuple[str, jwk.ECKey]:  # fmt: skip
    """An approved service with a key: client id and private key."""
    service_id = ids.new("svc")
    perform(RegisterService(service_id, "Model", audience, scopes), people.developer)
    key = jwk.ECKey.generate_key("P-256")
    public = public_keys.from_members(key.as_dict(private=False))
    perform(RegisterKey(service_id, jkt=public.jkt, jwk=public.jwk), people.developer)
    perform(Approve(service_id), people.services)
    return service_id, key
