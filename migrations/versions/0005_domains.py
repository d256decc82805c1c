"""domains that lapse or are contested, and joining by an address in a proven one"""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    for name in ("grace_until", "contested_at"):
        op.add_column(
            "domains", sa.Column(name, sa.String(length=27), nullable=False, server_default="")
        )
    op.create_table(
        "domain_looks",
        sa.Column("org_id", sa.String(length=40), nullable=False),
        sa.Column("domain", sa.String(length=253), nullable=False),
        sa.Column("looked_at", sa.String(length=27), nullable=False),
        sa.Column("missed_since", sa.String(length=27), nullable=False),
        sa.PrimaryKeyConstraint("org_id", "domain", name=op.f("pk_domain_looks")),
    )
    op.create_table(
        "joining",
        sa.Column("org_id", sa.String(length=40), nullable=False),
        sa.PrimaryKeyConstraint("org_id", name=op.f("pk_joining")),
    )
    op.create_table(
        "join_requests",
        sa.Column("org_id", sa.String(length=40), nullable=False),
        sa.Column("account", sa.String(length=40), nullable=False),
        sa.Column("domain", sa.String(length=253), nullable=False),
        sa.Column("asked_at", sa.String(length=27), nullable=False),
        sa.Column("expires_at", sa.String(length=27), nullable=False),
        sa.PrimaryKeyConstraint("org_id", "account", name=op.f("pk_join_requests")),
    )
