"""The challenge's file on a claimed domain's web server, asked for by https.

Says what happened and never raises for the network; `workflows.organization.proofs` judges. No
redirect is followed: whoever may send visitors elsewhere need not be who owns the name.
"""

from __future__ import annotations

from dataclasses import dataclass

from portal import outgoing
from portal.outgoing import Unreachable, Why
from workflows.organization.proofs import PATH, FileOutcome

MOST_BYTES = 1024
PORT = 443
TRUSTED: bool | str = True  # the usual certificate authorities, or a file of others

_OUTCOMES = {
    Why.REDIRECTED: FileOutcome.REDIRECTED,
    Why.COMPRESSED: FileOutcome.COMPRESSED,
    Why.TOO_LARGE: FileOutcome.TOO_LARGE,
    Why.NOT_PUBLIC: FileOutcome.NOT_PUBLIC,
    Why.CERTIFICATE: FileOutcome.CERTIFICATE,
    Why.TIMEOUT: FileOutcome.TIMEOUT,
}


@dataclass(frozen=True, slots=True)
class FileAnswer:
    """What asking for the file came to; `text` without outer white space, bytes beyond ASCII as
    backslash escapes, "" unless answered."""

    outcome: FileOutcome
    text: str = ""


NOT_ASKED = FileAnswer(FileOutcome.NOT_ASKED)


def url(domain: str) -> str:
    """Where the file is asked for; `domain` in A-labels."""
    return f"https://{domain}{PATH}"


def fetch(domain: str) -> FileAnswer:
    """Ask for a domain's file once; `domain` in A-labels, as `dns.ascii_domain` makes it."""
    at = url(domain) if PORT == 443 else f"https://{domain}:{PORT}{PATH}"
    try:
        status, body = outgoing.get_small(at, MOST_BYTES, "text/plain", TRUSTED)
    except Unreachable as failed:
        return FileAnswer(_OUTCOMES.get(failed.why, FileOutcome.NETWORK))
    if status == 200:
        return FileAnswer(FileOutcome.ANSWERED, body.strip().decode("ascii", "backslashreplace"))
    return FileAnswer(_of_status(status))


def _of_status(status: int) -> FileOutcome:
    if status in (404, 410):
        return FileOutcome.NO_FILE
    return FileOutcome.SERVER_ERROR if status >= 500 else FileOutcome.NOT_GIVEN
