"""What a rule is handed besides the command and the state that it changes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from workflows.actors import Actor
from workflows.program import Program


@dataclass(frozen=True, slots=True)
class Context:
    """Actor, time, the program version in force for the thing, and other streams as read.

    Attributes:
        now: aware UTC time at which the command is decided.
        program: the version pinned by the application or grant; None for things without one.
        others: stream id -> folded state, for every stream that the command's `reads` named.
            The ledger asserts that none of them moved before this decision is written.
    """

    actor: Actor
    now: datetime
    program: Program | None = None
    others: Mapping[str, Any] = field(default_factory=dict)

    def pinned(self) -> Program:
        """The program; a command that needs one is never decided without."""
        if self.program is None:
            raise LookupError("this command is decided against a program, and none was handed in")
        return self.program
