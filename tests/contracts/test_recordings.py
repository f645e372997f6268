"""What older versions said on the wire, played to the present code: old clients, old servers, old files.

The recordings (``record.py`` tells how they were made) are never edited. Opaque words that only the server gives out,
nonce and cursor, are replaced by those that today's server gave in the same place; all else goes as it was recorded.
"""

import gzip
import importlib
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import msgspec
import pytest

from shared import protocol
from shared.codec import entity_named, to_wire
from sync.authority import dialects
from tests.contracts.record import FOLDER, HALF_TIME, record
from tests.support.company import REP, Company
from tests.support.databases import *  # noqa: F403
from tests.support.devices import Phone
from tests.support.stage import Exchanged, Stage, staged

VERSIONS = sorted(folder.name for folder in FOLDER.iterdir() if (folder / "exchanges.jsonl.gz").is_file())
Rows = dict[tuple[str, str], dict[str, Any]]
FORKED = "a copy of the device"


class Recording:
    """One version's recording. ``shapes``: the messages as that version declared them."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        lines = self.unpacked("exchanges.jsonl.gz").splitlines()
        self.exchanges = [msgspec.json.decode(line, type=Exchanged) for line in lines]
        self.half = next(n for n, exchanged in enumerate(self.exchanges) if exchanged.note == HALF_TIME)
        self.shapes: ModuleType = importlib.import_module(f"tests.contracts.recordings.{folder.name}.messages")

    def unpacked(self, name: str) -> bytes:
        return gzip.decompress((self.folder / name).read_bytes())

    def device_file(self, folder: Path) -> Path:
        """The rep's local file, as that version left it."""
        path = folder / "device.db"
        path.write_bytes(self.unpacked("device.db.gz"))
        return path

    def of_the_device(self) -> list[Exchanged]:
        """What went on between the device of the local file and its server."""
        after = self.exchanges[self.half :]
        end = next(n for n, exchanged in enumerate(after) if exchanged.note.startswith(FORKED))
        return [exchanged for exchanged in after[:end] if exchanged.who == "rep"]


@pytest.fixture(params=VERSIONS)
def recording(request: pytest.FixtureRequest) -> Recording:
    return Recording(FOLDER / request.param)


class Held:
    """The rows that a client of the recorded version holds; it knows no shapes but its own."""

    def __init__(self) -> None:
        self.rows: Rows = {}
        self._revs: dict[tuple[str, str], int] = {}
        self._buckets: dict[tuple[str, str], list[str]] = {}

    def take(self, answer: Any) -> None:
        for bucket in answer.drops:
            for key, buckets in list(self._buckets.items()):
                self._buckets[key] = [name for name in buckets if name != bucket]
                if not self._buckets[key]:
                    self._forget(key)
        for part in [*answer.outcomes, answer]:
            for put in part.puts:
                key = (put.entity, put.id)
                if put.rev >= self._revs.get(key, 0):
                    self._revs[key], self._buckets[key] = put.rev, put.buckets
                    self.rows[key] = msgspec.json.decode(put.row)
            for remove in part.removes:
                if remove.rev >= self._revs.get((remove.entity, remove.id), 0):
                    self._forget((remove.entity, remove.id))

    def _forget(self, key: tuple[str, str]) -> None:
        for kept in (self.rows, self._revs, self._buckets):
            kept.pop(key, None)


class Replay:
    """Old clients against today's server."""

    def __init__(self, stage: Stage, recording: Recording, *, pulls: bool = True) -> None:
        self.stage = stage
        self.pulls = pulls
        self.shapes = recording.shapes
        self.then: dict[str, Held] = {}
        self.now: dict[str, Held] = {}
        self._given: dict[str, str] = {}
        """Recorded nonces and cursors → today's."""

    def skip(self, exchanged: Exchanged) -> None:
        """It happened before today's server took over."""
        if not exchanged.lost and exchanged.request is not None:
            answer = self.shapes.decode_response(exchanged.answer)
            for held in (self.then, self.now):
                held.setdefault(exchanged.who, Held()).take(answer)

    def play(self, exchanged: Exchanged) -> None:
        self.stage.clock.value = exchanged.at
        body = None if exchanged.request is None else self._as_given(exchanged.request).encode()
        response = self.stage.send(exchanged.who, self._as_given(exchanged.path), body)
        assert response.status_code == exchanged.status, response.text
        if body is None and self.pulls:
            assert msgspec.json.decode(response.content) == msgspec.json.decode(exchanged.answer)
        if body is None:
            return
        now, then = self.shapes.decode_response(response.content), self.shapes.decode_response(exchanged.answer)
        assert now.status == ("upgrade" if then.status == "ok" and not self.pulls else then.status), exchanged.note
        assert now.dataset == then.dataset and now.epoch == then.epoch
        assert [verdict(outcome) for outcome in now.outcomes] == [verdict(outcome) for outcome in then.outcomes]
        for todays, recorded in zip(now.outcomes, then.outcomes, strict=True):
            assert rows_of(recorded) <= rows_of(todays), exchanged.note
            assert {(r.entity, r.id) for r in recorded.removes} <= {(r.entity, r.id) for r in todays.removes}
        if not exchanged.lost:
            self.then.setdefault(exchanged.who, Held()).take(then)
            self.now.setdefault(exchanged.who, Held()).take(now)
            self._given |= {then.nonce: now.nonce, then.cursor: now.cursor}

    def _as_given(self, text: str) -> str:
        for recorded, todays in self._given.items():
            if recorded:
                text = text.replace(recorded, todays)
        return text

    def check(self) -> None:
        """Every client ends with the rows that it ended with then; today's may have more fields, and more rows."""
        assert self.then
        for who, held in self.then.items():
            for key, row in held.rows.items():
                assert shown(self.now[who].rows[key], row) == row, (who, key)


def verdict(outcome: Any) -> tuple[Any, ...]:
    problem = outcome.problem
    told = (problem.code, problem.field) if problem else None
    return outcome.tx_id, outcome.status, told, sorted(outcome.conflicts)


def rows_of(outcome: Any) -> set[tuple[str, str]]:
    return {(put.entity, put.id) for put in outcome.puts}


def shown(row: dict[str, Any], like: dict[str, Any]) -> dict[str, Any]:
    """Of the row, the fields that the recorded version had."""
    return {name: row[name] for name in like}


@pytest.fixture
def stage(database_url: str, tmp_path: Path) -> Iterator[Stage]:
    """Today's server with the small company, as it was before anything was recorded."""
    with staged(database_url, tmp_path / "data") as opened:
        yield opened


def test_recorded_clients_get_the_same_verdicts_and_rows_from_todays_server(recording: Recording, stage: Stage) -> None:
    replay = Replay(stage, recording)
    for exchanged in recording.exchanges:
        replay.play(exchanged)
    replay.check()


def test_recorded_clients_that_are_too_old_to_pull_still_push_and_get_their_rows(
    recording: Recording, stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As it will be when the present server's successors no longer send pages to this version."""
    monkeypatch.setattr(dialects, "OLDEST_PULLING", protocol.PROTOCOL_VERSION + 1)
    replay = Replay(stage, recording, pulls=False)
    for exchanged in recording.exchanges:
        replay.play(exchanged)


def server_file(recording: Recording, folder: Path) -> str:
    """URL of the recorded version's server database."""
    path = folder / "server.db"
    path.write_bytes(recording.unpacked("server.db.gz"))
    return f"sqlite:///{path}"


def test_an_updated_server_goes_on_with_recorded_clients_where_the_old_one_stopped(
    recording: Recording, tmp_path: Path
) -> None:
    """The first requests after the update carry nonces and cursors of the old version, byte for byte."""
    with staged(server_file(recording, tmp_path), tmp_path / "data", seed=False) as stage:
        replay = Replay(stage, recording)
        for exchanged in recording.exchanges[: recording.half]:
            replay.skip(exchanged)
        for exchanged in recording.exchanges[recording.half :]:
            replay.play(exchanged)
        replay.check()


def updated_device(recording: Recording, folder: Path) -> Phone:
    """Today's app on the recorded version's local file."""
    install_id = recording.shapes.decode_request(recording.of_the_device()[0].request).install_id
    actor = Company().actor(REP)
    return Phone(recording.device_file(folder), actor, seed=9, app_version="99.0.0", install_id=install_id)


def check_device(recording: Recording, phone: Phone) -> None:
    assert phone.store.outbox() == [] and phone.store.shadows() == []
    after = msgspec.json.decode(recording.unpacked("device_after.json.gz"))
    assert any(after.values())
    for entity, rows in after.items():
        todays = {row["id"]: row for row in phone.store.select(entity, "1")}
        assert todays.keys() == {row["id"] for row in rows}
        for row in rows:
            assert shown(to_wire(entity_named(entity), todays[row["id"]]), row) == row


def test_an_updated_app_understands_the_answers_of_an_older_server(recording: Recording, tmp_path: Path) -> None:
    """During a rollout. What waits in the outbox goes out byte for byte as the old app would have sent it."""
    phone = updated_device(recording, tmp_path)
    for exchanged in recording.of_the_device():
        request = protocol.decode_request(phone.engine.build_request())
        recorded = recording.shapes.decode_request(exchanged.request)
        assert [(tx.seq, bytes(tx.payload)) for tx in request.txs] == [
            (tx.seq, bytes(tx.payload)) for tx in recorded.txs
        ]
        assert not phone.engine.apply_response(exchanged.answer.encode()).ignored
    check_device(recording, phone)


def test_an_updated_app_and_an_updated_server_go_on(recording: Recording, tmp_path: Path) -> None:
    phone = updated_device(recording, tmp_path)
    with staged(server_file(recording, tmp_path), tmp_path / "data", seed=False) as stage:
        stage.clock.value = recording.exchanges[recording.half].at
        more = True
        while more:
            answer = stage.send("rep", "/v1/sync", phone.engine.build_request())
            report = phone.engine.apply_response(answer.content)
            assert report.status == "ok"
            more = report.more
    check_device(recording, phone)


def test_the_present_version_can_be_recorded(tmp_path: Path) -> None:
    record(tmp_path)
    assert {path.name for path in tmp_path.iterdir()} == {path.name for path in (FOLDER / VERSIONS[0]).glob("*.*")}
    shapes: dict[str, Any] = {}
    exec((tmp_path / "messages.py").read_text(encoding="utf-8"), shapes)
    lines = gzip.decompress((tmp_path / "exchanges.jsonl.gz").read_bytes()).splitlines()
    exchanges = [msgspec.json.decode(line, type=Exchanged) for line in lines]
    told = {shapes["decode_response"](each.answer).status for each in exchanges if each.request is not None}
    assert told == {"ok", "fork", "reset", "revoked"}
