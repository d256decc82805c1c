"""An organization's directory: its token, whom it lists, and what its groups give here."""

from __future__ import annotations

from typing import Any

from flask import Response, flash, make_response, redirect, render_template, url_for
from flask_login import current_user
from werkzeug.wrappers import Response as BaseResponse
from wtforms.fields.choices import SelectChoice

from portal import ids, vault
from portal.boards import accounts, directories, domains, organizations, rooms
from portal.desk import directory_entries, directory_secrets
from portal.desk.directory_entries import Person
from portal.directory import following
from portal.extensions import limiter
from portal.guard import SIGNED_IN
from portal.installation import settings
from portal.issuing import minting, public_keys
from portal.ledger import perform
from portal.limits import INVITING
from portal.zones.defender.forms import (
    DirectoryKeyForm,
    DirectoryStartForm,
    DirectoryTokenForm,
    GroupForm,
)  # fmt: skip
from portal.zones.defender.members import check_own
from portal.zones.defender.zone import zone
from workflows.actors import Actor
from workflows.errors import Invalid, NotAllowed
from workflows.organization.commands.make_directory_token import MakeDirectoryToken
from workflows.organization.commands.map_directory_group import MapDirectoryGroup
from workflows.organization.commands.register_directory_key import RegisterDirectoryKey
from workflows.organization.commands.revoke_directory_token import RevokeDirectoryToken
from workflows.organization.commands.set_directory_start import STARTS, SetDirectoryStart
from workflows.organization.directory import LIFETIMES, OVERLAP_DAYS, ROLES
from workflows.words import STATUSES


def _manager(org_id: str) -> Actor:
    """The viewer, an owner or admin: whom the directory lists is not every member's to read."""
    actor = check_own(org_id)
    if not actor.memberships[org_id] & {"owner", "admin"}:
        raise NotAllowed(
            "the directory is the owner's and the admins' to look after",
            remedy="ask one of them; they stand on the members' page",
        )
    return actor


def _back(org_id: str) -> BaseResponse:
    return redirect(url_for("defender.directory", org_id=org_id))


@zone.route_for("/organizations/<org_id>/directory", SIGNED_IN)
def directory(org_id: str) -> str:
    return _page(org_id, _manager(org_id))


def _page(
    org_id: str, actor: Actor, secret: str = "", refused: dict[str, str] | None = None
) -> str:
    tokens = directories.tokens(org_id, actor)
    people = directory_entries.people(org_id)
    groups = directory_entries.groups(org_id)
    meanings = directories.meanings(org_id, actor)
    members = directory_entries.members(g.id for g in groups)
    start = DirectoryStartForm(formdata=None, role=directories.starts_as(org_id, actor))
    start.role.choices = [SelectChoice(r, _said_of(r)) for r in STARTS]
    days = DirectoryTokenForm(formdata=None)
    key = DirectoryKeyForm()
    key.days.id = "key-days"  # the other form of the page has one too
    days.days.choices = key.days.choices = [SelectChoice(str(n), f"{n} days") for n in LIFETIMES]
    return render_template(
        "defender/directory.html",
        org_id=org_id,
        name=organizations.names([org_id])[org_id],
        secret=secret,
        tokens=tokens,
        used=directory_secrets.last_used(t.id for t in tokens),
        makers=accounts.names(t.made_by for t in tokens),
        base_url=minting.scim(),
        issuer=settings().base_url,
        key_form=key,
        refused=refused or {},
        domains=[d.domain for d in domains.of_organization(org_id, actor) if d.verified_at],
        people=[_shown(person) for person in people],
        groups=groups,
        sizes={g: len(found) for g, found in members.items()},
        forms={g.id: _group_form(org_id, actor, g.id, meanings.get(g.id)) for g in groups},
        start=start,
        days=days,
        overlap=OVERLAP_DAYS,
    )


def _said_of(role: str) -> str:
    return f"{STATUSES['member'][role].label}: {STATUSES['member'][role].meaning}"


def _shown(person: Person) -> dict[str, str]:
    account = following.account_of(person)
    state = "left" if not person.active else "joined" if account else "invited"
    return {
        "address": following.address_of(person.content),
        "name": str(person.content.get("displayName") or person.content["userName"]),
        "state": state,
        "changed_at": person.changed_at,
    }


def _group_form(org_id: str, actor: Actor, group_id: str, meaning: Any) -> GroupForm:
    form = GroupForm(
        formdata=None,
        role=meaning.role if meaning else "",
        room=meaning.room if meaning else "",
    )
    _fill(form, org_id, actor)
    form.role.id, form.room.id = f"role-{group_id}", f"room-{group_id}"
    return form


def _fill(form: GroupForm, org_id: str, actor: Actor) -> None:
    workspaces = rooms.workspaces_of(actor, org_id)
    engagements = rooms.engagements_of(actor, org_id)
    names = vault.texts([row.name_ref for row in workspaces])
    form.role.choices = [SelectChoice("", "No role")] + [
        SelectChoice(role, STATUSES["member"][role].label) for role in ROLES
    ]
    form.room.choices = [SelectChoice("", "Nothing")]
    form.room.choices += [
        SelectChoice(row.id, f"Workspace {names.get(row.name_ref, '')}") for row in workspaces
    ]
    form.room.choices += [
        SelectChoice(row.id, f"Engagement from {row.starts_on} to {row.ends_on}")
        for row in engagements
        if row.phase == "open"
    ]


@zone.route_for("/organizations/<org_id>/directory/tokens", SIGNED_IN, methods=("POST",))
@limiter.limit(INVITING)
def make_directory_token(org_id: str) -> Response:
    """The one page that shows the token; it is nowhere else, and this is not kept anywhere."""
    actor = _manager(org_id)
    token_id, days = ids.new("dtk"), DirectoryTokenForm().days.data or ""
    command = MakeDirectoryToken(org_id, token_id, int(days) if days.isdecimal() else 0)
    perform(command, current_user.own)
    response = make_response(_page(org_id, actor, directory_secrets.make(org_id, token_id)))
    response.headers["Cache-Control"] = "no-store"
    return response


@zone.route_for("/organizations/<org_id>/directory/keys", SIGNED_IN, methods=("POST",))
@limiter.limit(INVITING)
def register_directory_key(org_id: str) -> str | BaseResponse:
    actor, form, client_id = _manager(org_id), DirectoryKeyForm(), ids.new("dtk")
    days = form.days.data or ""
    try:
        key = public_keys.parse(form.jwk.data or "")
        command = RegisterDirectoryKey(
            org_id, client_id, key.jkt, key.jwk, int(days) if days.isdecimal() else 0
        )
        perform(command, current_user.own)
    except Invalid as no:
        return _page(org_id, actor, refused=no.fields)
    directory_secrets.note_key(org_id, client_id)
    flash("The key is registered. How your directory uses it stands below.", "good")
    return _back(org_id)


@zone.route_for(
    "/organizations/<org_id>/directory/tokens/<token_id>/revoke", SIGNED_IN, methods=("POST",)
)
def revoke_directory_token(org_id: str, token_id: str) -> BaseResponse:
    _manager(org_id)
    perform(RevokeDirectoryToken(org_id, token_id), current_user.own)
    directory_secrets.forget(token_id)
    flash("Revoked. Whoever holds it gets nothing from now on.", "good")
    return _back(org_id)


@zone.route_for("/organizations/<org_id>/directory/start", SIGNED_IN, methods=("POST",))
def set_directory_start(org_id: str) -> BaseResponse:
    _manager(org_id)
    perform(SetDirectoryStart(org_id, DirectoryStartForm().role.data or ""), current_user.own)
    following.sort_everybody(org_id)
    flash("Kept. It holds for people who join from now on.", "good")
    return _back(org_id)


@zone.route_for("/organizations/<org_id>/directory/groups/<group_id>", SIGNED_IN, methods=("POST",))
def map_directory_group(org_id: str, group_id: str) -> BaseResponse:
    _manager(org_id)
    form = GroupForm()
    said = MapDirectoryGroup(org_id, group_id, form.role.data or "", form.room.data or "")
    perform(said, current_user.own)
    following.sort_everybody(org_id)
    flash("Kept. Whoever is in the group has it now.", "good")
    return _back(org_id)
