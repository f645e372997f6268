"""The bytes of attachments over HTTP: resumed at every cut, checked, shown to those who see the row and nobody else."""

import asyncio
import os
import socket
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import httpx
import msgspec
import pytest

from server.blobs import files as blob_files
from server.db.engine import Database
from server.ops.blobs import KEEP_S, Collector
from shared import SCHEMA_VERSION, protocol
from shared.ids import derived_id
from tests.support.authority import make_authority
from tests.support.company import ACCOUNT, MANAGER, NOW, ORG, REP, STRANGER
from tests.support.devices import HandClock
from tests.support.files import BAD, GOOD, digest, jpeg, png
from tests.support.served import Browser, credential, served, settings_for

PHOTO = png(8, 8, extra=5_000)
PART = {"Upload-Complete": "?0"}


class Booth:
    """The served application with people who are signed in, and what is in its folder."""

    def __init__(self, url: str, database_url: str, data: Path) -> None:
        self.url, self.database_url, self.blobs = url, database_url, data / "blobs"
        self.people: dict[str, Browser] = {}
        self._exchanges = 0

    def person(self, user_id: str) -> Browser:
        if user_id not in self.people:
            self.people[user_id] = Browser(self.url)
            self.people[user_id].sign_in(user_id[:8])
        return self.people[user_id]

    def run(self, user_id: str, name: str, args: dict[str, Any]) -> protocol.SyncResponse:
        """One command in one exchange of an install of its own."""
        self._exchanges += 1
        key = derived_id("exchange", self._exchanges)
        tx = protocol.Transaction(derived_id("tx", key), SCHEMA_VERSION, NOW, [protocol.Command(name, args)])
        request = protocol.SyncRequest(
            protocol=protocol.PROTOCOL_VERSION, schema=SCHEMA_VERSION, app_version="0.1.0", install_id=key,
            exchange_id=key, tried=[key], txs=[protocol.SentTransaction(1, msgspec.Raw(protocol.encode(tx)))],
        )  # fmt: skip
        body, headers = protocol.encode(request), {"Content-Type": "application/json"}
        answer = protocol.decode_response(self.person(user_id).post("/v1/sync", content=body, headers=headers).content)
        assert answer.outcomes[0].status == "accepted", answer.outcomes[0].problem
        return answer

    def attach(self, content: bytes, kind: str = "image/png", *, by: str = REP, **changes: Any) -> str:
        """A row for the content on the rep's customer; its hash."""
        sha256 = digest(content)
        values = {"account_id": ACCOUNT, "file_name": "展位 1.png", "media_type": kind, "size": len(content)}
        row_id = derived_id("attachment", by, sha256, str(changes))
        self.run(by, "attachment.create", {"id": row_id, "values": {**values, "sha256": sha256, **changes}})
        return sha256

    def put(self, content: bytes, sha256: str = "", *, by: str = REP, **headers: str) -> httpx.Response:
        return self.person(by).put(f"/v1/blobs/{sha256 or digest(content)}", content=content, headers=headers)

    def get(self, sha256: str, *, by: str = REP, **headers: str) -> httpx.Response:
        return self.person(by).get(f"/v1/blobs/{sha256}", headers=headers)

    def head(self, sha256: str, *, by: str = REP) -> httpx.Response:
        return self.person(by).head(f"/v1/blobs/{sha256}")

    def rows(self, user_id: str) -> dict[str, dict[str, Any]]:
        """The attachments that a new device of the user receives, by id."""
        return {
            put.id: msgspec.json.decode(put.row)
            for put in self.run(user_id, "account.create", self._account()).puts
            if put.entity == "attachment"
        }

    def _account(self) -> dict[str, Any]:
        return {"id": derived_id("account", self._exchanges), "values": {"name": "x"}}

    def on_disk(self) -> list[str]:
        return sorted(p.relative_to(self.blobs).as_posix() for p in self.blobs.rglob("*") if p.is_file())


def opened_at(database_url: str, data: Path, **settings: Any) -> Any:
    async def fill() -> None:
        database = Database.open(database_url)
        authority = await make_authority(database)
        people = (REP, STRANGER, MANAGER)
        await authority.write_rows(ORG, [credential(ORG, user_id) for user_id in people], name="test.credentials")
        await database.close()

    asyncio.run(fill())
    return served(msgspec.structs.replace(settings_for(database_url, data), **settings))


@pytest.fixture
def limits() -> dict[str, Any]:
    """Settings of the served application; tests give their own by ``pytest.mark.parametrize``."""
    return {}


@pytest.fixture
def booth(database_url: str, tmp_path: Path, limits: dict[str, Any]) -> Iterator[Booth]:
    with opened_at(database_url, tmp_path / "data", blob_reserve=1_000, **limits) as url:
        made = Booth(url, database_url, tmp_path / "data")
        yield made
        for browser in made.people.values():
            browser.close()


def code(answer: httpx.Response) -> tuple[int, str]:
    return answer.status_code, answer.json()["code"]


def test_a_photo_is_sent_and_seen_by_those_who_see_its_row(booth: Booth) -> None:
    sha256 = booth.attach(PHOTO)
    assert [row["stored_at"] for row in booth.rows(MANAGER).values()] == [None]
    assert code(booth.get(sha256, by=MANAGER)) == (404, "blob_not_here")
    answer = booth.put(PHOTO)
    assert (answer.status_code, answer.headers["upload-complete"]) == (201, "?1")
    assert [row["stored_at"] is not None for row in booth.rows(MANAGER).values()] == [True]
    for person in (REP, MANAGER):
        answer = booth.get(sha256, by=person)
        assert (answer.status_code, answer.content) == (200, PHOTO)
    assert booth.on_disk() == [f"{sha256[:2]}/{sha256[2:4]}/{sha256}"]


def test_content_is_served_so_that_no_browser_runs_it(booth: Booth) -> None:
    sha256 = booth.attach(PHOTO)
    booth.put(PHOTO)
    headers = booth.get(sha256).headers
    assert headers["content-type"] == "image/png"
    assert headers["content-disposition"] == "attachment; filename*=UTF-8''%E5%B1%95%E4%BD%8D%201.png"
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["content-security-policy"] == "default-src 'none'; sandbox"
    assert headers["cache-control"] == "private, no-cache"
    again = booth.get(sha256, **{"If-None-Match": headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")


def test_other_peoples_attachments_look_like_none(booth: Booth) -> None:
    sha256 = booth.attach(PHOTO)
    booth.put(PHOTO)
    nothing = digest(b"nothing")
    for ask in (booth.get, booth.head):
        assert ask(sha256, by=STRANGER).status_code == ask(nothing, by=STRANGER).status_code == 404
    assert booth.get(sha256, by=STRANGER).json() == booth.get(nothing, by=STRANGER).json()
    assert code(booth.put(PHOTO, by=STRANGER)) == (404, "not_found")
    with httpx.Client(base_url=booth.url) as nobody:
        assert nobody.get(f"/v1/blobs/{sha256}").status_code == 401
        assert nobody.put(f"/v1/blobs/{sha256}", content=PHOTO).status_code == 401


def test_naming_a_hash_opens_nothing_without_the_content(booth: Booth) -> None:
    sha256 = booth.attach(PHOTO)
    booth.put(PHOTO)
    own = derived_id("account of the stranger")
    booth.run(STRANGER, "account.create", {"id": own, "values": {"name": "x"}})
    booth.attach(PHOTO, by=STRANGER, account_id=own)
    assert code(booth.get(sha256, by=STRANGER)) == (404, "blob_not_here")
    assert booth.head(sha256, by=STRANGER).headers["upload-offset"] == "0"
    answer = booth.put(b"", sha256, by=STRANGER, **{"Upload-Offset": str(len(PHOTO))})
    assert code(answer) == (409, "upload_offset")
    assert booth.put(PHOTO, by=STRANGER).status_code == 201
    assert booth.get(sha256, by=STRANGER).content == PHOTO
    assert len(booth.on_disk()) == 1


def test_access_is_looked_at_again_for_each_request(booth: Booth) -> None:
    sha256 = booth.attach(PHOTO)
    booth.put(PHOTO)
    (row_id,) = booth.rows(MANAGER)
    etag = booth.get(sha256).headers["etag"]
    booth.run(MANAGER, "attachment.delete", {"id": row_id})
    for person in (REP, MANAGER):
        assert booth.get(sha256, by=person, **{"If-None-Match": etag}).status_code == 404
    deleted_tx = next(iter(booth.rows(REP).values()))["deleted_tx"]
    booth.run(REP, "attachment.restore", {"id": row_id, "deleted_tx": deleted_tx})
    assert booth.get(sha256).content == PHOTO


def test_an_upload_goes_on_where_it_was(booth: Booth) -> None:
    sha256 = booth.attach(PHOTO)
    at = 0
    while at < len(PHOTO):
        head = booth.head(sha256)
        assert (head.headers["upload-offset"], head.headers["upload-complete"]) == (str(at), "?0")
        piece = PHOTO[at : at + 1_777]
        last = at + len(piece) == len(PHOTO)
        headers = {"Upload-Offset": str(at), "Upload-Complete": "?1" if last else "?0"}
        answer = booth.put(piece, sha256, **headers)
        assert answer.status_code == (201 if last else 204), answer.text
        at += len(piece)
        assert answer.headers["upload-offset"] == str(at)
    assert booth.head(sha256).headers["upload-complete"] == "?1"
    assert booth.get(sha256).content == PHOTO


def test_a_wrong_offset_is_told_the_right_one(booth: Booth) -> None:
    sha256 = booth.attach(PHOTO)
    booth.put(PHOTO[:1_000], sha256, **PART)
    for offset in (0, 999, 1_001):
        answer = booth.put(PHOTO[offset:], sha256, **{"Upload-Offset": str(offset)})
        assert code(answer) == (409, "upload_offset")
        assert (answer.headers["upload-offset"], answer.json()["params"]) == ("1000", {"offset": 1_000})


def cut(booth: Booth, sha256: str, content: bytes, offset: int, sent: int) -> None:
    """A PUT of everything from the offset on whose connection breaks after ``sent`` bytes of its body."""
    place = urlsplit(booth.url)
    token = booth.person(REP).headers["authorization"]
    head = (
        f"PUT /v1/blobs/{sha256} HTTP/1.1\r\nHost: {place.netloc}\r\nAuthorization: {token}\r\n"
        f"Upload-Offset: {offset}\r\nContent-Length: {len(content) - offset}\r\n\r\n"
    )
    with socket.create_connection((place.hostname, place.port)) as line:
        line.sendall(head.encode() + content[offset : offset + sent])
        # uvicorn drops what it has not handed on yet when it hears of the break.
        threading.Event().wait(0.3)


def wait_for_offset(booth: Booth, sha256: str, wanted: int) -> None:
    for _ in range(200):
        if booth.head(sha256).headers["upload-offset"] == str(wanted):
            return
        threading.Event().wait(0.02)
    raise AssertionError(f"the server never had {wanted} bytes")


def test_a_cut_anywhere_is_resumed_from_what_has_arrived(booth: Booth) -> None:
    sha256 = booth.attach(PHOTO)
    at = 0
    for sent in (1, 7, 500, 1_000, 2_048, len(PHOTO)):
        sent = min(sent, len(PHOTO) - at - 1)
        cut(booth, sha256, PHOTO, at, sent)
        at += sent
        wait_for_offset(booth, sha256, at)
        assert booth.get(sha256).status_code == 404
    assert booth.put(PHOTO[at:], sha256, **{"Upload-Offset": str(at)}).status_code == 201
    assert booth.get(sha256).content == PHOTO


def test_a_lost_answer_to_the_last_part_is_repeated(booth: Booth) -> None:
    sha256 = booth.attach(PHOTO)
    assert booth.put(PHOTO).status_code == 201
    answer = booth.put(PHOTO[-100:], sha256, **{"Upload-Offset": str(len(PHOTO) - 100)})
    assert (answer.status_code, answer.headers["upload-complete"]) == (204, "?1")


def test_a_second_row_with_the_same_content_is_seen_at_once(booth: Booth) -> None:
    booth.attach(PHOTO)
    booth.put(PHOTO)
    sha256 = booth.attach(PHOTO, file_name="again.png")
    assert booth.head(sha256).headers["upload-complete"] == "?1"
    assert booth.put(b"", sha256, **{"Upload-Offset": str(len(PHOTO))}).status_code == 204
    assert all(row["stored_at"] for row in booth.rows(MANAGER).values())


def test_other_content_than_announced_is_never_seen(booth: Booth) -> None:
    sha256 = booth.attach(PHOTO)
    other = PHOTO[:-1] + bytes([PHOTO[-1] ^ 1])
    assert code(booth.put(other, sha256)) == (422, "file_mismatch")
    assert code(booth.put(PHOTO[:-1], sha256)) == (422, "file_mismatch")
    assert booth.get(sha256).status_code == 404
    at = int(booth.head(sha256).headers["upload-offset"])
    assert booth.put(PHOTO[at:], sha256, **{"Upload-Offset": str(at)}).status_code == 201


def test_more_than_announced_is_cut_off(booth: Booth) -> None:
    sha256 = booth.attach(PHOTO)
    assert code(booth.put(PHOTO + b"x" * 100_000, sha256)) == (413, "file_mismatch")
    assert booth.put(PHOTO, sha256, **{"Upload-Offset": "0"}).status_code == 201


def test_every_allowed_type_is_taken(booth: Booth) -> None:
    for kind, content in GOOD.items():
        sha256 = booth.attach(content, kind)
        assert booth.put(content).status_code == 201, kind
        assert booth.get(sha256).headers["content-type"].startswith(kind)


def test_what_pretends_to_be_a_picture_is_refused_and_not_asked_for_again(booth: Booth) -> None:
    for name, (content, reason) in BAD.items():
        if not content:
            continue
        sha256 = booth.attach(content, "text/plain")
        assert code(booth.put(content)) == (422, reason), name
        assert code(booth.put(content)) == (422, reason), name
        assert booth.get(sha256).status_code == 404
    text = GOOD["text/plain"]
    booth.attach(text, "image/jpeg")
    assert code(booth.put(text)) == (422, "file_mismatch")
    assert not [name for name in booth.on_disk() if not name.startswith("parts/")]


def test_parallel_uploads_of_one_content_end_in_one_whole_file(booth: Booth) -> None:
    content = png(16, 16, extra=400_000)
    sha256 = booth.attach(content)
    authorization = booth.person(REP).headers["authorization"]
    answers: list[int] = []

    def send() -> None:
        headers = {"Authorization": authorization}
        answers.append(httpx.put(f"{booth.url}/v1/blobs/{sha256}", content=content, headers=headers).status_code)

    threads = [threading.Thread(target=send) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert set(answers) <= {201, 204, 409}
    if booth.head(sha256).headers["upload-complete"] != "?1":
        at = int(booth.head(sha256).headers["upload-offset"])
        assert booth.put(content[at:], sha256, **{"Upload-Offset": str(at)}).status_code == 201
    assert booth.get(sha256).content == content
    assert booth.on_disk() == [f"{sha256[:2]}/{sha256[2:4]}/{sha256}"]


def test_parts_of_a_file_can_be_asked_for(booth: Booth) -> None:
    sha256 = booth.attach(PHOTO)
    booth.put(PHOTO)
    answer = booth.get(sha256, Range="bytes=100-199")
    assert (answer.status_code, answer.content) == (206, PHOTO[100:200])
    assert answer.headers["content-range"] == f"bytes 100-199/{len(PHOTO)}"
    assert booth.get(sha256, Range="bytes=-10").content == PHOTO[-10:]
    assert booth.get(sha256, Range=f"bytes={len(PHOTO)}-").status_code == 416
    stale = booth.get(sha256, **{"Range": "bytes=0-9", "If-Range": '"other"'})
    assert (stale.status_code, stale.content) == (200, PHOTO)


@pytest.mark.parametrize(
    "headers",
    [{"Upload-Offset": "-1"}, {"Upload-Offset": "x"}, {"Upload-Complete": "yes"}, {"Content-Encoding": "gzip"}],
)
def test_headers_that_make_no_sense_are_refused(booth: Booth, headers: dict[str, str]) -> None:
    booth.attach(PHOTO)
    assert code(booth.put(PHOTO, **headers)) == (400, "upload_headers")


@pytest.mark.parametrize("path", ["", "x", "A" * 64, "../caravan.db", "%2e%2e/secret.keys", "0" * 63])
def test_what_is_no_hash_is_no_address(booth: Booth, path: str) -> None:
    assert booth.person(REP).get(f"/v1/blobs/{path}").status_code == 404
    assert booth.person(REP).post("/v1/blobs/" + "0" * 64).status_code == 405


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
