"""The database of the settings, opened and brought up to date, with every obstacle in plain words."""

import errno
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import msgspec
from sqlalchemy.exc import DBAPIError

from server.db.authority import Authority
from server.db.engine import Database
from server.db.migrate import NewerDatabase, upgrade
from server.ops.ports import SystemClock, SystemEntropy
from server.security.crypto import SealError, Vault
from server.settings import Settings, SettingsError

_SQLITE_FULL, _SQLITE_NOT_A_DATABASE, _SQLITE_CORRUPT, _SQLITE_READ_ONLY, _SQLITE_CANNOT_OPEN = 13, 26, 11, 8, 14


class Opened(msgspec.Struct, frozen=True):
    """What every command works with."""

    database: Database
    vault: Vault
    authority: Authority


@asynccontextmanager
async def opened(settings: Settings) -> AsyncIterator[Opened]:
    """Opens, migrates, and closes at the end.

    Raises ``SettingsError``: ``database_unreachable``, ``database_newer``, ``database_damaged``, ``disk_full``,
    ``settings_data``, ``key_file_damaged``.
    """
    vault = open_vault(settings)
    database = Database.open(settings.database_url)
    try:
        await prepare(database, settings)
        authority = Authority(database, vault, SystemClock(), SystemEntropy())
        yield Opened(database, vault, authority)
        await authority.close()
    except (DBAPIError, OSError) as error:
        raise refusal(error, settings) from error
    finally:
        await database.close()


def open_vault(settings: Settings) -> Vault:
    """The keys of the data folder, made at the first start. Raises ``SettingsError``."""
    try:
        return Vault.open(settings.key_file)
    except (SealError, UnicodeDecodeError) as error:
        raise SettingsError("key_file_damaged", path=str(settings.key_file)) from error
    except OSError as error:
        raise refusal(error, settings) from error


async def prepare(database: Database, settings: Settings) -> None:
    """Brings the schema up to date. Raises ``SettingsError`` as ``opened`` does."""
    try:
        await upgrade(database)
    except NewerDatabase as error:
        raise SettingsError("database_newer") from error
    except (DBAPIError, OSError) as error:
        raise refusal(error, settings) from error


def refusal(error: Exception, settings: Settings) -> SettingsError:
    """What a failure of the database or the disk means to the person at the terminal."""
    cause = error.orig if isinstance(error, DBAPIError) and error.orig is not None else error
    code = getattr(cause, "sqlite_errorcode", 0) & 0xFF
    reason = str(cause).splitlines()[0][:200] if str(cause) else type(cause).__name__
    if code == _SQLITE_FULL or getattr(cause, "errno", 0) in (errno.ENOSPC, errno.EDQUOT):
        return SettingsError("disk_full")
    if code in (_SQLITE_NOT_A_DATABASE, _SQLITE_CORRUPT):
        return SettingsError("database_damaged", reason=reason)
    if code in (_SQLITE_READ_ONLY, _SQLITE_CANNOT_OPEN) or isinstance(cause, PermissionError):
        return SettingsError("settings_data", path=str(settings.data), reason=reason)
    return SettingsError("database_unreachable", reason=reason)
