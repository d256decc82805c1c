"""Files that applicants upload: what they are by their content, never by what they claim."""

from __future__ import annotations

from dataclasses import dataclass

import puremagic

from workflows.errors import Invalid

# Type by content -> media type that it is kept under. No archive, no office file: neither can
# be looked at without running somebody's parser over somebody's macros.
ALLOWED = {".pdf": "application/pdf", ".png": "image/png", ".jpg": "image/jpeg"}
WORDS = "PDF, PNG, JPEG or plain text"


@dataclass(frozen=True, slots=True)
class Kind:
    media_type: str
    extension: str


def sniff(content: bytes, most_bytes: int) -> Kind:
    """The kind of an upload, by its content.

    Raises:
        Invalid: empty, larger than `most_bytes`, or of a kind that is not accepted.
    """
    if not content:
        raise _refused("The file is empty")
    if len(content) > most_bytes:
        raise _refused(f"The file is larger than {most_bytes // (1024 * 1024)} MB")
    found = _extension(content)
    if found in ALLOWED:
        return Kind(ALLOWED[found], found)
    if _is_text(content):
        return Kind("text/plain; charset=utf-8", ".txt")
    raise _refused(f"The file is not a {WORDS} file, whatever its name says")


def _extension(content: bytes) -> str:
    try:
        found = puremagic.from_string(content[:4096])
    except (puremagic.PureError, ValueError):
        return ""
    return {".jpeg": ".jpg", ".jfif": ".jpg"}.get(found, found)


def _is_text(content: bytes) -> bool:
    try:
        text = content.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return all(c.isprintable() or c in "\r\n\t\ufeff" for c in text)


def _refused(what: str) -> Invalid:
    return Invalid(what, code="file_not_accepted", remedy=f"choose a {WORDS} file",
                   fields={"file": f"{what}. Choose a {WORDS} file."})  # fmt: skip


def safe_name(name: str) -> str:
    """A file name without paths and control signs, 120 characters at most."""
    last = name.replace("\\", "/").rpartition("/")[2]
    kept = "".join(c for c in last if c.isprintable() and c not in '"<>|:*?').strip(". ")
    return kept[:120] or "file"
