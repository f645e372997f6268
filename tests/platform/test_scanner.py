"""Scanning a card in a real Chromium: by a camera (a film of one), from a photo, and what is left without either."""

from __future__ import annotations

import io
from pathlib import Path

import pytest
import segno

from shared.rules import cards

CARD = "BEGIN:VCARD\nVERSION:3.0\nFN:陈立群\nORG:昆明驼铃山野旅行用品店\nTEL;TYPE=CELL:138 2660 4471\nEND:VCARD"
WORDS = {name: name for name in ("title", "hint", "photo", "type", "looking", "nothing", "denied", "no_camera")}
WATCHED = """() => {
  window.tracks = [];
  const opened = navigator.mediaDevices.getUserMedia.bind(navigator.mediaDevices);
  navigator.mediaDevices.getUserMedia = async (wish) => {
    const stream = await opened(wish);
    tracks.push(...stream.getTracks());
    return stream;
  };
}"""
CAMERAS = "() => tracks.map(track => track.readyState)"
CAMERA = ("--use-fake-device-for-media-stream", "--use-fake-ui-for-media-stream")
SCAN = "words => { window.scanned = import('/scanner.js').then(scanner => scanner.scan(words)); }"
TWICE = """words => {
  const scan = async () => (await import('/scanner.js')).scan(words);
  window.scanned = Promise.all([scan(), scan()]);
}"""
WIDTH, HEIGHT = 640, 480


def film(path: Path, content: bytes) -> Path:
    """One frame of a code in the middle, as YUV4MPEG2, which Chromium plays again and again as its camera."""
    matrix = [list(line) for line in segno.make(content, error="l", micro=False).matrix_iter(scale=5, border=4)]
    left, top = (WIDTH - len(matrix[0])) // 2, (HEIGHT - len(matrix)) // 2
    light = bytearray(b"\xc8" * (WIDTH * HEIGHT))
    for y, line in enumerate(matrix):
        at = (top + y) * WIDTH + left
        light[at : at + len(line)] = bytes(16 if dark else 235 for dark in line)
    grey = b"\x80" * (WIDTH * HEIGHT // 4)
    path.write_bytes(b"YUV4MPEG2 W640 H480 F10:1 Ip A1:1 C420jpeg\nFRAME\n" + bytes(light) + grey + grey)
    return path


def photo(content: str | bytes, **options: object) -> dict[str, object]:
    picture = io.BytesIO()
    segno.make(content, error="m", micro=False, **options).save(picture, kind="png", scale=6, border=4)
    return {"name": "card.png", "mimeType": "image/png", "buffer": picture.getvalue()}


@pytest.fixture
def open_scanner(fresh, site):
    def start(*flags: str, before: str = "() => {}"):
        page = fresh(flags=list(flags)).new_page()
        page.goto(site.url)
        if set(CAMERA) <= set(flags):
            page.evaluate(WATCHED)
        page.evaluate(before)
        page.evaluate(SCAN, WORDS)
        return page

    return start


def read(page) -> dict[str, str]:
    found = page.evaluate("scanned")
    assert found["status"] == "found"
    return cards.read(found["text"] or cards.decode(bytes(found["bytes"])))


def test_a_card_in_gb18030_before_the_camera_is_read(open_scanner, tmp_path):
    played = film(tmp_path / "card.y4m", CARD.encode("gb18030"))
    page = open_scanner(*CAMERA, f"--use-file-for-fake-video-capture={played}")
    assert read(page) == {"name": "陈立群", "company": "昆明驼铃山野旅行用品店", "phone": "138 2660 4471"}
    assert page.locator("dialog").count() == 0
    assert page.evaluate("document.querySelector('video')") is None
    assert page.evaluate(CAMERAS) == ["ended"]


def test_a_camera_that_cannot_be_shown_is_let_go(open_scanner):
    page = open_scanner(*CAMERA, before="() => { HTMLMediaElement.prototype.play = async () => { throw Error(); }; }")
    page.get_by_text("no_camera").wait_for()
    assert page.evaluate(CAMERAS) == ["ended"]
    page.get_by_role("button", name="type").click()
    assert page.evaluate("scanned") == {"status": "typed"}


def test_without_leave_for_the_camera_a_photo_is_read_or_one_types(open_scanner):
    page = open_scanner("--use-fake-device-for-media-stream", "--deny-permission-prompts")
    page.get_by_text("denied").wait_for()
    page.get_by_label("photo").set_input_files({**photo("x"), "buffer": b"no picture"})
    page.get_by_text("nothing").wait_for()
    # A code that names its character set is read by it.
    page.get_by_label("photo").set_input_files(photo(CARD, encoding="gb18030", eci=True))
    assert read(page)["name"] == "陈立群"
    page.evaluate(SCAN, WORDS)
    page.get_by_role("button", name="type").click()
    assert page.evaluate("scanned") == {"status": "typed"}


def test_without_a_camera_it_says_so_two_taps_open_one_dialog_and_escape_leads_back(open_scanner):
    page = open_scanner()
    page.get_by_text("no_camera").wait_for()
    page.get_by_label("photo").set_input_files(photo("MECARD:N:Berg,Anna;TEL:+49401234567;;"))
    assert read(page) == {"name": "Anna Berg", "phone": "+49401234567"}
    page.evaluate(TWICE, WORDS)
    page.locator("dialog", has_text="no_camera").last.wait_for()
    assert page.locator("dialog").count() == 1, "two taps open one dialog"
    page.keyboard.press("Escape")
    assert page.evaluate("scanned") == [{"status": "typed"}, {"status": "typed"}]
