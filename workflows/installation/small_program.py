"""What a program with few people may relax: explicitly, by its operator, and nothing else.

Never the reviewers' quorum of the program document, never a decider apart from the reviewers,
never that nobody approves themselves: there is no name for them here, and so no switch.
An allowance counts only while too few people exist, which each use is asked for anew.
"""

from __future__ import annotations

from datetime import timedelta

from workflows.context import Context

STREAM = "ins_portal"
RULES = ("roles_by_one", "recovery_by_overlapping_staff", "emergency_by_one")
SECOND_LOOK = timedelta(hours=24)  # before the only keeper confirms what they proposed
FEW_STAFF = 3  # with fewer people of staff one is enough for emergency power


def allows(context: Context, rule: str) -> bool:
    """Whether the rule is relaxed; whoever asks has named `STREAM` among what they read."""
    if rule not in RULES:
        raise LookupError(f"{rule!r} is no rule of a small program")
    return rule in context.others[STREAM].relaxed
