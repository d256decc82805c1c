"""What a page reads of others it reads with its viewer: no query of a board goes without."""

from __future__ import annotations

import ast
import inspect
from collections.abc import Iterator
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path

import portal.boards
from workflows.actors import Actor

ROOT = Path(portal.boards.__file__).parent.parent
# One's own, by one's own id: which is what every call has to name.
OWN = {
    "accounts.get", "accounts.address", "accounts.passkeys_of", "accounts.recovery_codes_left",
    "automations.of_person", "sign_ons.linked_to", "rooms.guest", "organizations.of",
    "organizations.belongs", "emergencies.lasts_for",
}  # fmt: skip
# The expressions that name the person who looks, or the browser that waits for their word.
ONESELF = {"actor.id", "own.id", "viewer.id", "current_user.actor.id", "pending.account"}
# Reads that give away nothing that the caller has not, each with the reason why.
OPEN = {
    "accounts.names": "words for ids that another query, with its viewer, gave",
    "organizations.names": "words for ids that another query, with its viewer, gave",
    "invitations.waiting_for": "of ids that went to an address which the viewer proved",
    "invitations.to_invitee": "of ids that went to an address which the viewer proved",
    "sign_ons.is_proven_by": "whether the viewer themselves signed in through it",
    "programs.active": "programs are published", "programs.named": "programs are published",
    "programs.by_version": "programs are published",
    "services.approved": "what one may ask tokens for is published to who is signed in",
    **dict.fromkeys(
        ("emergencies.get", "emergencies.latest", "emergencies.unreviewed", "relaxations.relaxed"),
        "emergency power and relaxed rules are announced to all of the staff; the pages are theirs",
    ),
    "lists.all_lists": "which lists were imported when; the page is staff's",
}  # fmt: skip
# A helper of a zone that hands its own argument on, with the calls that it stands for.
HANDED_ON = {("public/own_data.py", "account")}
# Facts about another that a rule is handed, and no page shows.
FACTS = {
    ("defender/recovery.py", "organizations.belongs"),
    ("staff/emergency.py", "relaxations.others_of_staff"),
    ("staff/people.py", "relaxations.keepers"),
    ("staff/recovery.py", "relaxations.too_few_to_recover"),
}


@dataclass(frozen=True)
class Call:
    where: str
    query: str
    first: str


def _calls() -> Iterator[Call]:
    """Every call of a board's function from a zone."""
    for path in sorted((ROOT / "zones").rglob("*.py")):
        tree = ast.parse(path.read_text("utf-8"))
        boards = {
            alias.asname or alias.name: alias.name
            for node in ast.walk(tree)
            if isinstance(node, ast.ImportFrom) and node.module == "portal.boards"
            for alias in node.names
        }
        for node in ast.walk(tree):
            func = node.func if isinstance(node, ast.Call) else None
            if isinstance(func, ast.Attribute) and isinstance(func.value, ast.Name):
                board = boards.get(func.value.id)
                if board is not None and isinstance(node, ast.Call):
                    first = ast.unparse(node.args[0]) if node.args else ""
                    where = str(path.relative_to(ROOT / "zones"))
                    yield Call(where, f"{board}.{func.attr}", first)


CALLS = tuple(_calls())


def _asks(query: str) -> bool:
    """Whether the query takes an Actor that has no default."""
    board, _, name = query.partition(".")
    function = getattr(import_module(f"portal.boards.{board}"), name)
    return any(
        p.annotation in ("Actor", Actor) and p.default is inspect.Parameter.empty
        for p in inspect.signature(function).parameters.values()
    )


def test_a_zone_reads_with_its_viewer() -> None:
    """Every query that a zone calls takes the viewer, or stands in a list that says why not."""
    assert len(CALLS) > 100
    wanting = {
        f"{call.where}: {call.query}"
        for call in CALLS
        if not _asks(call.query)
        and call.query not in OWN | OPEN.keys()
        and (call.where, call.query) not in FACTS
    }
    assert wanting == set()


def test_ones_own_is_asked_by_ones_own_id() -> None:
    """What takes no viewer, because it is about them, is called with nobody else's id."""
    others = {
        f"{call.where}: {call.query}({call.first})"
        for call in CALLS
        if call.query in OWN
        and call.first not in ONESELF
        and (call.where, call.first) not in HANDED_ON
        and (call.where, call.query) not in FACTS
    }
    assert others == set()


def test_nothing_is_excused_in_vain() -> None:
    """An exception that no zone needs any more is taken out of the list."""
    called = {call.query for call in CALLS if not _asks(call.query)}
    assert set(OPEN) | OWN == called & (set(OPEN) | OWN)


def test_no_zone_asks_as_a_robot_does() -> None:
    """The queries of tasks, which see everything, are not called from a page."""
    robots = {f"{c.where}: {c.query}" for c in CALLS if "robot" in c.query}
    assert robots == set()


def test_no_zone_reaches_past_the_queries() -> None:
    """A zone imports boards as modules: never a table of theirs, nor one function by itself."""
    past = {
        str(path.relative_to(ROOT / "zones"))
        for path in (ROOT / "zones").rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("portal.boards.")
    }
    assert past == set()
