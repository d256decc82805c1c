"""Single sign-on: nobody is locked out, and nobody is linked to an account but by themselves."""

from __future__ import annotations

from typing import Any

import pytest

from tests.core.histories import ORG, OWNER, TEXT, Memory, join, world
from workflows import calendar
from workflows.account.commands.add_passkey import AddPasskey
from workflows.account.commands.erase import Erase
from workflows.account.commands.link_sign_on import MOST, LinkSignOn
from workflows.account.commands.open import Open
from workflows.account.commands.unlink_sign_on import UnlinkSignOn
from workflows.actors import Actor, Strength, operator, robot
from workflows.errors import (
    Conflict,
    Invalid,
    NotAllowed,
    NotFound,
    NotNow,
    StrengthNeeded,
)
from workflows.organization.commands.claim_domain import ClaimDomain
from workflows.organization.commands.configure_sign_on import ConfigureSignOn
from workflows.organization.commands.lift_sign_on_requirement import LiftSignOnRequirement
from workflows.organization.commands.prove_sign_on import ProveSignOn
from workflows.organization.commands.remove_sign_on import RemoveSignOn
from workflows.organization.commands.require_sign_on import RequireSignOn
from workflows.organization.commands.verify_domain import VerifyDomain

ISSUER, CLIENT = "https://login.cert.example", "portal"
SIGN_ON = robot("sign_on")
CONFIGURE = ConfigureSignOn(ORG, ISSUER, CLIENT, "private_key_jwt", False)


def opened(memory: Memory, account: str, passkeys: int = 0) -> Actor:
    actor = Actor(account, strength=Strength.PASSKEY)
    memory.perform(Open(account, TEXT, TEXT), actor)
    for n in range(passkeys):
        memory.perform(AddPasskey(account, f"{account}-{n}", "k", "0", False, TEXT), actor)
    return actor


def housed() -> Memory:
    """An organization with a proven domain, whose owner has a passkey."""
    memory = world()
    opened(memory, OWNER.id, 1)
    end = calendar.iso(memory.now)
    memory.perform(ClaimDomain(ORG, "cert.example", "token", end), OWNER)
    memory.perform(VerifyDomain(ORG, "cert.example", "token", end), robot("dns"))
    return memory


def proof(account: str = OWNER.id, issuer: str = ISSUER, client: str = CLIENT) -> ProveSignOn:
    return ProveSignOn(ORG, account, issuer, client)


def test_it_takes_a_proven_domain() -> None:
    """A claim is not enough."""
    memory = world()
    memory.perform(ClaimDomain(ORG, "cert.example", "token", "2030"), OWNER)
    with pytest.raises(NotNow) as no:
        memory.perform(CONFIGURE, OWNER)
    assert no.value.code == "no_domain"


@pytest.mark.parametrize(
    "changes",
    [
        {"issuer": "login.cert.example"}, {"issuer": "ftp://login.cert.example"},
        {"issuer": f"{ISSUER}?a=b"}, {"issuer": f"{ISSUER}#a"}, {"issuer": "https:///path"},
        {"issuer": f"{ISSUER}/{'x' * 250}"}, {"client_id": ""}, {"client_id": "x" * 251},
        {"client_id": "a\x00b"}, {"issuer": f"{ISSUER}/\x7f"},
        {"authentication": "none"}, {"authentication": "client_secret_jwt"},
    ],
)  # fmt: skip
def test_a_configuration_has_its_shape(changes: dict[str, str]) -> None:
    """An issuer is a plain URL, a client id is there, and the portal proves itself somehow."""
    whole: dict[str, Any] = {"issuer": ISSUER, "client_id": CLIENT,
                             "authentication": "private_key_jwt"}  # fmt: skip
    with pytest.raises(Invalid):
        housed().perform(ConfigureSignOn(ORG, counts_as_passkey=False, **whole | changes), OWNER)


def test_a_requirement_rests_on_a_sign_in_by_the_same_person() -> None:
    """Somebody else's proof, and one of an earlier configuration, do not count."""
    memory = housed()
    join(memory, "acc_admin", "admin")
    with pytest.raises(NotNow) as no:
        memory.perform(RequireSignOn(ORG), OWNER)
    assert no.value.code == "no_sign_on"
    memory.perform(CONFIGURE, OWNER)
    memory.perform(proof("acc_admin"), SIGN_ON)
    for made_anew in (False, True):
        if made_anew:
            memory.perform(proof(), SIGN_ON)
            memory.perform(CONFIGURE, OWNER)
        with pytest.raises(NotNow) as no:
            memory.perform(RequireSignOn(ORG), OWNER)
        assert no.value.code == "sign_on_unproven"
    memory.perform(proof(), SIGN_ON)
    memory.perform(RequireSignOn(ORG), OWNER)
    assert memory.perform(RequireSignOn(ORG), OWNER) == ()
    assert memory.state(ORG).sign_on.required is True


def test_a_requirement_leaves_the_owner_a_way_in() -> None:
    """Without a passkey of the owner's, a provider that fails would shut everybody out."""
    memory = world()
    opened(memory, OWNER.id)
    memory.perform(ClaimDomain(ORG, "cert.example", "token", "2030"), OWNER)
    memory.perform(VerifyDomain(ORG, "cert.example", "token", "2026"), robot("dns"))
    memory.perform(CONFIGURE, OWNER)
    memory.perform(proof(), SIGN_ON)
    with pytest.raises(NotNow) as no:
        memory.perform(RequireSignOn(ORG), OWNER)
    assert no.value.code == "owner_without_passkey"


def test_only_who_looks_after_it_proves_and_once() -> None:
    """A member's or stranger's sign-in is no event, nor a second one, nor one through another
    issuer or client; and nobody says so of themselves."""
    memory = housed()
    join(memory, "acc_plain")
    assert memory.perform(proof(), SIGN_ON) == ()
    memory.perform(CONFIGURE, OWNER)
    for nothing in (proof("acc_plain"), proof("acc_stranger"), proof(issuer="https://x.example"),
                    proof(client="another")):  # fmt: skip
        assert memory.perform(nothing, SIGN_ON) == ()
    assert len(memory.perform(proof(), SIGN_ON)) == 1
    assert memory.perform(proof(), SIGN_ON) == ()
    with pytest.raises(NotAllowed):
        memory.perform(proof(), OWNER)


def test_configuring_anew_lifts_the_requirement_and_removing_ends_it() -> None:
    """What was required was the configuration that somebody had come in by."""
    memory = housed()
    for end in (CONFIGURE, LiftSignOnRequirement(ORG), RemoveSignOn(ORG)):
        memory.perform(CONFIGURE, OWNER)
        memory.perform(proof(), SIGN_ON)
        memory.perform(RequireSignOn(ORG), OWNER)
        memory.perform(end, OWNER)
        present = memory.state(ORG).sign_on
        assert present is None or present.required is False
    assert memory.perform(RemoveSignOn(ORG), OWNER) == ()
    assert memory.perform(LiftSignOnRequirement(ORG), OWNER) == ()


@pytest.mark.parametrize(
    "command", [CONFIGURE, RequireSignOn(ORG), LiftSignOnRequirement(ORG), RemoveSignOn(ORG)]
)
def test_who_may(command: Any) -> None:
    """An admin with a passkey; no member, and nobody by a mailed link."""
    memory = housed()
    plain = Actor("acc_member", memberships={ORG: frozenset({"member"})}, strength=Strength.PASSKEY)
    with pytest.raises(NotAllowed):
        memory.perform(command, plain)
    with pytest.raises(StrengthNeeded):
        memory.perform(command, Actor(OWNER.id, memberships=OWNER.memberships,
                                      strength=Strength.LINK))  # fmt: skip


def link(account: str = "acc_ann", name: str = "sgn_1") -> LinkSignOn:
    return LinkSignOn(account, name, ORG, ISSUER, TEXT)


def test_a_person_links_for_themselves_alone() -> None:
    """Nobody links an identity to somebody else's account, nor by link where a passkey is."""
    memory = Memory()
    ann, bob = opened(memory, "acc_ann"), opened(memory, "acc_bob", 1)
    for command in (link(), UnlinkSignOn("acc_ann", "sgn_1")):
        with pytest.raises(NotAllowed):
            memory.perform(command, bob)
    memory.perform(link(), Actor(ann.id, strength=Strength.LINK))
    with pytest.raises(StrengthNeeded):
        memory.perform(link("acc_bob"), Actor(bob.id, strength=Strength.LINK))
    memory.perform(link("acc_bob"), bob)
    with pytest.raises(NotFound):
        memory.perform(UnlinkSignOn("acc_ann", "sgn_9"), ann)
    memory.perform(UnlinkSignOn("acc_ann", "sgn_1"), ann)
    assert memory.state("acc_ann").sign_ons == frozenset()
    assert {e.payload["what"] for e in memory.effects if e.kind == "send_notice"} >= {
        "sign_on_linked", "sign_on_unlinked",
    }  # fmt: skip


def test_links_are_few_and_end_with_the_account() -> None:
    """Ten at most; an erased account has none."""
    memory = Memory()
    ann = opened(memory, "acc_ann")
    for n in range(MOST):
        memory.perform(link(name=f"sgn_{n}"), ann)
    with pytest.raises(Conflict):
        memory.perform(link(name="sgn_more"), ann)
    memory.perform(Erase("acc_ann", "asked"), operator("tests"))
    assert memory.state("acc_ann").sign_ons == frozenset()
