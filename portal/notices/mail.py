"""Mail: written once into a table, encrypted under its reader's key, sent by a job of its own."""

from __future__ import annotations

import json
import smtplib
from dataclasses import dataclass
from email.message import EmailMessage
from email.utils import formatdate
from urllib.parse import unquote, urlsplit

from sqlalchemy import insert, select, update

from portal import clock, ids, vault
from portal.desk.tables import mails
from portal.extensions import db
from portal.installation import settings
from portal.ledger import outbox
from portal.ledger.database import writing
from workflows.reactions import Effect


@dataclass(frozen=True, slots=True)
class Mail:
    id: str
    to: str
    subject: str
    text: str
    written_at: str


def write(key: str, account: str, to: str, subject: str, text: str) -> None:
    """Keep a mail for sending. A second one with the same key is the same mail."""
    mail_id = ids.new("mail")
    content = json.dumps({"to": to, "subject": subject, "text": text})
    sealed = vault.seal(account, content, mail_id)
    with writing() as connection:
        if connection.execute(select(mails.c.id).where(mails.c.key == key)).scalar():
            return
        connection.execute(
            insert(mails).values(
                id=mail_id, key=key, account=account, sealed=sealed, written_at=clock.now_iso()
            )
        )
    if settings().smtp_url:
        outbox.enqueue(Effect("send_mail", f"mail:{mail_id}", {"mail": mail_id}))


def _open(row: object) -> Mail | None:
    content = vault.unseal(row.account, row.sealed, row.id)  # type: ignore[attr-defined]
    if content is None:
        return None
    fields = json.loads(content)
    return Mail(row.id, fields["to"], fields["subject"], fields["text"], row.written_at)  # type: ignore[attr-defined]


def captured(limit: int = 50) -> list[Mail]:
    """The newest mails, for the demo's page of captured mail."""
    with db.engine.connect() as connection:
        rows = connection.execute(
            select(mails).order_by(mails.c.written_at.desc()).limit(limit)
        ).all()
    return [mail for mail in map(_open, rows) if mail is not None]


def to_person(account: str) -> list[Mail]:
    """Every mail that was written to a person, oldest first."""
    with db.engine.connect() as connection:
        rows = connection.execute(
            select(mails).where(mails.c.account == account).order_by(mails.c.written_at)
        ).all()
    return [mail for mail in map(_open, rows) if mail is not None]


def send(mail_id: str) -> None:
    """Hand a mail to the SMTP server of the settings; raises when it does not take it."""
    with db.engine.connect() as connection:
        row = connection.execute(select(mails).where(mails.c.id == mail_id)).one_or_none()
    if row is None or row.sent_at:
        return
    mail = _open(row)
    if mail is not None:
        _deliver(mail)
    with writing() as connection:
        connection.execute(
            update(mails).where(mails.c.id == mail_id).values(sent_at=clock.now_iso())
        )


def _deliver(mail: Mail) -> None:
    message = EmailMessage()
    message["From"], message["To"] = settings().mail_from, mail.to
    message["Subject"], message["Date"] = mail.subject, formatdate(usegmt=True)
    # The same id at each attempt, so that a mail that was sent twice is shown once.
    message["Message-ID"] = f"<{mail.id}@portal>"
    message.set_content(mail.text)
    parts = urlsplit(settings().smtp_url)
    client = smtplib.SMTP_SSL if parts.scheme == "smtps" else smtplib.SMTP
    with client(parts.hostname or "", parts.port or 0, timeout=20) as server:
        if parts.username:
            server.login(unquote(parts.username), unquote(parts.password or ""))
        server.send_message(message)
