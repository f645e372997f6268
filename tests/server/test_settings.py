"""Settings are checked before anything starts, and each mistake has its sentence in both languages."""

from pathlib import Path

import pytest

from server.cli import explain
from server.settings import Settings, SettingsError, load, require_safe_exposure


def loaded(tmp_path: Path, **variables: str) -> Settings:
    given = {"DATA": str(tmp_path / "data"), **variables}
    return load({f"CARAVAN_{name}": value for name, value in given.items()})


def test_defaults_serve_this_machine_from_one_folder(tmp_path: Path) -> None:
    settings = loaded(tmp_path)
    assert (settings.host, settings.port, settings.loopback, settings.https) == ("127.0.0.1", 8000, True, False)
    assert settings.sqlite_path == tmp_path / "data" / "caravan.db"
    assert (tmp_path / "data").stat().st_mode & 0o077 == 0, "nobody else reads the data folder"


def test_history_begins_after_a_year_unless_told_otherwise(tmp_path: Path) -> None:
    assert loaded(tmp_path).history_months == 12
    assert loaded(tmp_path, HISTORY_MONTHS="0").history_months == 0


def test_the_command_line_wins_over_the_environment(tmp_path: Path) -> None:
    assert load({"CARAVAN_DATA": str(tmp_path), "CARAVAN_PORT": "1"}, port="2").port == 2


@pytest.mark.parametrize(
    ("variables", "code"),
    [
        ({"PORT": "http"}, "settings_port"),
        ({"PORT": "70000"}, "settings_port"),
        ({"PORT": "-1"}, "settings_port"),
        ({"DATA": "/proc/nowhere"}, "settings_data"),
        ({"DATABASE_URL": "mysql://u:secret@h/d"}, "settings_database_url"),
        ({"DATABASE_URL": "caravan"}, "settings_database_url"),
        ({"WEB": "/nonexistent"}, "settings_web"),
        ({"PICTURES": "/nonexistent"}, "settings_folder"),
        ({"PUBLIC_URL": "sales.example"}, "settings_public_url"),
        ({"PUBLIC_URL": "https://sales.example/app"}, "settings_public_url"),
        ({"TRUSTED_PROXIES": "10.0.0.1,proxy"}, "settings_proxy"),
        ({"TLS_CERT": "/nonexistent"}, "settings_file"),
        ({"LOG_LEVEL": "loud"}, "settings_choice"),
        ({"HISTORY_MONTHS": "a year"}, "settings_months"),
        ({"HISTORY_MONTHS": "-1"}, "settings_months"),
    ],
)
@pytest.mark.parametrize("language", ["zh", "en"])
def test_each_mistake_is_one_sentence_with_what_to_do(
    tmp_path: Path, variables: dict[str, str], code: str, language: str
) -> None:
    with pytest.raises(SettingsError) as refusal:
        loaded(tmp_path, **variables)
    assert refusal.value.code == code
    words = explain(refusal.value, language)
    assert "secret" not in words
    assert "{" not in words
    assert "\n" not in words


def test_one_tls_file_without_the_other_is_refused(tmp_path: Path) -> None:
    (tmp_path / "cert.pem").write_text("x")
    with pytest.raises(SettingsError, match="settings_tls_pair"):
        loaded(tmp_path, TLS_CERT=str(tmp_path / "cert.pem"))


def test_a_full_path_of_sqlite_and_both_names_of_postgresql_are_understood(tmp_path: Path) -> None:
    assert loaded(tmp_path, DATABASE_URL="sqlite:////srv/x.db").sqlite_path == Path("/srv/x.db")
    assert loaded(tmp_path, DATABASE_URL="postgres://u@h/d").database_url == "postgresql://u@h/d"
    assert loaded(tmp_path, DATABASE_URL="postgresql://u@h/d").sqlite_path is None


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.0.2.7", "sales.example"])
def test_beyond_this_machine_neither_demo_passwords_nor_plain_http_are_served(tmp_path: Path, host: str) -> None:
    settings = loaded(tmp_path, HOST=host)
    with pytest.raises(SettingsError, match="settings_demo_exposed"):
        require_safe_exposure(settings, demo=True)
    with pytest.raises(SettingsError, match="settings_plain_http"):
        require_safe_exposure(settings, demo=False)


def test_https_by_a_trusted_proxy_or_by_own_files_may_be_served(tmp_path: Path) -> None:
    proxy = {"PUBLIC_URL": "https://sales.example", "TRUSTED_PROXIES": "127.0.0.1"}
    require_safe_exposure(loaded(tmp_path, HOST="0.0.0.0", **proxy), demo=False)
    for name in ("cert.pem", "key.pem"):
        (tmp_path / name).write_text("x")
    tls = {"TLS_CERT": str(tmp_path / "cert.pem"), "TLS_KEY": str(tmp_path / "key.pem")}
    settings = loaded(tmp_path, HOST="0.0.0.0", **tls)
    require_safe_exposure(settings, demo=False)
    assert settings.https


def test_a_public_address_in_front_of_a_loopback_port_is_exposure_too(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="settings_demo_exposed"):
        require_safe_exposure(loaded(tmp_path, PUBLIC_URL="https://sales.example"), demo=True)
    with pytest.raises(SettingsError, match="settings_plain_http"):
        require_safe_exposure(loaded(tmp_path, PUBLIC_URL="http://sales.example"), demo=False)


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "::1"])
def test_on_this_machine_the_demo_is_served(tmp_path: Path, host: str) -> None:
    require_safe_exposure(loaded(tmp_path, HOST=host), demo=True)
