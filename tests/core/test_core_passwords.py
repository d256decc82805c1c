"""Passwords: whose they may be, which texts will do, and what ends them."""

from __future__ import annotations

import pytest

from tests.core.histories import OPERATOR, TEXT, Memory, on_staff, staff, world
from workflows.account import passwords
from workflows.account.commands.add_passkey import AddPasskey
from workflows.account.commands.appoint import Appoint
from workflows.account.commands.confirm_role import ConfirmRole
from workflows.account.commands.end_role import EndRole
from workflows.account.commands.erase import Erase
from workflows.account.commands.make_recovery_codes import MakeRecoveryCodes
from workflows.account.commands.open import Open
from workflows.account.commands.propose_role import ProposeRole
from workflows.account.commands.remove_password import RemovePassword
from workflows.account.commands.set_password import SetPassword
from workflows.account.commands.use_recovery_code import UseRecoveryCode
from workflows.account.events import PasswordRemoved, PasswordSet
from workflows.actors import Actor, Strength, robot
from workflows.errors import Conflict, Invalid, NotAllowed, NotNow, StrengthNeeded

LINK, PAT = Actor("acc_pat", strength=Strength.LINK), Actor("acc_pat", strength=Strength.TOTP)
KEYED = Actor("acc_pat", strength=Strength.PASSKEY)
CODES = tuple(f"rec_{n}" for n in range(10))
OTHERS = tuple(f"new_{n}" for n in range(10))


@pytest.fixture
def memory() -> Memory:
    """A person without anything."""
    found = world()
    found.perform(Open(PAT.id, address=TEXT, name=TEXT), PAT)
    return found


@pytest.fixture
def there(memory: Memory) -> Memory:
    """The same person, with a password."""
    memory.perform(SetPassword(PAT.id, "sec_1", CODES), LINK)
    return memory


def _told(memory: Memory) -> list[str]:
    return [e.payload["what"] for e in memory.effects if e.kind == "send_notice"]


def test_a_first_password_comes_with_ten_codes(memory: Memory) -> None:
    """Nine, none, or ten with one twice are refused; its person is told of both."""
    for codes in ((), CODES[:9], (*CODES[:9], CODES[0])):
        with pytest.raises(Invalid):
            memory.perform(SetPassword(PAT.id, "sec_1", codes), LINK)
    memory.perform(SetPassword(PAT.id, "sec_1", CODES), LINK)
    state = memory.state(PAT.id)
    assert (state.password, state.recovery_codes) == ("sec_1", frozenset(CODES))
    assert _told(memory)[-2:] == ["password_set", "recovery_codes_made"]


def test_a_change_keeps_the_codes_and_forgets_what_was(there: Memory) -> None:
    """The event names what it replaces, which is then forgotten; the same one twice is none."""
    there.perform(UseRecoveryCode(PAT.id, "rec_3"), Actor(PAT.id))
    [changed] = there.perform(SetPassword(PAT.id, "sec_2"), PAT)
    assert changed == PasswordSet("sec_2", replaced="sec_1")
    assert there.state(PAT.id).recovery_codes == frozenset(CODES) - {"rec_3"}
    assert [e.payload for e in there.effects if e.kind == "forget_secret"] == [{"secret": "sec_1"}]
    with pytest.raises(Conflict):
        there.perform(SetPassword(PAT.id, "sec_2"), PAT)


def test_whoever_reads_the_mail_gets_past_no_password(there: Memory) -> None:
    """By a mailed link nobody changes or removes one, makes codes, or adds a passkey beside it."""
    for command in (
        SetPassword(PAT.id, "sec_2"), RemovePassword(PAT.id), MakeRecoveryCodes(PAT.id, OTHERS),
        AddPasskey(PAT.id, "key", "cose", "00", False, TEXT),
    ):  # fmt: skip
        with pytest.raises(StrengthNeeded) as no:
            there.perform(command, LINK)
        assert no.value.code == "password_stands"
        there.perform(command, PAT)
        there.streams[PAT.id] = there.streams[PAT.id][:3]  # as it was


def test_a_passkey_is_not_gone_round_by_a_first_password(memory: Memory) -> None:
    """With a passkey on the account, only a sign-in with it sets a password."""
    memory.perform(AddPasskey(PAT.id, "key", "cose", "00", False, TEXT), LINK)
    for weak in (LINK, PAT):
        with pytest.raises(StrengthNeeded):
            memory.perform(SetPassword(PAT.id, "sec_1", CODES), weak)
    memory.perform(SetPassword(PAT.id, "sec_1", CODES), KEYED)


def test_a_code_is_used_once_and_new_ones_void_it(there: Memory) -> None:
    """Used, replaced and invented codes are refused in the same words."""
    there.perform(UseRecoveryCode(PAT.id, "rec_1"), Actor(PAT.id))
    there.perform(MakeRecoveryCodes(PAT.id, OTHERS), PAT)
    for code in ("rec_1", "rec_2", "rec_none"):
        with pytest.raises(NotNow) as no:
            there.perform(UseRecoveryCode(PAT.id, code), Actor(PAT.id))
        assert no.value.code == "code_spent"
    there.perform(UseRecoveryCode(PAT.id, "new_1"), Actor(PAT.id))
    assert len(there.state(PAT.id).recovery_codes) == 9
    assert _told(there)[-3:] == ["recovery_code_used", "recovery_codes_made", "recovery_code_used"]


def test_it_belongs_to_its_person_alone(there: Memory) -> None:
    """Neither another person nor a robot sets, removes or uses anything of it."""
    for actor in (Actor("acc_kim", strength=Strength.PASSKEY), robot("clock")):
        for command in (
            SetPassword(PAT.id, "sec_2"), RemovePassword(PAT.id),
            MakeRecoveryCodes(PAT.id, OTHERS), UseRecoveryCode(PAT.id, "rec_1"),
        ):  # fmt: skip
            with pytest.raises(NotAllowed):
                there.perform(command, actor)


def test_staff_have_none(memory: Memory) -> None:
    """A clear no with a staff role, and a yes once it ended."""
    memory.perform(Appoint(PAT.id, "intake"), OPERATOR)
    for command in (SetPassword(PAT.id, "sec_1", CODES), MakeRecoveryCodes(PAT.id, CODES)):
        with pytest.raises(NotAllowed) as no:
            memory.perform(command, KEYED)
        assert no.value.code == "staff_password"
    memory.perform(EndRole(PAT.id, "intake"), staff("ada", "administrator"))
    memory.perform(SetPassword(PAT.id, "sec_1", CODES), KEYED)


@pytest.mark.parametrize("by_two", [False, True])
def test_a_staff_role_ends_a_password(there: Memory, by_two: bool) -> None:
    """However the role came: the password goes in the same decision, and its person is told."""
    if by_two:
        ada = staff("ada", "administrator")
        on_staff(there, ada)
        there.perform(ProposeRole(PAT.id, "intake"), ada)
        made = there.perform(ConfirmRole(PAT.id, "intake"), staff("mo", "program_manager"))
    else:
        made = there.perform(Appoint(PAT.id, "intake"), OPERATOR)
    assert made[0] == PasswordRemoved("sec_1", "staff_role")
    state = there.state(PAT.id)
    assert (state.password, state.recovery_codes, state.roles) == ("", frozenset(), {"intake"})
    assert "password_removed" in _told(there)
    with pytest.raises(NotAllowed):
        there.perform(UseRecoveryCode(PAT.id, "rec_1"), Actor(PAT.id))


def test_removing_ends_it_with_its_codes(there: Memory) -> None:
    """By its person, or by an operator for somebody who lost the app; the reason is on record."""
    [gone] = there.perform(RemovePassword(PAT.id), PAT)
    assert gone == PasswordRemoved("sec_1", "asked")
    with pytest.raises(NotNow):
        there.perform(RemovePassword(PAT.id), PAT)
    there.perform(SetPassword(PAT.id, "sec_2", CODES), PAT)
    [gone] = there.perform(RemovePassword(PAT.id), OPERATOR)
    assert gone == PasswordRemoved("sec_2", "operator")


def test_an_erasure_leaves_none(there: Memory) -> None:
    """Nothing of it is left in the state, and the desk is told to forget the person."""
    there.perform(Erase(PAT.id, "asked for"), OPERATOR)
    state = there.state(PAT.id)
    assert (state.phase, state.password, state.recovery_codes) == ("erased", "", frozenset())
    assert there.effects[-1].kind == "forget_person"


@pytest.mark.parametrize(
    "text",
    ["correct horse battery", "Zwölf Boxkämpfer jagen", "tR9$kk2!vmQx",
     "ünïcödé pässwörd 漢字仮名交", "x9 Uo wt 4m Ve", "a" + "bQ7z" * 31 + "kp!"],
)  # fmt: skip
def test_a_good_password_is_taken(text: str) -> None:
    """Passphrases, random letters, and any script."""
    passwords.check_text(passwords.prepared(text), ["Pat Example", "pat.harbor@cert.example"])


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("short1!kQz9", "11 characters"), ("q" * 129, "129 characters"),
        ("aaaaaaaaaaaaaaaa", "repeats"),
        ("abcabcabcabcabc", "repeats"), ("xK9#xK9#xK9#xK9#", "repeats"),
        ("aabbccaabbcc", "repeats"),
        ("123456789012", "guessed first"), ("qwertyuiopasdf", "guessed first"),
        ("abcdefghijklmnop", "guessed first"), ("Password12345!", "guessed first"),
        ("trusted-access-portal1", "guessed first"), ("zyxwvutsrqponm", "guessed first"),
        ("LetMeIn 987654", "guessed first"), ("my harbor is deep", "your name"),
        ("who is Pat Example", "your name"), ("pat.harbor@cert.example", "your name"),
        ("tab\tin the middle", "no keyboard"), ("nul\x00in the middle", "no keyboard"),
    ],
)  # fmt: skip
def test_a_weak_password_is_refused_in_words(text: str, why: str) -> None:
    """The words say what is wrong with it, and never repeat it."""
    with pytest.raises(Invalid) as no:
        passwords.check_text(passwords.prepared(text), ["Pat Example", "pat.harbor@cert.example"])
    assert why in no.value.message
    assert text not in no.value.message + no.value.remedy + str(no.value.fields)


def test_one_password_typed_on_two_keyboards_is_one() -> None:
    """RFC 8265 section 4.2.2: composed and decomposed letters and all spaces are alike; case and
    width are not."""
    assert passwords.prepared("Zu\u0308rich\u00a0\u3000see") == "Zürich  see"
    assert passwords.prepared("ZÜRICH") != passwords.prepared("zürich")
    assert passwords.prepared("\uff41\uff42") == "\uff41\uff42"  # width stays: OpaqueString
