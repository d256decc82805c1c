"""Link an identity at an organization's provider to one's own account.

That the provider vouched for it in this browser is established at the door. Somebody who has a
passkey links with it: otherwise whoever reads the person's mail could add a way in of their own.
"""

from __future__ import annotations

from dataclasses import dataclass

from workflows.account.events import SignOnLinked
from workflows.account.passwords import check_not_by_link
from workflows.account.state import State
from workflows.actors import Strength
from workflows.context import Context
from workflows.errors import Conflict, NotAllowed, StrengthNeeded
from workflows.vaulted import Vaulted

MOST = 10


@dataclass(frozen=True, slots=True)
class LinkSignOn:
    stream: str
    link: str
    organization: str
    issuer: str
    subject: Vaulted


def decide(state: State, command: LinkSignOn, context: Context) -> tuple[object, ...]:
    if context.actor.id != state.id:
        raise NotAllowed("a sign-in is linked by the person whose account it is")
    if state.passkeys and context.actor.strength < Strength.PASSKEY:
        raise StrengthNeeded(
            "this account has a passkey", remedy="sign in with it, then link the other sign-in"
        )
    if state.password:
        check_not_by_link(context.actor)
    if len(state.sign_ons) >= MOST:
        raise Conflict(f"an account has {MOST} linked sign-ins at most", remedy="remove one first")
    return (
        SignOnLinked(
            link=command.link,
            organization=command.organization,
            issuer=command.issuer,
            subject=command.subject,
        ),
    )
