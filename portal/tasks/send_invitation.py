"""Write the mail that invites somebody to an organization.

It carries no secret: whoever signs in with the address finds the invitation there, and nobody
else does, also if the mail was passed on. Address and mail lie under a vault key of the
invitation's own, which goes once it was answered.
"""

from __future__ import annotations

from portal import vault
from portal.boards import invitations, organizations
from portal.installation import settings
from portal.notices import mail


def work(payload: dict[str, str]) -> None:
    """`payload`: invitation. Nothing is written once it was answered or withdrawn."""
    row = invitations.for_robot(payload["invitation"])
    if row is None:
        return
    address = vault.read(row.address_ref)
    if address is None:
        return
    name = organizations.names([row.org_id])[row.org_id]
    text = (
        f"{name} invites you to join it on the Trusted Access Portal.\n"
        f"\nSign in with this address, then accept or decline:\n\n{settings().base_url}/sign-in\n"
        f"\nThe invitation waits until {row.expires_at[:10]}. If you do not know who asks, "
        "decline it or do nothing.\n"
    )
    mail.write(
        f"invitation:{row.id}:{row.sent_at}", row.id, address.decode(),
        f"{name} invites you", text,
    )  # fmt: skip
