"""What can have happened to the installation's own rules: which are relaxed while it is small."""

from __future__ import annotations

from dataclasses import dataclass

from workflows.vaulted import Vaulted


@dataclass(frozen=True, slots=True)
class RuleRelaxed:
    """A rule that asks for more people than there are is relaxed; the reason lies in the vault."""

    rule: str
    reason: Vaulted


@dataclass(frozen=True, slots=True)
class RuleRestored:
    rule: str
