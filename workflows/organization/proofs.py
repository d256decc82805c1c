"""The two places where a domain's token proves it, and what an absence there means.

Either is enough: a TXT record at the challenge's name, or a file on the domain's web server.
"""

from __future__ import annotations

from collections.abc import Collection
from enum import StrEnum

DNS, FILE = "dns", "file"
CHALLENGE = "_trusted-access-challenge"
PATH = "/.well-known/trusted-access-challenge.txt"


class Outcome(StrEnum):
    """What came of one look-up of TXT records."""

    ANSWERED = "answered"  # there are TXT records: see the values
    NO_RECORD = "no-record"  # the name exists and has no TXT record (NODATA, RFC 2308)
    NO_NAME = "no-name"  # the name does not exist (NXDOMAIN, RFC 8020)
    TOO_LARGE = "too-large"  # more or longer records than anybody needs
    TIMEOUT = "timeout"
    SERVER_FAILURE = "server-failure"  # SERVFAIL, among others when DNSSEC is broken
    REFUSED = "refused"
    NETWORK = "network"  # unreachable, or not an answer that can be read
    NO_RESOLVER = "no-resolver"  # this machine has none configured


class FileOutcome(StrEnum):
    """What came of asking a web server for the file, by https and without a detour."""

    ANSWERED = "answered"  # there is a short text: see it
    NO_FILE = "no-file"  # 404 or 410
    REDIRECTED = "redirected"  # no redirect is followed
    NOT_GIVEN = "not-given"  # another answer that is not 200, such as 403
    TOO_LARGE = "too-large"
    COMPRESSED = "compressed"
    SERVER_ERROR = "server-error"  # 500 and above
    CERTIFICATE = "certificate"
    TIMEOUT = "timeout"
    NOT_PUBLIC = "not-public"  # the name leads to an address that is not public
    NETWORK = "network"  # no address, or no connection
    NOT_ASKED = "not-asked"  # the record was enough


class Absence(StrEnum):
    """Why a token is not there."""

    DENIED = "denied"  # whoever was asked says so
    SILENT = "silent"  # the domain's servers said nothing
    UNREACHED = "unreached"  # this machine reached nobody: that says nothing about the domain


# What was found instead of the token, in words that go on: "the token was not found: ...".
_RECORD_WORDS = {
    Outcome.ANSWERED: "TXT records are there, and none is the token",
    Outcome.NO_RECORD: "the name exists and has no TXT record",
    Outcome.NO_NAME: "the name does not exist",
    Outcome.TOO_LARGE: "the name has more or longer TXT records than are read",
    Outcome.TIMEOUT: "the name servers did not answer in time",
    Outcome.SERVER_FAILURE: "the name servers reported an error",
    Outcome.REFUSED: "the name servers refused to answer",
    Outcome.NETWORK: "the name servers could not be reached",
    Outcome.NO_RESOLVER: "this portal has no name server to ask",
}
_FILE_WORDS = {
    FileOutcome.ANSWERED: "the file is there with another text",
    FileOutcome.NO_FILE: "the web server has no such file",
    FileOutcome.REDIRECTED: "the web server sends us to another address, which is not followed",
    FileOutcome.NOT_GIVEN: "the web server does not give the file out",
    FileOutcome.TOO_LARGE: "the file is longer than 1 KiB",
    FileOutcome.COMPRESSED: "the web server compressed its answer, which nobody asked for",
    FileOutcome.SERVER_ERROR: "the web server reported an error of its own",
    FileOutcome.CERTIFICATE: "the web server's certificate does not hold",
    FileOutcome.TIMEOUT: "the web server did not answer in time",
    FileOutcome.NOT_PUBLIC: "the domain leads to an address that is not public",
    FileOutcome.NETWORK: "there is no web server that answers",
    FileOutcome.NOT_ASKED: "the file was not asked for",
}

_RECORD_DENIES = frozenset(
    {Outcome.ANSWERED, Outcome.NO_RECORD, Outcome.NO_NAME, Outcome.TOO_LARGE}
)
_FILE_DENIES = frozenset(
    {
        FileOutcome.ANSWERED,
        FileOutcome.NO_FILE,
        FileOutcome.REDIRECTED,
        FileOutcome.NOT_GIVEN,
        FileOutcome.TOO_LARGE,
        FileOutcome.COMPRESSED,
        FileOutcome.NOT_PUBLIC,
    }
)
_NO_NAME_SERVER = frozenset({Outcome.NO_RESOLVER, Outcome.NETWORK})
_NO_WEB_SERVER = frozenset({FileOutcome.NETWORK, FileOutcome.TIMEOUT, FileOutcome.NOT_ASKED})
# A domain without a web server proves itself by a record; a slow one may prove itself yet.
_FILE_MAY_COME = frozenset({FileOutcome.TIMEOUT, FileOutcome.SERVER_ERROR})


def words(outcome: Outcome | FileOutcome) -> str:
    if isinstance(outcome, Outcome):
        return _RECORD_WORDS[outcome]
    return _FILE_WORDS[outcome]


def absence(record: Outcome, file: FileOutcome, proven_by: Collection[str]) -> Absence:
    """Why the token is in neither place.

    Args:
        proven_by: where it was when it was last found, of "dns" and "file"; empty when it never
            was. Only what was there can be missed: a web server that is down says nothing about
            a domain that a record proved, and a record that never was is not gone.
    """
    found = {_of_way(way, record, file) for way in proven_by or (DNS,)}
    if not proven_by and file in _FILE_MAY_COME:
        found.add(Absence.SILENT)
    if Absence.UNREACHED in found:
        return Absence.UNREACHED
    return Absence.SILENT if Absence.SILENT in found else Absence.DENIED


def _of_way(way: str, record: Outcome, file: FileOutcome) -> Absence:
    if way == DNS:
        if record in _NO_NAME_SERVER:
            return Absence.UNREACHED
        return Absence.DENIED if record in _RECORD_DENIES else Absence.SILENT
    if record in _NO_NAME_SERVER and file in _NO_WEB_SERVER:
        return Absence.UNREACHED
    return Absence.DENIED if file in _FILE_DENIES else Absence.SILENT
