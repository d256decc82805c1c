"""changes of address, and erasure asked for by the person"""

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("addresses", _text("change", 40))
    op.add_column("accounts", _text("address_change", 40))
    op.add_column("accounts", _text("erasure_due", 27))
    op.add_column(
        "accounts", sa.Column("links_held", sa.Integer(), nullable=False, server_default="0")
    )
    op.create_table(
        "address_changes",
        *(
            sa.Column(name, sa.String(length=n), nullable=False)
            for name, n in (("id", 40), ("account", 40), ("address_ref", 40),
                            ("address_digest", 64), ("digest", 64), ("undo_digest", 64),
                            ("expires_at", 27), ("used_at", 27))
        ),
        sa.Column("sealed_token", sa.LargeBinary(), nullable=False),
        sa.Column("sealed_undo", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_address_changes")),
        sa.UniqueConstraint("digest", name=op.f("uq_address_changes_digest")),
        sa.UniqueConstraint("undo_digest", name=op.f("uq_address_changes_undo_digest")),
    )  # fmt: skip
    op.create_index("ix_address_changes_account", "address_changes", ["account"])


def _text(name: str, length: int) -> sa.Column:
    return sa.Column(name, sa.String(length=length), nullable=False, server_default="")
