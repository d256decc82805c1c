"""Instances of Flask's extensions, bound to the app by `portal.app`."""

from __future__ import annotations

from flask_limiter import Limiter
from flask_limiter.util import get_remote_address
from flask_login import LoginManager
from flask_sqlalchemy import SQLAlchemy
from flask_wtf import CSRFProtect
from sqlalchemy import MetaData

# Names for constraints, so that a migration can speak of them on both databases.
_NAMING = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "pk": "pk_%(table_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s",
}

db = SQLAlchemy(metadata=MetaData(naming_convention=_NAMING))
login = LoginManager()
csrf = CSRFProtect()
limiter = Limiter(get_remote_address)
