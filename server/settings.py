"""Settings of the server: ``CARAVAN_*`` variables, read once and checked before anything starts.

A bad value is a ``SettingsError`` with a stable code; its sentence (what is wrong, what to do) is in
``shared/locale/*/cli.py`` under ``error.<code>``. Nothing here opens a port or a database.
"""

import ipaddress
import os
import shlex
import shutil
from collections.abc import Mapping
from pathlib import Path
from urllib.parse import urlsplit

import msgspec

from shared.errors import CaravanError
from shared.rules.media import MAX_BYTES

PREFIX = "CARAVAN_"
LOG_LEVELS = ("debug", "info", "warning", "error")
LOG_FORMATS = ("text", "json")
BLOB_DAILY = 500_000_000
BLOB_RESERVE = 500_000_000
REPOSITORY = Path(__file__).resolve().parent.parent


class SettingsError(CaravanError):
    """A setting that the server cannot start with. ``params`` name the variable and its value."""


class Settings(msgspec.Struct, frozen=True, kw_only=True):
    """What the server may know about the place it runs in. Durations in seconds, sizes in bytes."""

    host: str = "127.0.0.1"
    port: int = 8000
    """0 lets the system choose."""
    data: Path
    """Folder of the database file, the keys and the outside copy of the audit heads."""
    database_url: str
    """``sqlite:///…`` or ``postgresql://…``, without a driver name."""
    web: Path | None = None
    """Folder of the web build; without one the server answers the API only."""
    pictures: Path
    """Folder of product pictures, served under ``/pictures/``."""
    public_url: str = ""
    """The address people type, when the server is reached through another one (``https://sales.example``)."""
    trusted_proxies: tuple[str, ...] = ()
    """Addresses of reverse proxies whose ``X-Forwarded-*`` headers are believed."""
    tls_cert: Path | None = None
    tls_key: Path | None = None
    allowed_hosts: tuple[str, ...] = ()
    """Further host names under which browsers may reach the server."""
    lan: bool = False
    """Opened on purpose to the local network (``serve --lan``): then the demo may be served there."""
    blob_limit: int = MAX_BYTES
    """The largest attachment."""
    blob_daily: int = BLOB_DAILY
    """Attachments of one user in 24 hours."""
    blob_reserve: int = BLOB_RESERVE
    """Room on the disk that attachments leave to the database."""
    scan_command: str = ""
    """Run with each new attachment's path as last argument; exit code 0 takes it, 1 refuses it."""
    tombstone_days: int = 180
    """How long the feed tells that a row has left; a device that was away for longer gets a snapshot."""
    restorable_days: int = 90
    """How long a row that somebody has deleted stays on the devices, to be restored there."""
    history_months: int = 12
    """Settled orders and follow-ups that nobody has touched for so many months are history: devices hold it on demand
    only. 0: everything stays on every device."""
    log_level: str = "info"
    log_format: str = "text"

    @property
    def loopback(self) -> bool:
        """Whether only this machine can reach the server."""
        return is_loopback(self.host)

    @property
    def https(self) -> bool:
        """Whether browsers reach the server by HTTPS: cookies are then marked Secure."""
        return self.tls_cert is not None or self.public_url.startswith("https://")

    @property
    def sqlite_path(self) -> Path | None:
        """File of the embedded database; None on PostgreSQL."""
        scheme, _, path = self.database_url.partition(":///")
        return Path(path) if scheme == "sqlite" else None

    @property
    def tombstone_ms(self) -> int:
        return self.tombstone_days * 86_400_000

    @property
    def restorable_ms(self) -> int:
        return self.restorable_days * 86_400_000

    @property
    def key_file(self) -> Path:
        """Keys of the sealed fields (``server.security.crypto``); without them nobody can sign in."""
        return self.data / "secret.keys"

    @property
    def blobs(self) -> Path:
        """Folder of the attachments' content (``server.blobs.files``)."""
        return self.data / "blobs"

    @property
    def audit_heads(self) -> Path:
        """The copy of the audit chain's heads outside of the database."""
        return self.data / "audit-heads.log"

    @property
    def host_names(self) -> frozenset[str]:
        """Host names (lower case, no port) under which browsers may reach the server."""
        named = {"localhost", "127.0.0.1", "::1", self.host.lower(), *(name.lower() for name in self.allowed_hosts)}
        public = urlsplit(self.public_url).hostname
        return frozenset(named | {public} if public else named)


def is_loopback(host: str) -> bool:
    """Whether a bind address is this machine only. A name other than ``localhost`` counts as reachable."""
    if host.lower() == "localhost":
        return True
    try:
        return ipaddress.ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return False


def load(environ: Mapping[str, str] | None = None, **overrides: str) -> Settings:
    """Settings from the environment, with ``overrides`` (command line) on top; both are text by field name.

    Raises ``SettingsError``. Creates the data folder when it is missing.
    """
    environ = os.environ if environ is None else environ
    given = {name[len(PREFIX) :].lower(): value for name, value in environ.items() if name.startswith(PREFIX) and value}
    given.update(overrides)
    data = _data_folder(given.get("data", ".data"))
    settings = Settings(
        host=given.get("host", "127.0.0.1"),
        port=_port(given.get("port", "8000")),
        data=data,
        database_url=_database_url(given.get("database_url", f"sqlite:///{data / 'caravan.db'}")),
        web=_web(given.get("web")),
        pictures=_folder("PICTURES", given.get("pictures", str(REPOSITORY / "assets" / "pictures"))),
        public_url=_public_url(given.get("public_url", "")),
        trusted_proxies=_proxies(_words(given.get("trusted_proxies", ""))),
        tls_cert=_file("TLS_CERT", given.get("tls_cert")),
        tls_key=_file("TLS_KEY", given.get("tls_key")),
        allowed_hosts=_words(given.get("allowed_hosts", "")),
        blob_limit=_megabytes("BLOB_LIMIT_MB", given, MAX_BYTES),
        blob_daily=_megabytes("BLOB_DAILY_MB", given, BLOB_DAILY),
        blob_reserve=_megabytes("BLOB_RESERVE_MB", given, BLOB_RESERVE),
        scan_command=_command("SCAN_COMMAND", given.get("scan_command", "")),
        tombstone_days=_days("TOMBSTONE_DAYS", given.get("tombstone_days", "180")),
        restorable_days=_days("RESTORABLE_DAYS", given.get("restorable_days", "90")),
        history_months=_months("HISTORY_MONTHS", given.get("history_months", "12")),
        log_level=_choice("LOG_LEVEL", given.get("log_level", "info"), LOG_LEVELS),
        log_format=_choice("LOG_FORMAT", given.get("log_format", "text"), LOG_FORMATS),
    )
    if (settings.tls_cert is None) != (settings.tls_key is None):
        raise SettingsError("settings_tls_pair")
    return settings


def require_safe_exposure(settings: Settings, *, demo: bool) -> None:
    """Refuses to serve beyond this machine what must not leave it.

    ``lan`` is the operator's word that the demo may be seen in the local network; ``server.lan`` has seen to it that
    the address is one of such a network.

    Raises ``SettingsError``: ``settings_demo_exposed`` (known passwords), ``settings_plain_http`` (passwords in clear;
    needs TLS files, or ``PUBLIC_URL`` with https together with the proxy that ends TLS).
    """
    behind_proxy = settings.public_url.startswith("https://") and bool(settings.trusted_proxies)
    # A public address in front of a loopback port is exposure too: that is how reverse proxies are set up.
    public_name = urlsplit(settings.public_url).hostname
    exposed = not settings.loopback or (public_name is not None and not is_loopback(public_name))
    if not exposed:
        return
    if demo and not (settings.lan and not settings.public_url):
        raise SettingsError("settings_demo_exposed", host=settings.host)
    if settings.tls_cert is None and not behind_proxy:
        raise SettingsError("settings_plain_http", host=settings.host)


def _words(text: str) -> tuple[str, ...]:
    return tuple(word.strip() for word in text.split(",") if word.strip())


def _port(text: str) -> int:
    if not text.isascii() or not text.isdigit() or int(text) > 65_535:
        raise SettingsError("settings_port", value=text[:40])
    return int(text)


def _days(name: str, text: str) -> int:
    if not text.isascii() or not text.isdigit() or not 1 <= int(text) <= 36_500:
        raise SettingsError("settings_days", variable=PREFIX + name, value=text[:40])
    return int(text)


def _months(name: str, text: str) -> int:
    if not text.isascii() or not text.isdigit() or int(text) > 1_200:
        raise SettingsError("settings_months", variable=PREFIX + name, value=text[:40])
    return int(text)


def _data_folder(text: str) -> Path:
    path = Path(text).expanduser().resolve()
    probe = path / f".writable-{os.getpid()}"
    try:
        path.mkdir(parents=True, exist_ok=True, mode=0o700)
        # A file is really written, because permission bits say nothing about a full or read-only disk.
        probe.write_bytes(b"caravan")
        probe.unlink()
    except OSError as error:
        raise SettingsError("settings_data", path=str(path), reason=error.strerror or str(error)) from error
    return path


def _database_url(text: str) -> str:
    scheme, separator, rest = text.partition("://")
    if scheme in ("postgres", "postgresql") and separator and rest:
        return f"postgresql://{rest}"
    if scheme == "sqlite" and rest.startswith("/") and len(rest) > 1:
        return text
    # The value may hold a password: only its scheme is repeated.
    raise SettingsError("settings_database_url", scheme=scheme[:40] if separator else "")


def _web(text: str | None) -> Path | None:
    if text is None:
        return None
    path = Path(text).expanduser().resolve()
    if not (path / "index.html").is_file():
        raise SettingsError("settings_web", path=str(path))
    return path


def _folder(name: str, text: str) -> Path:
    path = Path(text).expanduser().resolve()
    if not path.is_dir():
        raise SettingsError("settings_folder", variable=PREFIX + name, path=str(path))
    return path


def _file(name: str, text: str | None) -> Path | None:
    if text is None:
        return None
    path = Path(text).expanduser().resolve()
    if not path.is_file() or not os.access(path, os.R_OK):
        raise SettingsError("settings_file", variable=PREFIX + name, path=str(path))
    return path


def _megabytes(name: str, given: Mapping[str, str], default: int) -> int:
    text = given.get(name.lower())
    if text is None:
        return default
    if not text.isascii() or not text.isdigit() or not 0 < int(text) <= 10_000_000:
        raise SettingsError("settings_megabytes", variable=PREFIX + name, value=text[:40])
    return int(text) * 1_000_000


def _command(name: str, text: str) -> str:
    try:
        words = shlex.split(text)
    except ValueError as error:
        raise SettingsError("settings_command", variable=PREFIX + name, value=text[:200]) from error
    if words and shutil.which(words[0]) is None:
        raise SettingsError("settings_command", variable=PREFIX + name, value=words[0][:200])
    return text.strip()


def _public_url(text: str) -> str:
    parts = urlsplit(text)
    if text and (parts.scheme not in ("http", "https") or not parts.hostname or parts.path not in ("", "/")):
        raise SettingsError("settings_public_url", value=text[:200])
    return text.rstrip("/")


def _proxies(words: tuple[str, ...]) -> tuple[str, ...]:
    for word in words:
        try:
            ipaddress.ip_network(word, strict=False)
        except ValueError as error:
            raise SettingsError("settings_proxy", value=word[:60]) from error
    return words


def _choice(name: str, value: str, allowed: tuple[str, ...]) -> str:
    if value not in allowed:
        raise SettingsError("settings_choice", variable=PREFIX + name, value=value[:40], allowed=", ".join(allowed))
    return value
