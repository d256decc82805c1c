"""Tell the former address that it was changed, with a link that puts it back."""

from __future__ import annotations

from portal import vault
from portal.desk import address_changes
from portal.installation import settings
from portal.notices import mail


def work(payload: dict[str, str]) -> None:
    """`payload`: change, the former address's vault item, until. Sealed under the change's key,
    so that whoever is in the account does not read the link in its mails."""
    token = address_changes.undo_token_of(payload["change"])
    former = vault.text(payload["former"], "")
    if token is None or not former:
        return
    text = (
        "The address of your account at the Trusted Access Portal was changed. This one no longer "
        "signs you in.\n\nIf it was you, there is nothing to do.\n\nIf it was not, open this page "
        f"and press the button on it:\n\n{settings().base_url}/address-undo/{token}\n\n"
        "It puts this address back, signs out whoever is signed in, and removes ways in that were "
        "added lately. Afterwards a passkey or password that you had before signs you in; without "
        "one, two people who look after your account recover it.\n\n"
        f"The link works until {payload['until'][:10]}.\n"
    )
    title = "The address of your account was changed"
    mail.write(f"undo:{payload['change']}", payload["change"], former, title, text)
