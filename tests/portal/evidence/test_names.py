"""Names made comparable, and the labelled set that says how well it works."""

from __future__ import annotations

import csv
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

import portal.evidence
from portal.evidence.countries import code, disjoint
from portal.evidence.names import alike, comparable, latin, numbers_differ
from portal.evidence.ofac import candidates, load
from portal.evidence.screening import Alias, Entry, Identifier, SanctionsList, screen
from workflows.checks import Verdict
from workflows.checks.sanctions_name import THRESHOLD, judge, weigh

SAMPLE = load(Path(portal.evidence.__file__).parent / "samples" / "ofac")
PAIRS = list(csv.DictReader(Path(__file__).with_name("pairs.csv").read_text("utf-8").splitlines()))


def test_recall_and_precision_on_the_labelled_pairs() -> None:
    """Of 90 labelled subjects all 60 listed are found, and 3 of 30 others go to a person."""
    found = missed = wrong = 0
    for pair in PAIRS:
        hits = {
            c.uid
            for c in candidates(SAMPLE, pair["subject"], pair["kind"], pair["country"])
            if weigh(c) >= THRESHOLD
        }
        if pair["uid"]:
            found, missed = found + (pair["uid"] in hits), missed + (pair["uid"] not in hits)
        else:
            wrong += bool(hits)
    assert (found, missed) == (60, 0)
    assert wrong <= 3
    assert sum(not pair["uid"] for pair in PAIRS) == 30


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("ООО «Северный Фонарь»", ("severnyy", "fonar")),
        ("Ａｚｕｒｅ Snail, L.L.C.", ("azure", "snail")),
        ("Société du Hibou Mécanique S.A.R.L.", ("societe", "du", "hibou", "mecanique")),
        ("青色竹林科技有限公司", ("qing", "se", "zhu", "lin", "ke", "ji")),
        ("Shield & Mirror", ("shield", "mirror")),
        ("Unit90417", ("unit", "90417")),
        ("LLC", ("llc",)),
        ("  --  ", ()),
    ],
)
def test_a_name_is_brought_to_words(text: str, words: tuple[str, ...]) -> None:
    """Script, case, width, diacritics, signs and legal forms go; a bare legal form stays."""
    assert comparable(text).words == words


def test_legal_forms_stay_in_a_persons_name() -> None:
    """A person may be called what is a legal form elsewhere; honorifics go instead."""
    assert comparable("Dr. Ag Sa", person=True).words == ("ag", "sa")


@given(st.text(max_size=60), st.text(max_size=60))
def test_likeness_has_a_scale_and_no_direction(one: str, other: str) -> None:
    """Any two texts are 0 to 1000 alike, the same both ways, and a name is fully like itself."""
    a, b = comparable(one), comparable(other)
    assert 0 <= alike(a, b) <= 1000
    assert alike(a, b) == alike(b, a)
    assert alike(a, a) == (1000 if a else 0)
    assert latin(one).isascii()


@pytest.mark.parametrize(
    ("one", "other"), [("Yezh", "Ezh"), ("Xu Kha", "Ksu Ha"), ("Azure Sny", "Azure Sni")]
)
def test_short_words_meet_in_their_romanization(one: str, other: str) -> None:
    """Words too short for a single edit are still one word in two romanizations."""
    assert alike(comparable(one), comparable(other)) >= 970


def test_syllables_are_found_as_one_word_on_a_large_list() -> None:
    """A name in Chinese script, syllable by syllable, meets its romanization in one word."""
    wanted = Entry("x:wanted", "YUETIANSHUICHANGANBEIFENG YOUXIAN GONGSI", "entity")
    rows = tuple(Entry(f"x:{n}", _invented(n), "entity") for n in range(500))
    made = SanctionsList("x", "00", (*rows, wanted))
    found = candidates(made, "岳天水长安北风有限公司")
    assert [c.uid for c in found if weigh(c) >= THRESHOLD] == ["x:wanted"]


@given(st.permutations(["severny", "fonar", "trading", "zavod", "orekh"]))
def test_order_does_not_matter(words: list[str]) -> None:
    """The same words in any order are the same name."""
    assert (
        alike(comparable(" ".join(words)), comparable("severny fonar trading zavod orekh")) == 1000
    )


def test_numbers_speak_against_a_name_only_when_both_have_them() -> None:
    """Different numbers differ, leading zeros do not, and a missing number says nothing."""
    unit = comparable("Unit 12")
    assert numbers_differ(unit, comparable("Unit 21"))
    assert not numbers_differ(unit, comparable("Unit 012"))
    assert not numbers_differ(unit, comparable("Unit"))


def test_countries_are_compared_by_code() -> None:
    """OFAC's spellings, other spellings and ISO codes meet; an unknown one contradicts nobody."""
    assert code("Korea, North") == code("north korea") == code("kp") == "KP"
    assert code("Congo, Democratic Republic of the") == "CD"
    assert code("Atlantis") == ""
    assert disjoint(("RU",), ("Cyprus",))
    assert not disjoint(("RU",), ("Cyprus", "Russia"))
    assert not disjoint(("",), ("Cyprus",))
    assert not disjoint(("Atlantis",), ("Cyprus",))


def test_features_are_facts_for_the_check() -> None:
    """A candidate tells likeness, contradictions, spelling and the entry's own digest."""
    (found,) = candidates(SAMPLE, "Северный Фонарь", country="CY", limit=1)
    assert found.uid == "ofac-sdn:9001"
    assert dict(found.features)["country_mismatch"] == 1000
    assert dict(found.features)["name"] == 1000
    assert found.matched_name == "SEVERNYY FONAR OOO"
    assert found.subject_name == "Северный Фонарь"
    assert found.entry_digest == SAMPLE.entries[0].digest()
    assert len({entry.digest() for entry in SAMPLE.entries}) == 60


def test_numbers_and_codes_are_found_under_another_name() -> None:
    """A registry number or LEI finds its entry, signs aside, whatever the name."""
    by_number = candidates(SAMPLE, "Nobody At All", identifiers=("1000-000-147001",))
    assert [(c.uid, c.features) for c in by_number] == [("ofac-sdn:9001", (("identifier", 1000),))]
    by_lei = candidates(SAMPLE, "Nobody At All", lei="9845000000sample0001")
    assert [(c.uid, c.features) for c in by_lei] == [("ofac-sdn:9008", (("lei", 1000),))]


def test_other_names_kinds_and_limits() -> None:
    """Each alias is screened, ships only when asked for, and hits are never cut off."""
    assert candidates(SAMPLE, "Nobody", other_names=("Severny Fonar",))[0].uid == "ofac-sdn:9001"
    assert all(weigh(c) < THRESHOLD for c in candidates(SAMPLE, "Paper Kraken"))
    assert candidates(SAMPLE, "Paper Kraken", "")[0].uid == "ofac-sdn:9055"
    twins = tuple(Entry(f"x:{n}", "SEVERNY FONAR", "entity") for n in range(15))
    assert len(candidates(SanctionsList("x", "00", twins), "Severny Fonar", limit=3)) == 15
    with pytest.raises(ValueError, match="kind"):
        candidates(SAMPLE, "x", "robot")


def test_the_spelling_that_weighs_most_is_kept() -> None:
    """An equally alike strong alias outweighs a weak one, whichever comes first."""
    for weak_first in (True, False):
        aliases = (Alias("GAMMA RAY", weak_first), Alias("RAY GAMMA", not weak_first))
        made = SanctionsList("x", "00", (Entry("x:1", "ALPHA", "entity", aliases=aliases),))
        (found,) = candidates(made, "Gamma Ray")
        assert found.features == (("name", 1000),)
        assert found.matched_name == aliases[weak_first].name


def test_a_short_identifier_finds_nobody() -> None:
    """Four signs or fewer are chance; five are an identifier."""
    numbers = (Identifier("ID", "1234"), Identifier("ID", "12-345"))
    made = SanctionsList("x", "00", (Entry("x:1", "ALPHA", "entity", identifiers=numbers),))
    assert not candidates(made, "Nobody", identifiers=("1234",))
    assert candidates(made, "Nobody", identifiers=("12345",))[0].uid == "x:1"


def test_facts_for_the_check() -> None:
    """Screening gives whole facts, without a list too, and counts the names it could compare."""
    now = datetime(2026, 1, 2, tzinfo=UTC)

    def look(sanctions: SanctionsList | None, name: str) -> Verdict:
        facts = screen(
            sanctions, name, list_name="sample", imported_at=now, looked_at=now, max_age=60
        )
        return judge(facts).verdict

    assert look(SAMPLE, "Северный Фонарь") is Verdict.NEEDS_HUMAN
    assert look(SAMPLE, "Municipal Water CERT") is Verdict.PASS
    assert look(SAMPLE, "--") is Verdict.NEEDS_HUMAN
    assert look(None, "Municipal Water CERT") is Verdict.UNAVAILABLE


def test_a_large_list_finds_a_typo() -> None:
    """Among 20,000 entries a name with two letters swapped finds its entry."""
    rows = tuple(
        Entry(f"x:{n}", f"{_invented(n)} {_invented(n * 7919 + 13)} TRADING", "entity")
        for n in range(20_000)
    )
    made = SanctionsList("x", "00", rows)
    for n in range(0, 20_000, 1000):
        name = rows[n].name
        swapped = name[:4] + name[5] + name[4] + name[6:]
        assert f"x:{n}" in {c.uid for c in candidates(made, swapped) if weigh(c) >= THRESHOLD}


def _invented(number: int) -> str:
    """A word of five syllables, another one for each number below 100,000."""
    syllables = ("BA", "KOR", "TEN", "MUL", "SHI", "GRA", "DOV", "NEK", "PLO", "ZAN")
    return "".join(syllables[int(digit)] for digit in f"{number % 100_000:05}")
