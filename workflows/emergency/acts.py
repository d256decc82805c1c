"""What somebody can do with emergency power, as it stands on record: for whoever reviews it.

Seats that become free with a role are left out: while their case is blind they are nobody's to see.
"""

from __future__ import annotations

ACTS = frozenset(
    {
        ("grant", "Suspended"), ("grant", "Revoked"), ("grant", "CredentialRevoked"),
        ("account", "RoleEnded"), ("account", "RoleProposalWithdrawn"),
    }
)  # fmt: skip
