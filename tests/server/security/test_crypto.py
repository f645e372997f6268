"""Sealed fields: bound to their place, readable after a rotation, and never with another key."""

import stat
from pathlib import Path

import pytest

from server.security.crypto import SealError, Vault, is_sealed_bytes, is_sealed_text


def test_what_was_sealed_opens_at_its_place(tmp_path: Path) -> None:
    vault = Vault.open(tmp_path / "keys")
    sealed = vault.seal("e_account", "bank_account", "row", b"6222")
    assert is_sealed_bytes(sealed)
    assert b"6222" not in sealed
    assert vault.unseal("e_account", "bank_account", "row", sealed) == b"6222"
    assert vault.seal("e_account", "bank_account", "row", b"6222") != sealed


@pytest.mark.parametrize(
    "place", [("e_contact", "bank_account", "row"), ("e_account", "x", "row"), ("e_account", "bank_account", "other")]
)
def test_a_sealed_value_does_not_open_elsewhere(tmp_path: Path, place: tuple[str, str, str]) -> None:
    vault = Vault.open(tmp_path / "keys")
    sealed = vault.seal("e_account", "bank_account", "row", b"6222")
    with pytest.raises(SealError):
        vault.unseal(*place, sealed)


@pytest.mark.parametrize("at", [0, 4, 12, 25, -1])
def test_a_damaged_value_does_not_open(tmp_path: Path, at: int) -> None:
    vault = Vault.open(tmp_path / "keys")
    sealed = bytearray(vault.seal("t", "c", "r", b"a secret of some length"))
    sealed[at] ^= 1
    with pytest.raises(SealError):
        vault.unseal("t", "c", "r", bytes(sealed))


def test_the_key_file_is_its_owners_alone_and_lasts(tmp_path: Path) -> None:
    sealed = Vault.open(tmp_path / "keys").seal_text("t", "c", "r", "文字")
    assert stat.S_IMODE((tmp_path / "keys").stat().st_mode) == 0o600
    assert is_sealed_text(sealed)
    assert Vault.open(tmp_path / "keys").unseal_text("t", "c", "r", sealed) == "文字"


def test_a_new_line_in_the_key_file_rotates_and_old_values_still_open(tmp_path: Path) -> None:
    path = tmp_path / "keys"
    old = Vault.open(path).seal("t", "c", "r", b"old")
    with path.open("a", encoding="ascii") as file:
        file.write(f"{'ab' * 8} {'cd' * 32}\n")
    vault = Vault.open(path)
    assert vault.unseal("t", "c", "r", old) == b"old"
    assert vault.seal("t", "c", "r", b"new")[1:9] == bytes.fromhex("ab" * 8)


def test_another_installations_key_opens_nothing(tmp_path: Path) -> None:
    sealed = Vault.open(tmp_path / "one").seal("t", "c", "r", b"x")
    with pytest.raises(SealError):
        Vault.open(tmp_path / "two").unseal("t", "c", "r", sealed)


@pytest.mark.parametrize("content", ["", "nonsense\n", "ab cd\n", "zz zz\n"])
def test_a_damaged_key_file_stops_the_start(tmp_path: Path, content: str) -> None:
    (tmp_path / "keys").write_text(content, "ascii")
    with pytest.raises(SealError):
        Vault.open(tmp_path / "keys")
