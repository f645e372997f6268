"""A certificate authority of this data folder, and the server's certificate from it.

People install the authority on their phones, so its power is bound: its name constraints (critical) let it vouch for
addresses of local networks and ``.local`` names only, never for a site of the internet, even if its key were stolen.
Keys are of mode 0600 in ``DATA/tls``. The server's certificate is renewed when its names change or its end is near.
"""

import datetime
import ipaddress
import os
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from server.lan.addresses import PRIVATE

AUTHORITY_DAYS = 1_825
SERVER_DAYS = 90
"""Apple takes at most 825 days, browsers at most 398 from public authorities."""
RENEW_DAYS = 30
CLOCK_SKEW = datetime.timedelta(days=1)
"""A phone's clock may be behind."""
NAMES = ("localhost", "local")
_SIGNING = x509.KeyUsage(
    digital_signature=False,
    content_commitment=False,
    key_encipherment=False,
    data_encipherment=False,
    key_agreement=False,
    key_cert_sign=True,
    crl_sign=True,
    encipher_only=False,
    decipher_only=False,
)


@dataclass(frozen=True)
class Certificates:
    """Files of PEM: the authority's certificate, and the server's with its key."""

    authority: Path
    server: Path
    server_key: Path

    @property
    def der(self) -> bytes:
        """The authority as phones want it."""
        return _read(self.authority).public_bytes(serialization.Encoding.DER)

    @property
    def fingerprint(self) -> str:
        """SHA-256 of the authority, in pairs, to be compared with what the phone shows."""
        return _read(self.authority).fingerprint(hashes.SHA256()).hex(":").upper()


def ensure(folder: Path, names: Iterable[str], now: datetime.datetime) -> Certificates:
    """The certificates in ``folder`` (made when missing) for a server reached under ``names`` (addresses, host names).

    An expiring authority is replaced, and then has to be trusted anew. Raises ``OSError``.
    """
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    found = Certificates(folder / "authority.pem", folder / "server.pem", folder / "server.key")
    authority_key = folder / "authority.key"
    wanted = sorted(set(names))
    if not _lasts(found.authority, authority_key, now, SERVER_DAYS):
        _make_authority(found.authority, authority_key, now)
        found.server.unlink(missing_ok=True)
    if not _lasts(found.server, found.server_key, now, RENEW_DAYS) or _names(_read(found.server)) != wanted:
        _make_server(found, authority_key, wanted, now)
    return found


def _lasts(certificate: Path, key: Path, now: datetime.datetime, days: int) -> bool:
    if not certificate.is_file() or not key.is_file():
        return False
    return _read(certificate).not_valid_after_utc > now + datetime.timedelta(days=days)


def _read(path: Path) -> x509.Certificate:
    return x509.load_pem_x509_certificate(path.read_bytes())


def _names(certificate: x509.Certificate) -> list[str]:
    names = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    return sorted(
        [
            *names.get_values_for_type(x509.DNSName),
            *(str(address) for address in names.get_values_for_type(x509.IPAddress)),
        ]
    )


def _make_authority(path: Path, key_path: Path, now: datetime.datetime) -> None:
    key = ec.generate_private_key(ec.SECP256R1())
    # The date tells two authorities apart in a phone's list.
    name = _name(f"Caravan local network {now:%Y-%m-%d}")
    permitted: list[x509.GeneralName] = [x509.DNSName(one) for one in NAMES]
    permitted += [x509.IPAddress(ipaddress.ip_network(network)) for network in PRIVATE]
    certificate = (
        _builder(name, name, key, now, AUTHORITY_DAYS)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(_SIGNING, critical=True)
        .add_extension(x509.NameConstraints(permitted, None), critical=True)
        .sign(key, hashes.SHA256())
    )
    _write_key(key_path, key)
    path.write_bytes(certificate.public_bytes(serialization.Encoding.PEM))


def _make_server(files: Certificates, authority_key: Path, names: list[str], now: datetime.datetime) -> None:
    authority = _read(files.authority)
    signer = serialization.load_pem_private_key(authority_key.read_bytes(), None)
    assert isinstance(signer, ec.EllipticCurvePrivateKey)
    key = ec.generate_private_key(ec.SECP256R1())
    certificate = (
        _builder(_name("Caravan"), authority.subject, key, now, SERVER_DAYS)
        .add_extension(x509.SubjectAlternativeName([_general(name) for name in names]), critical=False)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(signer.public_key()), critical=False)
        .sign(signer, hashes.SHA256())
    )
    _write_key(files.server_key, key)
    files.server.write_bytes(certificate.public_bytes(serialization.Encoding.PEM))


def _builder(
    subject: x509.Name, issuer: x509.Name, key: ec.EllipticCurvePrivateKey, now: datetime.datetime, days: int
) -> x509.CertificateBuilder:
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - CLOCK_SKEW)
        .not_valid_after(now + datetime.timedelta(days=days))
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
    )


def _name(text: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, text)])


def _general(name: str) -> x509.GeneralName:
    try:
        return x509.IPAddress(ipaddress.ip_address(name))
    except ValueError:
        return x509.DNSName(name)


def _write_key(path: Path, key: ec.EllipticCurvePrivateKey) -> None:
    data = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    # Created with its mode, so that no moment exists in which others could read it.
    path.unlink(missing_ok=True)
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        file.write(data)
