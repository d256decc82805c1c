"""sessions that their person can tell apart; everybody signs in again once"""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("DELETE FROM sessions")
    with op.batch_alter_table("sessions") as batch:
        batch.add_column(sa.Column("id", sa.String(length=40), nullable=False))
        batch.add_column(sa.Column("device", sa.String(length=60), nullable=False))
        batch.create_unique_constraint(op.f("uq_sessions_id"), ["id"])
