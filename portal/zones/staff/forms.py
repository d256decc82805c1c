"""Shapes of the staff's forms; choices come from the pinned program."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from flask_wtf import FlaskForm
from wtforms import (
    BooleanField,
    DateField,
    EmailField,
    HiddenField,
    RadioField,
    SelectField,
    SelectMultipleField,
    TextAreaField,
)
from wtforms.fields.choices import SelectChoice
from wtforms.validators import DataRequired, InputRequired, Length, Optional

from portal import clock
from portal.fields import check_address
from workflows.account.staff_roles import STAFF_ROLES
from workflows.application.commands.review import RECOMMENDATIONS
from workflows.emergency.commands.break_glass import MOST_HOURS
from workflows.emergency.commands.review_break_glass import VERDICTS
from workflows.grant.state import REASONS
from workflows.program import Program
from workflows.words import status


class AddressForm(FlaskForm):
    email = EmailField(
        "E-mail address of the person",
        description="For somebody who lost every passkey and has no two admins to help.",
        validators=[DataRequired("Enter an e-mail address"), Length(max=254), check_address],
    )


class ProposalForm(FlaskForm):
    email = EmailField(
        "E-mail address",
        description="Of somebody who has signed in here before, with no role or another one.",
        validators=[DataRequired("Enter an e-mail address"), Length(max=254), check_address],
    )
    role = RadioField(
        "Role",
        choices=[SelectChoice(r, status("staff_role", r).label) for r in STAFF_ROLES],
        validators=[InputRequired("Choose a role")],
    )


class EmergencyForm(FlaskForm):
    hours = RadioField(
        "For how long",
        choices=[
            SelectChoice(str(h), "1 hour" if h == 1 else f"{h} hours")
            for h in range(1, MOST_HOURS + 1)
        ],
        description="It ends by itself. End it by hand as soon as the danger is over.",
        validators=[InputRequired("Choose for how long")],
    )
    reason = TextAreaField(
        "What is happening, and what you need to stop",
        description="All staff read it.",
        validators=[DataRequired("Say what is happening"), Length(max=2000)],
    )


class FindingForm(FlaskForm):
    verdict = RadioField(
        "What you found",
        choices=[SelectChoice(v, status("verdict", v).label) for v in VERDICTS],
        validators=[InputRequired("Choose what you found")],
    )
    finding = TextAreaField(
        "Your finding",
        description="What was done, whether it was needed, and what should change. All staff "
        "read it.",
        validators=[DataRequired("Write down what you found"), Length(max=4000)],
    )


class SeatForm(FlaskForm):
    no_conflict = BooleanField(
        "I have no tie to this organization: not its member, employee, customer, supplier or "
        "rival, now or in the last two years"
    )


class RecuseForm(FlaskForm):
    reason = TextAreaField(
        "Why you stand back",
        description="For the record; the organization does not see it.",
        validators=[DataRequired("Say why you stand back"), Length(max=1000)],
    )


class ClearForm(FlaskForm):
    reason = TextAreaField(
        "Why it may pass",
        description="What you compared, and why the listed party is not this organization.",
        validators=[DataRequired("Say why it may pass"), Length(max=2000)],
    )


def review_form(program: Program) -> Any:
    """A form with a radio field for each criterion, `score_<id>`."""
    fields: dict[str, Any] = {
        f"score_{c.id}": RadioField(
            c.title,
            description=c.question,
            choices=[str(level.score) for level in c.levels],
            validators=[InputRequired(f"Choose a level for {c.title}")],
        )
        for c in program.rubric
    }
    fields["recommendation"] = RadioField(
        "Your recommendation",
        choices=[SelectChoice(r, status("recommendation", r).label) for r in RECOMMENDATIONS],
        validators=[InputRequired("Choose a recommendation")],
    )
    fields["reasons"] = TextAreaField(
        "Your reasons",
        description="Name the evidence that each level rests on. The decider reads this.",
        validators=[DataRequired("Write your reasons"), Length(max=4000)],
    )
    fields["seen"] = HiddenField()
    return type("ReviewForm", (FlaskForm,), fields)()


class DecisionForm(FlaskForm):
    outcome = RadioField(
        "Outcome",
        choices=[SelectChoice("approved", "Approve"), SelectChoice("denied", "Deny")],
        validators=[InputRequired("Choose approve or deny")],
    )
    scopes = SelectMultipleField(
        "Scopes granted",
        description="Those that were asked for, or fewer. Fewer is normal.",
    )
    expires_on = DateField(
        "The grant lasts until", description="At midnight UTC.", validators=[Optional()]
    )
    reasons = SelectMultipleField(
        "Published reasons",
        description="Needed to deny, and to grant less. The letter gives each with its remedy.",
    )
    message = TextAreaField(
        "A sentence of your own in the letter",
        description="The organization reads it.",
        validators=[Optional(), Length(max=1000)],
    )
    note = TextAreaField(
        "Private note",
        description="Only staff read it.",
        validators=[Optional(), Length(max=4000)],
    )
    seen = HiddenField()

    def fill(self, program: Program, asked: list[str], tier_id: str) -> None:
        """Choices of this case: what was asked for, and the program's published reasons."""
        self.scopes.choices = [SelectChoice(s.id, s.title) for s in program.scopes if s.id in asked]
        self.reasons.choices = [SelectChoice(r.code, r.title) for r in program.reasons]
        tier = program.tier(tier_id)
        if tier and not self.is_submitted():
            self.scopes.data = list(asked)
            last = clock.now() + timedelta(days=tier.grant_days)
            self.expires_on.data = last.date()


class SignatureForm(FlaskForm):
    """Filled in by the browser: the passkey's answer, and the nonce of the question."""

    credential = HiddenField()
    nonce = HiddenField()
    seen = HiddenField()


class GrantActionForm(FlaskForm):
    reason = SelectField(
        "Reason",
        choices=[SelectChoice(r, r.replace("_", " ").capitalize()) for r in REASONS],
        validators=[InputRequired("Choose a reason")],
    )
    note = TextAreaField(
        "Private note", description="Only staff read it.", validators=[Optional(), Length(max=2000)]
    )
