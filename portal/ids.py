"""Ids: a type prefix and a UUIDv7 (RFC 9562 section 5.7) in lower case hex."""

from __future__ import annotations

import re

import uuid_utils

_SHAPE = re.compile(r"(acc|org|app|gr|ws|eng|cred|aut|dtk|svc|key|vlt|job|lnk|mail)_[0-9a-f]{32}")


def new(prefix: str) -> str:
    """A new id such as `org_0192...`; ids sort by the time at which they were made."""
    return f"{prefix}_{uuid_utils.uuid7().hex}"


def is_id(text: str, prefix: str) -> bool:
    """Whether `text` has the shape of an id of that type; says nothing about existence."""
    return text.startswith(prefix + "_") and _SHAPE.fullmatch(text) is not None
