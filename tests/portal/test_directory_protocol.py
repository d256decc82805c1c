"""SCIM as others measure it: the checker of its working group's tools, and the storage contract."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from typing import Any

import pytest
from flask import Flask
from scim2_client.engines.wsgi import WSGISCIMClient
from scim2_models import ScimProvider
from scim2_server.testing import ScimStorageContract
from scim2_tester import Status, check_server, filling
from scim2_tester.checkers import patch_add, patch_replace

from portal.desk import directory_entries
from portal.desk.directory_entries import Person
from portal.directory.resources import provider
from portal.directory.storage import Directory
from portal.extensions import limiter
from tests.portal import directories


@pytest.fixture
def addresses_of_ours(monkeypatch: pytest.MonkeyPatch) -> None:
    """The checker's random userNames and addresses lie in the organization's proven domain.

    It cannot know of that rule: everything else that it sends is as it made it.
    """
    made = filling.generate_random_value

    def generate(context: Any, path: Any, *args: Any, **named: Any) -> Any:
        value = made(context, path, *args, **named)
        is_address = isinstance(value, str) and "@" in value
        if is_address or (value is not None and str(path).endswith("userName")):
            return f"{uuid.uuid4()}@harborcert.example"
        return value

    for module in (filling, patch_add, patch_replace):
        monkeypatch.setattr(module, "generate_random_value", generate)


def test_every_check_of_the_checker_passes(either_app: Flask, addresses_of_ours: None) -> None:
    """Discovery, creation, reading, filters, replacing, patching, deleting: as it expects."""
    app = either_app
    secret = directories.token(directories.proven())
    limiter.enabled = False
    client = WSGISCIMClient(
        app.wsgi_app,
        base_url="http://localhost:8000/scim/v2",
        headers={"Authorization": f"Bearer {secret}"},
    )
    results = check_server(client)
    wrong = [(r.title, r.status, r.reason) for r in results
             if r.status is not Status.SUCCESS]  # fmt: skip
    assert wrong == []
    assert len(results) > 60


class Anybody(Directory):
    """Takes the contract's users, whose addresses are nobody's, and lets nothing follow."""

    def _check_address(self, address: str) -> None:
        pass

    def _follow(self, person: Person) -> None:
        directory_entries.done(person)


class TestStorage(ScimStorageContract):
    """The storage keeps the contract of the SCIM server that it stands under, test by test."""

    @pytest.fixture
    def storage(self, app: Flask) -> Iterator[Directory]:
        with provider():  # as a request is read: attributes that we do not keep are passed over
            yield Anybody(directories.proven().id)

    @pytest.fixture
    def provider(self) -> ScimProvider:
        return provider()
