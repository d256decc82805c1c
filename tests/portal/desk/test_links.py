"""One-time links: used once, for half an hour, whoever is faster."""

from __future__ import annotations

from datetime import timedelta

import pytest
import time_machine
from flask import Flask

from portal import clock
from portal.desk import links, tables
from portal.vault import tables as vault_tables
from tests import builders
from tests.portal.ledger import history


def _token(link_id: str) -> str:
    found = links.for_mail(link_id)
    assert found is not None
    return found[2]


def test_a_link_is_used_once(either_app: Flask) -> None:
    """The token of the mail finds the link until it is used, and never again."""
    link_id = links.make(" Pat@People.example ")
    token = _token(link_id)
    link = links.find(token)
    assert link is not None
    assert link.fresh
    assert links.find(token) == link  # looking does not use it: mail scanners look
    assert links.use(link)
    assert not links.use(link)
    assert links.find(token) is None
    assert links.for_mail(link_id) is None


def test_one_of_several_at_once_uses_a_link(either_app: Flask) -> None:
    """Eight requests with one link at the same moment: one of them signs in."""
    for _ in range(3):
        token = _token(links.make("pat@people.example"))

        def use(token: str = token) -> bool:
            link = links.find(token)
            return link is not None and links.use(link)

        assert sorted(history.at_once(either_app, [use] * 8)) == [False] * 7 + [True]


@pytest.mark.parametrize(("minutes", "there"), [(29, True), (31, False)])
def test_a_link_expires_after_half_an_hour(app: Flask, minutes: int, there: bool) -> None:
    """A link that nobody used for half an hour is neither found nor mailed any more."""
    link_id = links.make("pat@people.example")
    token = _token(link_id)
    with time_machine.travel(clock.now() + timedelta(minutes=minutes), tick=False):
        assert (links.find(token) is not None) is there
        assert (links.for_mail(link_id) is not None) is there


def test_an_address_finds_its_account_however_it_is_written(app: Flask) -> None:
    """Case and outer space do not matter; a link for a known address opens no second account."""
    person = builders.person("Pat", "Pat.Example@People.example")
    for written in ("pat.example@people.example", " PAT.EXAMPLE@PEOPLE.EXAMPLE\n"):
        assert links.account_of(written) == person.id
        found = links.find(_token(links.make(written)))
        assert found is not None
        assert (found.account, found.fresh) == (person.id, False)
    assert links.account_of("pat.example@people.test") is None


def test_rows_hold_neither_address_nor_token(app: Flask) -> None:
    """What lies in the tables leads neither to the mailbox nor to a working link."""
    token = _token(links.make("pat@people.example"))
    builders.person("Pat", "second@people.example")
    lying = str(history.rows(tables.links, tables.addresses)).casefold()
    assert "people.example" not in lying
    assert token.casefold() not in lying


def test_forgetting_removes_what_leads_to_the_account(app: Flask) -> None:
    """After an erasure the address is a stranger's again, and no link of theirs works."""
    person = builders.person("Pat", "pat@people.example")
    token = _token(links.make("pat@people.example"))
    links.forget(person.id)
    assert links.account_of("pat@people.example") is None
    assert links.find(token) is None


def test_old_links_are_cleared_away(app: Flask) -> None:
    """A link that expired more than a day ago goes with its key and its address; others stay."""
    links.make("pat@people.example")
    with time_machine.travel(clock.now() + timedelta(days=1, hours=1), tick=False):
        kept = links.make("other@people.example")
        assert links.prune() == 1
        assert links.for_mail(kept) is not None
    assert [row[1] for row in history.rows(tables.links)["links"]] == [kept]
    for table in (vault_tables.keys, vault_tables.items):
        assert "lnk_" in str(history.rows(table))
        assert str(history.rows(table)).count("lnk_") == str(history.rows(table)).count(kept)


def test_known_and_unknown_addresses_leave_alike_rows(app: Flask) -> None:
    """A link for an address that somebody has adds as many rows as one that nobody has."""
    builders.person("Pat", "pat@people.example")
    everything = [tables.links, vault_tables.keys, vault_tables.items]

    def grown(address: str) -> list[int]:
        before = history.rows(*everything)
        links.make(address)
        after = history.rows(*everything)
        return [len(after[t.name]) - len(before[t.name]) for t in everything]

    assert grown("pat@people.example") == grown("nobody@people.example") == [1, 1, 1]
