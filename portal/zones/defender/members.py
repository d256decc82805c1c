"""Members of an organization: inviting, roles, removal, leaving, and handing it over."""

from __future__ import annotations

from typing import Any

from flask import flash, redirect, render_template, url_for
from flask_login import current_user
from werkzeug.wrappers import Response
from wtforms.fields.choices import SelectChoice

from portal import clock, ids, vault
from portal.boards import (
    accounts,
    attestations,
    invitations,
    joining,
    organizations,
    recoveries,
)
from portal.desk import addresses, invitees, links, sessions
from portal.extensions import limiter
from portal.guard import SIGNED_IN
from portal.ledger import perform
from portal.limits import INVITING
from portal.zones.defender.forms import InviteForm, MemberForm, RoleForm
from portal.zones.defender.zone import zone
from workflows.actors import Actor
from workflows.errors import NotAllowed, NotFound, Refused
from workflows.organization.commands.accept_ownership import AcceptOwnership
from workflows.organization.commands.change_role import ChangeRole
from workflows.organization.commands.invite import Invite
from workflows.organization.commands.leave import Leave
from workflows.organization.commands.offer_ownership import OfferOwnership
from workflows.organization.commands.remove_member import RemoveMember
from workflows.organization.commands.resend_invitation import ResendInvitation
from workflows.organization.commands.withdraw_invitation import WithdrawInvitation
from workflows.organization.commands.withdraw_ownership_offer import WithdrawOwnershipOffer
from workflows.organization.state import ROLES
from workflows.words import STATUSES

INVITATION_DAYS = 7
_CHOICES = [
    SelectChoice(role, f"{STATUSES['member'][role].label}: {STATUSES['member'][role].meaning}")
    for role in sorted(ROLES, key=("member", *ROLES).index)
]


def check_own(org_id: str) -> Actor:
    """The viewer, who must be a member: staff read organizations in their own zone."""
    actor: Actor = current_user.actor
    if org_id in actor.suspended_in:
        raise NotAllowed(
            "your membership in this organization is suspended",
            code="membership_suspended",
            remedy="ask its owner or an admin to say that you still work with them",
        )
    if org_id not in actor.memberships:
        raise NotFound("there is no such organization")
    return actor


def _back(org_id: str) -> Response:
    return redirect(url_for("defender.members", org_id=org_id))


def _act(org_id: str, command: Any, words: str) -> Response:
    perform(command, check_own(org_id))
    flash(words, "good")
    return _back(org_id)


@zone.route_for("/organizations/<org_id>/members", SIGNED_IN)
def members(org_id: str) -> str:
    actor = check_own(org_id)
    manages = bool(actor.memberships[org_id] & {"owner", "admin"})
    rows = organizations.members_of(org_id, actor)
    waiting = invitations.of_organization(org_id, actor) if manages else []
    asking = joining.of_organization(org_id, actor) if manages else []
    people = accounts.names(m.account for m in rows)
    form = InviteForm()
    form.role.choices = _CHOICES
    return render_template(
        "defender/members.html",
        org_id=org_id,
        name=organizations.names([org_id])[org_id],
        members=rows,
        people=people | accounts.names(row.account for row in asking),
        asking=asking,
        joining_open=joining.is_open(org_id, actor),
        waiting=waiting,
        addresses=vault.texts(row.address_ref for row in waiting),
        now=clock.now_iso(),
        form=form,
        role_forms={row.account: _role_form(row) for row in rows},
        offer=_offer_form(people, actor),
        manages=manages,
        owns="owner" in actor.memberships[org_id],
        offered_to=organizations.get(org_id, actor).offered_to,
        me=actor.id,
        recovering=recoveries.under_way(actor, (m.account for m in rows)),
        to_attest=attestations.waiting(org_id, actor) if manages else None,
    )


def _role_form(row: Any) -> RoleForm:
    form = RoleForm(formdata=None, role=row.role)
    form.role.choices = [SelectChoice(role, STATUSES["member"][role].label) for role in ROLES]
    form.role.id = f"role-{row.account}"  # one form a row, and each id once a page
    return form


def _offer_form(people: dict[str, str], actor: Actor) -> MemberForm:
    form = MemberForm(formdata=None)
    form.account.choices = [SelectChoice(i, name) for i, name in people.items() if i != actor.id]
    return form


@zone.route_for("/organizations/<org_id>/invitations", SIGNED_IN, methods=("POST",))
@limiter.limit(INVITING)
def invite(org_id: str) -> Response:
    """The same words and acts whether or not the address has an account."""
    actor = check_own(org_id)
    form = InviteForm()
    form.role.choices = _CHOICES
    if not form.validate_on_submit():
        said = form.email.errors or ["Enter your colleague's e-mail address, and choose a role"]
        flash(f"{said[0]}.", "bad")
    elif invite_address(org_id, form.email.data or "", form.role.data, actor):
        flash("Invited. They get a mail, and decide when they have signed in.", "good")
    else:
        flash("This person is a member already.", "warn")
    return _back(org_id)


def invite_address(org_id: str, address: str, role: str, actor: Actor, room: str = "") -> bool:
    """Invite whoever proves the address, unless they are a member; an earlier one is replaced."""
    address = addresses.checked(address)
    belong = {m.account for m in organizations.members_of(org_id, actor)}
    if links.account_of(address) in belong:
        return False
    to_same = set(invitees.to(address))
    earlier = [row.id for row in invitations.of_organization(org_id, actor) if row.id in to_same]
    invitation = ids.new("inv")
    invitees.note(invitation, address)
    kept, end = vault.put(invitation, address), clock.iso_in(days=INVITATION_DAYS)
    try:
        perform(Invite(org_id, invitation, kept, role, end, room), actor)
    except Refused:
        invitees.forget(invitation)
        raise
    for replaced in earlier:  # one answer a person; only now, so that a refusal takes none away
        perform(WithdrawInvitation(org_id, replaced), actor)
        invitees.forget(replaced)
    return True


@zone.route_for(
    "/organizations/<org_id>/invitations/<invitation>/resend", SIGNED_IN, methods=("POST",)
)
@limiter.limit(INVITING)
def resend_invitation(org_id: str, invitation: str) -> Response:
    end = clock.iso_in(days=INVITATION_DAYS)
    return _act(org_id, ResendInvitation(org_id, invitation, end), "Sent again.")


@zone.route_for(
    "/organizations/<org_id>/invitations/<invitation>/withdraw", SIGNED_IN, methods=("POST",)
)
def withdraw_invitation(org_id: str, invitation: str) -> Response:
    answer = _act(org_id, WithdrawInvitation(org_id, invitation), "The invitation is withdrawn.")
    invitees.forget(invitation)
    return answer


@zone.route_for("/organizations/<org_id>/members/<account>/role", SIGNED_IN, methods=("POST",))
def change_role(org_id: str, account: str) -> Response:
    role = RoleForm().role.data or ""
    return _act(org_id, ChangeRole(org_id, account, role), "The role is changed.")


@zone.route_for("/organizations/<org_id>/members/<account>/remove", SIGNED_IN, methods=("POST",))
def remove_member(org_id: str, account: str) -> Response:
    words = "Removed. The keys that stood in their name get no token from now on."
    answer = _act(org_id, RemoveMember(org_id, account), words)
    sessions.end_all(account)
    return answer


@zone.route_for("/organizations/<org_id>/leave", SIGNED_IN, methods=("POST",))
def leave(org_id: str) -> Response:
    """Also for whoever is suspended: nobody has to be spoken for in order to go."""
    actor: Actor = current_user.actor
    perform(Leave(org_id), actor if org_id in actor.suspended_in else check_own(org_id))
    flash("You left. The keys that stood in your name get no token from now on.", "good")
    return redirect(url_for("defender.home"))


@zone.route_for("/organizations/<org_id>/ownership/offer", SIGNED_IN, methods=("POST",))
def offer_ownership(org_id: str) -> Response:
    heir = MemberForm().account.data or ""
    words = "Offered. You stay the owner until they accept."
    return _act(org_id, OfferOwnership(org_id, heir), words)


@zone.route_for("/organizations/<org_id>/ownership/withdraw", SIGNED_IN, methods=("POST",))
def withdraw_ownership_offer(org_id: str) -> Response:
    return _act(org_id, WithdrawOwnershipOffer(org_id), "The offer is withdrawn.")


@zone.route_for("/organizations/<org_id>/ownership/accept", SIGNED_IN, methods=("POST",))
def accept_ownership(org_id: str) -> Response:
    check_own(org_id)
    perform(AcceptOwnership(org_id), current_user.own)  # an owner has a passkey of their own
    flash("You own this organization now.", "good")
    return _back(org_id)
