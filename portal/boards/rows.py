"""Running a query for a page: reads go through the request's session."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Row, Select

from portal.extensions import db


def every(query: Select[Any]) -> list[Row[Any]]:
    return list(db.session.execute(query).all())


def one(query: Select[Any]) -> Row[Any] | None:
    return db.session.execute(query).one_or_none()
