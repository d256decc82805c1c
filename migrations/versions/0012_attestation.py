"""until when members and keys are spoken for, and what was suspended for want of it

Nobody is due by this: the worker's next hourly round begins to count for whoever was there before,
by events of the ledger, and everybody has the whole time from then on.
"""

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None


def upgrade() -> None:
    columns = {
        "members": ("attest_by", "suspended_at"),
        "gates": ("attest_by", "not_attested", "holder_suspended"),
    }
    for table, names in columns.items():
        with op.batch_alter_table(table) as batch:
            for name in names:
                batch.add_column(sa.Column(name, sa.String(27), nullable=False, server_default=""))
    op.create_table(
        "last_days",
        sa.Column("subject", sa.String(40), nullable=False),
        sa.Column("day", sa.String(10), nullable=False),
        sa.PrimaryKeyConstraint("subject", name=op.f("pk_last_days")),
    )
