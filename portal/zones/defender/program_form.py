"""WTForms built from a program's sections at run time."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date
from typing import Any

from flask_wtf import FlaskForm
from wtforms import (
    BooleanField,
    DateField,
    EmailField,
    Field,
    IntegerField,
    RadioField,
    SelectField,
    SelectMultipleField,
    StringField,
    TextAreaField,
    URLField,
    ValidationError,
)
from wtforms.fields.choices import SelectChoice
from wtforms.validators import DataRequired, InputRequired, Length, NumberRange, Optional, Regexp

from portal.spelling import InvalidDomain, own_domain
from workflows.program import Program, Question, Section

_EMAIL = Regexp(r"[^@\s]+@[^@\s]+\.[^@\s]+$", message="Enter an address such as name@cert.example")
_URL = Regexp(r"https?://[^\s/]+\.[^\s]+$", message="Enter an address such as https://cert.example")


def _domain(_form: FlaskForm, field: Field) -> None:
    try:
        field.data = own_domain(field.data or "")
    except InvalidDomain as wrong:
        raise ValidationError(f"Enter a domain name such as cert.example: {wrong}") from None


def _plain(cls: type[Field], *more: Any) -> Callable[[Question], Field]:
    def build(q: Question) -> Field:
        return cls(q.label, description=q.hint, validators=[*_presence(q), *more, _length(q)])

    return build


def _length(q: Question) -> Length:
    return Length(max=q.max_length, message=f"Write {q.max_length} characters at most")


def _presence(q: Question) -> list[Any]:
    if q.required:
        return [DataRequired(f"Answer: {q.label}")]
    return [Optional()]


def _choice(cls: type[Field]) -> Callable[[Question], Field]:
    def build(q: Question) -> Field:
        choices = [SelectChoice(o.value, o.label) for o in q.options]
        if cls is SelectField:
            choices = [SelectChoice("", "Choose"), *choices]
        presence = [InputRequired(f"Answer: {q.label}")] if q.required else [Optional()]
        return cls(q.label, description=q.hint, choices=choices, validators=presence,
                   validate_choice=q.required)  # fmt: skip

    return build


def _integer(q: Question) -> Field:
    return IntegerField(
        q.label,
        description=q.hint,
        validators=[
            InputRequired(f"Answer: {q.label}") if q.required else Optional(),
            NumberRange(0, 10**9, message="Enter a whole number"),
        ],
    )


def _date(q: Question) -> Field:
    return DateField(q.label, description=q.hint, validators=_presence(q))


def _checkbox(q: Question) -> Field:
    return BooleanField(q.label, description=q.hint, validators=_presence(q))


_FIELDS: Mapping[str, Callable[[Question], Field]] = {
    "text": _plain(StringField),
    "country": _plain(StringField),
    "textarea": _plain(TextAreaField),
    "email": _plain(EmailField, _EMAIL),
    "url": _plain(URLField, _URL),
    "domain": _plain(StringField, _domain),
    "integer": _integer,
    "date": _date,
    "select": _choice(SelectField),
    "radio": _choice(RadioField),
    "checkboxes": _choice(SelectMultipleField),
    "checkbox": _checkbox,
}


def typed_questions(section: Section) -> tuple[Question, ...]:
    """The questions that are answered in a form; files have pages of their own."""
    return tuple(q for q in section.questions if q.kind != "file")


def build(section: Section, answers: Mapping[str, Any]) -> FlaskForm:
    """A form of the section's questions, filled with the answers so far."""
    fields = {q.id: _FIELDS[q.kind](q) for q in typed_questions(section)}
    form_class = type("SectionForm", (FlaskForm,), fields)
    return form_class(data=_from_stored(section, answers))


def _from_stored(section: Section, answers: Mapping[str, Any]) -> dict[str, Any]:
    data = {q.id: answers[q.id] for q in typed_questions(section) if q.id in answers}
    for q in section.questions:
        if q.kind == "date" and isinstance(data.get(q.id), str):
            try:
                data[q.id] = date.fromisoformat(data[q.id])
            except ValueError:
                del data[q.id]
    return data


def to_stored(form: FlaskForm, section: Section) -> dict[str, Any]:
    """Answers as JSON values, also those that do not validate: nothing typed is lost."""
    stored: dict[str, Any] = {}
    for q in typed_questions(section):
        field = form[q.id]
        value = field.data
        if isinstance(value, date):
            value = value.isoformat()
        elif value is None:
            value = (field.raw_data or [""])[0]
        elif isinstance(value, str):
            value = value.strip()
        stored[q.id] = value
    return stored


def answered(question: Question, answers: Mapping[str, Any]) -> bool:
    return answers.get(question.id) not in (None, "", [], False)


def section_status(section: Section, answers: Mapping[str, Any], files: Mapping[str, Any]) -> str:
    """A word of the vocabulary's table `section`."""

    def done(q: Question) -> bool:
        return q.id in files if q.kind == "file" else answered(q, answers)

    if all(done(q) for q in section.questions if q.required):
        return "completed" if any(done(q) for q in section.questions) else "not_started"
    return "in_progress" if any(done(q) for q in section.questions) else "not_started"


def shown(question: Question, answers: Mapping[str, Any]) -> str:
    """An answer as people read it."""
    value = answers.get(question.id)
    labels = {o.value: o.label for o in question.options}
    if isinstance(value, list):
        return ", ".join(labels.get(v, str(v)) for v in value)
    if isinstance(value, bool):
        return "Yes" if value else "No"
    return labels.get(str(value), str(value)) if value not in (None, "") else ""


def section_of(program: Program, section_id: str) -> Section | None:
    return next((s for s in program.sections if s.id == section_id), None)
