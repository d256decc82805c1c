"""who of the staff read what of an organization"""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    sizes = {"id": 40, "org_id": 40, "reader": 40, "kind": 16, "subject": 40, "purpose": 16,
             "at": 27, "last_at": 27}  # fmt: skip
    op.create_table(
        "access_records",
        *(sa.Column(name, sa.String(length=n), nullable=False) for name, n in sizes.items()),
        sa.Column("times", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_access_records")),
    )
    op.create_index("ix_access_records_org", "access_records", ["org_id", "at"])
    op.create_index("ix_access_records_at", "access_records", ["at"])
    op.create_index("ix_access_records_reader", "access_records", ["reader", "subject"])
