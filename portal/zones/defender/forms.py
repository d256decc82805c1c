"""Shapes of the defenders' forms that no program decides."""

from __future__ import annotations

from flask_wtf import FlaskForm
from flask_wtf.file import FileField, FileRequired
from wtforms import (
    BooleanField,
    DateField,
    EmailField,
    Field,
    Form,
    PasswordField,
    RadioField,
    SelectField,
    SelectMultipleField,
    StringField,
    TextAreaField,
    URLField,
)
from wtforms.fields.choices import SelectChoice
from wtforms.validators import DataRequired, InputRequired, Length, ValidationError

from portal.desk import addresses
from workflows.errors import Invalid


def _is_address(_form: Form, field: Field) -> None:
    try:
        addresses.checked(field.data or "")
    except Invalid:
        raise ValidationError("Enter an address such as name@cert.example") from None


_ADDRESS = (
    DataRequired("Enter an e-mail address"),
    Length(max=254),
    _is_address,
)


class OrganizationForm(FlaskForm):
    name = StringField(
        "Legal name of the organization",
        description="As it stands in the register, or the project's name if there is none.",
        validators=[DataRequired("Enter the organization's name"), Length(max=200)],
    )


class DomainForm(FlaskForm):
    domain = StringField(
        "Domain",
        description="The name alone, such as cert.example.",
        validators=[DataRequired("Enter a domain name such as cert.example"), Length(max=253)],
    )


class InviteForm(FlaskForm):
    email = EmailField(
        "Colleague's e-mail address",
        description="Only somebody who signs in with this address can accept.",
        validators=_ADDRESS,
    )
    role = RadioField("Role", default="member", validators=[InputRequired("Choose a role")])


class WorkspaceForm(FlaskForm):
    name = StringField(
        "Name of the workspace",
        description="Such as “Incident team” or “Project Heron”.",
        validators=[DataRequired("Enter a name"), Length(max=120)],
    )


class EngagementForm(FlaskForm):
    title = StringField(
        "What it is", description="Such as “Penetration test of the harbor’s portal”.",
        validators=[DataRequired("Enter what it is"), Length(max=200)],
    )  # fmt: skip
    targets = TextAreaField(
        "Targets",
        description="Names, addresses or systems, one a line. Nothing else is covered.",
        validators=[DataRequired("Enter the targets"), Length(max=5000)],
    )
    starts_on = DateField("First day", validators=[InputRequired("Enter the first day")])
    ends_on = DateField("Last day", validators=[InputRequired("Enter the last day")])
    workspace = SelectField(
        "Workspace", description="Its people see the engagement too.", validate_choice=False
    )


class PlaceForm(FlaskForm):
    account = SelectField("Somebody of your organization", validate_choice=False)


class GuestForm(FlaskForm):
    email = EmailField(
        "Somebody new, by e-mail address",
        description="They join as a guest and see this, and nothing else.",
        validators=_ADDRESS,
    )


class RoleForm(FlaskForm):
    role = SelectField("Role", validate_choice=False)


class MemberForm(FlaskForm):
    account = SelectField("New owner", validate_choice=False)


class SignOnForm(FlaskForm):
    issuer = URLField(
        "Issuer",
        description="The provider’s own name as it writes it, such as https://login.cert.example.",
        validators=[DataRequired("Enter the issuer"), Length(max=250)],
    )
    client_id = StringField(
        "Client id",
        description="What the provider calls the portal. Not needed to ask the provider.",
        validators=[Length(max=250)],
    )
    authentication = RadioField(
        "How the portal proves itself to the provider",
        choices=[
            SelectChoice("private_key_jwt", "By a key of its own (private_key_jwt): no secret"),
            SelectChoice("client_secret", "By a client secret"),
        ],
        default="private_key_jwt",
    )
    client_secret = PasswordField(
        "Client secret",
        description="Only for the second way. It is kept sealed and never shown again.",
        validators=[Length(max=1000)],
    )
    counts_as_passkey = BooleanField(
        "What the provider calls phishing-resistant opens what a passkey opens",
        description="In your organization’s matters alone; for the program’s staff it never does.",
    )


class DirectoryTokenForm(FlaskForm):
    days = SelectField(
        "Accepted for",
        description="You are told two weeks before it ends.",
        validate_choice=False,
        default="180",
    )


class DirectoryStartForm(FlaskForm):
    role = RadioField("People of the directory start as", validate_choice=False)


class GroupForm(FlaskForm):
    role = SelectField("Role", validate_choice=False)
    room = SelectField("Lets them into", validate_choice=False)


class StartForm(FlaskForm):
    organization = SelectField("Organization", validators=[InputRequired()])
    program = SelectField("Program", validators=[InputRequired()])


class AccessForm(FlaskForm):
    """Tier and scopes; the choices come from the program."""

    tier = RadioField("Level of access", validators=[InputRequired("Choose a level")])
    scopes = SelectMultipleField(
        "Scopes",
        description="Ask for what you need. Fewer scopes are decided sooner.",
        validators=[DataRequired("Choose at least one scope")],
    )


class FileForm(FlaskForm):
    file = FileField("File", validators=[FileRequired("Choose a file")])


class SubmitForm(FlaskForm):
    terms = SelectMultipleField("Terms")
    declared = BooleanField(
        "I declare that the answers are true, and that I may apply for the organization"
    )


class CredentialForm(FlaskForm):
    label = StringField(
        "What will use this key",
        description="Such as “triage pipeline”. Colleagues read it; services do not.",
        validators=[DataRequired("Say what will use this key"), Length(max=80)],
    )
    jwk = TextAreaField(
        "Public key",
        description="As JWK or PEM: P-256, Ed25519, or RSA of at least 2048 bits.",
        validators=[DataRequired("Paste a public key, or make a pair above")],
    )


class ReasonForm(FlaskForm):
    reason = SelectField("Reason", validators=[InputRequired("Choose a reason")])
