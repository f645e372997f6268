"""Voice notes in a real Chromium: its test microphone beeps, the note is kept or given up, and it can be played."""

from __future__ import annotations

import re

import pytest

from shared.rules.media import detect

NAMES = ("title", "waiting", "recording", "silent", "limit", "lost", "stopped", "denied", "missing", "unsupported",
         "stop", "keep", "discard", "close")  # fmt: skip
WORDS = {name: name for name in NAMES}
SECONDS = re.compile(r"0:0[1-9]")
MICROPHONE = ("--use-fake-device-for-media-stream", "--use-fake-ui-for-media-stream",
              "--autoplay-policy=no-user-gesture-required")  # fmt: skip
WATCHED = """() => {
  window.tracks = [];
  const opened = navigator.mediaDevices.getUserMedia.bind(navigator.mediaDevices);
  navigator.mediaDevices.getUserMedia = async (wish) => {
    const stream = await opened(wish);
    tracks.push(...stream.getTracks());
    return stream;
  };
}"""
RECORD = """([words, limit]) => {
  window.spoken = import('/recorder.js').then(recorder => recorder.record(words, limit, false));
}"""
TWICE = """async ([words, limit]) => {
  const {record} = await import('/recorder.js');
  window.spoken = record(words, limit, false);
  return await record(words, limit, false);
}"""
ENDED = """async () => {
  const {bytes, ...told} = await spoken;
  return {...told, bytes: bytes ? Array.from(bytes) : null, tracks: tracks.map(track => track.readyState)};
}"""
PLAY = """async (wanted) => {
  const player = await import('/player.js'), {bytes, mime} = await spoken;
  window.told = [];
  window.caravanPage.emit = (event) => told.push(event);
  const until = async (state) => {
    while (!told.some((event) => event.state === state)) await new Promise((resolve) => setTimeout(resolve, 50));
  };
  await player.play('note', mime, bytes);
  await until('playing');
  if (wanted === 'paused') player.pause();
  await until(wanted);
  return told;
}"""


@pytest.fixture
def open_recorder(fresh, site):
    def start(*flags: str, limit: float = 300, before: str = "() => {}"):
        page = fresh(flags=list(flags)).new_page()
        page.goto(site.url)
        if MICROPHONE[0] in flags:
            page.evaluate(WATCHED)
        page.evaluate(before)
        page.evaluate(RECORD, [WORDS, limit])
        return page

    return start


def test_a_note_is_recorded_and_played_and_the_microphone_let_go(open_recorder):
    page = open_recorder(*MICROPHONE)
    page.get_by_text("recording").wait_for()
    page.get_by_text(SECONDS).wait_for()
    page.get_by_role("button", name="stop").click()
    note = page.evaluate(ENDED)
    assert note["status"] == "recorded" and note["seconds"] >= 1
    assert detect(bytes(note["bytes"])) == note["mime"] == "audio/webm"
    assert note["tracks"] == ["ended"] and page.locator("dialog").count() == 0
    told = page.evaluate(PLAY, "paused")
    assert {event["key"] for event in told} == {"note"}
    assert page.evaluate(PLAY, "ended")[-1]["state"] == "ended"
    assert page.evaluate(TWICE, [WORDS, 300]) == {"status": "discarded"}  # two quick taps are one recorder
    page.get_by_text("recording").wait_for()
    assert page.locator("dialog").count() == 1
    page.get_by_role("button", name="discard").click()
    assert page.evaluate(ENDED)["status"] == "discarded"


@pytest.mark.parametrize("why", ["limit", "lost", "stopped"])
def test_what_ends_a_recording_by_itself_loses_nothing(open_recorder, why):
    page = open_recorder(*MICROPHONE, limit=1.5 if why == "limit" else 300)
    page.get_by_text(SECONDS if why != "limit" else "limit").wait_for()
    if why == "lost":
        page.evaluate("tracks.forEach((track) => { track.stop(); track.dispatchEvent(new Event('ended')); })")
    if why == "stopped":
        page.keyboard.press("Escape")
    page.get_by_text(why).wait_for()
    if why == "stopped":
        page.keyboard.press("Escape")  # it closes, and keeps it
    else:
        page.get_by_role("button", name="keep").click()
    note = page.evaluate(ENDED)
    assert note["status"] == "recorded" and note["seconds"] >= 1
    assert detect(bytes(note["bytes"])) == "audio/webm"


@pytest.mark.parametrize(
    ("flags", "before", "why"),
    [
        (("--use-fake-device-for-media-stream", "--deny-permission-prompts"), "() => {}", "denied"),
        ((), "() => {}", "missing"),
        (MICROPHONE, "() => { delete window.MediaRecorder; }", "unsupported"),
    ],
)
def test_without_a_microphone_it_says_why_and_leads_back(open_recorder, flags, before, why):
    page = open_recorder(*flags, before=before)
    page.get_by_text(why).wait_for()
    page.get_by_role("button", name="close").click()
    assert page.evaluate("spoken") == {"status": "refused", "reason": why}
    assert page.locator("dialog").count() == 0


def test_a_browser_that_cannot_measure_the_level_records_all_the_same(open_recorder):
    broken = "() => { window.AudioContext = class { constructor() { throw new Error(); } }; }"
    page = open_recorder(*MICROPHONE, before=broken)
    page.get_by_text("recording").wait_for()
    page.get_by_text(SECONDS).wait_for()
    page.keyboard.press("Escape")
    page.get_by_role("button", name="keep").click()
    assert page.evaluate(ENDED)["status"] == "recorded"
