"""What ``--lan`` changes: the address, the certificates, and what the terminal says."""

import datetime
import io

import msgspec
import segno

from server.lan.addresses import mdns_name, own_address, require_private
from server.lan.certificates import Certificates, ensure
from server.ops.commands import Say
from server.settings import Settings


def prepare(settings: Settings) -> tuple[Settings, Certificates | None]:
    """Settings for the local network: one address of it (``HOST`` when it names one) with TLS.

    The certificates are None when the operator has some of their own (``TLS_CERT``). Raises ``SettingsError``.
    """
    host = own_address() if settings.host in ("127.0.0.1", "localhost") else require_private(settings.host)
    return with_certificates(settings, host)


def with_certificates(settings: Settings, host: str) -> tuple[Settings, Certificates | None]:
    """The same for a known address."""
    name = mdns_name()
    names = (*settings.allowed_hosts, name)
    if settings.tls_cert is not None:
        return msgspec.structs.replace(settings, host=host, lan=True, allowed_hosts=names), None
    made = ensure(settings.data / "tls", (host, name, "localhost"), datetime.datetime.now(datetime.UTC))
    settings = msgspec.structs.replace(
        settings, host=host, lan=True, allowed_hosts=names, tls_cert=made.server, tls_key=made.server_key
    )
    return settings, made


def lines(say: Say, url: str, trust_url: str | None, certificates: Certificates | None, *, demo: bool) -> list[str]:
    """The address as a QR code, the way to trust it, and a warning about the demo's passwords."""
    told = ["", qr(trust_url or url)]
    if trust_url and certificates:
        told += [say("lan.trust", url=trust_url), say("lan.fingerprint", fingerprint=certificates.fingerprint)]
    told.append(say("lan.open", url=url))
    if demo:
        told.append(say("lan.demo"))
    return told


def qr(text: str) -> str:
    """A QR code of half blocks, for a terminal."""
    out = io.StringIO()
    segno.make_qr(text, error="l").terminal(out, border=2, compact=True)
    return out.getvalue().rstrip("\n")
