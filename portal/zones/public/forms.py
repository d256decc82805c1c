"""Shapes of the public forms; no rule is here."""

from __future__ import annotations

from flask_wtf import FlaskForm
from wtforms import (
    EmailField,
    HiddenField,
    PasswordField,
    SelectField,
    SelectMultipleField,
    StringField,
    TextAreaField,
)
from wtforms.fields.choices import SelectChoice
from wtforms.validators import DataRequired, Length

from portal.fields import check_address
from workflows.account.automations import LIFETIMES, SCOPES

_ADDRESS = (
    DataRequired("Enter your e-mail address"),
    Length(max=254, message="Enter an address of 254 characters at most"),
    check_address,
)
_LENGTH = Length(max=1024, message="Enter 1,024 characters at most")


class AddressForm(FlaskForm):
    email = EmailField(
        "E-mail address",
        description="We send a link that signs you in. No account yet? The link makes one.",
        validators=_ADDRESS,
    )
    next = HiddenField()


class WorkAddressForm(FlaskForm):
    work_email = EmailField(
        "Your address at the organization",
        description="Only its domain is used, to find where your organization signs people in.",
        validators=_ADDRESS,
    )


class PasswordSignInForm(FlaskForm):
    email = EmailField(
        "E-mail address",
        validators=[
            DataRequired("Enter your e-mail address"),
            Length(max=254, message="Enter an address of 254 characters at most"),
        ],
    )
    password = PasswordField("Password", validators=[DataRequired("Enter your password"), _LENGTH])
    next = HiddenField()


class CodeForm(FlaskForm):
    code = StringField(
        "Code",
        description="Six digits from your authenticator app, or one of your recovery codes.",
        validators=[DataRequired("Enter a code"), Length(max=64, message="A code is shorter")],
    )


class AutomationForm(FlaskForm):
    label = StringField(
        "What will use this key",
        description="Such as “status board” or “my nightly script”.",
        validators=[DataRequired("Say what will use this key"), Length(max=80)],
    )
    scopes = SelectMultipleField(
        "What it may read",
        choices=[SelectChoice(scope, words) for scope, words in SCOPES.items()],
        validators=[DataRequired("Choose at least one")],
    )
    days = SelectField(
        "For how long",
        choices=[SelectChoice(str(n), f"{n} days") for n in LIFETIMES],
        default="90",
    )
    jwk = TextAreaField(
        "Public key",
        description="As JWK or PEM: P-256, Ed25519, or RSA of at least 2048 bits.",
        validators=[DataRequired("Paste a public key, or make a pair above")],
    )


class NewPasswordForm(FlaskForm):
    """A first password."""

    password = PasswordField(
        "New password",
        description="At least 12 characters. Four or more random words do well.",
        validators=[DataRequired("Enter a password"), _LENGTH],
    )


class ChangePasswordForm(NewPasswordForm):
    old = PasswordField(
        "Present password", validators=[DataRequired("Enter your present password"), _LENGTH]
    )


class LinkForm(FlaskForm):
    """Nothing but the button."""


class NameForm(FlaskForm):
    name = StringField(
        "Your name",
        description="As colleagues and program staff should read it.",
        validators=[DataRequired("Enter your name"), Length(max=120)],
    )


class NewAddressForm(FlaskForm):
    email = EmailField(
        "New e-mail address",
        description="We send a link to it. Nothing changes until you have pressed its button.",
        validators=_ADDRESS,
    )


class PasskeyNameForm(FlaskForm):
    passkey = HiddenField()
    label = StringField("Name", validators=[DataRequired("Enter a name"), Length(max=80)])


class PasskeyForm(FlaskForm):
    credential = HiddenField(validators=[DataRequired("The browser sent no passkey")])
    introduction = HiddenField()
    label = StringField(
        "A name for this passkey",
        description="Such as “work laptop”; you see it when you look after your passkeys.",
        validators=[Length(max=80)],
    )
