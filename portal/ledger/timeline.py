"""What a viewer may see of a stream's history."""

from __future__ import annotations

from portal.extensions import db
from portal.ledger import store
from portal.ledger.codec import Envelope
from workflows import visibility
from workflows.actors import Actor


def of(stream: str, viewer: Actor) -> list[Envelope]:
    """The stream's entries that the viewer may see, oldest first.

    The numbers of entries that may not be seen are closed up: their count would tell of them.
    """
    loaded = store.load(db.session.connection(), stream)
    return [e for e in loaded.history if visibility.sees(e.event, e.actor, loaded.state, viewer)]


def seen(stream: str, viewer: Actor) -> int:
    """How many entries the viewer sees now; a form carries it back as `seen`."""
    return len(of(stream, viewer))
