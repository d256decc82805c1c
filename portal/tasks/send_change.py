"""Write the mails about a change of address that was asked for: to the new one, and the old."""

from __future__ import annotations

from portal.boards import accounts
from portal.desk import address_changes, addresses
from portal.installation import settings
from portal.notices import mail

TITLE = "Is this your new address?"


def work(payload: dict[str, str]) -> None:
    """`payload`: change. What the new address's mail says depends on whose it is; nobody but who
    reads it learns that. It is sealed under the change's key, and so in no copy of anybody's data.
    """
    change = address_changes.get(payload["change"])
    token = address_changes.token_of(payload["change"])
    if change is None or token is None:
        return
    taken = addresses.account_of_digest(change.address_digest) is not None
    kept_back = addresses.is_kept_back(change.address_digest)
    text = _taken() if taken or kept_back else _to_confirm(token)
    mail.write(f"change:{change.id}:new", change.id, change.address, TITLE, text)
    present = accounts.address(change.account)
    if present is not None:
        title = "A change of your address was asked for"
        mail.write(f"change:{change.id}:old", change.account, present, title, _notice())


def _to_confirm(token: str) -> str:
    return (
        "Somebody, we hope you, wants to use this address for their account at the Trusted Access "
        "Portal from now on.\n\nSign in to that account as ever, then open this page in the same "
        f"browser and press the button on it:\n\n{settings().base_url}/account/address/{token}\n"
        f"\nThe link works once, for {address_changes.HOURS} hours. If it was not you, do "
        "nothing: without your press nothing changes.\n"
    )


def _taken() -> str:
    return (
        "Somebody, perhaps you, wants to use this address for their account at the Trusted Access "
        "Portal. It belongs to another account, or did until a few days ago, so nothing was "
        f"changed.\n\nTo sign in with this address:\n\n{settings().base_url}/sign-in\n"
        "\nIf it was not you, do nothing.\n"
    )


def _notice() -> str:
    return (
        "Somebody who is signed in to your account asked to change its address. Nothing has "
        "changed yet: first the new address has to be proven.\n\nIf it was not you, sign in, "
        f"cancel it and sign out everywhere else:\n\n{settings().base_url}/account/address\n"
    )
