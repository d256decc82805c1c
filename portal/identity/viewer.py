"""Who is looking: the signed-in person as Flask-Login's user."""

from __future__ import annotations

from dataclasses import replace

from flask_login import AnonymousUserMixin, UserMixin

from portal import clock
from portal.boards import accounts, emergencies, organizations, rooms
from portal.desk import sessions
from workflows import roles
from workflows.actors import Actor, Strength
from workflows.errors import SignInAgain

FRESH_MINUTES = 10


class Viewer(UserMixin):
    """A signed-in person. `get_id` is the session's token, so that ending the row signs out.

    Attributes:
        via: the organization whose provider vouched for them; "" for a passkey or mailed link.
        started_at: of the session, ISO 8601 UTC.
    """

    def __init__(
        self, token: str, actor: Actor, name: str, via: str = "", started_at: str = ""
    ) -> None:
        self.token, self.actor, self.name, self.via = token, actor, name, via
        self.started_at = started_at

    def get_id(self) -> str:
        return self.token

    @property
    def own(self) -> Actor:
        """The actor for what concerns the account itself, and the provider: there a provider's
        word never counts as the person's passkey."""
        return replace(self.actor, strength=Strength.LINK) if self.via else self.actor

    @property
    def is_staff(self) -> bool:
        return bool(self.actor.roles)

    @property
    def is_fresh(self) -> bool:
        """Whether they have just signed in, or did so with a passkey of their own, which they can
        use once more."""
        return self.actor.fresh or self.own.strength >= Strength.PASSKEY

    def check_fresh(self) -> None:
        """Raises SignInAgain unless they have just signed in."""
        if not self.actor.fresh and self.own.strength >= Strength.PASSKEY:
            raise roles.used_a_while_ago()
        if not self.actor.fresh:
            raise SignInAgain(
                f"this needs a sign-in that is not older than {FRESH_MINUTES} minutes",
                remedy="sign in once more, then come back to this page",
            )


class Nobody(AnonymousUserMixin):
    actor = Actor("nobody")
    own = actor
    name = via = ""
    is_staff = False


def load(token: str) -> Viewer | None:
    """The viewer of a session token; None when it ended or the account is gone."""
    session = sessions.find(token, _idle_minutes)
    if session is None or accounts.get(session.account) is None:
        return None
    actor = actor_of(session.account, session.strength)
    if session.via and actor.roles:  # also for who became staff while they were signed in
        actor = actor_of(session.account, Strength.LINK)
    actor = replace(
        actor, via=session.via, fresh=session.started_at > clock.iso_in(minutes=-FRESH_MINUTES)
    )
    name = accounts.names([session.account])[session.account]
    return Viewer(token, actor, name, session.via, session.started_at)


def _idle_minutes(account: str) -> int:
    return sessions.STAFF_IDLE_MINUTES if accounts.roles(account) else sessions.IDLE_MINUTES


def actor_of(account: str, strength: Strength) -> Actor:
    """The actor with the roles and memberships that the person has now; emergency power while it
    lasts, for staff who are signed in with their passkey."""
    guest = rooms.guest(account)
    roles = accounts.roles(account)
    if roles and strength >= Strength.PASSKEY and emergencies.lasts_for(account):
        roles |= {"emergency"}
    return Actor(
        id=account,
        roles=roles,
        memberships=organizations.of(account),
        strength=strength,
        guest_of=guest.organizations,
        rooms=guest.rooms,
        shown=guest.shown,
        suspended_in=organizations.suspended_in(account),
    )
