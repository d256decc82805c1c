"""Founding an installation: folder, keys, database, the first key of the issuer, its programs."""

from __future__ import annotations

import hashlib
import os
import secrets
import tomllib
from pathlib import Path

import workflows
from portal import ids, schema, spelling, vault
from portal.boards import signing_keys
from portal.desk import links
from portal.identity.signing_in import open_account
from portal.issuing import keyring
from portal.ledger import perform
from portal.settings import Settings
from portal.vault.envelope import new_key_text
from workflows import program as document
from workflows.account.commands.appoint import Appoint
from workflows.actors import operator
from workflows.policy.commands.activate import Activate

INIT = operator("init")
SHIPPED = Path(workflows.__file__).parent / "programs"


def make_folder(settings: Settings) -> bool:
    """Make the data folder with its keys, readable by the owner alone; False if it was there."""
    keys = settings.data_dir / "keys"
    fresh = not keys.is_dir()
    keys.mkdir(parents=True, exist_ok=True, mode=0o700)
    if not settings.vault_key and settings.vault_key_file is not None:
        _write_once(settings.vault_key_file, new_key_text().encode() + b"\n")
    if settings.session_key_file is not None:
        _write_once(settings.session_key_file, secrets.token_bytes(32))
    return fresh


def _write_once(path: Path, content: bytes) -> None:
    if path.exists():
        return
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(content)


def read_program(folder: Path) -> tuple[document.Program, dict[str, str]]:
    """A program folder, parsed and validated, with the texts that were read.

    Raises:
        ProgramInvalid: naming file, path, what was found and what would be right.
    """
    texts: dict[str, str] = {}
    tables: dict[str, dict[str, object]] = {}
    problems: list[document.Problem] = []
    for name in document.FILES:
        path = folder / name
        if not path.is_file():
            continue
        try:
            texts[name] = path.read_text(encoding="utf-8")
            tables[name] = tomllib.loads(texts[name])
        except (tomllib.TOMLDecodeError, UnicodeDecodeError) as wrong:
            problems.append(
                document.Problem(str(path), "", str(wrong), "write it as TOML 1.0 in UTF-8")
            )
    if problems:
        raise document.ProgramInvalid(problems)
    whole = "".join(f"{name}\x00{texts[name]}\x00" for name in sorted(texts))
    version = hashlib.sha256(whole.encode()).hexdigest()
    try:
        return document.parse(tables, version), texts
    except document.ProgramInvalid as invalid:
        named = [
            document.Problem(str(folder / p.file), p.path, p.found, p.remedy)
            for p in invalid.problems
        ]
        raise document.ProgramInvalid(named) from None


def activate_program(folder: Path) -> document.Program:
    """Put a program's version into force; the same version again changes nothing."""
    program, texts = read_program(folder)
    perform(Activate(f"pol_{program.name}", program.name, program.version, texts), INIT)
    return program


def appoint(address: str, name: str, roles: list[str]) -> str:
    """Open an account for a founding member of staff, if there is none, and appoint them.

    Raises:
        InvalidAddress: `address` is none.
    """
    address = spelling.deliverable(address)
    account = links.account_of(address)
    if account is None:
        account = ids.new("acc")
        kept = vault.put(account, address)
        open_account(account, kept, links.address_digest(address), name, INIT)
    for role in roles:
        perform(Appoint(account, role), INIT)
    return account


def found(settings: Settings) -> None:
    """Migrate, make the issuer's first key, activate the programs. A second run does nothing."""
    schema.upgrade()
    if not any(row.status == "active" for row in signing_keys.every_key()):
        keyring.activate(keyring.create(INIT), INIT, at_once=True)
    for folder in _programs(settings):
        activate_program(folder)


def _programs(settings: Settings) -> list[Path]:
    """Folders of the programs to run; a program of the operator's replaces the shipped one of its
    name, or each start would put the other back into force."""
    own: dict[str, Path] = {}
    for folder in settings.programs:
        name = read_program(folder)[0].name
        if name in own:
            found = f'"{name}", which {own[name]} is called as well'
            remedy = "give each program in PORTAL_PROGRAMS a name of its own"
            raise document.ProgramInvalid(
                [document.Problem(str(folder / "program.toml"), "name", found, remedy)]
            )
        own[name] = folder
    shipped = SHIPPED / "cyber-defense"
    return [own.pop(shipped.name, shipped), *own.values()]
