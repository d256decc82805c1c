"""Settings, read from the environment (`PORTAL_...`) and from `portal.env` in the data folder.

The docstring under each field is its entry in `docs/reference/configuration.md`.
"""

from __future__ import annotations

import os
from ipaddress import ip_network
from pathlib import Path
from typing import Self

from pydantic import Field, ValidationError, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict


class SettingsInvalid(Exception):
    """A setting that the portal cannot start with: which, what is wrong, what would be right."""


class Settings(BaseSettings):
    model_config = SettingsConfigDict(
        env_prefix="PORTAL_", extra="ignore", use_attribute_docstrings=True
    )

    data_dir: Path = Path("data")
    """Folder for the embedded database, the vault's files and the keys. Made by `portal init`."""

    database_url: str = ""
    """SQLAlchemy URL. Empty: SQLite in the data folder. PostgreSQL:
    `postgresql+psycopg://user@host/name`."""

    broker_url: str = ""
    """Celery broker. Empty: an embedded one in the data folder. Else `amqp://...` or
    `redis://...`. The broker is only a bell: losing it slows work down and loses nothing."""

    base_url: str = "http://localhost:8000"
    """Where people and services reach the portal from outside, without a final slash. It is the
    OAuth issuer, the passkeys' relying party, and what DPoP proofs are checked against."""

    listen: str = "127.0.0.1:8000"
    """Address and port on which `portal serve` listens."""

    vault_key: str = ""
    """Key that wraps the vault's data keys: 32 bytes in base64url. Rather give it as a file."""

    vault_key_file: Path | None = None
    """File that holds `vault_key`. Unset: `keys/vault.key` in the data folder."""

    session_key_file: Path | None = None
    """File that holds the key that signs cookies. Unset: `keys/session.key` in the data
    folder."""

    programs: list[Path] = Field(default_factory=list)
    """Folders of program documents besides the shipped `cyber-defense`, as a JSON list."""

    dns_nameservers: list[str] = Field(default_factory=list)
    """Name servers for domain control, `address:port`, as a JSON list. Empty: the system's."""

    dns_timeout_seconds: float = Field(default=5.0, gt=0, le=30)
    """How long one look-up may take before it counts as unavailable."""

    sanctions_ofac: Path | None = None
    """Path of OFAC's `sdn.csv`, with `alt.csv` and `add.csv` beside it. Without it, screening is
    unavailable and no application passes its checks."""

    private_destinations: list[str] = Field(default_factory=list)
    """Networks that are not public and that the portal may still send requests to, such as an
    organization's sign-in provider inside: `["10.1.0.0/16"]`, as a JSON list. Empty: public
    addresses only. Loopback among them also permits plain http there."""

    smtp_url: str = ""
    """Mail server, `smtp://user:password@host:port` or `smtps://...`. Empty: mail waits in the
    outbox and `portal doctor` says so."""

    mail_from: str = "Trusted Access Portal <portal@localhost>"
    """Sender of every mail."""

    upload_max_bytes: int = Field(default=10 * 1024 * 1024, ge=1024, le=100 * 1024 * 1024)
    """Largest file that an applicant may upload, in bytes."""

    redis_url: str = ""
    """Redis for rate limits shared by several web processes. Empty: each process counts alone."""

    proxies: int = Field(default=0, ge=0, le=5)
    """How many reverse proxies stand before the portal and set `X-Forwarded-*`."""

    demo: bool = False
    """Demo mode: sign-in links and captured mail on pages. Only `portal demo` sets it, in a data
    folder that it made itself, on loopback."""

    @model_validator(mode="after")
    def _derive(self) -> Self:
        self.data_dir = self.data_dir.absolute()
        self.base_url = self.base_url.rstrip("/")
        self.database_url = self.database_url or f"sqlite:///{self.data_dir / 'portal.sqlite'}"
        self.broker_url = self.broker_url or f"sqla+sqlite:///{self.data_dir / 'broker.sqlite'}"
        keys = self.data_dir / "keys"
        self.vault_key_file = self.vault_key_file or keys / "vault.key"
        self.session_key_file = self.session_key_file or keys / "session.key"
        for network in self.private_destinations:
            ip_network(network)  # says itself what is wrong
        if not self.base_url.startswith(("https://", "http://localhost", "http://127.0.0.1")):
            raise ValueError("base_url: write an https URL (http serves localhost only)")
        if self.demo and not self.listen.startswith("127.0.0.1:"):
            raise ValueError("demo: demo mode listens on 127.0.0.1 only")
        return self

    @property
    def embedded_database(self) -> bool:
        return self.database_url.startswith("sqlite")


def load(data_dir: str | Path | None = None) -> Settings:
    """The settings of this process.

    Raises:
        SettingsInvalid: naming each wrong setting, what is wrong and how to mend it.
    """
    folder = Path(data_dir or os.environ.get("PORTAL_DATA_DIR", "data"))
    try:
        return Settings(_env_file=folder / "portal.env", data_dir=folder)  # type: ignore[call-arg]
    except ValidationError as invalid:
        lines = []
        for problem in invalid.errors():
            name = ".".join(str(part) for part in problem["loc"])
            where = f"PORTAL_{name.upper()}: " if name else ""
            lines.append(f"{where}{problem['msg'].removeprefix('Value error, ')}")
        raise SettingsInvalid("\n".join(lines)) from None
    except ValueError as invalid:
        raise SettingsInvalid(f"a setting is not readable: {invalid}") from None
