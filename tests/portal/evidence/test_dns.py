"""Domain control looked up in real DNS, on loopback."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from portal.demo.dns import DnsResponder, Mood
from portal.evidence.dns import (
    MAX_RECORDS,
    DnsAnswer,
    InvalidDomain,
    ascii_domain,
    challenge_name,
    lookup_challenge,
)
from workflows.checks.domain_control import Outcome

DOMAIN = "defender.test"
NAME = f"_trusted-access-challenge.{DOMAIN}"


@pytest.fixture
def responder() -> Iterator[DnsResponder]:
    with DnsResponder() as running:
        yield running


def look(responder: DnsResponder, domain: str = DOMAIN, lifetime: float = 3.0) -> DnsAnswer:
    return lookup_challenge(domain, nameservers=(responder.address,), lifetime=lifetime)


def test_the_token_is_found_replaced_and_gone(responder: DnsResponder) -> None:
    """A record that is published, changed and removed is seen so at each look."""
    assert look(responder).outcome is Outcome.NO_NAME
    responder.set_txt(NAME, "tap-1", "other")
    found = look(responder)
    assert found == DnsAnswer(
        DOMAIN, NAME, Outcome.ANSWERED, ("other", "tap-1"), found.milliseconds
    )
    responder.set_txt(NAME.upper() + ".", "tap-2")
    assert look(responder).values == ("tap-2",)
    responder.set_txt(NAME)
    assert look(responder).outcome is Outcome.NO_RECORD
    responder.remove(NAME)
    assert look(responder).outcome is Outcome.NO_NAME


def test_a_name_above_a_record_exists(responder: DnsResponder) -> None:
    """A name that only has names below it has no record, rather than not existing."""
    responder.set_txt(f"below.{NAME}", "x")
    assert look(responder).outcome is Outcome.NO_RECORD


def test_a_long_answer_comes_by_tcp_and_whole(responder: DnsResponder) -> None:
    """An answer over 512 bytes is truncated over UDP and fetched over TCP, strings joined."""
    responder.set_txt(NAME, "x" * 700)
    assert look(responder).values == ("x" * 700,)
    assert responder.asked == {"udp": 1, "tcp": 1}


@pytest.mark.parametrize("values", [[f"v{n}" for n in range(MAX_RECORDS + 1)], ["x" * 1025]])
def test_more_than_anybody_needs_is_not_read(responder: DnsResponder, values: list[str]) -> None:
    """Too many or too long records are named as such and their values dropped."""
    responder.set_txt(NAME, *values)
    answer = look(responder)
    assert answer.outcome is Outcome.TOO_LARGE
    assert answer.values == ()


def test_the_bounds_themselves_are_read(responder: DnsResponder) -> None:
    """As many and as long records as allowed are all returned."""
    values = [f"{n:02}" + "x" * 100 for n in range(MAX_RECORDS - 1)] + ["y" * 1024]
    responder.set_txt(NAME, *values)
    assert look(responder).values == tuple(sorted(values))


@pytest.mark.parametrize(
    ("mood", "outcome"),
    [
        (Mood.SERVFAIL, Outcome.SERVER_FAILURE),
        (Mood.REFUSED, Outcome.REFUSED),
        (Mood.SILENT, Outcome.TIMEOUT),
        (Mood.GARBLED, Outcome.TIMEOUT),
    ],
)
def test_broken_servers_are_reported_in_time(
    responder: DnsResponder, mood: Mood, outcome: Outcome
) -> None:
    """A server that fails, refuses, is silent or talks nonsense raises nothing, within bounds."""
    responder.mood = mood
    begun = time.monotonic()
    assert look(responder, lifetime=0.4).outcome is outcome
    assert time.monotonic() - begun < 2


def test_a_server_that_is_gone_is_no_denial() -> None:
    """When nobody listens, the outcome is the network's, not the applicant's."""
    responder = DnsResponder()
    responder.start()
    responder.stop()
    outcome = look(responder, lifetime=0.4).outcome
    assert outcome in {Outcome.TIMEOUT, Outcome.NETWORK}


def test_names_in_any_script_and_with_a_dot(responder: DnsResponder) -> None:
    """IDNA and the root's dot lead to the one name that is looked up."""
    responder.set_txt("_trusted-access-challenge.xn--mnchen-3ya.test", "tap-1")
    for domain in ("münchen.test", "MÜNCHEN.test.", " xn--mnchen-3ya.test "):
        assert look(responder, domain).values == ("tap-1",)
    assert challenge_name("Defender.Test.") == NAME


@pytest.mark.parametrize(
    "domain",
    [
        *("", ".", "localhost", "192.0.2.1", "::1", "*.a.test", "a_b.test", "a..test", "a b.test"),
        *("-a.test", "x" * 64 + ".test", ".".join(["a" * 60] * 4), "x" * 5000),
    ],
)
def test_what_is_not_a_domain_is_refused_before_anything_is_sent(
    responder: DnsResponder, domain: str
) -> None:
    """A name that nobody could prove raises, and no question leaves."""
    with pytest.raises(InvalidDomain):
        look(responder, domain)
    assert responder.asked == {"udp": 0, "tcp": 0}


def test_the_longest_domain_that_fits() -> None:
    """Exactly 253 characters with the challenge before them are allowed, one more is not."""
    room = 253 - len("_trusted-access-challenge.")
    domain = f"{'a' * 63}.{'b' * 63}.{'c' * 63}.{'d' * (room - 192)}"
    assert ascii_domain(domain) == domain
    with pytest.raises(InvalidDomain):
        ascii_domain(domain + "d")


@pytest.mark.parametrize("server", ["127.0.0.1", "127.0.0.1:0", "127.0.0.1:x", "name.test:53"])
def test_a_name_server_is_an_address_and_a_port(server: str) -> None:
    """A setting that names no usable server is an error, not an unavailable look-up."""
    with pytest.raises(ValueError, match=r"host:port|IPv4 or IPv6"):
        lookup_challenge(DOMAIN, nameservers=(server,))


def test_the_responder_serves_loopback_only() -> None:
    """No other address can be bound, and a zone has one source."""
    with pytest.raises(ValueError, match="loopback"):
        DnsResponder(host="0.0.0.0")
    with pytest.raises(ValueError, match="not from both"):
        DnsResponder({}, zone_file=Path("zone.json"))


def test_one_process_writes_the_zone_file_and_another_serves_it(tmp_path: Path) -> None:
    """A zone file is read again when it changes; a broken one leaves the last good records."""
    path = tmp_path / "zone.json"
    with DnsResponder(zone_file=path) as serving:
        assert look(serving).outcome is Outcome.NO_NAME
        DnsResponder(zone_file=path).set_txt(NAME, "tap-1")
        assert look(serving).values == ("tap-1",)
        assert json.loads(path.read_text()) == {NAME: ["tap-1"]}
        for broken in ('{"half', "[]", f'{{"{NAME}": "text"}}', f'{{"{NAME}": [1]}}'):
            path.write_text(broken)
            assert look(serving).values == ("tap-1",)
        DnsResponder(zone_file=path).remove(NAME)
        assert look(serving).outcome is Outcome.NO_NAME
    assert [p.name for p in tmp_path.iterdir()] == ["zone.json"]
