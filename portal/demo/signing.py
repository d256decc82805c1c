"""The demo's authenticator in the place of a device, inside the portal's own process."""

from __future__ import annotations

import json

from portal.boards import accounts
from portal.demo.authenticator import Authenticator
from portal.identity import passkeys, signed_decisions
from portal.installation import settings
from workflows.actors import Actor
from workflows.application.commands.decide import Decide


def authenticator() -> Authenticator:
    return Authenticator(settings().data_dir / "authenticator.json")


def give_passkey(device: Authenticator, actor: Actor, name: str) -> None:
    """Register a passkey of the device on the actor's account, unless it holds one."""
    # One that was taken off the account is made anew.
    if not device.holds(actor.id) or not accounts.passkeys_of(actor.id):
        options = json.loads(passkeys.registration_options(actor, name))
        answer = device.register(options, settings().base_url)
        passkeys.register_unintroduced(actor, answer, "Demo authenticator")


def signed(device: Authenticator, actor: Actor, command: Decide, program_version: str) -> Decide:
    """The decision with the signature of the actor's passkey, by the ceremony of the page."""
    asked = json.loads(json.dumps(signed_decisions.options(actor, command, program_version)))
    answer = device.sign_in(actor.id, asked["publicKey"], settings().base_url)
    return signed_decisions.signed(actor, command, program_version, answer, asked["nonce"])
