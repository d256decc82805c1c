"""What forms of several zones check alike."""

from __future__ import annotations

from flask_wtf import FlaskForm
from wtforms import Field, ValidationError

from portal import spelling


def check_address(_form: FlaskForm, field: Field) -> None:
    """An e-mail address, put into the form in which mail goes to it."""
    try:
        field.data = spelling.deliverable(field.data or "")
    except spelling.InvalidAddress as wrong:
        raise ValidationError(f"Enter an address such as name@cert.example: {wrong}") from None
