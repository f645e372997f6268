"""Content of work that a changed view took from its author, over HTTP: he may send it, and nobody else may."""

import secrets
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from shared.commands.quarantine import item_id
from shared.ids import derived_id
from shared.protocol import Command, Transaction
from tests.api.test_blob_bounds import collect
from tests.api.test_handin_files import create, file_id
from tests.support.booth import Booth, code
from tests.support.company import ACCOUNT, COLLEAGUE, MANAGER, REP
from tests.support.files import GOOD, digest, jpeg
from tests.support.served import served_company

PHOTO, NOTE = jpeg(40_000, seed=3), GOOD["audio/webm"] * 50


@pytest.fixture
def desk(database_url: str, tmp_path: Path) -> Iterator[Booth]:
    with served_company(database_url, tmp_path / "data", REP, COLLEAGUE, MANAGER) as url:
        made = Booth(url, database_url, tmp_path / "data")
        made.run(MANAGER, "account.assign", {"id": ACCOUNT, "owner_id": COLLEAGUE})
        yield made
        for browser in made.people.values():
            browser.close()


def handed_over(desk: Booth, *commands: tuple[str, dict[str, Any]]) -> str:
    """The rep's work of before, which arrives now; the item that it becomes."""
    tx = derived_id("tx", secrets.token_hex(8))
    answer = desk.push(REP, Transaction(tx, 1, 1, [Command(*command) for command in commands]))
    assert answer.outcomes[0].problem is not None and answer.outcomes[0].problem.code == "handed_over"
    return item_id(tx)


def test_the_author_sends_it_in_parts_and_reads_nothing(desk: Booth) -> None:
    assert code(desk.put(PHOTO)) == (404, "not_found"), "nothing has named it yet"
    item = handed_over(desk, create(PHOTO))
    assert desk.head(digest(PHOTO)).headers["upload-offset"] == "0"
    begun = desk.put(PHOTO[:10_000], digest(PHOTO), **{"Upload-Offset": "0", "Upload-Complete": "?0"})
    assert (begun.status_code, begun.headers["upload-offset"]) == (204, "10000")
    assert desk.put(PHOTO[10_000:], digest(PHOTO), **{"Upload-Offset": "10000"}).status_code == 201
    assert desk.head(digest(PHOTO)).headers["upload-complete"] == "?1"
    assert desk.put(b"", digest(PHOTO), **{"Upload-Offset": str(len(PHOTO))}).status_code == 204, "a lost answer"
    for who in (REP, MANAGER, COLLEAGUE):
        assert desk.get(digest(PHOTO), by=who).status_code == 404, "no row shows it yet"
    desk.run(MANAGER, "quarantine.adopt", {"item_id": item})
    assert desk.rows(MANAGER)[file_id(PHOTO)]["stored_at"] is not None
    assert desk.get(digest(PHOTO), by=COLLEAGUE).content == PHOTO
    assert desk.get(digest(PHOTO), by=REP).status_code == 404, "the customer is another's"


def test_it_may_come_after_the_manager_has_adopted_the_work(desk: Booth) -> None:
    item = handed_over(desk, create(NOTE, "audio/webm", seconds=42))
    desk.run(MANAGER, "quarantine.adopt", {"item_id": item})
    assert desk.rows(MANAGER)[file_id(NOTE)]["stored_at"] is None
    assert desk.put(NOTE).status_code == 201
    assert desk.rows(MANAGER)[file_id(NOTE)]["stored_at"] is not None
    assert desk.get(digest(NOTE), by=COLLEAGUE).content == NOTE


def test_nobody_elses_and_nothing_that_was_left_undone(desk: Booth) -> None:
    item = handed_over(desk, create(PHOTO))
    for who in (MANAGER, COLLEAGUE):
        assert code(desk.put(PHOTO, by=who)) == (404, "not_found")
        assert desk.head(digest(PHOTO), by=who).status_code == 404
    desk.run(MANAGER, "quarantine.dismiss", {"item_id": item, "reason": "twice"})
    assert code(desk.put(PHOTO)) == (404, "not_found")
    assert desk.on_disk() == []


def test_it_waits_with_its_item_and_goes_when_the_work_is_left_undone(desk: Booth) -> None:
    item = handed_over(desk, create(NOTE, "audio/webm"))
    assert desk.put(NOTE).status_code == 201
    assert collect(desk) == (0, 0), "a month later a manager may still adopt it"
    desk.run(MANAGER, "quarantine.dismiss", {"item_id": item, "reason": "twice"})
    assert collect(desk) == (0, 1)
