"""Write the mail with a one-time sign-in link."""

from __future__ import annotations

from portal.desk import links
from portal.installation import settings
from portal.notices import mail


def work(payload: dict[str, str]) -> None:
    """`payload`: link id. The token goes into the mail and nowhere else."""
    found = links.for_mail(payload["link"])
    if found is None:
        return
    account, address, token = found
    text = (
        "Somebody, we hope you, asked to sign in to the Trusted Access Portal with this address.\n"
        f"\nOpen this page and press the button on it:\n\n{settings().base_url}/link/{token}\n"
        f"\nThe link works once, for {links.MINUTES} minutes. If it was not you, do nothing.\n"
    )
    mail.write(f"link:{payload['link']}", account, address, "Your sign-in link", text)
