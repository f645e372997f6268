"""What bounds the bytes of attachments: size, day, disk, virus check, and what is collected in the end."""

import asyncio
import os
import time
from pathlib import Path
from typing import Any

import pytest

from server.blobs import files as blob_files
from server.db.engine import Database
from server.ops.blobs import KEEP_S, Collector
from tests.support.authority import make_authority
from tests.support.booth import PART, PHOTO, Booth, code, opened_at
from tests.support.company import ORG, REP
from tests.support.devices import HandClock
from tests.support.files import digest, jpeg, png
from tests.support.served import settings_for


@pytest.mark.parametrize("limits", [{"blob_limit": 3_000}])
def test_a_file_over_the_limit_is_refused_before_it_is_sent(booth: Booth) -> None:
    booth.attach(PHOTO)
    answer = booth.put(PHOTO)
    assert code(answer) == (413, "file_too_large")
    assert booth.on_disk() == []


@pytest.mark.parametrize("limits", [{"blob_daily": 12_000}])
def test_what_one_person_sends_in_a_day_is_bounded(booth: Booth) -> None:
    photos = [png(8, 8, seed=n, extra=5_000) for n in range(3)]
    for photo in photos:
        booth.attach(photo)
    assert [booth.put(photo).status_code for photo in photos[:2]] == [201, 201]
    answer = booth.put(photos[2])
    assert code(answer) == (429, "upload_quota")
    assert answer.headers["retry-after"] == "3600"
    assert booth.put(photos[0]).status_code == 204


@pytest.mark.parametrize("limits", [{"blob_daily": 12_000}])
def test_unfinished_uploads_count_too(booth: Booth) -> None:
    photos = [png(8, 8, seed=n, extra=5_000) for n in range(3)]
    for photo in photos:
        booth.attach(photo)
    assert booth.put(photos[0][:5_000], digest(photos[0]), **PART).status_code == 204
    assert booth.put(photos[1][:5_000], digest(photos[1]), **PART).status_code == 204
    assert code(booth.put(photos[2])) == (429, "upload_quota")
    rest = {"Upload-Offset": "5000"}
    assert booth.put(photos[0][5_000:], digest(photos[0]), **rest).status_code == 201


@pytest.mark.parametrize("limits", [{}])
def test_a_nearly_full_disk_is_left_to_the_orders(booth: Booth, monkeypatch: pytest.MonkeyPatch) -> None:
    sha256 = booth.attach(PHOTO)
    free = blob_files.shutil._ntuple_diskusage(10_000, 9_000, 500)
    with monkeypatch.context() as full:
        full.setattr(blob_files.shutil, "disk_usage", lambda _: free)
        assert code(booth.put(PHOTO)) == (507, "server_storage_full")
    assert booth.put(PHOTO, sha256).status_code == 201


def test_a_disk_that_fills_up_under_an_upload_leaves_nothing_half(
    booth: Booth, monkeypatch: pytest.MonkeyPatch
) -> None:
    sha256 = booth.attach(PHOTO)
    booth.put(PHOTO[:1_000], sha256, **PART)
    real_open = Path.open

    class Full:
        """A file on a full disk."""

        def __init__(self, file: Any) -> None:
            self.file = file

        def __enter__(self) -> "Full":
            return self

        def __exit__(self, *error: object) -> None:
            self.file.close()

        def truncate(self, size: int) -> None:
            self.file.truncate(size)

        def write(self, data: bytes) -> None:
            self.file.write(data[:10])
            raise OSError(28, os.strerror(28))

    def full_open(path: Path, mode: str = "r", *args: Any) -> Any:
        return Full(real_open(path, mode)) if mode == "ab" else real_open(path, mode, *args)

    with monkeypatch.context() as full:
        full.setattr(Path, "open", full_open)
        answer = booth.put(PHOTO[1_000:], sha256, **{"Upload-Offset": "1000"})
    assert code(answer) == (507, "server_storage_full")
    assert booth.on_disk() == []
    assert booth.put(PHOTO, sha256).status_code == 201


def scanner(folder: Path, exit_code: int) -> str:
    """A scan command that notes what it was shown."""
    script = folder / f"scan{exit_code}.sh"
    script.write_text(f'#!/bin/sh\nhead -c 4 "$2" >> "{folder}/scanned"\nexit {exit_code}\n')
    script.chmod(0o700)
    return f"{script} --no-summary"


@pytest.mark.parametrize("exit_code", [0, 1, 2])
def test_the_scan_command_decides_before_anybody_sees_the_file(
    database_url: str, tmp_path: Path, exit_code: int
) -> None:
    command = scanner(tmp_path, exit_code)
    with opened_at(database_url, tmp_path / "data", blob_reserve=1_000, scan_command=command) as url:
        booth = Booth(url, database_url, tmp_path / "data")
        sha256 = booth.attach(PHOTO)
        answer = booth.put(PHOTO)
        seen = booth.get(sha256).status_code
        again = booth.put(b"", sha256, **{"Upload-Offset": str(len(PHOTO))})
        kept = booth.on_disk()
    assert (tmp_path / "scanned").read_bytes()[:4] == b"\x89PNG"
    if exit_code == 0:
        assert (answer.status_code, seen, again.status_code) == (201, 200, 204)
    elif exit_code == 1:
        assert (code(answer), seen, code(again)) == ((422, "file_refused"), 404, (422, "file_refused"))
        assert kept == [f"quarantine/{sha256}"]
    else:
        assert (code(answer), seen, code(again)) == ((503, "scan_failed"), 404, (503, "scan_failed"))
        assert kept == [f"parts/{ORG}.{REP}/{sha256}"]


def collect(booth: Booth) -> tuple[int, int]:
    """A round of the collector on a connection of its own, a month and a day from now."""

    async def run() -> tuple[int, int]:
        database = Database.open(booth.database_url)
        authority = await make_authority(database, seed=False)
        authority.clock = HandClock(time.time_ns() // 1_000_000 + (KEEP_S + 86_400) * 1_000)
        try:
            return await Collector(authority, settings_for(booth.database_url, booth.blobs.parent)).collect()
        finally:
            await database.close()

    for path in booth.blobs.rglob("*"):
        os.utime(path, (1, 1))
    return asyncio.run(run())


def test_content_is_collected_a_month_after_its_last_row_was_removed(booth: Booth) -> None:
    kept, dropped = booth.attach(PHOTO), booth.attach(jpeg(), "image/jpeg")
    booth.put(PHOTO)
    booth.put(jpeg())
    booth.put(b"x", booth.attach(png(3, 3)), **PART)
    row_id = next(row_id for row_id, row in booth.rows(REP).items() if row["sha256"] == dropped)
    booth.run(REP, "attachment.delete", {"id": row_id})
    assert collect(booth) == (1, 1)
    assert booth.on_disk() == [f"{kept[:2]}/{kept[2:4]}/{kept}"]
    assert booth.get(kept).content == PHOTO
    row = booth.rows(REP)[row_id]
    assert row["stored_at"] is None
    booth.run(REP, "attachment.restore", {"id": row_id, "deleted_tx": row["deleted_tx"]})
    assert booth.put(jpeg()).status_code == 201
    assert booth.get(dropped).content == jpeg()


def test_the_log_stays_intact_with_uploads_in_it(booth: Booth, tmp_path: Path) -> None:
    from server.security.audit import verify
    from tests.support.authority import SECRETS

    booth.attach(PHOTO)
    booth.put(PHOTO)

    async def check() -> bool:
        database = Database.open(booth.database_url)
        try:
            return (await verify(database, tmp_path / "no-heads.log", SECRETS)).ok
        finally:
            await database.close()

    assert asyncio.run(check())
