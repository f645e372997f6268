"""The bytes of attachments over HTTP: resumed at every cut, checked, shown to those who see the row and nobody else."""

import socket
import threading
from urllib.parse import urlsplit

import httpx
import pytest

from shared.ids import derived_id
from tests.support.booth import PART, PHOTO, Booth, code
from tests.support.company import MANAGER, REP, STRANGER
from tests.support.files import BAD, GOOD, digest, png


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
