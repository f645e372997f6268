"""Checksums on the device alone: what a missing field means, how much a slice does, and repair. Runs on the browser's
Python, too."""

from pathlib import Path

import msgspec
import pytest

from shared import protocol
from shared.access import Actor
from shared.catalog import ENTITIES
from shared.codec import encode_parts, from_wire, new_row, to_wire
from shared.digests import RANGES, Sums, canonical, defaults_of, digest_of, range_of
from tests.support.company import ACCOUNT, ORG, REP, TEAM, Company
from tests.support.devices import Phone


def whole(name: str) -> dict[str, object]:
    """A row's wire form with a value in every field."""
    entity = ENTITIES[name]
    return {field: f"{field} 值" for field in entity.fields} | {field: "1.5" for field in entity.decimals}


@pytest.mark.parametrize("name", [name for name, entity in ENTITIES.items() if entity.on_devices])
def test_an_older_app_and_a_newer_one_sum_alike(name: str) -> None:
    """For each field: it has not been there when the row was written, or the app does not know it."""
    entity, defaults = ENTITIES[name], defaults_of(name)
    blank = to_wire(entity, new_row(entity, {"id": "x", "org_id": ORG}))
    for field in entity.fields:
        older = {key: value for key, value in blank.items() if key != field}
        assert canonical(defaults, older) == canonical(defaults, to_wire(entity, from_wire(entity, older)))
        for body in (blank, whole(name)):
            # The app without the field keeps what came, as it came; the server leaves that alone, too.
            fewer = defaults.among(key for key in entity.fields if key != field)
            assert canonical(fewer, body) == canonical(fewer, msgspec.json.decode(msgspec.json.encode(body)))
            assert (field.encode() in canonical(fewer, body)) == (field in body)


def test_sums_do_not_depend_on_the_order_and_travel_as_they_are() -> None:
    rows = [(f"id{n}", digest_of("account", f"id{n}", n, b"{}")) for n in range(1_000)]
    one, other = Sums(), Sums()
    for row_id, digest in rows:
        one.add(row_id, digest)
    for row_id, digest in reversed(rows):
        other.add(row_id, digest)
    assert one.differing(other) == [] and len({range_of(row_id) for row_id, _ in rows}) > RANGES * 0.9
    again = Sums.decode(one.count, one.encode())
    assert (again.count, again.ranges) == (1_000, one.ranges) and len(one.encode()) < 2_800
    again.add("id1", 5)
    assert again.differing(one) == [range_of("id1")]
    for text in ("", "x", "AAAA"):
        with pytest.raises(ValueError, match=r"."):
            Sums.decode(1, text)


class Server:
    """One account and its sums, as the authority would send them."""

    def __init__(self, phone: Phone) -> None:
        self.phone = phone
        self.row = Company().rows["account", ACCOUNT]

    def answer(self, *puts: protocol.Put) -> None:
        """Answers the phone's next request: the page, and what it asks about its copy."""
        request = protocol.decode_request(self.phone.engine.build_request())
        check = None
        if request.check is not None and request.check.ranges:
            repairs = [
                protocol.Repair(bucket, place, [self.put()] if place == range_of(ACCOUNT) else [])
                for bucket, places in request.check.ranges.items()
                for place in places
            ]
            check = protocol.CheckAnswer(request.exchange_id, repairs=repairs)
        elif request.check is not None:
            sums = Sums()
            body = canonical(defaults_of("account"), to_wire(ENTITIES["account"], self.row))
            sums.add(ACCOUNT, digest_of("account", ACCOUNT, 3, body))
            digest = protocol.BucketDigest("org", sums.count, sums.encode())
            check = protocol.CheckAnswer(request.exchange_id, [digest])
        response = protocol.SyncResponse(status="ok", dataset="d", cursor="c", nonce="n", puts=[*puts], check=check)
        self.phone.engine.apply_response(protocol.encode(response))

    def put(self) -> protocol.Put:
        body, _ = encode_parts(ENTITIES["account"], self.row)
        return protocol.Put("account", ACCOUNT, 3, ["org"], msgspec.Raw(body))

    def check(self) -> str:
        """A whole check; how it ended."""
        self.phone.engine.checks.demand()
        while self.phone.engine.checks.running:
            self.answer()
            while self.phone.engine.upkeep():
                pass
        return self.phone.engine.checks.report.result


def test_a_damaged_row_is_found_and_mended_on_the_device(tmp_path: Path) -> None:
    phone = Phone(tmp_path / "app.db", Actor(REP, ORG, "rep", TEAM, None, 0))
    server = Server(phone)
    server.answer(server.put())
    assert server.check() == "clean" and phone.engine.checks.report.rows == 1
    for sql in (
        "UPDATE e_account SET name = CAST(x'e5b1ff' AS TEXT)",
        "UPDATE e_account SET tags = '{'",
        "DELETE FROM e_account",
        "UPDATE e_account SET id = 'other'",
        "UPDATE e_account SET _buckets = ',77,'",
        "UPDATE e_account SET rev = rev << 1",
    ):
        phone.store.connection.execute(sql)
        assert server.check() == "mended", sql
        assert phone.store.select("account", "1") == [server.row]
    phone.close()
