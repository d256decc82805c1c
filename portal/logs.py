"""Structured logs, one JSON object a line, with an allow list: nothing personal, no secret."""

from __future__ import annotations

import logging
import sys
import traceback
from collections.abc import MutableMapping
from typing import Any

import structlog

# What a log line may carry. A key that is not here is dropped, whatever it holds.
ALLOWED = frozenset(
    {
        "event", "level", "timestamp", "logger", "exception", "reference", "code", "status",
        "method", "endpoint", "ms", "job", "kind", "attempts", "count", "source", "digest",
        "error", "actor", "stream", "seconds",
    }
)  # fmt: skip


def _allow(_logger: Any, _name: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    return {key: value for key, value in event.items() if key in ALLOWED}


def configure(level: int = logging.INFO) -> None:
    structlog.configure(
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            _allow,
            structlog.processors.JSONRenderer(sort_keys=True),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(level),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
        cache_logger_on_first_use=False,
    )


def frames(error: BaseException) -> str:
    """Where an error came from, without its message: messages quote rows, addresses, tokens."""
    found = "".join(traceback.format_tb(error.__traceback__))
    cause = error.__cause__ or error.__context__
    inner = f"{type(cause).__name__}\n{frames(cause)}caused " if cause else ""
    return f"{inner}{type(error).__name__}\n{found}"


def get(name: str) -> Any:
    return structlog.get_logger(source=name)
