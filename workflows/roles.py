"""Phase x role -> verbs. What is not here may not happen.

Permission is checked before the rule, so that a refusal says nothing about the state to
somebody who has no business with it. `docs/reference/permissions.md` is this table, printed.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from workflows.account.staff_roles import STAFF_ROLES
from workflows.actors import Actor, Strength
from workflows.errors import NotAllowed, NotNow, SignInAgain, StrengthNeeded

Verbs = frozenset[str]
Row = Mapping[str, Verbs]


def _verbs(text: str) -> Verbs:
    return frozenset(text.split())


# What emergency power opens, by kind and phase. It only tightens, so that nobody needs to wait
# for a colleague to stop something; it gives nothing, clears nothing and decides nothing.
EMERGENCY: Mapping[tuple[str, str], Verbs] = {
    ("account", "open"): _verbs("end_role withdraw_role_proposal"),
    ("application", "reviewing"): _verbs("vacate_seat"),  # follows from the end of a role
    ("grant", "active"): _verbs("suspend revoke revoke_credential"),
    ("grant", "suspended"): _verbs("revoke revoke_credential"),
}


def _any_staff(text: str) -> Row:
    return {role: _verbs(text) for role in STAFF_ROLES}


TABLE: Mapping[tuple[str, str], Row] = {
    ("account", "absent"): {"person": _verbs("open"), "operator": _verbs("open")},
    ("account", "open"): {
        "person": _verbs(
            "add_passkey remove_passkey link_sign_on unlink_sign_on"
            " set_password remove_password make_recovery_codes use_recovery_code"
            " propose_recovery confirm_recovery cancel_recovery"
            " register_automation revoke_automation rename_passkey"
            " change_address undo_address_change allow_mailed_links"
            " ask_erasure take_back_erasure"
        ),
        "robot": _verbs("complete_recovery erase"),
        "operator": _verbs("appoint erase remove_password"),
        "administrator": _verbs("propose_role withdraw_role_proposal end_role"),
        "emergency": EMERGENCY["account", "open"],
        "program_manager": _verbs("propose_role confirm_role withdraw_role_proposal end_role"),
    },
    ("organization", "absent"): {"person": _verbs("register"), "operator": _verbs("register")},
    ("organization", "active"): {
        "owner": _verbs(
            "invite resend_invitation withdraw_invitation change_role remove_member"
            " offer_ownership withdraw_ownership_offer claim_domain drop_domain set_joining"
            " approve_join decline_join place_member unplace_member"
            " configure_sign_on require_sign_on lift_sign_on_requirement remove_sign_on"
            " make_directory_token register_directory_key revoke_directory_token"
            " set_directory_start map_directory_group attest_member"
        ),
        "admin": _verbs(
            "invite resend_invitation withdraw_invitation change_role remove_member claim_domain"
            " drop_domain set_joining approve_join decline_join place_member unplace_member"
            " configure_sign_on require_sign_on lift_sign_on_requirement remove_sign_on"
            " make_directory_token register_directory_key revoke_directory_token"
            " set_directory_start map_directory_group attest_member"
        ),
        "directory": _verbs("list_person delist_person sort_person"),
        "member": _verbs("leave accept_ownership claim_domain"),
        "guest": _verbs("leave"),
        "suspended": _verbs("leave"),
        "person": _verbs("accept_invitation decline_invitation request_to_join decline_join"),
        "program_manager": _verbs("yield_domain receive_domain dismiss_contest"),
        "robot": _verbs(
            "verify_domain contest_domain lapse_domain restore_domain lose_domain prove_sign_on"
            " begin_attestation suspend_unattested drop_erased"
        ),
    },
    ("application", "absent"): {"member": _verbs("submit")},
    ("application", "checking"): {
        "member": _verbs("withdraw request_check"),
        "intake": _verbs("request_check clear_check"),
        "robot": _verbs("record_check withdraw_of_closed"),
    },
    ("application", "reviewing"): {
        "member": _verbs("withdraw"),
        "reviewer": _verbs("take_seat recuse review"),
        # Whoever ends a reviewer's role or account frees the seat with it; see reactions.
        "program_manager": _verbs("vacate_seat"),
        "administrator": _verbs("vacate_seat"),
        "emergency": EMERGENCY["application", "reviewing"],
        "operator": _verbs("vacate_seat"),
        "robot": _verbs("vacate_seat withdraw_of_closed"),
    },
    ("application", "deciding"): {
        "member": _verbs("withdraw"),
        "decider": _verbs("decide"),
        "robot": _verbs("withdraw_of_closed"),
    },
    ("grant", "absent"): {"decider": _verbs("open")},
    ("grant", "active"): {
        "owner": _verbs("register_credential revoke_credential attest_credential resume_holder"),
        "admin": _verbs("register_credential revoke_credential attest_credential resume_holder"),
        "member": _verbs("drop_holder suspend_unproven"),
        "guest": _verbs("drop_holder"),  # who was more before, and leaves
        "suspended": _verbs("drop_holder"),
        "directory": _verbs("drop_holder"),
        "program_manager": _verbs("suspend revoke revoke_credential suspend_unproven"),
        "emergency": EMERGENCY["grant", "active"],
        "robot": _verbs(
            "expire suspend_unproven drop_holder begin_attestation suspend_unattested"
            " suspend_holder"
        ),
    },
    ("grant", "suspended"): {
        "owner": _verbs("revoke_credential attest_credential resume_holder"),
        "admin": _verbs("revoke_credential attest_credential resume_holder"),
        "member": _verbs("drop_holder"),
        "guest": _verbs("drop_holder"),  # who was more before, and leaves
        "suspended": _verbs("drop_holder"),
        "directory": _verbs("drop_holder"),
        "program_manager": _verbs("resume revoke revoke_credential"),
        "emergency": EMERGENCY["grant", "suspended"],
        "robot": _verbs("expire begin_attestation suspend_unattested suspend_holder drop_holder"),
    },
    ("workspace", "absent"): {"owner": _verbs("open"), "admin": _verbs("open")},
    ("workspace", "open"): {
        "owner": _verbs("place_application take_out_application close"),
        "admin": _verbs("place_application take_out_application close"),
    },
    ("engagement", "absent"): {"owner": _verbs("open"), "admin": _verbs("open")},
    ("engagement", "open"): {
        "owner": _verbs("change attach_document close"),
        "admin": _verbs("change attach_document close"),
    },
    ("policy", "absent"): {"operator": _verbs("activate")},
    ("policy", "active"): {"operator": _verbs("activate")},
    ("key", "absent"): {"operator": _verbs("create")},
    ("key", "pending"): {"operator": _verbs("activate destroy")},
    ("key", "active"): {"operator": _verbs("retire destroy")},
    ("key", "retiring"): {"operator": _verbs("destroy"), "robot": _verbs("destroy")},
    ("screening", "absent"): {"robot": _verbs("import_list"), "operator": _verbs("import_list")},
    ("screening", "present"): {"robot": _verbs("import_list"), "operator": _verbs("import_list")},
    ("emergency", "absent"): _any_staff("break_glass"),
    ("emergency", "waiting"): _any_staff("confirm_break_glass end_break_glass"),
    ("emergency", "active"): {
        **_any_staff("end_break_glass"),
        "robot": _verbs("end_break_glass"),
    },
    ("emergency", "over"): _any_staff("review_break_glass"),
    ("installation", "absent"): {"operator": _verbs("relax")},
    ("installation", "present"): {"operator": _verbs("relax restore")},
    ("service", "absent"): {"service_developer": _verbs("register")},
    ("service", "proposed"): {
        "service_manager": _verbs("approve"),
        "service_developer": _verbs("register_key"),
    },
    ("service", "approved"): {"service_developer": _verbs("register_key")},
}

# Verbs that give power: no robot, clock or operator has them, and a passkey is asked for.
APPROVING = frozenset(
    {
        ("application", "clear_check"), ("application", "review"), ("application", "decide"),
        ("grant", "open"), ("grant", "resume"), ("service", "approve"),
        ("organization", "accept_ownership"), ("account", "confirm_role"),
        ("organization", "attest_member"), ("grant", "attest_credential"),
        ("grant", "resume_holder"),
    }
)  # fmt: skip
_STRONG = {
    "application": "take_seat review decide clear_check",
    "grant": "open suspend resume revoke register_credential attest_credential resume_holder",
    "service": "register approve register_key",
    "emergency": "break_glass confirm_break_glass review_break_glass",
    "account": (
        "propose_role confirm_role withdraw_role_proposal end_role remove_passkey"
        " propose_recovery confirm_recovery register_automation rename_passkey"
    ),
    "organization": (
        "invite change_role remove_member place_member offer_ownership accept_ownership"
        " approve_join"
        " drop_domain yield_domain receive_domain dismiss_contest"
        " configure_sign_on require_sign_on lift_sign_on_requirement remove_sign_on"
        " make_directory_token register_directory_key revoke_directory_token"
        " set_directory_start map_directory_group attest_member"
    ),
}
NEEDS_PASSKEY = frozenset((kind, verb) for kind, text in _STRONG.items() for verb in text.split())
# What hands power or an account to somebody: a passkey that answered hours ago is not enough, for
# the session may have been stolen since. A decision is signed by itself, and so is not among them.
_STEP_UP = {
    "application": "clear_check",
    "grant": "resume register_credential",
    "service": "approve register_key",
    "emergency": "break_glass confirm_break_glass",
    "account": (
        "propose_role confirm_role propose_recovery confirm_recovery register_automation"
        " remove_passkey change_address ask_erasure"
        " set_password remove_password make_recovery_codes"
    ),
    "organization": (
        "invite approve_join change_role offer_ownership accept_ownership configure_sign_on"
        " make_directory_token register_directory_key"
    ),
}
STEP_UP = frozenset((kind, verb) for kind, text in _STEP_UP.items() for verb in text.split())


def may(kind: str, phase: str, verb: str, roles: frozenset[str]) -> bool:
    row = TABLE.get((kind, phase), {})
    return any(verb in row.get(role, ()) for role in roles)


def may_in_some_phase(kind: str, verb: str, roles: frozenset[str]) -> bool:
    return any(may(k, phase, verb, roles) for k, phase in TABLE if k == kind)


def still_held(actor: Actor, held: frozenset[str]) -> Actor:
    """The actor with those staff roles alone that their account `held` when this was decided.

    The ledger keeps the account's stream still until it has written: between the look at a door
    and the writing no role counts that ended meanwhile.
    """
    lasting = held | {"emergency"} if held else held  # which no account holds, and staff alone have
    return replace(actor, roles=actor.roles & lasting)


def check(kind: str, phase: str, verb: str, actor: Actor, org_id: str | None) -> None:
    """Raises unless `actor` may `verb` a thing of `kind` in `phase` that belongs to `org_id`.

    Raises:
        NotAllowed: the actor's roles never carry the verb; the phase does not matter.
        NotNow: they do, in another phase.
        StrengthNeeded: they do, with a passkey.
        SignInAgain: they do, with a passkey that answers now.
    """
    roles = actor.roles_toward(org_id)
    if not may_in_some_phase(kind, verb, roles):
        raise NotAllowed("your role does not allow this")
    if not may(kind, phase, verb, roles):
        raise NotNow(
            f"this is not possible while the {kind} is {PHASE_WORDS.get(phase, phase)}",
            remedy="reload the page to see where it stands",
        )
    strength = actor.strength_toward(org_id)
    if (kind, verb) in NEEDS_PASSKEY and strength < Strength.PASSKEY:
        raise StrengthNeeded(
            "this needs a sign-in with a passkey", remedy="sign in with your passkey and try again"
        )
    if (kind, verb) in STEP_UP and strength >= Strength.PASSKEY and not actor.fresh:
        raise used_a_while_ago()


def used_a_while_ago() -> SignInAgain:
    return SignInAgain(
        "this needs your passkey once more, because you used it a while ago",
        code="step_up",
        remedy="use it and send this again",
    )


PHASE_WORDS = {
    "absent": "not there yet", "checking": "being checked", "reviewing": "in review",
    "deciding": "waiting for its decision", "approved": "approved", "denied": "denied",
    "withdrawn": "withdrawn", "open": "open", "closed": "closed", "active": "active",
    "suspended": "suspended", "revoked": "revoked", "expired": "expired",
}  # fmt: skip
