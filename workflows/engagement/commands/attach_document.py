"""Attach the document by which the targets' owner authorizes the work."""

from __future__ import annotations

from dataclasses import dataclass

from workflows.context import Context
from workflows.engagement.events import DocumentAttached
from workflows.engagement.state import State
from workflows.vaulted import Vaulted


@dataclass(frozen=True, slots=True)
class AttachDocument:
    """`about` is JSON in the vault: the file's name and media type."""

    stream: str
    file: Vaulted
    about: Vaulted


def decide(state: State, command: AttachDocument, context: Context) -> tuple[object, ...]:
    return (DocumentAttached(command.file, command.about),)
