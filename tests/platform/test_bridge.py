"""Page and worker: calls, events, downloads, the device area, HTTP. In a real Chromium, through the Python adapter."""
from __future__ import annotations

import json
from pathlib import Path

import pytest


@pytest.fixture(scope="module")
def shared(launch_for_module, tab):
    return tab(launch_for_module(
        locale="zh-CN", timezone_id="Asia/Shanghai", color_scheme="dark", reduced_motion="reduce"))


@pytest.fixture
def one(shared):
    yield shared
    shared.page.context.set_offline(False)


def fields(tab, expression: str) -> dict:
    return tab.value(f"__import__('dataclasses').asdict({expression})")


def heard(tab, count: int) -> list:
    """The events so far, once there are ``count``: they travel by message and may need a moment."""
    tab.python("import asyncio, time\nend = time.monotonic() + 10\n"
               f"while len(events) < {count} and time.monotonic() < end:\n    await asyncio.sleep(0.02)")
    return tab.value("[[event.kind, event.detail] for event in events]")


def listen(tab, only: str = "") -> None:
    """Keeps the page's events, or those of one kind: what an earlier test did to the network may still be told."""
    tab.python("events = []\nstop = platform.subscribe("
               f"lambda event: {only!r} in ('', event.kind) and events.append(event)); None")


def attempt(tab, call: str) -> object:
    return tab.value(f"await attempt(lambda: {call})")


def test_surroundings_come_from_the_page(one):
    assert fields(one, "await platform.surroundings()") == {
        "language": "zh-CN", "time_zone": "Asia/Shanghai", "online": True, "visible": True, "dark": True,
        "reduced_motion": True, "installable": False, "installed": False, "update_ready": False}
    assert one.value("[platform.language(), platform.time_zone(), platform.kind]") == [
        "zh-CN", "Asia/Shanghai", "browser"]


def test_storage_status_and_the_request_to_keep_it(one):
    status = fields(one, "await platform.storage_status()")
    assert status["persisted"] is False and status["quota_bytes"] > 1_000_000
    assert one.value("await platform.request_persistence()") in (True, False)


def test_events_reach_python_and_stop_when_asked(one):
    listen(one)
    one.page.context.set_offline(True)
    one.page.context.set_offline(False)
    one.page.emulate_media(color_scheme="light")
    heard(one, 3)   # the browser tells of a changed theme with its next frame
    one.page.evaluate("caravanPage.emit({type: 'update-ready', version: '2'})")
    assert heard(one, 4) == [["offline", {}], ["online", {}], ["theme", {"dark": False}],
                             ["update-ready", {"version": "2"}]]
    assert fields(one, "await platform.surroundings()")["update_ready"] is True
    one.python("stop()")
    one.page.evaluate("caravanPage.emit({type: 'custom'})")
    assert fields(one, "await platform.surroundings()")["online"] is True
    assert len(heard(one, 4)) == 4


def test_events_from_before_python_listened_are_not_lost(launch, tab):
    context = launch()
    context.add_init_script(
        "addEventListener('DOMContentLoaded', () => caravanPage.emit({type: 'install-available'}))")
    one = tab(context)
    one.page.evaluate("caravanPage.emit({type: 'custom', n: 1})")
    listen(one)
    assert heard(one, 2) == [["install-available", {}], ["custom", {"n": 1}]]


def test_a_file_is_downloaded_with_its_name_and_bytes(one):
    with one.page.expect_download() as waiting:
        one.python("await platform.save_file('发件箱.json', bytes(range(256)), 'application/json')")
    assert waiting.value.suggested_filename == "发件箱.json"
    assert Path(waiting.value.path()).read_bytes() == bytes(range(256))


def test_title_and_look_are_set_on_the_page_and_kept_for_the_next_start(one):
    one.python("await platform.set_document('商队 · 客户', 'zh-CN', 'dark')")
    assert one.page.title() == "商队 · 客户"
    assert one.page.evaluate("document.documentElement.lang") == "zh-CN"
    assert one.page.evaluate("caravanKept.look()") == {"mode": "dark", "language": "zh"}


def test_apply_update_asks_the_page_and_says_when_none_waits(one):
    assert one.value("await platform.apply_update()") is False
    one.page.evaluate("window.caravanUpdate = { apply: async () => { window.applied = true; return true; } }")
    assert one.value("await platform.apply_update()") is True
    assert one.page.evaluate("window.applied") is True


def test_install_is_unavailable_without_the_browsers_offer(one):
    assert one.value("await platform.install()") == "unavailable"


def test_reload_reloads_the_page(one):
    with one.page.expect_navigation():
        one.page.evaluate("void python('await platform.reload()')")
    one.start()
    assert one.value("platform.kind") == "browser"


def test_an_unknown_page_function_is_an_error(one):
    with pytest.raises(Exception, match=r"the page has no function no\.such"):
        one.python("await platform._page('no.such')")


def test_the_device_area_is_shared_by_tabs_and_survives(launch, tab):
    context = launch()
    one, two = tab(context), tab(context)
    one.python("await platform.device_area.set('user.b', '二'); await platform.device_area.set('user.a', '1')\n"
               "await platform.device_area.set('install', 'x')")
    assert two.value("[await platform.device_area.get('user.b'), await platform.device_area.keys('user.')]") == [
        "二", ["user.a", "user.b"]]
    two.python("await platform.device_area.set('user.b', '三'); await platform.device_area.delete('user.a')")
    context.close()
    again = tab(launch())
    assert again.value("[await platform.device_area.get(key) for key in ('user.a', 'user.b')]") == [None, "三"]
    assert again.value("await platform.device_area.keys()") == ["install", "user.b"]


def test_a_request_carries_headers_body_and_cookies(one):
    one.python("""
async def send(**options):
    body = "商".encode() * 500
    answer = await platform.transport.request("POST", "/v1/echo", {"x-kind": "sync"}, body, **options)
    return [answer.status, answer.headers["content-type"], __import__("json").loads(answer.body)]
None""")
    status, kind, told = one.value("await send()")
    assert (status, kind, told["kind"], told["sent"], told["cookie"]) == (201, "application/json", "sync", 1500, None)
    _, _, told = one.value("await send(compress=True)")
    assert told["body"] == "商" * 500 and told["sent"] < 100
    assert told["cookie"] == "token=t1"
    assert one.page.evaluate("document.cookie") == ""


def test_no_answer_is_a_transport_error_with_its_reason(one):
    one.python("""
import asyncio
from sync.ports import TransportError
async def attempt(make):
    try:
        return (await make()).status
    except TransportError as error:
        return error.reason
async def aborted():
    asyncio.get_running_loop().call_later(0.2, platform.transport.abort)
    return await platform.transport.request("GET", "/v1/slow")
None""")
    assert attempt(one, "platform.transport.request('GET', '/v1/slow', timeout_s=0.3)") == "timeout"
    assert attempt(one, "aborted()") == "aborted"
    assert attempt(one, "platform.transport.request('GET', '/v1/moved')") == "offline"
    assert attempt(one, "platform.transport.request('GET', '/nowhere')") == 404
    one.page.context.set_offline(True)
    assert attempt(one, "platform.transport.request('GET', '/v1/slow')") == "offline"


def test_a_request_that_is_given_up_frees_its_connection(one):
    one.python("""
import asyncio
async def given_up():
    asked = [asyncio.ensure_future(platform.transport.request("GET", "/v1/slow")) for _ in range(6)]
    await asyncio.sleep(0.3)
    for each in asked:
        each.cancel()
    await asyncio.gather(*asked, return_exceptions=True)
    return await platform.transport.request("GET", "/nowhere", timeout_s=1.5)
None""")
    assert attempt(one, "given_up()") == 404   # the six would be answered only after three seconds


def test_requests_stay_on_the_own_server(one):
    with pytest.raises(Exception, match="begins with one slash"):
        one.python("await platform.transport.request('GET', '//elsewhere.example/v1')")


def test_the_refresh_token_is_a_cookie_and_not_pythons(one):
    assert one.value("[platform.secrets.kind, await platform.secrets.get('refresh')]") == ["cookie", None]


def test_a_voice_note_arrives_as_bytes_and_is_played_with_news_of_it(one):
    one.page.evaluate("caravanPage.handle('voice.record', async (words, limit, dark) => words.title === 'note'"
                      " ? {status: 'recorded', bytes: new Uint8Array([26, 69, limit]), mime: 'audio/webm', seconds: 2}"
                      " : {status: dark ? 'refused' : 'discarded'})")
    assert one.value("[platform.can_record, (lambda note: [list(note.data), note.media_type, note.seconds])"
                     "(await platform.record_voice({'title': 'note'}, 9, dark=False))]") == [
        True, [[26, 69, 9], "audio/webm", 2]]
    assert one.value("await platform.record_voice({'title': ''}, 9, dark=True)") is None
    one.page.evaluate("caravanPage.handle('sound.play', async (key, mime, bytes) => caravanPage.emit("
                      "{type: 'sound', key, state: 'playing', at: bytes.length, total: 0}))")
    listen(one, "sound")
    one.python("await platform.play_sound('k', b'abc', 'audio/webm')")
    assert heard(one, 1) == [["sound", {"key": "k", "state": "playing", "at": 3, "total": 0}]]


def test_clock_and_entropy_are_the_browsers(one):
    page_ms = one.page.evaluate("Date.now()")
    assert abs(one.value("platform.clock.now_ms()") - page_ms) < 60_000
    first, second = json.loads(one.python("json.dumps([platform.entropy.random_bytes(16).hex() for _ in '12'])"))
    assert first != second and len(first) == 32


def test_a_scanned_code_arrives_as_bytes_and_typing_as_none(one):
    one.page.evaluate("caravanPage.handle('scan.open', async (words) => words.title === 'card'"
                      " ? {status: 'found', bytes: [214, 220], text: ''} : {status: 'typed'})")
    assert one.value("[platform.can_scan, list((await platform.scan_code({'title': 'card'})).data)]") == [
        True, [214, 220]]
    assert one.value("await platform.scan_code({'title': 'none'})") is None
    one.page.evaluate("caravanPage.handle('scan.open', async () => { throw new Error('gone'); })")
    assert one.python("""
try:
    outcome = await platform.scan_code({})
except Exception as error:
    outcome = f"{type(error).__name__} {error.reason}"
outcome""") == "PlatformError scanner"
