"""Who may, and who sees."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.core.histories import (
    APP,
    DANA,
    ORG,
    OWNER,
    RAE,
    RAY,
    RIO,
    Memory,
    opinion,
    review,
    staff,
    until,
)  # fmt: skip
from workflows import registry, roles, visibility
from workflows.actors import Actor, Strength, operator, robot
from workflows.application.commands.recuse import Recuse
from workflows.application.commands.take_seat import TakeSeat
from workflows.errors import NotAllowed, NotNow, SignInAgain, StrengthNeeded
from workflows.vaulted import Vaulted


def test_no_robot_and_no_operator_approves() -> None:
    """In no phase of anything does a robot or an operator have an approving verb."""
    for (kind, _), row in roles.TABLE.items():
        for who in ("robot", "operator", "person"):
            assert not {(kind, v) for v in row.get(who, ())} & roles.APPROVING


def test_every_approving_verb_asks_for_a_passkey() -> None:
    """Power and the passkey go together."""
    assert roles.APPROVING <= roles.NEEDS_PASSKEY


@pytest.mark.parametrize("pair", sorted(roles.NEEDS_PASSKEY))
def test_a_weak_sign_in_is_not_enough(pair: tuple[str, str]) -> None:
    """Whoever may do it by role is asked for a passkey first."""
    kind, verb = pair
    phase, role = next(
        (p, r)
        for (k, p), row in roles.TABLE.items()
        for r, verbs in row.items()
        if k == kind and verb in verbs
    )
    member = {ORG: frozenset({role})}
    actor = Actor("acc_x", roles=frozenset({role}), memberships=member, strength=Strength.LINK)
    with pytest.raises(StrengthNeeded):
        roles.check(kind, phase, verb, actor, ORG)


def test_the_wrong_role_learns_nothing_of_the_phase() -> None:
    """Without the verb in any phase the refusal is the same in all of them."""
    for phase in registry.aggregates()["application"].phases:
        with pytest.raises(NotAllowed) as no:
            roles.check("application", phase, "decide", OWNER, ORG)
        assert no.value.message == "your role does not allow this"


def test_the_right_role_in_the_wrong_phase_is_told_so() -> None:
    """With the verb in another phase the refusal says where the thing stands."""
    with pytest.raises(NotNow, match="in review"):
        roles.check("application", "reviewing", "decide", DANA, ORG)


def test_roles_toward_a_thing() -> None:
    """Membership counts for one's own organization alone; robots and operators are only that."""
    assert "member" in OWNER.roles_toward(ORG)
    assert "member" not in OWNER.roles_toward("org_2")
    assert robot("x").roles_toward(ORG) == {"robot"}
    assert operator("x").roles_toward(ORG) == {"operator"}


def seen(memory: Memory, viewer: Actor) -> list[str]:
    state = memory.state(APP)
    return [
        f"{type(event).__name__}:{actor}"
        for stream, actor, event in memory.log
        if stream == APP and visibility.sees(event, actor, state, viewer)
    ]


ACTS = ("seat", "review", "recuse")


@settings(derandomize=True, deadline=None, max_examples=60)
@given(st.lists(st.sampled_from(ACTS), max_size=3), st.booleans())
def test_nobody_can_tell_what_another_reviewer_did(acts: list[str], mine_first: bool) -> None:
    """Whatever Rio does while the case is blind, Rae, Ray and Dana see the very same events."""

    def play(others: list[str]) -> Memory:
        memory = until("reviewing")
        if mine_first:
            review(memory, RAE)
        for act in others:
            try:
                if act == "seat":
                    memory.perform(TakeSeat(APP, no_conflict=True), RIO)
                elif act == "review" and not mine_first:
                    memory.perform(opinion(), RIO)
                elif act == "recuse":
                    memory.perform(Recuse(APP, Vaulted("vlt_y", "1")), RIO)
            except (NotAllowed, NotNow):
                continue
        return memory

    quiet, busy = play([]), play(acts)
    assert busy.state(APP).phase == "reviewing"
    for viewer in (RAE, RAY, DANA, staff("aud", "auditor"), staff("mo", "program_manager"), OWNER):
        assert seen(quiet, viewer) == seen(busy, viewer)


def test_a_reviewer_sees_their_own_acts() -> None:
    """Blindness hides others, not oneself."""
    memory = until("reviewing")
    review(memory, RAE)
    assert f"Reviewed:{RAE.id}" in seen(memory, RAE)
    assert f"Reviewed:{RAE.id}" not in seen(memory, RIO)


def test_opinions_open_when_all_have_spoken() -> None:
    """In the decision stage staff read the reviews."""
    memory = until("deciding")
    assert f"Reviewed:{RIO.id}" in seen(memory, RAE)
    assert f"Reviewed:{RIO.id}" in seen(memory, DANA)


def test_applicants_see_their_way_and_never_reviewers_or_screening() -> None:
    """An applicant sees stages, their checks and the decision; no review, no list, at any time."""
    memory = until("granted")
    names = seen(memory, OWNER)
    assert any(n.startswith("Decided") for n in names)
    assert not any(n.startswith(("Reviewed", "SeatTaken", "Recused")) for n in names)
    state = memory.state(APP)
    checks = {
        event.check
        for stream, actor, event in memory.log
        if stream == APP and hasattr(event, "check")
        and visibility.sees(event, actor, state, OWNER)
    }  # fmt: skip
    assert "sanctions_name" not in checks
    assert "domain_control" in checks


@pytest.mark.parametrize(
    "viewer",
    [Actor("acc_o", memberships={"org_2": frozenset({"owner"})}),
     staff("dev", "service_developer"), staff("admin", "administrator"), Actor("acc_new")],
)  # fmt: skip
def test_others_see_nothing(viewer: Actor) -> None:
    """Other organizations, developers and the administrator see no event of a case."""
    memory = until("granted")
    assert seen(memory, viewer) == []
    assert not visibility.may_see_application(memory.state(APP), viewer)


def test_readings_for_a_review_wait_until_all_have_spoken() -> None:
    """Any other purpose is shown at once; and a role without a purpose reads nothing."""
    blind = ("checking", "reviewing")
    for phase in ("checking", "reviewing", "deciding", "approved", "denied", "withdrawn", ""):
        assert visibility.sees_read("review", phase) is (phase not in blind)
        for purpose in visibility.PURPOSES:
            if purpose != "review":
                assert visibility.sees_read(purpose, phase)
    assert visibility.purpose_of(frozenset({"auditor"})) == "audit"
    with pytest.raises(LookupError):
        visibility.purpose_of(frozenset({"service_developer"}))


def test_what_hands_out_power_asks_for_a_passkey_now() -> None:
    """Every verb of STEP_UP exists, and a passkey's sign-in from before is refused each of them."""
    listed = {
        (kind, v) for (kind, _), row in roles.TABLE.items() for vs in row.values() for v in vs
    }
    assert listed >= roles.STEP_UP
    for kind, verb in roles.STEP_UP:
        phase, role = next(
            (p, r) for (k, p), row in roles.TABLE.items() for r, vs in row.items()
            if k == kind and verb in vs and r not in ("robot", "operator")
        )  # fmt: skip
        held = {"org_x": frozenset({role})} if role in ("owner", "admin", "member") else {}
        actor = Actor("acc_x", frozenset({role}), held, Strength.PASSKEY)
        roles.check(kind, phase, verb, actor, "org_x")
        with pytest.raises(SignInAgain) as no:
            roles.check(kind, phase, verb, replace(actor, fresh=False), "org_x")
        assert no.value.code == "step_up"


def test_taking_power_away_waits_for_nobody() -> None:
    """No verb that only ends something asks for the passkey once more."""
    ends = {"revoke", "suspend", "revoke_credential", "end_role", "remove_member", "leave",
            "cancel_recovery", "revoke_directory_token", "revoke_automation", "end_break_glass",
            "withdraw", "undo_address_change", "take_back_erasure"}  # fmt: skip
    assert {verb for _, verb in roles.STEP_UP}.isdisjoint(ends)
