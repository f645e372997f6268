"""A photo and a voice note on a follow-up, made without a network: safe at once, sent after the order, seen and heard
by the manager."""

import re
from pathlib import Path

from tests.e2e.company import DemoServer
from tests.e2e.conftest import Invite
from tests.e2e.person import PATIENCE_MS, Person
from tests.e2e.stories import new_customer_who_wants_the_lantern
from tests.support.files import png

CUSTOMER = "雪线户外俱乐部"
MICROPHONE = ("--use-fake-device-for-media-stream", "--use-fake-ui-for-media-stream")


def test_a_photo_and_a_note_made_offline_wait_for_the_order_and_reach_the_manager(
    server: DemoServer, invite: Invite, tmp_path: Path
) -> None:
    photo = tmp_path / "booth.png"
    photo.write_bytes(png(3_000, 2_000))
    lin = invite(server, "lin", flags=MICROPHONE)
    server.stop()

    new_customer_who_wants_the_lantern(lin, CUSTOMER)
    lin.visits("/customers")
    lin.types("姓名、拼音、手机后四位", CUSTOMER[:2])
    lin.taps(re.compile(f"^打开{CUSTOMER}"))
    lin.taps("写一条跟进")
    lin.types("内容 *", "想要三顶帐篷")
    chooses(lin, "添加照片", photo)
    lin.sees("booth.jpg")
    speaks(lin)
    lin.taps("保存跟进")
    lin.sees("打开 booth.jpg，在本机")
    lin.reloads()
    lin.sees("打开 booth.jpg，在本机")
    lin.sees(re.compile("打开 语音 .*webm，0:0[2-9], 在本机"))
    hears(lin)
    lin.looks_at_sync()
    lin.sees(re.compile("2 个文件待上传"))
    lin.page.keyboard.press("Escape")

    server.start()
    lin.syncs_now()
    lin.sees("打开 booth.jpg，已在服务器")
    lin.sees(re.compile("打开 语音 .*已在服务器"))
    said = server.log.read_text(errors="replace").splitlines()
    orders = next(n for n, line in enumerate(said) if "/v1/sync" in line and n > started(said))
    photos = next(n for n, line in enumerate(said) if "/v1/blobs/" in line)
    assert orders < photos
    address = lin.page.url.removeprefix(server.url)

    gao = invite(server, "gao", viewport={"width": 1440, "height": 900})
    gao.visits(address)
    hears(gao)
    gao.taps("打开 booth.jpg，已在服务器")
    gao.sees("图片 booth.jpg")
    gao.sees("1600 × 1067")
    with gao.page.expect_download() as download:
        gao.taps("下载")
    assert download.value.suggested_filename == "booth.jpg"
    assert download.value.path().read_bytes().startswith(b"\xff\xd8\xff")
    gao.taps(re.compile("^删除$"))
    gao.sees("已删除 booth.jpg")
    lin.sees_no_more("booth.jpg")
    lin.sees("想要三顶帐篷")


def speaks(person: Person) -> None:
    """Records two seconds of what Chromium's test microphone beeps."""
    person.taps("录语音")
    person.page.get_by_role("timer").get_by_text("0:02").wait_for()
    person.page.get_by_role("button", name="停止并保存").click()
    person.sees(re.compile("语音 .*webm"))


def hears(person: Person) -> None:
    """Plays the note, to its end."""
    person.page.evaluate("""() => {
      const play = HTMLMediaElement.prototype.play;
      HTMLMediaElement.prototype.play = function () {
        this.addEventListener("ended", () => { window.heard = true; });
        return play.call(this);
      };
    }""")
    person.taps(re.compile("^播放 语音"))
    person.page.wait_for_function("() => window.heard", timeout=PATIENCE_MS)


def started(said: list[str]) -> int:
    """The line of the log after which the server was back."""
    return max(n for n, line in enumerate(said) if line.startswith(("http://", "  http://")) or "http://127" in line)


def chooses(person: Person, button: str, *files: Path) -> None:
    """Taps the button and chooses files in the browser's picker."""
    with person.page.expect_file_chooser() as chooser:
        person.taps(button)
    chooser.value.set_files([str(file) for file in files])
