"""A shut-out device hands in the bytes of its attachments, over HTTP: its own, no others, and only for a while."""

import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import msgspec
import pytest

from server.security import handin
from shared.commands.quarantine import item_id
from shared.ids import derived_id
from tests.api.test_blob_bounds import collect
from tests.api.test_handin import Tablet, push, set_active, shut_out, unsent
from tests.support.booth import Booth, code
from tests.support.company import ACCOUNT, ADMIN, MANAGER, REP
from tests.support.files import GOOD, digest, jpeg
from tests.support.served import seed_people, served, settings_for

PHOTO, NOTE, OTHER = jpeg(40_000, seed=3), GOOD["audio/webm"] * 50, jpeg(9_000, seed=4)


@pytest.fixture
def desk(server: str, database_url: str, tmp_path: Path) -> Iterator[Booth]:
    """The server with the manager at it, on connections of their own."""
    made = Booth(server, database_url, tmp_path / "data")
    yield made
    for browser in made.people.values():
        browser.close()


@pytest.fixture
def tablet(server: str) -> Iterator["Locked"]:
    with Locked(server) as made:
        yield made


def file_id(content: bytes) -> str:
    return derived_id("file", digest(content))


def create(content: bytes, kind: str = "image/jpeg", **changes: Any) -> tuple[str, dict[str, Any]]:
    values = {"account_id": ACCOUNT, "file_name": "booth.jpg", "media_type": kind, "size": len(content)}
    return "attachment.create", {"id": file_id(content), "values": {**values, "sha256": digest(content), **changes}}


class Locked(Tablet):
    """The rep's device. Once it is shut out its ticket goes with every request."""

    pass_ = ""

    def carries(self, token: str) -> None:
        self.headers["Authorization"] = f"Bearer {token}"

    def shut(self, url: str, steps: int = 0) -> None:
        shut_out(url, self.session["device_id"], steps)
        self.asks()

    def asks(self) -> None:
        self.pass_ = self.ticket().json()["ticket"]
        self.carries(self.pass_)

    def hands_in(self, name: str, *commands: tuple[str, dict[str, Any]]) -> str:
        """One transaction; the id of the item that it becomes."""
        assert self.hand_in(self.pass_, unsent(name, *commands)).json() == {"taken": [derived_id("tx", name)]}
        return item_id(derived_id("tx", name))

    def sends(self, content: bytes, at: int = 0, to: int | None = None) -> httpx.Response:
        headers = {"Upload-Offset": str(at), "Upload-Complete": "?0" if to else "?1"}
        return self.put(f"/v1/blobs/{digest(content)}", content=content[at:to], headers=headers)

    def state(self, content: bytes) -> httpx.Response:
        return self.head(f"/v1/blobs/{digest(content)}")


def test_a_ticket_sends_the_content_of_own_rows_and_shows_nothing(desk: Booth, tablet: Locked) -> None:
    tablet.carries(tablet.session["access_token"])
    push(tablet, create(PHOTO))
    desk.attach(OTHER, "image/jpeg", by=MANAGER)
    tablet.shut(desk.url)
    assert tablet.state(PHOTO).headers["upload-offset"] == "0"
    begun = tablet.sends(PHOTO, 0, 10_000)
    assert (begun.status_code, begun.headers["upload-offset"]) == (204, "10000")
    assert tablet.sends(PHOTO, 10_000).status_code == 201
    assert tablet.state(PHOTO).headers["upload-complete"] == "?1"
    for refused in (tablet.state(OTHER), tablet.sends(OTHER), tablet.state(NOTE), tablet.sends(NOTE)):
        assert refused.status_code == 404, "somebody else's, and what nobody has named"
    for path in (f"/v1/blobs/{digest(PHOTO)}", "/v1/me"):
        assert tablet.get(path).status_code == 401, "it sends, and sees nothing"
    for token in (tablet.session["access_token"], ".".join((*tablet.pass_.split(".")[:2], "A" * 43)), "nothing"):
        tablet.carries(token)
        assert tablet.sends(PHOTO).status_code == 401 and tablet.state(PHOTO).status_code == 401
    assert desk.rows(MANAGER)[file_id(PHOTO)]["stored_at"] is not None
    assert desk.get(digest(PHOTO), by=MANAGER).content == PHOTO


@pytest.mark.parametrize("adopted", ["before", "after"])
def test_content_of_handed_in_work_is_there_when_a_manager_adopts_it(desk: Booth, tablet: Locked, adopted: str) -> None:
    tablet.shut(desk.url)
    assert tablet.sends(NOTE).status_code == 404, "nothing has named it yet"
    item = tablet.hands_in("note", create(NOTE, "audio/webm", seconds=42))
    if adopted == "before":
        desk.run(MANAGER, "quarantine.adopt", {"item_id": item})
        assert desk.rows(MANAGER)[file_id(NOTE)]["stored_at"] is None
    assert tablet.sends(NOTE, 0, 100).status_code == 204
    assert tablet.sends(NOTE, 100).status_code == 201
    assert tablet.sends(NOTE, len(NOTE)).status_code == 204, "the answer was lost: it is asked again"
    if adopted == "after":
        assert desk.get(digest(NOTE), by=MANAGER).status_code == 404, "no row shows it yet"
        desk.run(MANAGER, "quarantine.adopt", {"item_id": item})
    row = desk.rows(MANAGER)[file_id(NOTE)]
    assert (row["created_by"], row["seconds"]) == (MANAGER, 42) and row["stored_at"] is not None
    assert desk.get(digest(NOTE), by=MANAGER).content == NOTE


def test_content_waits_with_its_item_and_goes_when_the_work_is_left_undone(desk: Booth, tablet: Locked) -> None:
    tablet.shut(desk.url)
    item = tablet.hands_in("note", create(NOTE, "audio/webm"))
    assert tablet.sends(NOTE).status_code == 201
    assert collect(desk) == (0, 0), "a month later a manager may still adopt it"
    desk.run(MANAGER, "quarantine.dismiss", {"item_id": item, "reason": "twice"})
    assert collect(desk) == (0, 1)


def test_content_of_work_that_is_sealed_for_a_restricted_field_is_found_all_the_same(
    desk: Booth, tablet: Locked
) -> None:
    tablet.shut(desk.url)
    account = derived_id("account", "of the booth")
    secret = {"id": account, "values": {"name": "新客户", "bank_account": "6222 0000 1111"}}
    item = tablet.hands_in("secret", ("account.create", secret), create(NOTE, "audio/webm", account_id=account))
    assert tablet.sends(NOTE).status_code == 201
    assert collect(desk) == (0, 0), "a month later a manager may still adopt it"
    desk.run(MANAGER, "quarantine.adopt", {"item_id": item})
    assert desk.rows(MANAGER)[file_id(NOTE)]["stored_at"] is not None


def test_what_was_handed_in_by_another_device_is_not_this_ones(desk: Booth, tablet: Locked) -> None:
    tablet.shut(desk.url)
    tablet.hands_in("note", create(NOTE, "audio/webm"))
    with Locked(desk.url, steps=1) as phone:
        phone.shut(desk.url, 1)
        assert phone.sends(NOTE).status_code == 404
    assert tablet.sends(NOTE).status_code == 201


def test_a_claim_that_no_attachment_could_make_opens_nothing(desk: Booth, tablet: Locked) -> None:
    odd = ({"size": "many"}, {"size": -1}, {"size": 10**9}, {"size": None}, {"media_type": "text/html"}, {"sha256": 3})
    tablet.shut(desk.url)
    claims = [create(NOTE, "audio/webm", **values, note=digest(NOTE)) for values in odd]
    tablet.hands_in(
        "odd", *claims, ("attachment.create", {"id": digest(NOTE)}), ("account.create", {"id": digest(NOTE)})
    )
    assert tablet.state(NOTE).status_code == 404
    assert code(tablet.sends(NOTE)) == (404, "not_found")
    assert desk.on_disk() == []


def test_other_content_than_was_named_is_dropped(desk: Booth, tablet: Locked) -> None:
    tablet.shut(desk.url)
    page = b"<!DOCTYPE html><html></html>"
    tablet.hands_in("page", create(page, "text/plain"), create(PHOTO, size=len(PHOTO) + 5))
    assert code(tablet.sends(page)) == (422, "file_type")
    assert code(tablet.sends(PHOTO)) == (422, "file_mismatch")
    more = tablet.put(f"/v1/blobs/{digest(PHOTO)}", content=b"x" * 10, headers={"Upload-Offset": str(len(PHOTO))})
    assert code(more) == (413, "file_mismatch")
    assert not [name for name in desk.on_disk() if not name.startswith("parts/")]


def test_a_ticket_is_good_for_minutes_and_ends_with_the_lock_out(
    desk: Booth, tablet: Locked, monkeypatch: pytest.MonkeyPatch
) -> None:
    set_active(desk.url, False)
    tablet.asks()
    tablet.hands_in("photo", create(PHOTO))
    assert tablet.sends(PHOTO, 0, 5_000).status_code == 204
    monkeypatch.setattr(handin, "TICKET_MS", -1)
    tablet.asks()
    assert tablet.sends(PHOTO, 5_000).status_code == 401, "its time is over"
    monkeypatch.undo()
    tablet.asks()
    assert tablet.state(PHOTO).headers["upload-offset"] == "5000"
    set_active(desk.url, True)
    assert tablet.sends(PHOTO, 5_000).status_code == 401, "the user may sign in again"


def test_a_body_ends_with_its_ticket(desk: Booth, tablet: Locked, monkeypatch: pytest.MonkeyPatch) -> None:
    """Who drips a body gets no more time than the ticket has; what has arrived is kept for the next one."""
    tablet.shut(desk.url)
    tablet.hands_in("photo", create(PHOTO))
    monkeypatch.setattr(handin, "TICKET_MS", 1_500)
    tablet.asks()

    def drips() -> Iterator[bytes]:
        for at in range(0, 600, 100):
            yield PHOTO[at : at + 100]
            time.sleep(0.5)
        yield PHOTO[600:]

    answer = tablet.put(f"/v1/blobs/{digest(PHOTO)}", content=drips(), headers={"Upload-Offset": "0"})
    assert code(answer) == (408, "upload_slow")
    monkeypatch.undo()
    tablet.asks()
    at = int(tablet.state(PHOTO).headers["upload-offset"])
    assert 0 < at < len(PHOTO)
    assert tablet.sends(PHOTO, at).status_code == 201


def test_size_and_day_are_bounded_as_for_everybody(database_url: str, tmp_path: Path) -> None:
    seed_people(database_url, REP, MANAGER, ADMIN)
    bounds = {"blob_limit": 41_000, "blob_daily": 45_000}
    settings = msgspec.structs.replace(settings_for(database_url, tmp_path / "data"), **bounds)
    large = jpeg(50_000, seed=9)
    with served(settings) as url, Locked(url) as tablet:
        tablet.shut(url)
        tablet.hands_in("files", create(PHOTO), create(OTHER), create(large))
        assert code(tablet.sends(large)) == (413, "file_too_large")
        assert tablet.sends(PHOTO).status_code == 201
        assert code(tablet.sends(OTHER)) == (429, "upload_quota")
