"""The static handler over real HTTP."""

from __future__ import annotations

import gzip
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from server.api.static import StaticSite

SCRIPT = "console.log('商队');\n" * 200
PICTURE = bytes(range(256)) * 8


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory, serve) -> Iterator[httpx.Client]:
    """A client for a small site with every kind of file."""
    root = tmp_path_factory.mktemp("site")
    (root / "pictures").mkdir(parents=True)
    (root / "index.html").write_text("<!DOCTYPE html><title>Caravan</title>", encoding="utf-8")
    (root / "main.js").write_text(SCRIPT, encoding="utf-8")
    (root / "main.js.gz").write_bytes(gzip.compress(SCRIPT.encode()))
    (root / "pictures" / "tent.0123456789ab.webp").write_bytes(PICTURE)
    (root / "assets" / "fonts").mkdir(parents=True)
    (root / "assets" / "fonts" / "stand-in.woff2").write_bytes(b"wOF2")
    (root / "empty.txt").write_bytes(b"")
    (root / "build.txt").write_text("inputs=secret", encoding="utf-8")
    with serve(root) as (url, _), httpx.Client(base_url=url) as client:
        yield client


def test_a_file_arrives_whole_with_its_type(client: httpx.Client) -> None:
    answer = client.get("/main.js", headers={"accept-encoding": "identity"})
    assert answer.text == SCRIPT
    assert answer.headers["content-type"] == "text/javascript; charset=utf-8"
    assert "content-encoding" not in answer.headers


def test_the_compressed_twin_is_sent_to_who_accepts_it(client: httpx.Client) -> None:
    answer = client.get("/main.js", headers={"accept-encoding": "br, gzip"})
    assert answer.headers["content-encoding"] == "gzip"
    assert int(answer.headers["content-length"]) < len(SCRIPT) / 10
    assert answer.text == SCRIPT
    assert answer.headers["vary"] == "Accept-Encoding"


@pytest.mark.parametrize("accept", ["identity", "gzip;q=0", "br", ""])
def test_who_refuses_compression_gets_the_file_as_it_is(client: httpx.Client, accept: str) -> None:
    answer = client.get("/main.js", headers={"accept-encoding": accept})
    assert "content-encoding" not in answer.headers
    assert answer.text == SCRIPT


def test_an_unchanged_file_costs_a_304_without_body(client: httpx.Client) -> None:
    first = client.get("/main.js")
    again = client.get("/main.js", headers={"if-none-match": f'"other", W/{first.headers["etag"]}'})
    assert (again.status_code, again.content) == (304, b"")
    assert again.headers["etag"] == first.headers["etag"]
    assert client.get("/main.js", headers={"if-none-match": '"other"'}).status_code == 200


def test_each_encoding_has_its_own_etag(client: httpx.Client) -> None:
    plain = client.get("/main.js", headers={"accept-encoding": "identity"}).headers["etag"]
    assert plain != client.get("/main.js", headers={"accept-encoding": "gzip"}).headers["etag"]


@pytest.mark.parametrize(
    ("asked", "part", "content"),
    [
        ("bytes=0-9", "bytes 0-9/2048", PICTURE[:10]),
        ("bytes=2040-", "bytes 2040-2047/2048", PICTURE[2040:]),
        ("bytes=-5", "bytes 2043-2047/2048", PICTURE[-5:]),
        ("bytes=2000-9999", "bytes 2000-2047/2048", PICTURE[2000:]),
    ],
)
def test_a_range_gets_just_its_bytes(client: httpx.Client, asked: str, part: str, content: bytes) -> None:
    answer = client.get("/pictures/tent.0123456789ab.webp", headers={"range": asked})
    assert (answer.status_code, answer.headers["content-range"], answer.content) == (206, part, content)


def test_a_range_outside_the_file_is_refused_with_its_size(client: httpx.Client) -> None:
    answer = client.get("/pictures/tent.0123456789ab.webp", headers={"range": "bytes=5000-"})
    assert (answer.status_code, answer.headers["content-range"]) == (416, "bytes */2048")


def test_a_range_for_an_older_version_gets_the_whole_new_file(client: httpx.Client) -> None:
    headers = {"range": "bytes=0-9", "if-range": '"an-older-one"'}
    answer = client.get("/pictures/tent.0123456789ab.webp", headers=headers)
    assert (answer.status_code, answer.content) == (200, PICTURE)


def test_only_names_with_a_hash_are_kept_for_ever(client: httpx.Client) -> None:
    assert "immutable" in client.get("/pictures/tent.0123456789ab.webp").headers["cache-control"]
    for path in ("/", "/main.js"):
        assert client.get(path).headers["cache-control"] == "no-cache"


@pytest.mark.parametrize("path", ["/", "/customers", "/customers/0198/edit", "/v1beta"])
def test_a_route_of_the_app_gets_the_index(client: httpx.Client, path: str) -> None:
    answer = client.get(path)
    assert answer.status_code == 200
    assert "<title>Caravan" in answer.text


@pytest.mark.parametrize(
    "path", ["/v1/sync", "/health", "/missing.js", "/../pyproject.toml", "/build.txt", "/main.js.gz"]
)
def test_what_is_not_there_is_a_problem_and_never_the_index(client: httpx.Client, path: str) -> None:
    answer = client.get(path)
    assert answer.status_code == 404
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json()["status"] == 404


def test_a_font_that_is_not_shipped_is_answered_by_the_stand_in(client: httpx.Client) -> None:
    answer = client.get("/assets/fonts/notosansthai/v25/abc.woff2")
    assert (answer.status_code, answer.content, answer.headers["cache-control"]) == (200, b"wOF2", "no-cache")
    assert client.get("/assets/fonts/missing.woff2").status_code == 404


def test_head_says_the_same_without_a_body(client: httpx.Client) -> None:
    head, get = client.head("/main.js"), client.get("/main.js")
    assert (head.status_code, head.content) == (200, b"")
    assert head.headers["content-length"] == get.headers["content-length"]


def test_writing_is_not_allowed(client: httpx.Client) -> None:
    answer = client.post("/main.js", content=b"x")
    assert (answer.status_code, answer.headers["allow"]) == (405, "GET, HEAD")
    assert answer.json()["code"] == "method_not_allowed"


def test_an_empty_file_is_sent(client: httpx.Client) -> None:
    assert client.get("/empty.txt").content == b""


@pytest.mark.parametrize("path", ["/", "/main.js", "/missing.js"])
def test_every_answer_carries_the_security_headers(client: httpx.Client, path: str) -> None:
    headers = client.get(path).headers
    assert "microphone=(self)" in headers["permissions-policy"], "voice notes, of this site alone"
    policy = headers["content-security-policy"]
    assert "script-src 'self' 'wasm-unsafe-eval';" in policy
    assert "'unsafe-eval'" not in policy.replace("'wasm-unsafe-eval'", "")
    assert "connect-src 'self';" in policy
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["cross-origin-opener-policy"] == "same-origin"


def test_a_folder_without_a_web_app_is_told_at_start(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match="make web"):
        StaticSite(tmp_path)
