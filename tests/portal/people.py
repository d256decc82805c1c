"""People before the portal's pages: signed in with a passkey, asking and looking."""

from __future__ import annotations

from typing import Any

from flask import Flask
from flask.testing import FlaskClient

from portal.desk import sessions
from portal.extensions import db
from workflows.actors import Actor, Strength


def signed_in(app: Flask, actor: Actor, strength: Strength = Strength.PASSKEY) -> FlaskClient:
    client = app.test_client()
    token = sessions.start(actor.id, strength)
    with client.session_transaction() as session:
        session["_user_id"], session["_fresh"] = token, True
    return client


def ask(
    app: Flask, actor: Actor, path: str, strength: Strength = Strength.PASSKEY, **form: str
) -> Any:
    """POST as a person, in a context of its own, so that nobody is remembered from before."""
    client = signed_in(app, actor, strength)
    db.session.rollback()
    with Flask.app_context(app):
        answer = client.post(path, data=form, headers={"Accept": "application/json"})
    db.session.rollback()
    return answer


def look(app: Flask, actor: Actor, path: str) -> str:
    client = signed_in(app, actor)
    db.session.rollback()
    with Flask.app_context(app):
        answer = client.get(path)
    assert answer.status_code == 200
    return answer.text


def visit(app: Flask, client: FlaskClient, path: str, method: str = "GET") -> int:
    """The status of one request, in a context of its own: who was looking is found out anew."""
    db.session.rollback()
    with Flask.app_context(app):
        return client.open(path, method=method).status_code
