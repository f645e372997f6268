"""Bytes of attachments on the device: what only this device has is never dropped, the rest is a bounded cache."""

import random
import sqlite3
from pathlib import Path

import pytest

from mobile.store import blobs
from mobile.store.blobs import BlobShelf
from shared.errors import CaravanError, LimitExceeded
from tests.support.company import ACCOUNT, MANAGER, REP, Company
from tests.support.devices import START_MS, Phone
from tests.support.files import digest, jpeg

DAY = 86_400_000


@pytest.fixture
def phone(tmp_path: Path) -> Phone:
    made = Phone(tmp_path / "app.db", Company().actor(REP))
    company = Company()
    with made.store.transaction():
        for entity in ("user", "account"):
            for row in company.all(entity):
                made.store.put(entity, row, 1)
    return made


@pytest.fixture
def shelf(phone: Phone) -> BlobShelf:
    return BlobShelf(phone.store)


def attach(phone: Phone, content: bytes) -> str:
    """Content and its row, as the app does it: the bytes first."""
    sha256, row_id = digest(content), phone.engine.new_id()
    BlobShelf(phone.store).keep(sha256, content, phone.clock.now_ms(), own=True)
    values = {"account_id": ACCOUNT, "file_name": "a.jpg", "media_type": "image/jpeg"}
    values |= {"size": len(content), "sha256": sha256}
    phone.engine.run([("attachment.create", {"id": row_id, "values": values})])
    return row_id


def arrive(phone: Phone, row_id: str, **changes: object) -> None:
    """The server's version of the row comes with a pull."""
    row = phone.store.get("attachment", row_id)
    assert row is not None
    with phone.store.transaction():
        phone.store.put("attachment", {**row, **changes}, 7)


def answered(phone: Phone, content: bytes) -> None:
    """The transaction that names the content has its outcome."""
    for entry in phone.store.outbox():
        if digest(content).encode() in entry.payload:
            with phone.store.transaction():
                phone.store.log_sent(entry, phone.install_id, "accepted", None, START_MS)
                phone.store.outbox_remove(entry.tx_id)


def test_content_comes_back_as_it_was_whole_and_in_parts(phone: Phone, shelf: BlobShelf) -> None:
    chance = random.Random(3)
    content = chance.randbytes(blobs.PIECE_BYTES * 3 + 17)
    shelf.keep(digest(content), content, START_MS, own=True)
    phone.restart()
    shelf = BlobShelf(phone.store)
    assert shelf.whole(digest(content), START_MS) == content
    for _ in range(50):
        offset, length = chance.randrange(len(content)), chance.randrange(1, len(content))
        assert shelf.read(digest(content), offset, length) == content[offset : offset + length]
    assert shelf.read(digest(content), len(content), 10) == b""
    assert shelf.whole(digest(b"other"), START_MS) is None


def test_the_queue_is_what_rows_and_bytes_say_and_survives_a_kill(phone: Phone, shelf: BlobShelf) -> None:
    first, second = attach(phone, jpeg(seed=1)), attach(phone, jpeg(seed=2))
    phone.restart()
    shelf = BlobShelf(phone.store)
    assert [(item.id, item.ready) for item in shelf.waiting(REP)] == [(first, False), (second, False)]
    arrive(phone, first)
    assert [item.ready for item in shelf.waiting(REP)] == [True, False]
    arrive(phone, first, stored_at=START_MS)
    assert [item.id for item in shelf.waiting(REP)] == [second]
    phone.engine.run([("attachment.delete", {"id": second})])
    assert shelf.waiting(REP) == []


def test_another_users_rows_are_nobodys_upload_here(phone: Phone, shelf: BlobShelf) -> None:
    row_id = attach(phone, jpeg())
    arrive(phone, row_id, created_by=MANAGER)
    assert shelf.waiting(REP) == []


def test_the_cache_is_bounded_and_own_unsent_bytes_stay(
    phone: Phone, shelf: BlobShelf, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(blobs, "CACHE_BYTES", 10_000)
    own = jpeg(8_000, seed=99)
    attach(phone, own)
    refused = jpeg(8_000, seed=98)
    shelf.keep(digest(refused), refused, START_MS, own=True)
    seen = [jpeg(3_000, seed=n) for n in range(6)]
    for at, content in enumerate(seen):
        shelf.keep(digest(content), content, START_MS + at, own=False)
    assert shelf.has(digest(own)) and shelf.has(digest(refused))
    assert [shelf.has(digest(content)) for content in seen] == [False, False, False, True, True, True]
    shelf.whole(digest(seen[3]), START_MS + 100)
    shelf.keep(digest(seen[0]), seen[0], START_MS + 200, own=False)
    assert [shelf.has(digest(content)) for content in seen] == [True, False, False, True, False, True]
    assert shelf.usage()["own"] == len(own)


def test_own_bytes_become_cache_when_the_server_has_them(
    phone: Phone, shelf: BlobShelf, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(blobs, "CACHE_BYTES", 5_000)
    own, other = jpeg(4_000, seed=1), jpeg(4_000, seed=2)
    arrive(phone, attach(phone, own), stored_at=START_MS)
    shelf.keep(digest(other), other, phone.clock.now_ms() + DAY, own=False)
    assert (shelf.has(digest(own)), shelf.has(digest(other))) == (False, True)


def test_too_much_that_waits_is_refused_in_words_and_changes_nothing(
    phone: Phone, shelf: BlobShelf, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(blobs, "OWN_BYTES", 10_000)
    attach(phone, jpeg(8_000))
    with pytest.raises(LimitExceeded) as caught:
        attach(phone, jpeg(4_000, seed=2))
    assert caught.value.code == "device_storage_full"
    assert phone.store.count("attachment") == 1


def test_a_full_disk_is_said_and_leaves_no_half_file(phone: Phone, shelf: BlobShelf) -> None:
    pages = phone.store.query("PRAGMA page_count")[0]["page_count"]
    phone.store.connection.execute(f"PRAGMA max_page_count = {pages + 20}")
    content = random.Random(1).randbytes(500_000)
    with pytest.raises(CaravanError) as caught:
        attach(phone, content)
    assert caught.value.code == "device_storage_full"
    assert not shelf.has(digest(content))
    assert phone.store.query("SELECT count(*) AS n FROM blob_piece") == [{"n": 0}]
    phone.engine.run([("account.patch", {"id": ACCOUNT, "base": {"city": ""}, "values": {"city": "杭州"}})])


def test_staged_content_is_seen_with_its_row_or_not_at_all(phone: Phone, shelf: BlobShelf) -> None:
    content = random.Random(5).randbytes(blobs.PIECE_BYTES * 2 + 5)
    sha256 = digest(content)
    for _ in shelf.staging(sha256, content, own=True):
        assert not shelf.has(sha256)
    shelf.sweep(START_MS)
    values = {"account_id": ACCOUNT, "file_name": "a.bin", "media_type": "image/jpeg"}
    values |= {"size": len(content), "sha256": sha256}
    refused = [
        ("attachment.create", {"id": phone.engine.new_id(), "values": {**values, "account_id": phone.engine.new_id()}})
    ]
    with pytest.raises(CaravanError):
        phone.engine.run(refused, beside=lambda: shelf.publish(sha256, content, START_MS, own=True))
    assert not shelf.has(sha256) and phone.store.count("attachment") == 0
    good = [("attachment.create", {"id": phone.engine.new_id(), "values": values})]
    with pytest.raises(ZeroDivisionError):
        phone.engine.run(good, beside=lambda: [shelf.publish(sha256, content, START_MS, own=True), 1 / 0])  # type: ignore[arg-type,return-value]
    assert not shelf.has(sha256) and phone.store.count("attachment") == 0 and phone.store.outbox() == []
    phone.engine.run(good, beside=lambda: shelf.publish(sha256, content, START_MS, own=True))
    phone.restart()
    assert BlobShelf(phone.store).whole(sha256, START_MS) == content


def test_staged_leftovers_go_when_somebody_changes_his_mind_or_at_the_next_start(
    phone: Phone, shelf: BlobShelf
) -> None:
    dropped, left, kept = (random.Random(n).randbytes(blobs.PIECE_BYTES + 5) for n in range(3))
    for content in (dropped, left):
        for _ in shelf.staging(digest(content), content, own=True):
            pass
    attach(phone, kept)
    shelf.forget(digest(dropped))
    pieces = "SELECT DISTINCT sha256 FROM blob_piece ORDER BY sha256"
    assert [row["sha256"] for row in phone.store.query(pieces)] == sorted([digest(left), digest(kept)])
    phone.restart()
    shelf = BlobShelf(phone.store)
    shelf.sweep(START_MS)
    assert [row["sha256"] for row in phone.store.query(pieces)] == [digest(kept)]
    assert shelf.read(digest(kept), 0, len(kept)) == kept
    shelf.keep(digest(dropped), dropped, START_MS, own=True)
    assert shelf.whole(digest(dropped), START_MS) == dropped


def test_other_work_comes_between_the_pieces_of_a_large_file(phone: Phone, shelf: BlobShelf) -> None:
    content = random.Random(6).randbytes(blobs.PIECE_BYTES * 4)
    steps = 0
    for _ in shelf.staging(digest(content), content, own=True):
        steps += 1
        values = {"account_id": ACCOUNT, "name": f"王 {steps}"}
        phone.engine.run([("contact.create", {"id": phone.engine.new_id(), "values": values})])
    assert steps == 4 == len(phone.store.outbox())


def test_what_only_this_device_has_is_told_with_whether_somebody_wants_it(phone: Phone, shelf: BlobShelf) -> None:
    waiting, sent, stored, removed, orphan = (jpeg(seed=n) for n in range(5))
    for content in (waiting, stored):
        row_id = attach(phone, content)
    arrive(phone, row_id, stored_at=START_MS)
    answered(phone, stored)
    arrive(phone, attach(phone, sent))
    gone = attach(phone, removed)
    arrive(phone, gone, deleted_at=START_MS)
    answered(phone, removed)
    shelf.keep(digest(orphan), orphan, START_MS + DAY, own=True)
    shelf.keep("c" * 64, b"of somebody else", START_MS, own=False)
    wanted = {held.sha256: held.wanted for held in shelf.only_here()}
    assert wanted == {digest(waiting): True, digest(sent): True, digest(removed): False, digest(orphan): False}
    assert shelf.only_here()[0].sha256 == digest(waiting)
    shelf.handed_in(digest(waiting))
    assert digest(waiting) not in {held.sha256 for held in shelf.only_here()}
    # The same content once more, in work that is no row anywhere yet: whoever adopts it wants the content there too.
    again = {"account_id": ACCOUNT, "file_name": "booth.jpg", "media_type": "image/jpeg", "size": len(stored)}
    values = {**again, "sha256": digest(stored)}
    phone.engine.run([("attachment.create", {"id": phone.engine.new_id(), "values": values})])
    assert digest(stored) in {held.sha256 for held in shelf.only_here() if held.wanted}


def test_a_month_later_only_what_nothing_names_is_swept(phone: Phone, shelf: BlobShelf) -> None:
    waiting, removed, orphan, refused = (jpeg(seed=n) for n in range(4))
    attach(phone, waiting)
    gone = attach(phone, removed)
    arrive(phone, gone, deleted_at=START_MS)
    for content in (orphan, refused):
        shelf.keep(digest(content), content, START_MS, own=True)
    answered(phone, removed)
    conflict = {"id": phone.engine.new_id(), "org_id": phone.actor.org_id, "kind": "rejection", "tx_id": "x"}
    from shared.catalog import ENTITIES
    from shared.codec import new_row

    with phone.store.transaction():
        payload = [{"name": "attachment.create", "args": {"values": {"sha256": digest(refused)}}}]
        phone.store.put("conflict", new_row(ENTITIES["conflict"], {**conflict, "payload": payload}), 3)
    shelf.sweep(START_MS + 29 * DAY)
    assert all(shelf.has(digest(content)) for content in (waiting, removed, orphan, refused))
    shelf.sweep(START_MS + 40 * DAY)
    kept = [shelf.has(digest(content)) for content in (waiting, removed, orphan, refused)]
    assert kept == [True, False, False, True]


def test_another_error_of_the_disk_is_not_called_full(phone: Phone, shelf: BlobShelf) -> None:
    phone.store.connection.execute("PRAGMA query_only = ON")
    with pytest.raises(sqlite3.OperationalError):
        shelf.keep(digest(b"x"), b"x", START_MS, own=True)


def held(phone: Phone, shelf: BlobShelf, content: bytes, at: int) -> None:
    """Staged, and named by the draft of a form."""
    for _ in shelf.staging(digest(content), content, own=True):
        pass
    with phone.store.transaction():
        phone.store.save_draft("files:a form", blobs.HELD, {"files": [{"sha256": digest(content)}]}, at)


def test_what_a_form_holds_outlives_restarts_until_it_is_given_up_or_a_month_old(
    phone: Phone, shelf: BlobShelf, monkeypatch: pytest.MonkeyPatch
) -> None:
    content = random.Random(8).randbytes(blobs.PIECE_BYTES * 2 + 5)
    sha256, pieces = digest(content), "SELECT count(*) AS n FROM blob_piece"
    held(phone, shelf, content, START_MS)
    phone.restart()
    shelf = BlobShelf(phone.store)
    shelf.sweep(START_MS + 29 * DAY)
    assert shelf.staged(sha256) == content and not shelf.has(sha256)
    shelf.forget(sha256)
    assert phone.store.query(pieces) == [{"n": 3}], "another form may have the same content"
    monkeypatch.setattr(blobs, "OWN_BYTES", len(content) + 1_000)
    with pytest.raises(LimitExceeded):
        shelf.keep(digest(b"x" * 2_000), b"x" * 2_000, START_MS, own=True)
    shelf.sweep(START_MS + 31 * DAY)
    assert phone.store.query(pieces) == [{"n": 0}] and phone.store.draft("files:a form") is None
    shelf.keep(digest(b"x" * 2_000), b"x" * 2_000, START_MS, own=True)


def test_what_a_form_holds_is_not_dropped_as_cache(
    phone: Phone, shelf: BlobShelf, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(blobs, "CACHE_BYTES", 5_000)
    same, other = jpeg(4_000, seed=1), jpeg(4_000, seed=2)
    shelf.keep(digest(same), same, START_MS, own=False)
    held(phone, shelf, same, START_MS)
    shelf.keep(digest(other), other, START_MS + 1, own=False)
    assert shelf.staged(digest(same)) == same
