"""A lapsed domain's grace: look once more, then remind the organization, or end it."""

from __future__ import annotations

from portal.boards import domains as board
from portal.evidence import domains
from portal.ledger import outbox, perform
from workflows.actors import robot
from workflows.organization.commands.lose_domain import LoseDomain
from workflows.reactions import Effect


def work(payload: dict[str, str]) -> None:
    """`payload`: organization, domain, grace_until, and step, "remind" or "end".

    Nothing is left to do when the proof came back, or when it lapsed anew with a later end.
    """
    org_id, domain = payload["organization"], payload["domain"]
    domains.look_again(org_id, domain)
    claim = board.claim_for_robot(org_id, domain)
    if claim is None or claim.grace_until != payload["grace_until"]:
        return
    if payload["step"] == "end":
        perform(LoseDomain(org_id, domain), robot("clock"))
    else:
        told = {"what": "domain_lapse_reminder", "stream": org_id, "account": "",
                "seq": payload["grace_until"]}  # fmt: skip
        outbox.enqueue(Effect("send_notice", f"notice:lapse:{org_id}:{domain}", told))
