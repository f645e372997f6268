"""How old the last verified backup is: from the manifests of the data folder, to administrators alone."""

from pathlib import Path

import msgspec
import pytest

from server.ops import backup, manifest
from server.ops.backup_age import newest
from server.ops.manifest import Manifest, Organisation
from server.settings import Settings
from shared.backup_state import OLD_MS, BackupState, is_old
from tests.api.test_admin import desk, refused
from tests.support.company import MANAGER, ORG, REP
from tests.support.served import settings_for

NOW = 1_795_320_000_000


def make(settings: Settings, name: str, made_at: int, *, org_id: str = ORG, verified: bool = True) -> Path:
    """A file of ten bytes with its manifest, as ``caravan backup create`` leaves them."""
    folder = backup.folder_of(settings)
    folder.mkdir(parents=True, exist_ok=True)
    file = folder / name
    file.write_bytes(b"0123456789")
    held = Organisation(org_id, "dataset", 1, 5, 0, "", {})
    made = Manifest(
        kind="sqlite", path=str(file), made_at=made_at, size=10, sha256="", organisations=[held],
        verified_at=made_at + 1_000 if verified else None,
    )  # fmt: skip
    manifest.write(manifest.place_of(file), made)
    return file


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return settings_for("sqlite:///unused.db", tmp_path / "data")


def test_the_newest_one_that_was_verified_and_is_there_counts(settings: Settings) -> None:
    assert newest(settings, ORG) == BackupState()
    make(settings, "old.db", NOW)
    good = make(settings, "good.db", NOW + 5)
    make(settings, "unproven.db", NOW + 6, verified=False)
    make(settings, "others.db", NOW + 7, org_id="another")
    make(settings, "gone.db", NOW + 8).unlink()
    make(settings, "cut.db", NOW + 9).write_bytes(b"0123")
    (backup.folder_of(settings) / f"broken{manifest.SUFFIX}").write_text("{")
    assert newest(settings, ORG) == BackupState(NOW + 5, NOW + 1_005)
    good.unlink()
    assert newest(settings, ORG) == BackupState(NOW, NOW + 1_000)


@pytest.mark.parametrize(
    ("made_at", "old"), [(None, True), (NOW - OLD_MS - 1, True), (NOW - OLD_MS, False), (NOW, False)]
)
def test_a_day_is_what_may_be_lost(made_at: int | None, old: bool) -> None:
    assert is_old(BackupState(made_at), NOW) is old


def test_administrators_alone_are_told_over_http(server: str, tmp_path: Path) -> None:
    settings = settings_for("sqlite:///unused.db", tmp_path / "data")
    for user_id in (REP, MANAGER):
        with desk(server, user_id) as person:
            assert refused(person.get("/v1/admin/backup")) == (403, "role_not_allowed")
    with desk(server) as admin:
        assert admin.get("/v1/admin/backup").json() == {"made_at": None, "verified_at": None}
        file = make(settings, "made.db", NOW)
        answer = admin.get("/v1/admin/backup")
        assert msgspec.json.decode(answer.content, type=BackupState) == BackupState(NOW, NOW + 1_000)
        assert str(file) not in answer.text and str(tmp_path) not in answer.text
