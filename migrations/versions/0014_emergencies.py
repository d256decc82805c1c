"""emergency power, and rules that are relaxed while a program is small"""

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None

_EMERGENCIES = {
    "id": 40, "person": 40, "reason_ref": 40, "phase": 12, "asked_at": 27, "waits_until": 27,
    "began_at": 27, "until": 27, "confirmed_by": 40, "because": 24, "ended_at": 27,
    "ended_by": 80, "review_by": 27, "verdict": 16, "finding_ref": 40, "reviewed_by": 40,
}  # fmt: skip
_RELAXATIONS = {"rule": 48, "reason_ref": 40, "since": 27, "by": 80}


def _texts(sizes: dict[str, int]) -> list[sa.Column]:
    return [sa.Column(name, sa.String(length=n), nullable=False) for name, n in sizes.items()]


def upgrade() -> None:
    op.create_table(
        "emergencies",
        *_texts(_EMERGENCIES),
        sa.Column("hours", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_emergencies")),
    )
    op.create_index("ix_emergencies_phase", "emergencies", ["phase", "asked_at"])
    op.create_table(
        "relaxations",
        *_texts(_RELAXATIONS),
        sa.PrimaryKeyConstraint("rule", name=op.f("pk_relaxations")),
    )
