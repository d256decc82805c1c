"""Who is looking: the signed-in person as Flask-Login's user."""

from __future__ import annotations

from flask_login import AnonymousUserMixin, UserMixin

from portal import clock
from portal.boards import accounts, organizations
from portal.desk import sessions
from workflows.actors import Actor, Strength

FRESH_MINUTES = 10


class Viewer(UserMixin):
    """A signed-in person. `get_id` is the session's token, so that ending the row signs out."""

    def __init__(self, token: str, actor: Actor, name: str, started_at: str) -> None:
        self.token, self.actor, self.name = token, actor, name
        self.started_at = started_at

    def get_id(self) -> str:
        return self.token

    @property
    def is_staff(self) -> bool:
        return bool(self.actor.roles)

    @property
    def is_fresh(self) -> bool:
        """Whether they have just signed in, or did so with a passkey."""
        recently = self.started_at > clock.iso_in(minutes=-FRESH_MINUTES)
        return recently or self.actor.strength >= Strength.PASSKEY


class Nobody(AnonymousUserMixin):
    actor = Actor("nobody")
    name = ""
    is_staff = False


def load(token: str) -> Viewer | None:
    """The viewer of a session token; None when it ended or the account is gone."""
    session = sessions.find(token, _idle_minutes)
    if session is None or accounts.get(session.account) is None:
        return None
    return Viewer(
        token,
        actor_of(session.account, session.strength),
        accounts.names([session.account])[session.account],
        session.started_at,
    )


def _idle_minutes(account: str) -> int:
    return sessions.STAFF_IDLE_MINUTES if accounts.roles(account) else sessions.IDLE_MINUTES


def actor_of(account: str, strength: Strength) -> Actor:
    """The actor with the roles and memberships that the person has now."""
    return Actor(
        id=account,
        roles=accounts.roles(account),
        memberships=organizations.of(account),
        strength=strength,
    )
