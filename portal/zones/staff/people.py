"""Who works for the program: roles proposed by one person, confirmed by another, ended by any."""

from __future__ import annotations

from collections import defaultdict
from typing import Any

from flask import flash, redirect, render_template, url_for
from flask_login import current_user
from werkzeug.wrappers import Response

from portal import clock
from portal.boards import accounts, emergencies, recoveries, relaxations
from portal.desk import links
from portal.ledger import perform
from portal.zones.staff.forms import AddressForm, ProposalForm
from portal.zones.staff.zone import zone
from workflows.account.commands.confirm_role import ConfirmRole, second_look
from workflows.account.commands.end_role import EndRole
from workflows.account.commands.propose_role import ProposeRole
from workflows.account.commands.withdraw_role_proposal import WithdrawRoleProposal
from workflows.actors import Strength
from workflows.errors import Refused
from workflows.words import STATUSES

PASSKEY = Strength.PASSKEY
KEEPERS = ("administrator", "program_manager")
TAKERS = (*KEEPERS, "emergency")


@zone.route_for("/people", *KEEPERS, "auditor", "emergency", strength=PASSKEY)
def people() -> str:
    return _page(ProposalForm())


def _page(form: ProposalForm, errors: dict[str, str] | None = None) -> str:
    roles: dict[str, list[str]] = defaultdict(list)
    actor = current_user.actor
    for row in accounts.staff(actor):
        roles[row.account].append(row.role)
    waiting = accounts.proposals(actor)
    recover = AddressForm(formdata=None)
    recover.email.id = "recover"  # the other form of the page has an address too
    under_way, unreviewed = recoveries.under_way(actor), emergencies.unreviewed()
    helped = [a for row in under_way.values() for a in (row.account, row.proposed_by)]
    return render_template(
        "staff/people.html",
        staff=[{"id": account, "roles": held} for account, held in roles.items()],
        waiting=waiting,
        names=accounts.names(
            [
                *roles,
                *(p.account for p in waiting),
                *(p.proposed_by for p in waiting),
                *helped,
                *(row.person for row in unreviewed),
            ]
        ),
        form=form,
        role_hints={role: words.meaning for role, words in STATUSES["staff_role"].items()},
        errors=errors or {},
        keeps=bool(actor.roles & set(KEEPERS)),
        takes=bool(actor.roles & set(TAKERS)),
        unreviewed=unreviewed,
        relaxed=relaxations.relaxed(("roles_by_one", "recovery_by_overlapping_staff")),
        own_word={(p.account, p.role) for p in waiting if _by_one(p)},
        confirms="program_manager" in actor.roles,
        me=actor.id,
        recoveries=list(under_way.values()),
        recover=recover,
    )


def _by_one(proposal: Any) -> bool:
    """Whether the signed-in person may confirm what they proposed themselves, as the only one."""
    mine = proposal.proposed_by == current_user.actor.id
    alone = mine and relaxations.keepers() == [proposal.proposed_by]
    looked = second_look(proposal.expires_at) <= clock.now_iso()
    return alone and looked and bool(relaxations.relaxed(("roles_by_one",)))


@zone.route_for("/people/propose", *KEEPERS, methods=("POST",), strength=PASSKEY)
def propose_role() -> str | Response:
    form = ProposalForm()
    if not form.validate_on_submit():
        return _page(form)
    account = links.account_of(form.email.data or "")
    if account is None:
        return _page(
            form, {"email": "Nobody has signed in with this address yet; ask them to do so once"}
        )
    try:
        perform(ProposeRole(account, form.role.data), current_user.actor)
    except Refused as refused:
        if not refused.fields:
            raise
        return _page(form, dict(refused.fields))
    flash("Proposed. A program manager other than you confirms it.", "good")
    return redirect(url_for("staff.people"))


def _act(command: Any, words: str) -> Response:
    perform(command, current_user.actor)
    flash(words, "good")
    return redirect(url_for("staff.people"))


@zone.route_for(
    "/people/<account>/<role>/confirm", "program_manager", methods=("POST",), strength=PASSKEY
)
def confirm_role(account: str, role: str) -> Response:
    sole = relaxations.keepers() == [current_user.actor.id]
    return _act(ConfirmRole(account, role, sole), "Confirmed. They hold the role from now on.")


@zone.route_for("/people/<account>/<role>/withdraw", *TAKERS, methods=("POST",), strength=PASSKEY)
def withdraw_role_proposal(account: str, role: str) -> Response:
    return _act(WithdrawRoleProposal(account, role), "The proposal is withdrawn.")


@zone.route_for("/people/<account>/<role>/end", *TAKERS, methods=("POST",), strength=PASSKEY)
def end_role(account: str, role: str) -> Response:
    return _act(EndRole(account, role), "The role is ended, at once.")
