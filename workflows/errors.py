"""What a rule says when the answer is no.

Every refusal is a `Refused` with a stable `code`; `portal.problems` holds the one table that
turns codes into HTTP statuses, pages and problem+json. The message says what was wrong, the
remedy what would be right; neither carries a trace, a secret or personal data.
"""

from __future__ import annotations


class Refused(Exception):
    """A command that may not happen; nothing was written.

    Attributes:
        code: stable identifier, snake_case, part of the public API.
        message: one sentence: what was wrong.
        remedy: one sentence: what would be right, or "".
        fields: form field name -> what is wrong with it, for pages that show errors in place.
        meanwhile: what changed since the person looked, as far as that person may see it.
    """

    code = "refused"

    def __init__(
        self,
        message: str,
        *,
        code: str | None = None,
        remedy: str = "",
        fields: dict[str, str] | None = None,
        meanwhile: tuple[str, ...] = (),
    ) -> None:
        super().__init__(message)
        self.message = message
        self.code = code or type(self).code
        self.remedy = remedy
        self.fields = fields or {}
        self.meanwhile = meanwhile


class NotAllowed(Refused):
    """The actor's roles do not carry this verb here; says nothing about the state."""

    code = "not_allowed"


class NotFound(Refused):
    """No such thing, or a thing of another organization: the two answer alike."""

    code = "not_found"


class NotNow(Refused):
    """The verb exists for this role, but not in the phase that the thing is in."""

    code = "not_now"


class Invalid(Refused):
    """The command's content breaks a rule of the program."""

    code = "invalid"


class Conflict(Refused):
    """Another change came first, or something unique is taken."""

    code = "conflict"


class NotVouched(Refused):
    """An organization's provider did not vouch for somebody, or not in a way that can be believed:
    nobody was signed in."""

    code = "not_vouched"


class StrengthNeeded(Refused):
    """The sign-in is too weak for this; a step-up would be right."""

    code = "strength_needed"


class SignInAgain(StrengthNeeded):
    """The sign-in is strong enough and too long ago."""

    code = "sign_in_again"
