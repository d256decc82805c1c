"""The roof: `create_app` is the list of what a portal is made of."""

from __future__ import annotations

from importlib import import_module
from pathlib import Path

from flask import Flask
from werkzeug.middleware.proxy_fix import ProxyFix

from portal import assets, context, guard, headers, limits, logs, problems, step_up
from portal.desk import tables as _desk_tables  # noqa: F401
from portal.extensions import csrf, db, limiter, login
from portal.identity import viewer
from portal.installation import Installation
from portal.ledger import database, projection
from portal.ledger import tables as _ledger_tables  # noqa: F401
from portal.settings import Settings
from portal.vault import tables as _vault_tables  # noqa: F401
from portal.vault.envelope import read_wrapping_key

ZONES = ("public", "defender", "staff", "issuer", "service", "scim", "api")


def create_app(settings: Settings) -> Flask:
    """A portal bound to an installation.

    Raises:
        VaultKeyInvalid: no key, or one of the wrong shape.
    """
    app = Flask(
        "portal",
        static_folder=str(assets.folder("static")),
        template_folder=str(assets.folder("templates")),
    )
    _configure(app, settings)
    app.extensions["portal"] = Installation(
        settings, read_wrapping_key(settings.vault_key, settings.vault_key_file)
    )
    logs.configure()
    limits.install(app)  # before the CSRF guard, which reads the form
    _extensions(app)
    projection.load()
    guard.install(app)
    step_up.install(app)
    problems.install(app)
    headers.install(app)
    context.install(app)
    for zone in ZONES:
        app.register_blueprint(import_module(f"portal.zones.{zone}").zone)
    if settings.demo:
        app.register_blueprint(import_module("portal.demo.zone").zone)
    if settings.proxies:
        n = settings.proxies
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=n, x_proto=n, x_host=n)  # type: ignore[method-assign]
    return app


def _configure(app: Flask, settings: Settings) -> None:
    secure = settings.base_url.startswith("https://")
    app.config.update(
        SECRET_KEY=_session_key(settings.session_key_file),
        SQLALCHEMY_DATABASE_URI=settings.database_url,
        SQLALCHEMY_ENGINE_OPTIONS=_engine_options(settings),
        SESSION_COOKIE_NAME="__Host-session" if secure else "session",
        SESSION_COOKIE_SECURE=secure,
        SESSION_COOKIE_SAMESITE="Lax",
        SESSION_COOKIE_HTTPONLY=True,
        MAX_CONTENT_LENGTH=settings.upload_max_bytes + 64 * 1024,
        MAX_FORM_MEMORY_SIZE=512 * 1024,
        WTF_CSRF_TIME_LIMIT=12 * 3600,
        RATELIMIT_STORAGE_URI=settings.redis_url or "memory://",
        RATELIMIT_HEADERS_ENABLED=True,
    )


def _engine_options(settings: Settings) -> dict[str, object]:
    if settings.embedded_database:
        return {"connect_args": {"timeout": 10}}
    return {"pool_size": 8, "max_overflow": 8}


def _session_key(path: Path | None) -> bytes:
    if path is None or not path.is_file():
        raise FileNotFoundError(
            f"{path}: the key that signs cookies is missing; run `portal init` to make one"
        )
    return path.read_bytes()


def _extensions(app: Flask) -> None:
    db.init_app(app)
    csrf.init_app(app)
    limiter.init_app(app)
    login.init_app(app)
    login.session_protection = "basic"
    login.user_loader(viewer.load)
    login.anonymous_user = viewer.Nobody
    with app.app_context():
        database.prepare(db.engine)
