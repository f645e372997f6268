"""The local network: who may be served there, the authority's bounds, and a real TLS server checked against it."""

import datetime
import re
import ssl
import stat
import subprocess
import sys
from pathlib import Path

import httpx
import pytest
from cryptography import x509
from cryptography.x509.verification import PolicyBuilder, Store, VerificationError

from server.lan import addresses, page
from server.lan.certificates import AUTHORITY_DAYS, RENEW_DAYS, SERVER_DAYS, Certificates, ensure
from server.lan.setup import lines, prepare, qr, with_certificates
from server.ops.commands import Say
from server.settings import REPOSITORY, SettingsError, load, require_safe_exposure
from tests.support.browser import free_port, running

NOW = datetime.datetime(2026, 11, 27, 12, tzinfo=datetime.UTC)
NAMES = ("192.168.1.20", "stand.local", "localhost")


def made(folder: Path, *, names: tuple[str, ...] = NAMES, days: int = 0) -> Certificates:
    return ensure(folder, names, NOW + datetime.timedelta(days=days))


def certificate(path: Path) -> x509.Certificate:
    return x509.load_pem_x509_certificate(path.read_bytes())


@pytest.mark.parametrize("address", ["192.168.1.20", "10.0.0.1", "172.31.9.9", "169.254.3.4", "fd00::1", "127.0.0.1"])
def test_addresses_of_local_networks_are_taken(address: str) -> None:
    assert addresses.require_private(address) == address


@pytest.mark.parametrize("address", ["8.8.8.8", "172.32.0.1", "0.0.0.0", "::", "2001:db8::1", "sales.example"])
def test_what_the_internet_may_reach_is_refused(address: str) -> None:
    with pytest.raises(SettingsError, match="settings_lan_public"):
        addresses.require_private(address)


def test_the_demo_is_served_in_the_local_network_on_the_operators_word_only(tmp_path: Path) -> None:
    plain = load({}, data=str(tmp_path), host="192.168.1.20")
    with pytest.raises(SettingsError, match="settings_demo_exposed"):
        require_safe_exposure(plain, demo=True)
    opened, made_now = prepare(plain)
    require_safe_exposure(opened, demo=True)
    assert opened.https and made_now is not None
    with pytest.raises(SettingsError, match="settings_lan_public"):
        prepare(load({}, data=str(tmp_path), host="8.8.8.8"))


def test_a_public_name_in_front_of_it_is_still_refused(tmp_path: Path) -> None:
    settings = load({"CARAVAN_PUBLIC_URL": "https://sales.example"}, data=str(tmp_path), host="192.168.1.20")
    with pytest.raises(SettingsError, match="settings_demo_exposed"):
        require_safe_exposure(prepare(settings)[0], demo=True)


def test_keys_are_the_owners_alone(tmp_path: Path) -> None:
    made(tmp_path / "tls")
    assert stat.S_IMODE((tmp_path / "tls").stat().st_mode) == 0o700
    for name in ("authority.key", "server.key"):
        assert stat.S_IMODE((tmp_path / "tls" / name).stat().st_mode) == 0o600


def test_certificates_are_kept_while_they_hold(tmp_path: Path) -> None:
    first = made(tmp_path)
    before = first.authority.read_bytes(), first.server.read_bytes()
    again = made(tmp_path, days=SERVER_DAYS - RENEW_DAYS - 1)
    assert (again.authority.read_bytes(), again.server.read_bytes()) == before


@pytest.mark.parametrize("change", [{"days": SERVER_DAYS - RENEW_DAYS + 1}, {"names": ("10.0.0.9", "localhost")}])
def test_the_servers_certificate_is_renewed_by_the_same_authority(tmp_path: Path, change: dict) -> None:
    first = made(tmp_path)
    authority, server = first.authority.read_bytes(), first.server.read_bytes()
    renewed = made(tmp_path, **change)
    assert renewed.authority.read_bytes() == authority
    assert renewed.server.read_bytes() != server


def test_an_authority_near_its_end_is_replaced_with_what_it_signed(tmp_path: Path) -> None:
    first = made(tmp_path)
    fingerprint = first.fingerprint
    later = made(tmp_path, days=AUTHORITY_DAYS - SERVER_DAYS + 1)
    assert later.fingerprint != fingerprint
    certificate(later.server).verify_directly_issued_by(certificate(later.authority))


def test_the_authority_vouches_for_local_names_and_never_for_the_internet(tmp_path: Path) -> None:
    good = made(tmp_path / "good")
    bad = made(tmp_path / "bad", names=("bank.example", "localhost"))
    for files, name, accepted in ((good, "stand.local", True), (bad, "bank.example", False)):
        store = Store([certificate(files.authority)])
        verifier = PolicyBuilder().store(store).time(NOW).build_server_verifier(x509.DNSName(name))
        if accepted:
            assert verifier.verify(certificate(files.server), [])
        else:
            with pytest.raises(VerificationError):
                verifier.verify(certificate(files.server), [])


def test_own_certificates_of_the_operator_are_used_as_they_are(tmp_path: Path) -> None:
    for name in ("cert.pem", "key.pem"):
        (tmp_path / name).write_text("x")
    environ = {"CARAVAN_TLS_CERT": str(tmp_path / "cert.pem"), "CARAVAN_TLS_KEY": str(tmp_path / "key.pem")}
    settings, made_now = with_certificates(load(environ, data=str(tmp_path)), "192.168.1.20")
    assert made_now is None and settings.tls_cert == tmp_path / "cert.pem"
    assert not (tmp_path / "tls").exists()


@pytest.mark.parametrize("language", ["zh", "en"])
def test_the_page_names_address_authority_and_fingerprint(tmp_path: Path, language: str) -> None:
    files = made(tmp_path)
    with page.served("127.0.0.1", 0, "https://192.168.1.20:8000", files) as url, httpx.Client(base_url=url) as client:
        answer = client.get("/", headers={"accept-language": language})
        assert f'lang="{language}' in answer.text and "https://192.168.1.20:8000" in answer.text
        assert files.fingerprint in answer.text and "$" not in answer.text
        assert "default-src 'none'" in answer.headers["content-security-policy"]
        authority = client.get(page.AUTHORITY_PATH)
        assert authority.headers["content-type"] == "application/x-x509-ca-cert"
        assert x509.load_der_x509_certificate(authority.content) == certificate(files.authority)
        assert client.get("/server.key").status_code == client.get("/../tls/authority.key").status_code == 404


def test_the_terminal_shows_a_code_and_warns_of_the_demo(tmp_path: Path) -> None:
    files = made(tmp_path)
    told = lines(Say("en"), "https://192.168.1.20:8000", "http://192.168.1.20:8001/", files, demo=True)
    assert files.fingerprint in "\n".join(told) and "demo's passwords" in told[-1]
    assert set(qr("http://192.168.1.20:8001/")) <= set(" ▀▄█\n\x1b[0123456789;m")


def test_a_phone_that_trusts_the_authority_reaches_the_server(tmp_path: Path) -> None:
    """The real command, bound to this machine: ``--lan`` with a HOST of its own."""
    port = free_port()
    command = [sys.executable, "-m", "server.cli", "serve", "--lan", "--host", "127.0.0.2", "--port", str(port)]
    trust, log = f"http://127.0.0.2:{port + 1}/", tmp_path / "log"
    environ = {"CARAVAN_DATA": str(tmp_path / "data"), "LANG": "en_GB.UTF-8", "PYTHONPATH": str(REPOSITORY)}
    with running(command, trust, env=environ, cwd=REPOSITORY, log=log):
        context = ssl.create_default_context(cadata=httpx.get(trust + page.AUTHORITY_PATH[1:]).content)
        transport = httpx.HTTPTransport(verify=context, retries=5)
        with httpx.Client(base_url=f"https://127.0.0.2:{port}", transport=transport) as phone:
            assert phone.get("/health").status_code == 200
        with pytest.raises(httpx.ConnectError, match="CERTIFICATE_VERIFY_FAILED"):
            httpx.get(f"https://127.0.0.2:{port}/health")
    said = log.read_text(encoding="utf-8")
    assert re.search(rf"https://127\.0\.0\.2:{port}\b", said) and "▀" in said


def test_make_passes_the_word_on() -> None:
    shown = subprocess.run(
        ["make", "--dry-run", "run", "LAN=1"], cwd=REPOSITORY, capture_output=True, text=True, check=True
    ).stdout
    assert "caravan serve --demo --lan" in shown
    plain = subprocess.run(["make", "--dry-run", "run"], cwd=REPOSITORY, capture_output=True, text=True, check=True)
    assert "--lan" not in plain.stdout
