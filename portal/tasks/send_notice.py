"""Tell people that something of theirs moved; what moved is behind the sign-in, not in the mail."""

from __future__ import annotations

from collections.abc import Callable

from portal.boards import accounts, applications, grants, organizations
from portal.installation import settings
from portal.notices import mail

WORDS = {
    "submitted": "We have your application",
    "decided": "Your application was decided",
    "suspended": "A grant of yours was suspended",
    "resumed": "A grant of yours was given back",
    "revoked": "A grant of yours was revoked",
    "expired": "A grant of yours came to its end",
    "passkey_added": "A passkey was added to your account",
}


def _application(stream: str) -> tuple[list[str], str]:
    return (
        organizations.people_to_tell(applications.for_robot(stream).org_id),
        f"/applications/{stream}",
    )


def _grant(stream: str) -> tuple[list[str], str]:
    row = grants.for_notice(stream)
    return (organizations.people_to_tell(row.org_id) if row else [], f"/grants/{stream}")


def _account(stream: str) -> tuple[list[str], str]:
    return [stream], "/account"


_OF: dict[str, Callable[[str], tuple[list[str], str]]] = {
    "app": _application,
    "gr": _grant,
    "acc": _account,
}


def work(payload: dict[str, str]) -> None:
    """`payload`: what, stream. One mail a person, however often this runs."""
    what, stream = payload["what"], payload["stream"]
    people, path = _OF[stream.partition("_")[0]](stream)
    for account in people:
        address = accounts.address(account)
        if address is None:
            continue
        text = (
            f"{WORDS[what]}.\n\nSign in to read more:\n\n{settings().base_url}{path}\n\n"
            "You get this mail because you look after your organization's access.\n"
        )
        mail.write(f"{what}:{stream}:{account}", account, address, WORDS[what], text)
