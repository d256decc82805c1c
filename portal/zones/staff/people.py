"""Who works for the program: roles proposed by one person, confirmed by another, ended by any."""

from __future__ import annotations

from collections import defaultdict
from typing import Any

from flask import flash, redirect, render_template, url_for
from flask_login import current_user
from werkzeug.wrappers import Response

from portal.boards import accounts, recoveries
from portal.desk import links
from portal.ledger import perform
from portal.zones.staff.forms import AddressForm, ProposalForm
from portal.zones.staff.zone import zone
from workflows.account.commands.confirm_role import ConfirmRole
from workflows.account.commands.end_role import EndRole
from workflows.account.commands.propose_role import ProposeRole
from workflows.account.commands.withdraw_role_proposal import WithdrawRoleProposal
from workflows.actors import Strength
from workflows.errors import Refused
from workflows.words import STATUSES

PASSKEY = Strength.PASSKEY
KEEPERS = ("administrator", "program_manager")


@zone.route_for("/people", *KEEPERS, "auditor", strength=PASSKEY)
def people() -> str:
    return _page(ProposalForm())


def _page(form: ProposalForm, errors: dict[str, str] | None = None) -> str:
    roles: dict[str, list[str]] = defaultdict(list)
    for row in accounts.staff():
        roles[row.account].append(row.role)
    waiting = accounts.proposals()
    actor = current_user.actor
    recover = AddressForm(formdata=None)
    recover.email.id = "recover"  # the other form of the page has an address too
    under_way = recoveries.under_way()
    helped = [a for row in under_way.values() for a in (row.account, row.proposed_by)]
    return render_template(
        "staff/people.html",
        staff=[{"id": account, "roles": held} for account, held in roles.items()],
        waiting=waiting,
        names=accounts.names(
            [*roles, *(p.account for p in waiting), *(p.proposed_by for p in waiting), *helped]
        ),
        form=form,
        role_hints={role: words.meaning for role, words in STATUSES["staff_role"].items()},
        errors=errors or {},
        keeps=bool(actor.roles & set(KEEPERS)),
        confirms="program_manager" in actor.roles,
        me=actor.id,
        recoveries=list(under_way.values()),
        recover=recover,
    )


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
    return _act(ConfirmRole(account, role), "Confirmed. They hold the role from now on.")


@zone.route_for("/people/<account>/<role>/withdraw", *KEEPERS, methods=("POST",), strength=PASSKEY)
def withdraw_role_proposal(account: str, role: str) -> Response:
    return _act(WithdrawRoleProposal(account, role), "The proposal is withdrawn.")


@zone.route_for("/people/<account>/<role>/end", *KEEPERS, methods=("POST",), strength=PASSKEY)
def end_role(account: str, role: str) -> Response:
    return _act(EndRole(account, role), "The role is ended, at once.")
