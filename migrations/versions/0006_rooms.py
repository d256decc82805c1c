"""workspaces and engagements, and who is in them"""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def _texts(*columns: tuple[str, int]) -> list[sa.Column[str]]:
    return [sa.Column(name, sa.String(length=size), nullable=False) for name, size in columns]


def upgrade() -> None:
    op.create_table(
        "workspaces",
        *_texts(("id", 40), ("org_id", 40), ("name_ref", 40), ("phase", 12), ("opened_at", 27)),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_workspaces")),
    )
    op.create_index("ix_workspaces_org", "workspaces", ["org_id"])
    op.create_table(
        "engagements",
        *_texts(
            ("id", 40), ("org_id", 40), ("workspace", 40), ("title_ref", 40), ("targets_ref", 40),
            ("starts_on", 10), ("ends_on", 10), ("document_ref", 40), ("about_ref", 40),
            ("phase", 12), ("opened_at", 27),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_engagements")),
    )  # fmt: skip
    op.create_index("ix_engagements_org", "engagements", ["org_id"])
    op.create_table(
        "placed_members",
        *_texts(("org_id", 40), ("account", 40), ("room", 40)),
        sa.PrimaryKeyConstraint("org_id", "account", "room", name=op.f("pk_placed_members")),
    )
    op.create_index("ix_placed_members_account", "placed_members", ["account"])
    op.create_table(
        "placed_applications",
        *_texts(("workspace", 40), ("application", 40)),
        sa.PrimaryKeyConstraint("workspace", "application", name=op.f("pk_placed_applications")),
    )
