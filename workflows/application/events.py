"""What can have happened to an application. Free text lies in the vault, codes and counts here."""

from __future__ import annotations

from dataclasses import dataclass

from workflows.signatures import Signature
from workflows.vaulted import Vaulted


@dataclass(frozen=True, slots=True)
class EvidenceFile:
    """A file that answers `question`; its name and content lie in the vault."""

    question: str
    file: Vaulted


@dataclass(frozen=True, slots=True)
class Submitted:
    """The application is complete and in our hands; `program_version` is pinned from here on.

    `answers` is the JSON object question id -> answer, `answered` the ids that it holds.
    `promised_at` is the ISO 8601 UTC time by which the program promises a decision.
    """

    org_id: str
    program: str
    program_version: str
    tier: str
    scopes: tuple[str, ...]
    answers: Vaulted
    answered: tuple[str, ...]
    files: tuple[EvidenceFile, ...]
    terms: tuple[str, ...]
    promised_at: str


@dataclass(frozen=True, slots=True)
class StageOpened:
    """The stage with this index of the program's list is the one that is being worked on."""

    index: int
    stage: str


@dataclass(frozen=True, slots=True)
class CheckRequested:
    """A check is to be made; `round` rises by one each time it is asked for again."""

    check: str
    round: int


@dataclass(frozen=True, slots=True)
class CheckRecorded:
    """A check's outcome, with what it rests on.

    `input_digest` is the salted digest of the facts (which lie in the vault with the finding),
    `data_digest` and `data_date` say which copy of outside data was used, and from when.
    """

    check: str
    round: int
    verdict: str
    score: int
    summary: str
    finding: Vaulted
    check_version: int
    data_digest: str
    data_date: str


@dataclass(frozen=True, slots=True)
class CheckCleared:
    """A person looked at what the check could not decide and says why it may pass."""

    check: str
    round: int
    reason: Vaulted


@dataclass(frozen=True, slots=True)
class SeatTaken:
    """A reviewer sat down and declared to have no conflict with this organization."""

    reviewer: str


@dataclass(frozen=True, slots=True)
class Recused:
    """A reviewer stands back from this case for good."""

    reviewer: str
    reason: Vaulted


@dataclass(frozen=True, slots=True)
class SeatVacated:
    """A reviewer who had not spoken is a reviewer no more; somebody else may sit."""

    reviewer: str


@dataclass(frozen=True, slots=True)
class Reviewed:
    """One reviewer's word; blind to the other's. `scores` maps rubric criterion to level."""

    reviewer: str
    recommendation: str
    scores: dict[str, int]
    reasons: Vaulted


@dataclass(frozen=True, slots=True)
class Decided:
    """The decision. `outcome` is approved or denied, `reasons` published codes.

    `scopes` and `expires_at` are what is granted (empty when denied), `grant_id` the grant that
    follows. `letter` is the text that the applicant gets, `note` is for staff alone.
    """

    outcome: str
    scopes: tuple[str, ...]
    reasons: tuple[str, ...]
    expires_at: str
    grant_id: str
    letter: Vaulted
    note: Vaulted | None


@dataclass(frozen=True, slots=True)
class DecisionSigned(Signature):
    """The decider's passkey signed the decision before it. Follows `Decided` at once."""


@dataclass(frozen=True, slots=True)
class Withdrawn:
    """The organization took its application back."""
