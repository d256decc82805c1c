"""Write the mail with a one-time sign-in link."""

from __future__ import annotations

from portal.boards import accounts
from portal.desk import addresses, links, sign_on_subjects
from portal.identity import requirement
from portal.installation import settings
from portal.notices import mail


def work(payload: dict[str, str]) -> None:
    """`payload`: link id. The token goes into the mail and nowhere else."""
    found = links.for_mail(payload["link"])
    if found is None:
        return
    account, address, token = found
    org_id = requirement.requires(address)
    if org_id and not sign_on_subjects.waits_for(account):
        mail.write(f"link:{payload['link']}", account, address, "How to sign in", _through(org_id))
        return
    instead = _instead(account, address)
    if instead:
        mail.write(f"link:{payload['link']}", account, address, "How to sign in", instead)
        return
    text = (
        "Somebody, we hope you, asked to sign in to the Trusted Access Portal with this address.\n"
        f"\nOpen this page and press the button on it:\n\n{settings().base_url}/link/{token}\n"
        f"\nThe link works once, for {links.MINUTES} minutes. If it was not you, do nothing.\n"
    )
    # Under the link's own key: what the person takes along of their data holds no way in.
    mail.write(f"link:{payload['link']}", payload["link"], address, "Your sign-in link", text)


def _instead(account: str, address: str) -> str:
    """What is said where a link would sign nobody in; "" where it does."""
    row = accounts.get(account)
    asked = (
        "Somebody, we hope you, asked to sign in to the Trusted Access Portal with this address.\n"
    )
    if row is not None and row.links_held:
        return (
            f"{asked}\nMailed links sign nobody in to your account: a change of its address was "
            "undone. Use your passkey, or your password and a code:\n\n"
            f"{settings().base_url}/sign-in\n\nWithout either, two of the program's staff recover "
            "your account. If it was not you, do nothing.\n"
        )
    if addresses.is_kept_back(addresses.address_digest(address)):
        return (
            f"{asked}\nIt was the address of an account until a few days ago, and is kept back for "
            "that account until the change can no longer be undone, a week in all. The mail about "
            "the change has the link that puts it back. If it was not you, do nothing.\n"
        )
    return ""


def _through(org_id: str) -> str:
    """Instead of a link: the organization has its people sign in at its own provider."""
    return (
        "Somebody, we hope you, asked to sign in to the Trusted Access Portal with this address.\n"
        "\nYour organization has its people sign in through its own provider. Begin here:\n\n"
        f"{settings().base_url}/sign-on/{org_id}/start\n"
        "\nIf you have a passkey, sign in with it as before. If it was not you, do nothing.\n"
    )
