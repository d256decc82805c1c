"""Unicode and case tricks: each spelling is the one same name, or is refused in clear words."""

from __future__ import annotations

import re

import pytest
from flask import Flask

from portal import spelling, vault
from portal.boards import accounts, domains, invitations
from portal.desk import directory_entries, links
from portal.identity import requirement
from portal.ledger import perform
from portal.notices import mail
from tests import builders
from tests.portal import sign_on
from tests.portal.people import ask, look
from tests.portal.provider import standing
from tests.portal.sign_on import Browser, mails_to
from workflows.actors import robot
from workflows.organization.commands.prove_sign_on import ProveSignOn
from workflows.organization.commands.require_sign_on import RequireSignOn
from workflows.organization.commands.verify_domain import VerifyDomain

# Spelling -> the one form, or what the refusal says.
SAME_DOMAIN = {
    "CERT.Example": "cert.example",
    " cert.example\n": "cert.example",
    "cert.example.": "cert.example",
    "ｃｅｒｔ.example": "cert.example",
    "cert。example": "cert.example",
    "cert\uff0eexample\uff61": "cert.example",
    "ﬁre.example": "fire.example",
    "ce\u00adrt.exam\u200bple": "cert.example",
    "\ufeffcert.example": "cert.example",
    "\u212aelvin.example": "kelvin.example",
    "münchen.example": "xn--mnchen-3ya.example",
    "MU\u0308NCHEN.example": "xn--mnchen-3ya.example",
    "XN--MNCHEN-3YA.example": "xn--mnchen-3ya.example",
    "例え.example": "xn--r8jz45g.example",
    "xn--e1afmkfd.example": "xn--e1afmkfd.example",  # one alphabet, shown in A-labels
    "dıa.example": "xn--da-hpa.example",  # a letter of its own, and so another name
    "faß.example": "xn--fa-hia.example",  # not fass.example, which may be somebody else's
}
NO_DOMAIN = {
    "": "not a domain name",
    ".": "not a domain name",
    "localhost": "two labels or more",
    ".cert.example": "begins with a dot",
    "cert..example": "two in a row",
    "cert.example..": "two in a row",
    "ce rt.example": "not a domain name",
    "cert\u200d.example": "not a domain name",
    "*.example": "not a domain name",
    "a_b.example": "not a domain name",
    "-a.example": "not a domain name",
    "xn--a.example": "not a domain name",
    "x" * 64 + ".example": "not a domain name",
    ".".join(["a" * 60] * 5): "at most 253",
    "192.0.2.1": "an IP address is not a domain",
    "[127.0.0.1]": "an IP address is not a domain",
    "１９２.0.2.1": "an IP address is not a domain",
    "::1": "an IP address is not a domain",
    "с\u0435rt.example.a\u0430": "mixes the alphabets Cyrillic and Latin",
    "ex\u0430mple.example": "mixes the alphabets Cyrillic and Latin",
    "xn--exmple-4nf.example": "mixes the alphabets Cyrillic and Latin",
    "\u03bfk.example": "mixes the alphabets Greek and Latin",
    "İstanbul.example": "write i",
}
SAME_ADDRESS = {
    "Ann@CERT.Example": "ann@cert.example",
    "\t ann@cert.example\n": "ann@cert.example",
    "ann@cert.example.": "ann@cert.example",
    "ann@ｃert.example": "ann@cert.example",
    "ann@cert。example": "ann@cert.example",
    "ann@münchen.example": "ann@xn--mnchen-3ya.example",
    "ann@XN--MNCHEN-3ya.example": "ann@xn--mnchen-3ya.example",
    "ann+tag@cert.example": "ann+tag@cert.example",  # somebody else than ann@, as far as we know
    "a.nn@cert.example": "a.nn@cert.example",
}
NO_ADDRESS = {
    "ann": "a name, an @ and a domain",
    "@cert.example": "a name, an @ and a domain",
    "ann@": "a name, an @ and a domain",
    "ann@localhost": "two labels or more",
    "ann@cert@cert.example": "one @",
    '"ann b"@cert.example': "no quotation marks",
    '"ann"@cert.example': "no quotation marks",
    "ann@[127.0.0.1]": "not an IP address",
    "ann@[IPv6:::1]": "not an IP address",
    "ann@127.0.0.1": "an IP address is not a domain",
    "an n@cert.example": "a space in it",
    "an\u200bn@cert.example": "cannot be seen",
    "ann@ce\u200brt.example": "cannot be seen",
    "ann\u202e@cert.example": "cannot be seen",
    "ann\x00@cert.example": "cannot be seen",
    "ｎｎ@cert.example": "unaccented letters",
    "ﬁ@cert.example": "unaccented letters",
    "m\u0131ke@cert.example": "unaccented letters",
    "İnn@cert.example": "unaccented letters",
    "\u0430nn@cert.example": "unaccented letters",
    ".ann@cert.example": "unaccented letters",
    "ann.@cert.example": "unaccented letters",
    "an..n@cert.example": "unaccented letters",
    "x" * 65 + "@cert.example": "64 at most",
    "ann@.cert.example": "begins with a dot",
    "ann@cert..example": "two in a row",
    "ann@c\u0435rt.example": "mixes the alphabets Cyrillic and Latin",
    "ann@" + "x" * 64 + ".example": "not a domain name",
}


@pytest.mark.parametrize(("written", "one"), SAME_DOMAIN.items(), ids=ascii)
def test_spellings_of_one_domain_are_one(written: str, one: str) -> None:
    """Case, width, ligatures, dots of other scripts and what cannot be seen make no difference."""
    assert spelling.domain(written) == one
    assert spelling.domain(one) == one


@pytest.mark.parametrize(("written", "why"), NO_DOMAIN.items(), ids=ascii)
def test_what_is_no_domain_is_refused_in_words(written: str, why: str) -> None:
    """The refusal says what is wrong with it."""
    with pytest.raises(spelling.InvalidDomain, match=re.escape(why)):
        spelling.domain(written)


@pytest.mark.parametrize(
    ("written", "own"),
    [("co.uk", False), ("CO.UK.", False), ("github.io", False), ("公司.cn", False),
     ("cert.co.uk", True), ("cert.github.io", True), ("cert.example", True)],
)  # fmt: skip
def test_nobody_owns_a_public_suffix(written: str, own: bool) -> None:
    """What many have their names under is nobody's; a name under it is."""
    if own:
        assert spelling.own_domain(written) == written
    else:
        with pytest.raises(spelling.InvalidDomain, match="many organizations"):
            spelling.own_domain(written)


@pytest.mark.parametrize(("written", "one"), SAME_ADDRESS.items(), ids=ascii)
def test_spellings_of_one_address_are_one(written: str, one: str) -> None:
    """Case and the domain's spelling make no difference; a tag or a dot before the @ does."""
    assert spelling.address(written) == one
    assert spelling.address(spelling.deliverable(written)) == one
    assert len({spelling.address(a) for a in ("ann@a.example", "ann+x@a.example")}) == 2


@pytest.mark.parametrize(("written", "why"), NO_ADDRESS.items(), ids=ascii)
def test_what_is_no_address_is_refused_in_words(written: str, why: str) -> None:
    """The refusal says what is wrong with it; as a key it equals no address's."""
    with pytest.raises(spelling.InvalidAddress, match=re.escape(why)):
        spelling.deliverable(written)
    assert spelling.address(written) not in SAME_ADDRESS.values()


@pytest.mark.parametrize("written", NO_ADDRESS, ids=ascii)
def test_no_door_takes_what_is_no_address(web: Flask, written: str) -> None:
    """Sign-in by link, the organization's sign-in and an invitation refuse in words; by password
    it fails as any other; nothing was mailed, invited or opened."""
    org = builders.organization()
    browser = Browser(web)
    for path, field in (("/sign-in", "email"), ("/sign-in/organization", "work_email")):
        page = browser.post(path, **{field: written})
        assert page.status_code == 200, path
        assert "Enter an address such as name@cert.example" in page.text
    browser.post("/sign-in/password", email=written, password="whatever it is")
    browser.post("/sign-in/password/code", code="123456")
    assert browser.who() == ""
    path = f"/organizations/{org.id}/invitations"
    ask(web, org.owner, path, email=written, role="member")
    assert invitations.of_organization(org.id, org.owner) == []
    mails_to("anybody")
    assert mail.captured() == []


@pytest.mark.parametrize("written", [w for w, one in SAME_ADDRESS.items() if one[:4] == "ann@"])
def test_one_person_comes_in_by_every_spelling(web: Flask, written: str) -> None:
    """A link for another spelling signs in to the same account, and goes to the address's own
    domain in the form in which mail goes there."""
    one = spelling.address(written)
    person = builders.person("Ann", one)
    link = links.make(written)
    found = links.for_mail(link)
    assert found is not None
    account, to, token = found
    assert account == person.id
    assert to.lower() == one
    assert links.account_of(written) == person.id
    browser = Browser(web)
    assert browser.post(f"/link/{token}").status_code == 302
    assert browser.who() != ""


def test_two_spellings_of_a_new_address_open_one_account(web: Flask) -> None:
    """Of two links for one new address, written in two ways, the second finds the account."""
    tokens = []
    for written in ("ann@münchen.example", "ANN@xn--mnchen-3ya.example."):
        found = links.for_mail(links.make(written))
        assert found is not None
        tokens.append(found[2])
    for token in tokens:
        assert Browser(web).post(f"/link/{token}", name="Ann").status_code == 302
    account = links.account_of("ann@münchen.example")
    assert account is not None
    assert vault.text(accounts.get(account).address_ref).lower().startswith("ann@xn--")  # type: ignore[union-attr]


def test_a_domain_is_claimed_once_however_it_is_written(web: Flask) -> None:
    """Ten spellings make one claim; what is refused adds none, and says why on the page."""
    org = builders.organization(domain="xn--mnchen-3ya.example")
    path = f"/organizations/{org.id}/domains"
    for written, one in SAME_DOMAIN.items():
        if one == org.domain:
            ask(web, org.owner, path, domain=written)
    assert [d.domain for d in domains.of_organization(org.id, org.owner)] == [org.domain]
    for written in [*NO_DOMAIN, "co.uk", "github.io"]:
        ask(web, org.owner, path, domain=written)
    assert [d.domain for d in domains.of_organization(org.id, org.owner)] == [org.domain]
    browser = Browser(web)
    browser.sign_in(org.owner)
    browser.post(path, domain="co.uk")
    assert "many organizations have their names under co.uk" in look_at(browser, org)
    browser.post(path, domain="ex\u0430mple.example")
    assert "mixes the alphabets Cyrillic and Latin" in look_at(browser, org)


def look_at(browser: Browser, org: builders.Org) -> str:
    return browser.ask(f"/organizations/{org.id}").text


def test_a_second_organization_proves_no_other_spelling(web: Flask) -> None:
    """Uniqueness of proven domains holds for the one form."""
    first = builders.organization(domain="xn--mnchen-3ya.example")
    second = builders.organization("Other", "other.example")
    now = "2026-01-01T00:00:00.000000Z"
    perform(VerifyDomain(first.id, first.domain, first.token, now), robot("dns"))
    ask(web, second.owner, f"/organizations/{second.id}/domains", domain="MÜNCHEN.example.")
    claim = domains.claim_for_robot(second.id, first.domain)
    assert claim is not None  # claimed under the very same name, where staff settle it
    assert len(domains.of_organization(second.id, second.owner)) == 2


def test_an_invitation_finds_its_person_by_every_spelling(web: Flask) -> None:
    """Invited as MÜNCHEN, signed in as xn--; asked twice, one invitation waits."""
    org = builders.organization()
    path = f"/organizations/{org.id}/invitations"
    for written in ("ann@MÜNCHEN.example", "Ann@xn--mnchen-3ya.example."):
        assert ask(web, org.owner, path, email=written, role="member").status_code == 302
    assert len(invitations.of_organization(org.id, org.owner)) == 1
    ann = builders.person("Ann", "ann@xn--mnchen-3ya.example")
    assert "Harbor CERT" in look(web, ann, "/defender")


def test_a_required_sign_on_is_passed_round_by_no_spelling(house: Flask) -> None:
    """Where an organization requires its provider, no spelling of an address gets past it."""
    org = sign_on.proven(domain="xn--fa-hia.example")
    sign_on.give_passkey(org.owner)
    with standing() as provider:
        sign_on.configure(org, provider)
        proof = ProveSignOn(org.id, org.owner.id, provider.issuer, sign_on.CLIENT)
        perform(proof, robot("sign_on"))
        perform(RequireSignOn(org.id), builders.again(org.owner))
    for written in ("a@faß.example", "A@FAß.example.", "a@XN--FA-hia.example"):
        assert requirement.requires(written) == org.id, written
    assert requirement.requires("a@fass.example") == ""


def test_a_directory_s_names_and_addresses_are_told_apart_alike(web: Flask) -> None:
    """A userName in another case, width or spelling of its domain is the same user's."""
    same = {
        directory_entries._name_digest("org_1", name)
        for name in ("Ann@münchen.example", "ann@XN--MNCHEN-3YA.example.", " ann@ＭÜNCHEN.example ")
    }
    assert len(same) == 1
    assert directory_entries._name_digest("org_1", "ｊｄｏｅ") == directory_entries._name_digest(
        "org_1", "JDOE"
    )
    assert directory_entries._name_digest("org_1", "jdoe") != directory_entries._name_digest(
        "org_1", "jd\u03bfe"
    )
