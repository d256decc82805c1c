"""OFAC's CSV files: read as they are written, whole or not at all."""

from __future__ import annotations

import contextlib
import shutil
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

import portal.evidence
from portal.evidence import ofac
from portal.evidence.ofac import ListInvalid, load
from portal.evidence.screening import Alias, Entry, Identifier

SAMPLES = Path(portal.evidence.__file__).parent / "samples" / "ofac"


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    return Path(shutil.copytree(SAMPLES, tmp_path / "ofac"))


def entry(folder: Path, number: int) -> Entry:
    return next(e for e in load(folder).entries if e.uid == f"ofac-sdn:{number}")


def test_the_sample_is_read_whole() -> None:
    """Every line of the three files is counted, and reading twice gives the same digest."""
    sample = load(SAMPLES)
    assert dict(sample.counts) == {
        "entries": 60,
        "aliases": 90,
        "weak_aliases": 19,
        "alias_lines": 71,
        "address_lines": 60,
        "identifiers": 20,
    }
    assert sample.source == "ofac-sdn"
    assert sample.digest == load(SAMPLES).digest
    assert len(sample.digest) == 64


def test_an_entry_has_what_its_lines_say() -> None:
    """Names, weak and strong aliases, countries, programs and numbers come from three files."""
    first = entry(SAMPLES, 9001)
    assert first.name == "SEVERNY FONAR TRADING LLC"
    assert first.kind == "entity"
    assert first.aliases == (
        Alias("SEVERNYY FONAR OOO", weak=False),
        Alias("NORTHERN LANTERN TRADING LLC", weak=False),
        Alias("FONAR", weak=True),
    )
    assert first.identifiers == (
        Identifier("Tax ID", "0000147001", "Russia"),
        Identifier("Registration Number", "1000000147001", "Russia"),
    )
    assert first.countries == ("Russia",)
    assert entry(SAMPLES, 9035).programs == ("SAMPLE-SDGT", "SAMPLE-CYBER")
    assert entry(SAMPLES, 9043).countries == ("Russia", "Cyprus")
    assert entry(SAMPLES, 9046).aliases[-1] == Alias("ABU-'ADAM", weak=True)
    assert entry(SAMPLES, 9055).kind == "vessel"
    assert entry(SAMPLES, 9060).name == '"PERPETUAL NOON" INFORMATION AGENCY'
    assert entry(SAMPLES, 9031).countries == ()
    assert entry(SAMPLES, 9008).identifiers[0].is_lei


def test_null_is_not_a_name() -> None:
    """The list's `-0-` never comes out as text."""
    assert "-0-" not in repr(load(SAMPLES).entries)


@pytest.mark.parametrize("encoding", ["utf-8", "latin-1", "cp1252"])
def test_old_and_new_encodings(copy: Path, encoding: str) -> None:
    """UTF-8 and the older Latin-1 are both read."""
    path = copy / "sdn.csv"
    text = path.read_bytes().decode().replace("NIRGENDS, Jurgen", "NIRGENDS, Jürgen")
    path.write_bytes(text.encode(encoding))
    assert entry(copy, 9051).name == "NIRGENDS, Jürgen Muller"


def test_a_copy_without_end_marks_or_with_unix_lines(copy: Path) -> None:
    """The 0x1A byte and the carriage returns may be missing, if they are from all three files."""
    before = load(copy)
    for name in ofac.FILES:
        raw = (copy / name).read_bytes().replace(b"\x1a\r\n", b"").replace(b"\r\n", b"\n")
        (copy / name).write_bytes(raw)
    after = load(copy)
    assert after.entries == before.entries
    assert after.digest != before.digest


def test_the_end_mark_may_be_the_last_byte(copy: Path) -> None:
    """0x1A without a line end behind it closes a file as well."""
    for name in ofac.FILES:
        path = copy / name
        path.write_bytes(path.read_bytes().removesuffix(b"\r\n"))
        assert path.read_bytes().endswith(b"\n\x1a")
    assert load(copy).counts["entries"] == 60


def test_one_byte_changes_the_digest(copy: Path) -> None:
    """Each of the three files is under the digest."""
    digests = {load(copy).digest}
    for name, old, new in (
        ("sdn.csv", b"LANTERN", b"LANTERM"),
        ("sdn.csv", b"FONAR TRADING", b"FONAR TRADINK"),
        ("alt.csv", b"LANTERN", b"LANTERM"),
        ("add.csv", b"Gorod N", b"Gorod X"),
    ):
        path = copy / name
        path.write_bytes(path.read_bytes().replace(old, new))
        digests.add(load(copy).digest)
    assert len(digests) == 4


def line(path: Path, number: int, text: bytes) -> None:
    rows = path.read_bytes().split(b"\r\n")
    rows[number - 1] = text
    path.write_bytes(b"\r\n".join(rows))


GOOD = b'9002,"NAME",-0- ,"P",-0- ,-0- ,-0- ,-0- ,-0- ,-0- ,-0- ,-0- '


@pytest.mark.parametrize(
    ("file", "text", "problem"),
    [
        ("sdn.csv", GOOD + b",-0- ", "13 fields"),
        ("sdn.csv", b'9002,"NAME"', "2 fields"),
        ("sdn.csv", b"", "0 fields"),
        ("sdn.csv", GOOD.replace(b'"NAME"', b'"NAME'), "CSV"),
        ("sdn.csv", GOOD.replace(b'"NAME"', b'"NA"ME"'), "CSV"),
        ("sdn.csv", GOOD.replace(b"9002", b"9001"), "comes twice"),
        ("sdn.csv", GOOD.replace(b"9002", b"x"), "ent_num is 'x'"),
        ("sdn.csv", GOOD.replace(b"9002", b"-1"), "ent_num is '-1'"),
        ("sdn.csv", GOOD.replace(b'"NAME"', b"-0- "), "SDN_Name is null"),
        ("sdn.csv", GOOD.replace(b'-0- ,"P"', b'"robot","P"'), "SDN_Type"),
        ("sdn.csv", GOOD.replace(b"NAME", b"NA\x00ME"), "control character"),
        ("sdn.csv", GOOD.replace(b"NAME", b"NA\x81\xffME"), "neither UTF-8"),
        ("sdn.csv", GOOD.replace(b"NAME", b"N" * 20_000), "too long"),
        ("sdn.csv", b"\x1a", "after the end mark"),
        ("alt.csv", b'9001,1,"zzz","NAME",-0- ', "alt_type"),
        ("alt.csv", b'9001,1,"aka",-0- ,-0- ', "alt_name is null"),
        ("alt.csv", b'8999,1,"aka","NAME",-0- ', "not in sdn.csv"),
        ("alt.csv", b'9001,70001,"aka","NAME",-0- ', "comes twice"),
        ("add.csv", b'8999,1,-0- ,-0- ,"Cuba",-0- ', "not in sdn.csv"),
        ("add.csv", b'9001,1,-0- ,-0- ,"Cuba"', "5 fields"),
    ],
)
def test_one_bad_line_refuses_the_copy(copy: Path, file: str, text: bytes, problem: str) -> None:
    """Any malformed line is named by file and number, with what would be right."""
    line(copy / file, 2, text)
    with pytest.raises(ListInvalid, match=problem) as caught:
        load(copy)
    assert caught.value.file == file
    assert caught.value.line == (3 if text == b"\x1a" else 2)
    assert caught.value.remedy
    assert str(caught.value).startswith(f"{file}, line ")


@pytest.mark.parametrize("file", ofac.FILES)
def test_a_missing_empty_or_cut_file_refuses_the_copy(copy: Path, file: str) -> None:
    """Missing, empty, cut in a line or cut at a line's end: never half a list."""
    path = copy / file
    whole = path.read_bytes()
    path.unlink()
    with pytest.raises(ListInvalid, match="cannot be read"):
        load(copy)
    path.write_bytes(b"")
    with pytest.raises(ListInvalid, match="empty"):
        load(copy)
    path.write_bytes(whole[: len(whole) // 2])
    with pytest.raises(ListInvalid):
        load(copy)
    path.write_bytes(whole.removesuffix(b"\x1a\r\n"))
    with pytest.raises(ListInvalid, match="end mark"):
        load(copy)
    path.write_bytes(b"\x1a\r\n")
    with pytest.raises(ListInvalid, match="no entries" if file == "sdn.csv" else "no lines"):
        load(copy)


def test_a_list_that_shrank_is_refused(copy: Path) -> None:
    """An importer can say how many entries there must be at least."""
    assert load(copy, at_least=60).counts["entries"] == 60
    with pytest.raises(ListInvalid, match="60 entries"):
        load(copy, at_least=61)


def test_a_huge_file_is_refused_unread(copy: Path) -> None:
    """A file over the limit is refused by its size."""
    with (copy / "sdn.csv").open("r+b") as stream:
        stream.truncate(ofac.MAX_FILE + 1)
    with pytest.raises(ListInvalid, match="bytes"):
        load(copy)


def test_a_weak_mark_in_the_alias_file_counts_too(copy: Path) -> None:
    """An alias whose remark or quotes say weak is weak, whichever file it stands in."""
    line(copy / "alt.csv", 1, b'9001,70001,"aka","""LAMP""",-0- ')
    line(copy / "alt.csv", 2, b'9001,70002,"aka","LANTERN","weak aka"')
    assert entry(copy, 9001).aliases[:2] == (Alias("LAMP", weak=True), Alias("LANTERN", weak=True))


@given(st.binary(max_size=200), st.sampled_from(ofac.FILES))
def test_any_bytes_are_read_or_refused(
    tmp_path_factory: pytest.TempPathFactory, junk: bytes, file: str
) -> None:
    """Bytes of any kind in a file give a list or `ListInvalid`, never another error."""
    folder = Path(shutil.copytree(SAMPLES, tmp_path_factory.mktemp("junk") / "ofac"))
    path = folder / file
    path.write_bytes(junk + path.read_bytes())
    with contextlib.suppress(ListInvalid):
        assert len(load(folder).entries) >= 60
