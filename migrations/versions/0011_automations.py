"""keys of people's own automation"""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    sizes = {"id": 40, "account": 40, "jkt": 43, "label_ref": 40, "registered_at": 27,
             "expires_at": 27}  # fmt: skip
    op.create_table(
        "automations",
        *(sa.Column(name, sa.String(length=n), nullable=False) for name, n in sizes.items()),
        sa.Column("jwk", sa.Text(), nullable=False),
        sa.Column("scopes", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_automations")),
        sa.UniqueConstraint("jkt", name=op.f("uq_automations_jkt")),
    )
    op.create_index("ix_automations_account", "automations", ["account"])
