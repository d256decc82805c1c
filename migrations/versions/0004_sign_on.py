"""single sign-on: configurations, linked identities, attempts, and what providers said"""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def _text(name: str, length: int, **more: object) -> sa.Column:
    return sa.Column(name, sa.String(length=length), nullable=False, **more)


def _make(name: str, *columns: sa.Column, key: tuple[str, ...]) -> None:
    op.create_table(name, *columns, sa.PrimaryKeyConstraint(*key, name=op.f(f"pk_{name}")))


def upgrade() -> None:
    op.add_column("sessions", _text("via", 40, server_default=""))
    _make(
        "sign_ons",
        _text("org_id", 40), _text("issuer", 250), _text("client_id", 250),
        _text("authentication", 24), sa.Column("counts_as_passkey", sa.Integer(), nullable=False),
        sa.Column("required", sa.Integer(), nullable=False), _text("configured_by", 80),
        _text("configured_at", 27),
        key=("org_id",),
    )
    _make("sign_on_proofs", _text("org_id", 40), _text("account", 40), key=("org_id", "account"))
    _make(
        "linked_sign_ons",
        _text("link", 40), _text("account", 40), _text("org_id", 40), _text("issuer", 250),
        _text("subject_ref", 40), _text("linked_at", 27),
        key=("link",),
    )
    op.create_index("ix_linked_sign_ons_account", "linked_sign_ons", ["account"])
    _make(
        "sign_on_attempts",
        _text("digest", 64), _text("browser", 64), _text("org_id", 40), _text("issuer", 250),
        _text("client_id", 250), _text("expires_at", 27),
        key=("digest",),
    )
    _make(
        "sign_on_subjects",
        _text("digest", 64), _text("link", 40), _text("account", 40),
        key=("digest",),
    )
    op.create_index("ix_sign_on_subjects_account", "sign_on_subjects", ["account"])
    _make(
        "pending_links",
        _text("digest", 64), _text("account", 40), _text("org_id", 40), _text("issuer", 250),
        _text("client_id", 250), sa.Column("sealed_subject", sa.LargeBinary(), nullable=False),
        _text("expires_at", 27),
        key=("digest",),
    )
    op.create_index("ix_pending_links_account", "pending_links", ["account"])
    _make(
        "client_secrets",
        _text("org_id", 40), _text("authentication", 24),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.Column("public", sa.Text(), nullable=False),
        key=("org_id", "authentication"),
    )
    _make(
        "providers",
        _text("issuer", 250), sa.Column("said", sa.Text(), nullable=False), _text("said_at", 27),
        sa.Column("key_set", sa.Text(), nullable=False), _text("key_set_at", 27),
        _text("asked_at", 27),
        key=("issuer",),
    )
