"""Prints the reference pages from the code: `python -m docs.reference.generate`.

A test compares what stands in the repository with what this prints, so the pages cannot lie.
"""

from __future__ import annotations

import ast
from dataclasses import fields, is_dataclass, replace
from importlib import import_module
from pathlib import Path
from typing import Any, get_type_hints

from portal.problems import TABLE as PROBLEMS
from portal.settings import Settings
from workflows import registry, roles
from workflows.application.state import PHASE_OF_STAGE
from workflows.vaulted import Vaulted
from workflows.words import STATUSES

HERE = Path(__file__).parent
_MADE = "<!-- Printed by `make reference`; do not edit. -->\n"


def pages() -> dict[str, str]:
    """File name -> text of every reference page."""
    return {
        "permissions.md": permissions(),
        "states.md": states(),
        "configuration.md": configuration(),
        "words.md": words(),
    }


def permissions() -> str:
    out = [
        "# Who may do what\n", _MADE,
        "Phase by role; what is not here may not happen. A verb marked * asks for a sign-in with a",
        "passkey, one marked ° for a sign-in of the last ten minutes too. Robots, clocks and",
        "operators have no approving verb:",
        f"{', '.join(f'{k} `{v}`' for k, v in sorted(roles.APPROVING))}.\n",
    ]  # fmt: skip
    for kind in registry.aggregates():
        out.append(f"## {kind}\n")
        out.append("| Phase | Role | May |\n|---|---|---|")
        for (k, phase), row in roles.TABLE.items():
            if k != kind:
                continue
            for role, verbs in row.items():
                marked = (f"{v}{_marks(kind, v)}" for v in sorted(verbs))
                out.append(f"| {phase} | {role.replace('_', ' ')} | {', '.join(marked)} |")
        out.append("")
    return "\n".join(out)


def _marks(kind: str, verb: str) -> str:
    passkey = "*" if (kind, verb) in roles.NEEDS_PASSKEY else ""
    return passkey + ("°" if (kind, verb) in roles.STEP_UP else "")


def states() -> str:
    out = [
        "# How things move\n", _MADE,
        "Each arrow is a command that changes the phase, with the phases in which somebody may",
        "give it. Commands that change no phase are not drawn; [permissions](permissions.md) has",
        "them all.\n",
    ]  # fmt: skip
    for kind in registry.aggregates():
        out += [f"## {kind}\n", "```mermaid", "stateDiagram-v2"]
        edges = sorted(_edges(kind))
        out += [f"    {a if a != 'absent' else '[*]'} --> {b}: {verb}" for a, b, verb in edges]
        out += ["```\n"]
    return "\n".join(out)


def _edges(kind: str) -> set[tuple[str, str, str]]:
    found = set()
    for (k, phase), row in roles.TABLE.items():
        if k != kind:
            continue
        for verb in sorted(set().union(*row.values())):
            for after in _after(kind, phase, verb):
                if after != phase:
                    found.add((phase, after, verb))
    return found


def _after(kind: str, phase: str, verb: str) -> set[str]:
    """The phases that a command can lead to: by the events that its file makes, evolved."""
    module = import_module(f"workflows.{kind}.commands.{verb}")
    tree = ast.parse(Path(module.__file__ or "").read_text())
    used = {n.func.id for n in ast.walk(tree)
            if isinstance(n, ast.Call) and isinstance(n.func, ast.Name)}  # fmt: skip
    aggregate = registry.aggregates()[kind]
    after: set[str] = set()
    if used & {"advance", "open_stage"}:
        order = ["absent", *PHASE_OF_STAGE.values()]
        after.add(order[order.index(phase) + 1])
    for name in used & set(aggregate.events):
        for event in _samples(aggregate.events[name]):
            state = _in_phase(aggregate.initial("x_1"), phase)
            try:
                after.add(aggregate.evolve(state, event).phase)
            except KeyError:
                continue  # an event about a part that this empty state does not have
    return after


def _in_phase(state: Any, phase: str) -> Any:
    return replace(state, phase=phase)


def _samples(cls: type) -> list[Any]:
    """An event of a class; one for each outcome where it has one."""
    if "outcome" in {f.name for f in fields(cls)}:
        return [_sample(cls, outcome=o) for o in ("approved", "denied")]
    return [_sample(cls)]


def _sample(cls: type, **given: Any) -> Any:
    hints = get_type_hints(cls)
    return cls(**{f.name: given.get(f.name, _value(hints[f.name])) for f in fields(cls)})


def _value(hint: Any) -> Any:
    if hint is Vaulted:
        return Vaulted("vlt_x", "0" * 64)
    if isinstance(hint, type) and is_dataclass(hint):
        return _sample(hint)
    origin = getattr(hint, "__origin__", hint)
    plain: dict[Any, Any] = {str: "x", int: 1, bool: False, tuple: (), dict: {}}
    return plain.get(origin)


def configuration() -> str:
    out = [
        "# Configuration\n", _MADE,
        "Settings come from the environment, else from `portal.env` in the data folder. A wrong",
        "one stops the start with its name, what is wrong and what would be right.\n",
        "| Setting | Default | What it is |", "|---|---|---|",
    ]  # fmt: skip
    for name, field in Settings.model_fields.items():
        default = field.get_default(call_default_factory=True)
        shown = f"`{default}`" if default not in (None, "", []) else "(empty)"
        text = " ".join((field.description or "").split())
        out.append(f"| `PORTAL_{name.upper()}` | {shown} | {text} |")
    return "\n".join(out) + "\n"


def words() -> str:
    out = ["# What the words mean\n", _MADE, "One vocabulary for pages, mail and the API.\n"]
    for table, entries in STATUSES.items():
        out += [f"## {table}\n", "| Value | Shown as | Meaning |", "|---|---|---|"]
        out += [f"| `{value or '(running)'}` | {s.label} | {s.meaning} |"
                for value, s in entries.items()]  # fmt: skip
        out.append("")
    out += ["## refusals\n", "| Kind | HTTP status | Heading |", "|---|---|---|"]
    out += [f"| {kind.__name__} | {status} | {title} |" for kind, (status, title) in
            PROBLEMS.items()]  # fmt: skip
    return "\n".join(out) + "\n"


def main() -> None:
    for name, text in pages().items():
        (HERE / name).write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
