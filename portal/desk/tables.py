"""Plain tables that record no decision; each is reached through functions beside this file."""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, Index, Integer, LargeBinary, String, Text

from portal.extensions import db

sessions = db.Table(
    "sessions",
    Column("digest", String(64), primary_key=True),
    Column("id", String(40), nullable=False, unique=True),
    Column("account", String(40), nullable=False),
    Column("device", String(60), nullable=False),
    Column("strength", Integer, nullable=False),
    Column("started_at", String(27), nullable=False),
    Column("seen_at", String(27), nullable=False),
    Column("ends_at", String(27), nullable=False),
    # The organization whose provider vouched for the person; "" for their own passkey or link.
    Column("via", String(40), nullable=False, default="", server_default=""),
)
Index("ix_sessions_account", sessions.c.account)

challenges = db.Table(
    "challenges",
    Column("digest", String(64), primary_key=True),
    Column("purpose", String(24), nullable=False),
    Column("subject", String(64), nullable=False),
    Column("expires_at", String(27), nullable=False),
)

links = db.Table(
    "links",
    Column("digest", String(64), primary_key=True),
    Column("id", String(40), nullable=False, unique=True),
    Column("account", String(40), nullable=False),
    Column("address_ref", String(40), nullable=False),
    Column("address_salted", String(64), nullable=False),
    Column("address_digest", String(64), nullable=False),
    Column("sealed_token", LargeBinary, nullable=False),
    Column("fresh", Integer, nullable=False),
    Column("expires_at", String(27), nullable=False),
    Column("used_at", String(27), nullable=False, default=""),
)

# Keyed digest of an e-mail address -> account; deleted when the person is erased. `change` is the
# change of address that brought it, "" for the one that the account was opened with; the board of
# accounts names the one that counts.
addresses = db.Table(
    "addresses",
    Column("digest", String(64), primary_key=True),
    Column("account", String(40), nullable=False),
    Column("change", String(40), nullable=False, default="", server_default=""),
)
Index("ix_addresses_account", addresses.c.account)

# A change of address that was asked for, and how it is confirmed and undone. New address and
# tokens lie under a vault key of the change's own.
address_changes = db.Table(
    "address_changes",
    Column("id", String(40), primary_key=True),
    Column("account", String(40), nullable=False),
    Column("address_ref", String(40), nullable=False),
    Column("address_digest", String(64), nullable=False),
    Column("digest", String(64), nullable=False, unique=True),
    Column("sealed_token", LargeBinary, nullable=False),
    Column("undo_digest", String(64), nullable=False, unique=True),
    Column("sealed_undo", LargeBinary, nullable=False),
    Column("expires_at", String(27), nullable=False),
    Column("used_at", String(27), nullable=False, default=""),
)
Index("ix_address_changes_account", address_changes.c.account)

# A password's hash with its sealed authenticator. Which of a person's rows counts says the board
# of accounts; one that it does not name is on its way in or out.
secrets = db.Table(
    "secrets",
    Column("id", String(40), primary_key=True),
    Column("account", String(40), nullable=False),
    Column("hash", String(255), nullable=False),
    Column("sealed_totp", LargeBinary, nullable=False),
    Column("last_step", BigInteger, nullable=False),
    Column("made_at", String(27), nullable=False),
)
Index("ix_secrets_account", secrets.c.account)

# What stands behind the name of a recovery code: a keyed digest.
recovery_digests = db.Table(
    "recovery_digests",
    Column("code", String(40), primary_key=True),
    Column("account", String(40), nullable=False),
    Column("digest", String(64), nullable=False),
    Column("made_at", String(27), nullable=False),
)
Index("ix_recovery_digests_account", recovery_digests.c.account)

# Between the password and the code: which browser, which address, and whose secret to ask.
password_steps = db.Table(
    "password_steps",
    Column("digest", String(64), primary_key=True),
    Column("address_digest", String(64), nullable=False),
    Column("secret", String(40), nullable=False),
    Column("expires_at", String(27), nullable=False),
)

# Tries by the keyed digest of an address or of a network; times are seconds since 1970.
attempts = db.Table(
    "attempts",
    Column("key", String(80), primary_key=True),
    Column("id", String(40), nullable=False, unique=True),
    Column("tries", Integer, nullable=False),
    Column("wait", Integer, nullable=False),
    Column("since", BigInteger, nullable=False),
    Column("last", BigInteger, nullable=False),
    Column("shut_until", BigInteger, nullable=False),
)
Index("ix_attempts_last", attempts.c.last)

# Keyed digest of the address that an invitation went to.
invitees = db.Table(
    "invitees",
    Column("invitation", String(40), primary_key=True),
    Column("digest", String(64), nullable=False),
)
Index("ix_invitees_digest", invitees.c.digest)

domain_looks = db.Table(
    "domain_looks",
    Column("org_id", String(40), primary_key=True),
    Column("domain", String(253), primary_key=True),
    Column("looked_at", String(27), nullable=False),
    Column("missed_since", String(27), nullable=False),
    # What the last look came to, and where the last one that found the token found it.
    Column("record", String(20), nullable=False, default="", server_default=""),
    Column("file", String(20), nullable=False, default="", server_default=""),
    Column("found_by", String(8), nullable=False, default="", server_default=""),
    Column("ways", String(8), nullable=False, default="", server_default=""),
)

# Who of the staff read what of an organization, and what for; rows are only ever added to.
access_records = db.Table(
    "access_records",
    Column("id", String(40), primary_key=True),
    Column("org_id", String(40), nullable=False),
    Column("reader", String(40), nullable=False),
    Column("kind", String(16), nullable=False),
    Column("subject", String(40), nullable=False),
    Column("purpose", String(16), nullable=False),
    Column("at", String(27), nullable=False),
    Column("last_at", String(27), nullable=False),
    Column("times", Integer, nullable=False),
)
Index("ix_access_records_org", access_records.c.org_id, access_records.c.at)
Index("ix_access_records_at", access_records.c.at)
Index("ix_access_records_reader", access_records.c.reader, access_records.c.subject)

passkey_uses = db.Table(
    "passkey_uses",
    Column("passkey", String(700), primary_key=True),
    Column("sign_count", BigInteger, nullable=False),
    Column("used_at", String(27), nullable=False),
)

drafts = db.Table(
    "drafts",
    Column("id", String(40), primary_key=True),
    Column("org_id", String(40), nullable=False),
    Column("program", String(48), nullable=False),
    Column("sealed", LargeBinary, nullable=False),
    Column("revision", Integer, nullable=False),
    Column("changed_by", String(40), nullable=False),
    Column("changed_at", String(27), nullable=False),
    Column("submitted_at", String(27), nullable=False, default=""),
)
Index("ix_drafts_org", drafts.c.org_id)
draft_files = db.Table(
    "draft_files",
    Column("draft", String(40), primary_key=True),
    Column("question", String(48), primary_key=True),
    Column("file_ref", String(40), nullable=False),
    Column("digest", String(64), nullable=False),
)

# What was seen once may not be seen again until it would have expired anyway.
replays = db.Table(
    "replays",
    Column("digest", String(64), primary_key=True),
    Column("expires", BigInteger, nullable=False),
)
Index("ix_replays_expires", replays.c.expires)

# Issuance records: committed before anything is signed.
issuances = db.Table(
    "issuances",
    Column("jti", String(32), primary_key=True),
    Column("client", String(40), nullable=False),
    Column("grant_id", String(40), nullable=False),
    Column("kid", String(43), nullable=False),
    Column("claims", Text, nullable=False),
    Column("expires", BigInteger, nullable=False),
    Column("revoked_at", String(27), nullable=False, default=""),
)
Index("ix_issuances_client", issuances.c.client)
Index("ix_issuances_expires", issuances.c.expires)

private_keys = db.Table(
    "private_keys",
    Column("kid", String(43), primary_key=True),
    Column("sealed", LargeBinary, nullable=False),
)

# A sign-on that went to a provider and has not come back. Neither the nonce nor the PKCE verifier
# is here: both are made from a secret in the browser's cookie.
sign_on_attempts = db.Table(
    "sign_on_attempts",
    Column("digest", String(64), primary_key=True),
    Column("browser", String(64), nullable=False),
    Column("org_id", String(40), nullable=False),
    Column("issuer", String(250), nullable=False),
    Column("client_id", String(250), nullable=False),
    Column("expires_at", String(27), nullable=False),
)

# Keyed digest of issuer and subject -> whose they are; deleted when the person is erased.
sign_on_subjects = db.Table(
    "sign_on_subjects",
    Column("digest", String(64), primary_key=True),
    Column("link", String(40), nullable=False),
    Column("account", String(40), nullable=False),
)
Index("ix_sign_on_subjects_account", sign_on_subjects.c.account)

# Somebody for whom a provider vouched, and who has not shown yet that the account is theirs.
pending_links = db.Table(
    "pending_links",
    Column("digest", String(64), primary_key=True),
    Column("account", String(40), nullable=False),
    Column("org_id", String(40), nullable=False),
    Column("issuer", String(250), nullable=False),
    Column("client_id", String(250), nullable=False),
    Column("sealed_subject", LargeBinary, nullable=False),
    Column("expires_at", String(27), nullable=False),
)
Index("ix_pending_links_account", pending_links.c.account)

# What the portal proves itself with at an organization's provider.
client_secrets = db.Table(
    "client_secrets",
    Column("org_id", String(40), primary_key=True),
    Column("authentication", String(24), primary_key=True),
    Column("sealed", LargeBinary, nullable=False),
    Column("public", Text, nullable=False),
)

# What providers said of themselves, and when they were last asked.
providers = db.Table(
    "providers",
    Column("issuer", String(250), primary_key=True),
    Column("said", Text, nullable=False),
    Column("said_at", String(27), nullable=False),
    Column("key_set", Text, nullable=False),
    Column("key_set_at", String(27), nullable=False),
    Column("asked_at", String(27), nullable=False),
)

mails = db.Table(
    "mails",
    Column("id", String(40), primary_key=True),
    Column("key", String(200), nullable=False, unique=True),
    Column("account", String(40), nullable=False),
    Column("sealed", LargeBinary, nullable=False),
    Column("written_at", String(27), nullable=False),
    Column("sent_at", String(27), nullable=False, default=""),
)

# Digest of a directory's bearer token -> its id; the board of directories says which one counts.
directory_secrets = db.Table(
    "directory_secrets",
    Column("digest", String(64), primary_key=True),
    Column("token", String(40), nullable=False, unique=True),
    Column("org_id", String(40), nullable=False),
    Column("used_at", String(27), nullable=False, default=""),
)
# Whom an organization's directory lists. What it says of them is sealed under its vault key.
directory_people = db.Table(
    "directory_people",
    Column("id", String(40), primary_key=True),
    Column("org_id", String(40), nullable=False),
    Column("name_digest", String(64), nullable=False),  # keyed, of the userName
    Column("address_digest", String(64), nullable=False),
    Column("sealed", LargeBinary, nullable=False),
    Column("active", Integer, nullable=False),
    Column("account", String(40), nullable=False, default=""),
    Column("invitation", String(40), nullable=False, default=""),
    Column("todo", String(8), nullable=False, default=""),
    Column("created_at", String(27), nullable=False),
    Column("changed_at", String(27), nullable=False),
    Column("version", Integer, nullable=False),
)
Index(
    "uq_directory_people_name", directory_people.c.org_id, directory_people.c.name_digest,
    unique=True,
)  # fmt: skip
Index("ix_directory_people_invitation", directory_people.c.invitation)
directory_groups = db.Table(
    "directory_groups",
    Column("id", String(40), primary_key=True),
    Column("org_id", String(40), nullable=False),
    Column("sealed", LargeBinary, nullable=False),
    Column("created_at", String(27), nullable=False),
    Column("changed_at", String(27), nullable=False),
    Column("version", Integer, nullable=False),
)
Index("ix_directory_groups_org", directory_groups.c.org_id)
directory_memberships = db.Table(
    "directory_memberships",
    Column("group_id", String(40), primary_key=True),
    Column("person_id", String(40), primary_key=True),
)
Index("ix_directory_memberships_person", directory_memberships.c.person_id)

# The last day (UTC) on which a person was here, or a key got a token: to say who is still there.
last_days = db.Table(
    "last_days",
    Column("subject", String(40), primary_key=True),
    Column("day", String(10), nullable=False),
)
