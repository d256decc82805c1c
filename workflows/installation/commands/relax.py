"""Allow what a program with few people needs, from the installation's shell, with a reason."""

from __future__ import annotations

from dataclasses import dataclass

from workflows.context import Context
from workflows.errors import Invalid
from workflows.installation.events import RuleRelaxed
from workflows.installation.small_program import RULES
from workflows.installation.state import State
from workflows.vaulted import Vaulted


@dataclass(frozen=True, slots=True)
class Relax:
    stream: str
    rule: str
    reason: Vaulted


def decide(state: State, command: Relax, context: Context) -> tuple[object, ...]:
    if command.rule not in RULES:
        raise Invalid(
            f"{command.rule!r} is no rule that can be relaxed", remedy=f"one of {', '.join(RULES)}"
        )
    return () if command.rule in state.relaxed else (RuleRelaxed(command.rule, command.reason),)
