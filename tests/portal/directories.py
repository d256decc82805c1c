"""An organization with a proven domain and a token for its directory, and a way to speak SCIM."""

from __future__ import annotations

import json
from typing import Any

from flask import Flask

from portal import clock, ids
from portal.desk import directory_secrets
from portal.extensions import db
from portal.ledger import perform
from tests import builders
from workflows.actors import robot
from workflows.organization.commands.make_directory_token import MakeDirectoryToken
from workflows.organization.commands.verify_domain import VerifyDomain

USER = "urn:ietf:params:scim:schemas:core:2.0:User"
GROUP = "urn:ietf:params:scim:schemas:core:2.0:Group"
PATCH = "urn:ietf:params:scim:api:messages:2.0:PatchOp"


def proven(name: str = "Harbor CERT", domain: str = "harborcert.example") -> builders.Org:
    org = builders.organization(name, domain)
    perform(VerifyDomain(org.id, domain, org.token, clock.now_iso()), robot("dns"))
    return org


def token(org: builders.Org, days: int = 90) -> str:
    token_id = ids.new("dtk")
    secret = directory_secrets.make(org.id, token_id)
    perform(MakeDirectoryToken(org.id, token_id, days), org.owner)
    return secret


def say(app: Flask, secret: str, method: str, path: str, body: Any = None, **headers: str) -> Any:
    """One SCIM request; the response."""
    db.session.rollback()
    with Flask.app_context(app):
        return app.test_client().open(
            f"/scim/v2{path}",
            method=method,
            data=body if isinstance(body, bytes | None) else json.dumps(body),
            content_type="application/scim+json",
            headers={"Authorization": f"Bearer {secret}", **headers},
        )


def user(name: str, /, **more: Any) -> dict[str, Any]:
    return {"schemas": [USER], "userName": name, **more}


def set_active(active: bool) -> dict[str, Any]:
    operation = {"op": "replace", "path": "active", "value": active}
    return {"schemas": [PATCH], "Operations": [operation]}
