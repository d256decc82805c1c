"""Tell a person that sign-ins with their address failed so often that it is shut for a while."""

from __future__ import annotations

from portal.boards import accounts
from portal.desk import attempts, links, secrets
from portal.installation import settings
from portal.notices import mail


def work(payload: dict[str, str]) -> None:
    """`payload`: try and since, which name the series. Without a password nothing is sent."""
    account = links.account_of_digest(attempts.address_digest_of(payload["try"]))
    address = accounts.address(account) if account and secrets.current(account) else None
    if not account or not address:
        return
    text = (
        "Somebody tried several times to sign in with your address and a wrong password or code.\n"
        "For now the right ones are not taken either. Signing in with a passkey or by a mailed\n"
        f"link works as ever, and opens it again:\n\n{settings().base_url}/sign-in\n\n"
        "If it was not you, there is nothing to do; if it happens again, add a passkey and remove "
        "the password.\n"
    )
    title = "Sign-ins with your password failed too often"
    mail.write(f"lockout:{payload['try']}:{payload['since']}", account, address, title, text)
