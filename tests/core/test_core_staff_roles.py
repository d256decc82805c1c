"""Staff roles: two people give one, neither of them the one concerned; one person ends it."""

from __future__ import annotations

from datetime import timedelta

import pytest

from tests.core.histories import MO, OPERATOR, TEXT, Memory, on_staff, staff, world
from workflows import roles
from workflows.account.commands.appoint import Appoint
from workflows.account.commands.confirm_role import ConfirmRole
from workflows.account.commands.end_role import EndRole
from workflows.account.commands.erase import Erase
from workflows.account.commands.open import Open
from workflows.account.commands.propose_role import WAITS_DAYS, ProposeRole
from workflows.account.commands.withdraw_role_proposal import WithdrawRoleProposal
from workflows.account.staff_roles import DECIDING, INCOMPATIBLE, STAFF_ROLES
from workflows.actors import Actor, Strength
from workflows.errors import Conflict, Invalid, NotAllowed, NotNow, StrengthNeeded
from workflows.words import STATUSES

ADA = staff("ada", "administrator")
MAX = staff("max", "program_manager")
NEW = "acc_new"


@pytest.fixture
def memory() -> Memory:
    """A world with an account of somebody new."""
    found = world()
    found.perform(Open(NEW, address=TEXT, name=TEXT), Actor(NEW))
    on_staff(found, ADA, MAX, MO)
    return found


@pytest.mark.parametrize("first", [ADA, MAX])
def test_a_role_takes_two_people(memory: Memory, first: Actor) -> None:
    """A proposal alone gives nothing; a manager other than the proposer makes it a role."""
    memory.perform(ProposeRole(NEW, "reviewer"), first)
    assert memory.state(NEW).roles == frozenset()
    memory.perform(ConfirmRole(NEW, "reviewer"), MO)
    assert memory.state(NEW).roles == {"reviewer"}
    appointed = [e for _, _, e in memory.log if type(e).__name__ == "RoleAppointed"]
    (event,) = [e for e in appointed if e.role == "reviewer"]
    assert event.proposed_by == first.id
    with pytest.raises(NotNow):  # used up
        memory.perform(ConfirmRole(NEW, "reviewer"), MAX)


def test_a_proposal_goes_with_its_proposers_role(memory: Memory) -> None:
    """Who no longer keeps roles has proposed nothing; proposed anew by another, it counts."""
    memory.perform(ProposeRole(NEW, "reviewer"), ADA)
    memory.perform(EndRole(ADA.id, "administrator"), MAX)
    with pytest.raises(NotNow):
        memory.perform(ConfirmRole(NEW, "reviewer"), MO)
    memory.perform(WithdrawRoleProposal(NEW, "reviewer"), MO)
    memory.perform(ProposeRole(NEW, "reviewer"), MAX)
    memory.perform(ConfirmRole(NEW, "reviewer"), MO)
    assert memory.state(NEW).roles == {"reviewer"}


def test_the_proposer_does_not_confirm(memory: Memory) -> None:
    """Nobody is both of the two people, and an administrator is never the second."""
    memory.perform(ProposeRole(NEW, "reviewer"), MO)
    with pytest.raises(NotAllowed) as no:
        memory.perform(ConfirmRole(NEW, "reviewer"), MO)
    assert no.value.code == "second_person"
    with pytest.raises(NotAllowed):
        memory.perform(ConfirmRole(NEW, "reviewer"), ADA)
    assert memory.state(NEW).roles == frozenset()


def test_nobody_has_a_part_in_their_own_role(memory: Memory) -> None:
    """Neither proposing nor confirming oneself is possible."""
    with pytest.raises(NotAllowed) as no:
        memory.perform(ProposeRole(MAX.id, "intake"), MAX)
    assert no.value.code == "own_role"
    memory.perform(ProposeRole(MAX.id, "intake"), ADA)
    with pytest.raises(NotAllowed) as no:
        memory.perform(ConfirmRole(MAX.id, "intake"), MAX)
    assert no.value.code == "second_person"


def test_a_proposal_ends(memory: Memory) -> None:
    """After its time, or withdrawn, it cannot be confirmed, and can be made anew."""
    memory.perform(ProposeRole(NEW, "intake"), ADA)
    with pytest.raises(Conflict):
        memory.perform(ProposeRole(NEW, "intake"), MAX)
    memory.now += timedelta(days=WAITS_DAYS)
    with pytest.raises(NotNow):
        memory.perform(ConfirmRole(NEW, "intake"), MO)
    memory.perform(ProposeRole(NEW, "intake"), ADA)
    memory.perform(WithdrawRoleProposal(NEW, "intake"), MO)
    for command in (ConfirmRole(NEW, "intake"), WithdrawRoleProposal(NEW, "intake")):
        with pytest.raises(NotNow):
            memory.perform(command, MO)


def test_roles_that_do_not_go_together_are_refused_twice(memory: Memory) -> None:
    """At the proposal, and again at the confirmation if another role came in between."""
    memory.perform(ProposeRole(NEW, "decider"), ADA)
    memory.perform(ProposeRole(NEW, "reviewer"), ADA)
    memory.perform(ConfirmRole(NEW, "reviewer"), MO)
    with pytest.raises(Invalid) as no:
        memory.perform(ConfirmRole(NEW, "decider"), MO)
    assert no.value.code == "incompatible_roles"
    with pytest.raises(Invalid):
        memory.perform(ProposeRole(NEW, "administrator"), MAX)
    with pytest.raises(Invalid):
        memory.perform(ProposeRole(NEW, "emperor"), MAX)
    with pytest.raises(Conflict):
        memory.perform(ProposeRole(NEW, "reviewer"), MAX)


def test_one_person_ends_a_role(memory: Memory) -> None:
    """Ending is at once and alone; ending what is not held changes nothing."""
    memory.perform(Appoint(NEW, "intake"), OPERATOR)
    memory.perform(EndRole(NEW, "intake"), ADA)
    assert memory.state(NEW).roles == frozenset()
    assert memory.perform(EndRole(NEW, "intake"), ADA) == ()


@pytest.mark.parametrize("command", [
    ProposeRole(NEW, "intake"), ConfirmRole(NEW, "intake"), WithdrawRoleProposal(NEW, "intake"),
    EndRole(NEW, "intake"),
])  # fmt: skip
def test_roles_ask_for_a_passkey(memory: Memory, command: object) -> None:
    """A manager by a mailed link neither gives nor takes a role."""
    with pytest.raises(StrengthNeeded):
        memory.perform(command, Actor(MO.id, MO.roles, strength=Strength.LINK))


def test_erasure_ends_what_waits(memory: Memory) -> None:
    """Nobody becomes staff after their account is gone."""
    memory.perform(ProposeRole(NEW, "intake"), ADA)
    memory.perform(Erase(NEW, "asked"), OPERATOR)
    assert not memory.state(NEW).proposals
    with pytest.raises(NotNow):
        memory.perform(ConfirmRole(NEW, "intake"), MO)


def approving(role: str) -> set[tuple[str, str]]:
    """The approving verbs that the whole table gives a role, in any phase of anything."""
    rows = [(kind, row.get(role, frozenset())) for (kind, _), row in roles.TABLE.items()]
    return {(kind, verb) for kind, verbs in rows for verb in verbs} & roles.APPROVING


def test_an_administrator_approves_nothing() -> None:
    """Over the whole table: not the first one, whom `portal init` makes, nor any other; and an
    auditor neither."""
    assert approving("program_manager")  # the question can be answered with yes
    for role in ("administrator", "auditor"):
        assert approving(role) == set()


def test_no_deciding_role_goes_with_administrator_or_auditor() -> None:
    """Whatever role says yes to something is kept apart from both, the council included."""
    assert {role for role in STAFF_ROLES if approving(role)} == set(DECIDING) - {"council"}
    for keeper in ("administrator", "auditor"):
        assert {b for a, b in INCOMPATIBLE if a == keeper} == set(DECIDING)


@pytest.mark.parametrize(("first", "second"), [*INCOMPATIBLE, *((b, a) for a, b in INCOMPATIBLE)])
def test_incompatible_roles_are_refused_in_either_order(
    memory: Memory, first: str, second: str
) -> None:
    """Whichever of the two came first, the other is refused, from the shell as from two people."""
    memory.perform(Appoint(NEW, first), OPERATOR)
    for command, actor in ((Appoint(NEW, second), OPERATOR), (ProposeRole(NEW, second), ADA)):
        with pytest.raises(Invalid) as no:
            memory.perform(command, actor)
        assert no.value.code == "incompatible_roles"


def test_every_role_has_words_for_a_newcomer() -> None:
    """Whoever is asked to propose somebody can read what each role does."""
    assert set(STATUSES["staff_role"]) == set(STAFF_ROLES)
