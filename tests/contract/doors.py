"""Who may stand at which door: written by hand, beside the code that says the same.

A route without a row here fails the matrix. `ORG` are the members of the organization that the
thing belongs to; everybody else's answer is that of a thing that does not exist.
"""

from __future__ import annotations

from dataclasses import dataclass

ACTORS = (
    "nobody", "outsider", "member", "owner", "intake", "reviewer", "decider", "manager", "auditor",
    "developer", "services", "administrator", "council", "emergency",
)  # fmt: skip
EVERYONE = frozenset(ACTORS)
SIGNED_IN = EVERYONE - {"nobody"}
FIRST_TIER = frozenset({"outsider", "member", "owner"})  # who may have a password: never staff
ORG = frozenset({"member", "owner"})
CASE = frozenset({"intake", "reviewer", "decider", "manager", "auditor"})
STAFF = SIGNED_IN - FIRST_TIER
STOPS = frozenset({"manager", "emergency"})
SERVICES = frozenset({"developer", "services", "manager", "auditor"})
LINK, PASSKEY = "link", "passkey"


@dataclass(frozen=True)
class Door:
    """`who` comes in with `strength` or a stronger sign-in."""

    who: frozenset[str]
    strength: str = LINK


def _only(*who: str) -> frozenset[str]:
    return frozenset(who)


DOORS: dict[str, Door] = {
    "static": Door(EVERYONE),
    "public.front": Door(EVERYONE),
    "public.home": Door(EVERYONE),
    "public.program": Door(EVERYONE),
    "public.health": Door(EVERYONE),
    "public.sign_in": Door(EVERYONE),
    "public.link_sent": Door(EVERYONE),
    "public.link": Door(EVERYONE),
    "public.sign_in_options": Door(EVERYONE),
    "public.passkey_sign_in": Door(EVERYONE),
    "public.sign_out": Door(SIGNED_IN),
    "public.cancel_recovery": Door(SIGNED_IN),
    "public.privacy": Door(EVERYONE),
    "public.own_data": Door(SIGNED_IN),
    "public.export_data": Door(SIGNED_IN),
    "public.account": Door(SIGNED_IN),
    "public.remove_passkey": Door(SIGNED_IN, PASSKEY),
    "public.rename_passkey": Door(SIGNED_IN),  # the form's shape is refused before the rule
    "public.address": Door(SIGNED_IN),
    "public.ask_address_change": Door(SIGNED_IN),  # as above
    "public.cancel_address_change": Door(SIGNED_IN),
    "public.confirm_address": Door(frozenset()),  # one's own alone; a made-up link is nobody's
    "public.undo_address_change": Door(frozenset()),  # a made-up link is nobody's
    "public.address_put_back": Door(EVERYONE),
    "public.allow_mailed_links": Door(SIGNED_IN),
    "public.erasure": Door(SIGNED_IN),
    "public.ask_erasure": Door(SIGNED_IN),
    "public.take_back_erasure": Door(SIGNED_IN),
    "public.devices": Door(SIGNED_IN),
    "public.end_session": Door(frozenset()),  # one's own alone; a made-up id is nobody's
    "public.end_other_sessions": Door(SIGNED_IN),
    "public.passkey_options": Door(SIGNED_IN),
    "public.step_up_options": Door(SIGNED_IN),
    "public.add_passkey": Door(SIGNED_IN),
    "public.find_organization": Door(EVERYONE),
    "public.start_sign_on": Door(EVERYONE),
    "public.sign_on_callback": Door(EVERYONE),
    "public.sign_on_keys": Door(EVERYONE),
    "public.confirm_sign_on": Door(EVERYONE),
    "public.mail_for_sign_on": Door(EVERYONE),
    "public.discard_sign_on": Door(EVERYONE),
    "public.link_sign_on": Door(SIGNED_IN),
    "public.unlink_sign_on": Door(frozenset()),  # one's own alone; a made-up one is nobody's
    "public.password_sign_in": Door(EVERYONE),
    "public.password_code": Door(EVERYONE),
    "public.password": Door(SIGNED_IN),
    "public.set_password": Door(FIRST_TIER),
    "public.authenticator": Door(SIGNED_IN),
    "public.change_password": Door(SIGNED_IN),  # the form's shape is refused before the rule
    "public.recovery_codes": Door(FIRST_TIER),
    "public.remove_password": Door(FIRST_TIER),
    "scim.directory": Door(EVERYONE),
    "api.me": Door(EVERYONE),
    "api.list_applications": Door(EVERYONE),
    "api.get_application": Door(EVERYONE),
    "api.list_grants": Door(EVERYONE),
    "api.get_grant": Door(EVERYONE),
    "api.list_cases": Door(EVERYONE),
    "public.automations": Door(SIGNED_IN),
    "public.register_automation": Door(SIGNED_IN),  # the form's shape is refused before the rule
    "public.revoke_automation": Door(frozenset()),  # one's own alone; a made-up one is nobody's
    "issuer.metadata": Door(EVERYONE),
    "issuer.jwks": Door(EVERYONE),
    "issuer.token": Door(EVERYONE),
    "issuer.introspect": Door(EVERYONE),
    "issuer.revoke": Door(EVERYONE),
    "defender.home": Door(SIGNED_IN),
    "defender.new_organization": Door(SIGNED_IN),
    "defender.start": Door(SIGNED_IN),
    "defender.organization": Door(ORG),
    "defender.claim_domain": Door(ORG),
    "defender.check_domain": Door(ORG),
    "defender.drop_domain": Door(_only("owner"), PASSKEY),
    "defender.request_to_join": Door(frozenset()),  # closed, it is as if it were not there
    "defender.withdraw_join": Door(frozenset()),  # nobody asks: its journey has it
    "defender.set_joining": Door(_only("owner")),
    "defender.approve_join": Door(frozenset()),
    "defender.decline_join": Door(frozenset()),
    "defender.workspaces": Door(ORG),
    "defender.workspace": Door(ORG),
    "defender.place_application": Door(_only("owner")),
    "defender.take_out_application": Door(_only("owner")),
    "defender.close_workspace": Door(_only("owner")),
    "defender.place_member": Door(_only("owner"), PASSKEY),
    "defender.invite_guest": Door(_only("owner"), PASSKEY),
    "defender.unplace_member": Door(_only("owner")),
    "defender.new_engagement": Door(ORG),
    "defender.engagement": Door(ORG),
    "defender.change_engagement": Door(_only("owner")),
    "defender.attach_document": Door(_only("owner")),
    "defender.download_document": Door(ORG),
    "defender.close_engagement": Door(_only("owner")),
    "defender.propose_recovery": Door(_only("owner"), PASSKEY),
    "defender.confirm_recovery": Door(_only("owner"), PASSKEY),
    "defender.cancel_recovery": Door(_only("owner")),
    "defender.reads": Door(_only("owner")),
    "defender.attestation": Door(_only("owner")),
    "defender.attest_member": Door(_only("owner"), PASSKEY),
    "defender.attest_credential": Door(_only("owner"), PASSKEY),
    "defender.members": Door(ORG),
    "defender.invite": Door(_only("owner"), PASSKEY),
    "defender.resend_invitation": Door(_only("owner")),
    "defender.withdraw_invitation": Door(_only("owner")),
    "defender.change_role": Door(_only("owner"), PASSKEY),
    "defender.remove_member": Door(_only("owner"), PASSKEY),
    "defender.leave": Door(ORG),
    "defender.offer_ownership": Door(_only("owner"), PASSKEY),
    "defender.withdraw_ownership_offer": Door(_only("owner")),
    "defender.accept_ownership": Door(ORG, PASSKEY),
    "defender.sign_on_settings": Door(ORG),
    "defender.configure_sign_on": Door(_only("owner"), PASSKEY),
    "defender.require_sign_on": Door(_only("owner"), PASSKEY),
    "defender.lift_sign_on_requirement": Door(_only("owner"), PASSKEY),
    "defender.remove_sign_on": Door(_only("owner"), PASSKEY),
    "defender.directory": Door(_only("owner")),
    "defender.make_directory_token": Door(_only("owner"), PASSKEY),
    "defender.register_directory_key": Door(_only("owner"), PASSKEY),
    "defender.revoke_directory_token": Door(frozenset()),  # a made-up one is nobody's
    "defender.set_directory_start": Door(_only("owner"), PASSKEY),
    "defender.map_directory_group": Door(_only("owner"), PASSKEY),
    "defender.ask_again": Door(_only("outsider")),
    "defender.accept_invitation": Door(_only("outsider")),
    "defender.decline_invitation": Door(_only("outsider")),
    "defender.draft": Door(ORG),
    "defender.section": Door(ORG),
    "defender.access": Door(ORG),
    "defender.check_answers": Door(ORG),
    "defender.upload_file": Door(ORG),
    "defender.remove_file": Door(ORG),
    "defender.download_draft_file": Door(ORG),
    "defender.application": Door(ORG),
    "defender.application_file": Door(ORG),
    "defender.request_check": Door(ORG),
    "defender.withdraw": Door(ORG),
    "defender.receipt": Door(ORG),
    "defender.letter": Door(ORG),
    "defender.grant": Door(ORG),
    "defender.new_credential": Door(ORG),
    "defender.credential": Door(ORG),
    "defender.revoke_credential": Door(_only("owner")),
    "staff.queue": Door(CASE, PASSKEY),
    "staff.case": Door(CASE, PASSKEY),
    "staff.case_file": Door(CASE, PASSKEY),
    "staff.clear_check": Door(_only("intake"), PASSKEY),
    "staff.request_check": Door(_only("intake"), PASSKEY),
    "staff.take_seat": Door(_only("reviewer"), PASSKEY),
    "staff.recuse": Door(_only("reviewer"), PASSKEY),
    "staff.review": Door(_only("reviewer"), PASSKEY),
    "staff.decide": Door(_only("decider"), PASSKEY),
    "staff.decision_options": Door(_only("decider"), PASSKEY),
    "staff.send_decision": Door(_only("decider"), PASSKEY),
    "staff.grants": Door(CASE | {"emergency"}, PASSKEY),
    "staff.grant": Door(CASE | {"emergency"}, PASSKEY),
    "staff.suspend": Door(STOPS, PASSKEY),
    "staff.revoke": Door(STOPS, PASSKEY),
    "staff.resume": Door(_only("manager"), PASSKEY),
    "staff.council": Door(_only("council", "emergency"), PASSKEY),
    "staff.emergency": Door(STAFF, PASSKEY),
    "staff.break_glass": Door(STAFF, PASSKEY),  # the form's shape is refused after the door
    "staff.confirm_break_glass": Door(STAFF - {"emergency"}, PASSKEY),  # whose own it is here
    "staff.end_break_glass": Door(STAFF, PASSKEY),
    "staff.review_break_glass": Door(STAFF, PASSKEY),
    "staff.ledger": Door(_only("auditor", "manager"), PASSKEY),
    "staff.verify_ledger": Door(_only("auditor", "manager"), PASSKEY),
    "staff.contested_domains": Door(_only("auditor", "manager"), PASSKEY),
    "staff.settle_domain": Door(frozenset()),  # nothing is contested: its journey has it
    "staff.propose_recovery": Door(_only("administrator", "manager"), PASSKEY),
    "staff.confirm_recovery": Door(_only("administrator", "manager"), PASSKEY),
    "staff.cancel_recovery": Door(_only("administrator", "manager"), PASSKEY),
    "staff.reads": Door(_only("auditor", "manager"), PASSKEY),
    "staff.people": Door(_only("administrator", "manager", "auditor", "emergency"), PASSKEY),
    "staff.propose_role": Door(_only("administrator", "manager"), PASSKEY),
    "staff.confirm_role": Door(_only("manager"), PASSKEY),
    "staff.withdraw_role_proposal": Door(_only("administrator", "manager", "emergency"), PASSKEY),
    "staff.end_role": Door(_only("administrator", "manager", "emergency"), PASSKEY),
    "service.services": Door(SERVICES, PASSKEY),
    "service.new_service": Door(_only("developer"), PASSKEY),
    "service.service": Door(SERVICES, PASSKEY),
    "service.approve_service": Door(_only("services"), PASSKEY),
}
