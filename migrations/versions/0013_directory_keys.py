"""keys with which directories get tokens"""

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column(
        "directory_tokens", sa.Column("jwk", sa.Text(), nullable=False, server_default="")
    )
