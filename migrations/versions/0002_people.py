"""invitations, an offer of ownership, and staff roles that wait for a second person"""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column(
        "organizations",
        sa.Column("offered_to", sa.String(length=40), nullable=False, server_default=""),
    )
    op.create_table(
        "invitations",
        sa.Column("id", sa.String(length=40), nullable=False),
        sa.Column("org_id", sa.String(length=40), nullable=False),
        sa.Column("address_ref", sa.String(length=40), nullable=False),
        sa.Column("role", sa.String(length=24), nullable=False),
        sa.Column("invited_by", sa.String(length=80), nullable=False),
        sa.Column("sent_at", sa.String(length=27), nullable=False),
        sa.Column("expires_at", sa.String(length=27), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_invitations")),
    )
    op.create_index("ix_invitations_org", "invitations", ["org_id"])
    op.create_table(
        "invitees",
        sa.Column("invitation", sa.String(length=40), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.PrimaryKeyConstraint("invitation", name=op.f("pk_invitees")),
    )
    op.create_index("ix_invitees_digest", "invitees", ["digest"])
    op.create_table(
        "role_proposals",
        sa.Column("account", sa.String(length=40), nullable=False),
        sa.Column("role", sa.String(length=32), nullable=False),
        sa.Column("proposed_by", sa.String(length=80), nullable=False),
        sa.Column("proposed_at", sa.String(length=27), nullable=False),
        sa.Column("expires_at", sa.String(length=27), nullable=False),
        sa.PrimaryKeyConstraint("account", "role", name=op.f("pk_role_proposals")),
    )
