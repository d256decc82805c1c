"""Signed decisions, verified from the ledger's entries alone: no vault, no board, no browser."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Any

import webauthn
from sqlalchemy import select
from webauthn.helpers import base64url_to_bytes
from webauthn.helpers.exceptions import WebAuthnException

from portal.extensions import db
from portal.ledger import codec
from portal.ledger.codec import Envelope, canonical
from portal.ledger.tables import events
from workflows import registry
from workflows import signatures as rule
from workflows.account import events as account
from workflows.application.events import Decided, DecisionSigned, Submitted

_SPEAK = ("Submitted", "Decided", "DecisionSigned")


def content(application: str, program_version: str, decision: rule.Decision) -> bytes:
    """Canonical JSON of what is signed."""
    return canonical(rule.content(application, program_version, decision)).encode()


def challenge(signed: bytes, nonce: bytes) -> bytes:
    """What the passkey is asked to sign."""
    return sha256(signed + nonce).digest()


@dataclass(frozen=True, slots=True)
class Verdict:
    """`bad` names the first decision whose signature does not hold, "" when all do.

    `unsigned` counts decisions from before decisions were signed.
    """

    signed: int
    unsigned: int
    bad: str

    @property
    def ok(self) -> bool:
        return not self.bad


@dataclass(slots=True)
class _Read:
    """What the signatures rest on, of the whole ledger."""

    people: dict[str, list[Envelope]] = field(default_factory=dict)
    versions: dict[str, str] = field(default_factory=dict)
    decided: list[tuple[Envelope, Envelope | None]] = field(default_factory=list)
    stray: str = ""


def verify() -> Verdict:
    """Every decision of the running ledger."""
    ours = events.c.stream.startswith("acc") | events.c.stream.startswith("app")
    query = select(events).where(ours).order_by(events.c.stream, events.c.seq)
    with db.engine.connect() as connection:
        return verify_rows(connection.execute(query.execution_options(yield_per=1000)))


def verify_rows(rows: Iterable[Any]) -> Verdict:
    """Every decision among these entries, which come stream by stream, each in order."""
    read = _read(rows)
    signed = [(one, proof) for one, proof in read.decided if proof]
    began = min((one.at for one, _ in signed), default="")
    unsigned = [one for one, proof in read.decided if not proof]
    bad = read.stray or next(_wrong(read, signed), "")
    # Once decisions are signed every later one is: a missing signature was taken away.
    late = [one for one in unsigned if began and one.at > began]
    if late and not bad:
        bad = f"{_where(late[0])}: its signature is missing, others had theirs by then (removed)"
    return Verdict(len(signed), len(unsigned), bad)


def _read(rows: Iterable[Any]) -> _Read:
    read = _Read()
    before: Envelope | None = None
    for row in rows:
        prefix = row.stream.partition("_")[0]  # as the portal itself tells what a stream is
        if prefix not in ("acc", "app") or (prefix == "app" and row.name not in _SPEAK):
            continue
        try:
            entry = _opened(row)
        except (LookupError, ValueError, TypeError):
            read.stray = read.stray or f"{row.stream} entry {row.seq}: it cannot be read (edited)"
            continue
        if prefix == "acc":
            read.people.setdefault(row.stream, []).append(entry)
        else:
            _application(read, entry, before)
            before = entry
    return read


def _application(read: _Read, entry: Envelope, before: Envelope | None) -> None:
    if isinstance(entry.event, Submitted):
        read.versions[entry.stream] = entry.event.program_version
    elif isinstance(entry.event, Decided):
        read.decided.append((entry, None))
    elif before and isinstance(before.event, Decided) and (
        (entry.stream, entry.seq) == (before.stream, before.seq + 1)
    ):  # fmt: skip
        read.decided[-1] = before, entry
    else:
        read.stray = read.stray or f"{_where(entry)}: it follows no decision (inserted or moved)"


def _opened(row: Any) -> Envelope:
    kind = registry.kind_of(row.stream)
    event = codec.decode(kind, row.name, row.version, row.data)
    return Envelope(row.stream, kind, row.seq, row.at, row.actor, event)


def _where(entry: Envelope) -> str:
    return f"{entry.stream} entry {entry.seq}"


def _wrong(read: _Read, signed: list[tuple[Envelope, Envelope]]) -> Iterator[str]:
    for decided, proof in signed:
        why = _not_theirs(read, decided, proof) or _not_signed(read, decided, proof.event)
        if why:
            yield f"{_where(proof)}: {why}"


def _not_theirs(read: _Read, decided: Envelope, proof: Envelope) -> str:
    """Why the key is not the decider's own at that time, "" when it is."""
    if (proof.actor, proof.at) != (decided.actor, decided.at):
        return "it was not written with its decision, by the same person (moved)"
    until = [e.event for e in read.people.get(proof.actor, ()) if e.at <= proof.at]
    if not until or proof.event.credential not in registry.fold(proof.actor, tuple(until)).passkeys:
        return "its passkey was not on the decider's account at that time (other key)"
    added = {e.passkey: e for e in until if isinstance(e, account.PasskeyAdded)}
    passkey = added[proof.event.credential]
    if passkey.public_key != proof.event.public_key:
        return "its public key is not the one of the decider's passkey (other key)"
    if passkey.backup_eligible:
        return "its passkey may be copied beyond one device (synced)"
    return ""


def _not_signed(read: _Read, decided: Envelope, proof: DecisionSigned) -> str:
    """Why the signature does not hold for this decision, "" when it does."""
    signed = content(decided.stream, read.versions.get(decided.stream, ""), decided.event)
    try:
        verified = webauthn.verify_authentication_response(
            credential=_assertion(proof),
            expected_challenge=challenge(signed, base64url_to_bytes(proof.nonce)),
            expected_rp_id=proof.rp_id,
            expected_origin=proof.origin,
            credential_public_key=base64url_to_bytes(proof.public_key),
            credential_current_sign_count=0,  # counters are the door's business, at the time
            require_user_verification=True,
        )
    except (WebAuthnException, ValueError, KeyError, TypeError):
        return "the passkey did not sign this decision (edited or swapped)"
    if verified.credential_device_type != "single_device":
        return "its passkey says that it may be copied beyond one device (synced)"
    return ""


def _assertion(proof: DecisionSigned) -> str:
    """The browser's answer as it was, AuthenticationResponseJSON."""
    return json.dumps(
        {
            "id": proof.credential,
            "rawId": proof.credential,
            "type": "public-key",
            "clientExtensionResults": {},
            "response": {
                "authenticatorData": proof.authenticator_data,
                "clientDataJSON": proof.client_data,
                "signature": proof.signature,
            },
        }
    )
