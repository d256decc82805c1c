"""recoveries of accounts that are under way"""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    sizes = {"account": 40, "organization": 40, "proposed_by": 40, "proposed_at": 27,
             "expires_at": 27, "confirmed_by": 40, "due": 27}  # fmt: skip
    op.create_table(
        "recoveries",
        *(sa.Column(name, sa.String(length=n), nullable=False) for name, n in sizes.items()),
        sa.PrimaryKeyConstraint("account", name=op.f("pk_recoveries")),
    )
