"""A decision between the letter that is shown and the signature that sends it.

The page carries it as a sealed text of ids, codes and digests, so that what is signed and sent is
what was shown, whatever is typed into the form meanwhile.
"""

from __future__ import annotations

import hmac

from pydantic import TypeAdapter

from portal import vault
from workflows.actors import Actor
from workflows.application.commands.decide import Decide
from workflows.errors import Invalid

_COMMAND = TypeAdapter(Decide)


def seal(actor: Actor, command: Decide) -> str:
    content = _COMMAND.dump_json(command).decode()
    return f"{_mark(actor, content)}.{content}"


def unseal(actor: Actor, application_id: str, sealed: str) -> Decide:
    """The decision that was shown to this actor for this application.

    Raises:
        Invalid: it was changed, is another's, or what it speaks of was swept away since.
    """
    mark, _, content = sealed.partition(".")
    if not hmac.compare_digest(mark.encode(), _mark(actor, content).encode()):
        raise _not_shown()
    command = _COMMAND.validate_json(content)
    kept = all(vault.holds(ref) for ref in (command.letter, command.note) if ref)
    if command.stream != application_id or not kept:
        raise _not_shown()
    return command


def _mark(actor: Actor, content: str) -> str:
    return vault.keyed_digest("prepared-decision", f"{actor.id}\n{content}")


def _not_shown() -> Invalid:
    return Invalid(
        "this letter was not shown to you, or too long ago",
        code="letter_not_shown",
        remedy="open the decision again, show the letter, then sign it",
    )
