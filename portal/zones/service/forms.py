"""Shapes of the services' forms."""

from __future__ import annotations

from flask_wtf import FlaskForm
from wtforms import SelectMultipleField, StringField, TextAreaField
from wtforms.validators import DataRequired, Length


class ServiceForm(FlaskForm):
    name = StringField(
        "Name of the service", validators=[DataRequired("Enter a name"), Length(max=120)]
    )
    audience = StringField(
        "Audience",
        description="The service's base URL; tokens name it, and it refuses all others.",
        validators=[DataRequired("Enter a URL such as https://api.example"), Length(max=300)],
    )
    scopes = SelectMultipleField(
        "Scopes that it honors", validators=[DataRequired("Choose at least one scope")]
    )


class KeyForm(FlaskForm):
    jwk = TextAreaField(
        "Public key of the service",
        description="As JWK or PEM: P-256, Ed25519, or RSA of at least 2048 bits.",
        validators=[DataRequired("Paste a public key, or make a pair above")],
    )
