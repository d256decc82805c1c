"""Withdraw a proposed staff role, or turn it down."""

from __future__ import annotations

from dataclasses import dataclass

from workflows.account.events import RoleProposalWithdrawn
from workflows.account.state import State
from workflows.context import Context
from workflows.errors import NotNow


@dataclass(frozen=True, slots=True)
class WithdrawRoleProposal:
    stream: str
    role: str


def decide(state: State, command: WithdrawRoleProposal, context: Context) -> tuple[object, ...]:
    if command.role not in state.proposals:
        raise NotNow("nobody proposed this", code="not_proposed")
    return (RoleProposalWithdrawn(command.role),)
