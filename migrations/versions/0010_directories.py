"""what an organization's directory says by SCIM"""

import json

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

_TEXTS = {
    "directory_secrets": {"digest": 64, "token": 40, "org_id": 40, "used_at": 27},
    "directory_memberships": {"group_id": 40, "person_id": 40},
    "directory_tokens": {"id": 40, "org_id": 40, "made_by": 80, "made_at": 27, "expires_at": 27},
    "directory_starts": {"org_id": 40, "role": 24},
    "directory_meanings": {"org_id": 40, "group_id": 40, "role": 24, "room": 40},
    "accepted_invitations": {"id": 40, "org_id": 40, "account": 80},
}
_KEYS = {
    "directory_secrets": ["digest"],
    "directory_memberships": ["group_id", "person_id"],
    "directory_tokens": ["id"],
    "directory_starts": ["org_id"],
    "directory_meanings": ["org_id", "group_id"],
    "accepted_invitations": ["id"],
}


def upgrade() -> None:
    for table, sizes in _TEXTS.items():
        op.create_table(
            table,
            *(sa.Column(name, sa.String(length=n), nullable=False) for name, n in sizes.items()),
            sa.PrimaryKeyConstraint(*_KEYS[table], name=op.f(f"pk_{table}")),
        )
    with op.batch_alter_table("directory_secrets") as secrets:
        secrets.create_unique_constraint(op.f("uq_directory_secrets_token"), ["token"])
    op.create_index(
        "ix_directory_memberships_person", "directory_memberships", ["person_id"]
    )
    for table, sizes, numbers in (
        (
            "directory_people",
            {"id": 40, "org_id": 40, "name_digest": 64, "address_digest": 64, "account": 40,
             "invitation": 40, "todo": 8, "created_at": 27, "changed_at": 27},
            ("active", "version"),
        ),
        ("directory_groups", {"id": 40, "org_id": 40, "created_at": 27, "changed_at": 27},
         ("version",)),
    ):  # fmt: skip
        op.create_table(
            table,
            *(sa.Column(name, sa.String(length=n), nullable=False) for name, n in sizes.items()),
            *(sa.Column(name, sa.Integer(), nullable=False) for name in numbers),
            sa.Column("sealed", sa.LargeBinary(), nullable=False),
            sa.PrimaryKeyConstraint("id", name=op.f(f"pk_{table}")),
        )
    op.create_index(
        "uq_directory_people_name", "directory_people", ["org_id", "name_digest"], unique=True
    )
    op.create_index("ix_directory_people_invitation", "directory_people", ["invitation"])
    op.create_index("ix_directory_groups_org", "directory_groups", ["org_id"])
    _fill()


def _fill() -> None:
    """The board of accepted invitations, from the ledger that it is made of."""
    events = sa.table("events", *map(sa.column, ("stream", "name", "actor", "data")))
    accepted = sa.table("accepted_invitations", *map(sa.column, ("id", "org_id", "account")))
    rows = op.get_bind().execute(
        sa.select(events.c.stream, events.c.actor, events.c.data).where(
            events.c.name == "InvitationAccepted"
        )
    )
    found = [
        {"id": json.loads(row.data)["invitation"], "org_id": row.stream, "account": row.actor}
        for row in rows
    ]
    if found:
        op.get_bind().execute(sa.insert(accepted), found)
