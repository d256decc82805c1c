"""a file proves a domain too"""

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None


def upgrade() -> None:
    for table, sizes in {
        "domains": {"proof": 8},
        "domain_looks": {"record": 20, "file": 20, "found_by": 8, "ways": 8},
    }.items():
        for name, size in sizes.items():
            op.add_column(
                table,
                sa.Column(name, sa.String(length=size), nullable=False, server_default=""),
            )
    # Until now there was one proof alone.
    op.execute("UPDATE domains SET proof = 'dns' WHERE verified_at <> '' OR contested_at <> ''")
