"""How an application moves from stage to stage, once the events so far are folded in."""

from __future__ import annotations

from importlib import import_module

from workflows.application.events import CheckRequested, StageOpened
from workflows.application.state import State, evolve
from workflows.program import Program


def open_stage(index: int, program: Program) -> tuple[object, ...]:
    """The events that open a stage: a checks stage asks for its checks at once."""
    stage = program.stage(index)
    return (
        StageOpened(index=index, stage=stage.kind),
        *(CheckRequested(check=name, round=1) for name in stage.checks),
    )


def advance(state: State, events: tuple[object, ...], program: Program) -> tuple[object, ...]:
    """`events`, followed by the opening of the next stage when they complete the present one."""
    for event in events:
        state = evolve(state, event)
    kind = program.stage(state.stage).kind
    complete = import_module(f"workflows.stages.{kind}").is_complete(state, program)
    last = state.stage + 1 >= len(program.stages)
    return events if not complete or last else (*events, *open_stage(state.stage + 1, program))
