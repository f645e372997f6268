"""Voice notes on screens: the button that records one, and what plays any recording."""

import logging
from collections.abc import Awaitable, Callable, Sequence
from typing import Any

import flet as ft

from mobile.platform.ports import PlatformError
from mobile.state.app import App
from mobile.state.attachments import TakenFile
from mobile.state.sound import Sound
from mobile.ui import kit as k
from mobile.ui.context import use_app
from mobile.ui.theme import TOUCH
from mobile.ui.words import error_words
from shared.errors import CaravanError
from shared.rules.media import ENDINGS, VOICE_SECONDS, clean_name, is_sound, length_words
from shared.timezone import local_datetime
from sync.ports import TransportError

log = logging.getLogger("caravan.voice")
I = ft.Icons  # noqa: E741
WORDS = (
    "title", "waiting", "recording", "silent", "limit", "lost", "stopped", "denied", "missing", "unsupported",
    "stop", "keep", "discard", "close",
)  # fmt: skip
Load = Callable[[], Awaitable[bytes]]
"""The bytes of a recording. Raises ``TransportError``, ``CaravanError``."""
BIG = 72


def plays(app: App, media_type: str) -> bool:
    """Whether a file of this type can be heard here."""
    return is_sound(media_type) and app.platform.can_record


@k.component
def RecordButton(
    label: str, on_files: Callable[[list[TakenFile]], Awaitable[None] | None], kind: Any, height: int = TOUCH
) -> ft.Control:
    """Records a voice note and gives it on like a chosen file. Only where ``platform.can_record``. Whoever wants to
    leave the screen meanwhile waits until it has been given on."""
    page, app = ft.context.page, use_app()

    async def record(_: Any) -> None:
        with k.under_way(page):
            file = await voice_note(page, app)
            if file is not None:
                done = on_files([file])
                if done is not None:
                    await done

    return k.button(label, record, icon=I.MIC_NONE_ROUNDED, kind=kind, height=height, expand=True)


async def voice_note(page: ft.Page, app: App) -> TakenFile | None:
    """A note as the person spoke it, staged like a chosen file; None when there is none."""
    words = {name: k.t(f"voice.{name}", minutes=VOICE_SECONDS // 60) for name in WORDS}
    store = app.open_store
    await end_sound(app)
    try:
        spoken = await app.platform.record_voice(words, VOICE_SECONDS, dark=k.look().dark)
    except PlatformError as error:
        app.errors.add(error, "recorder")
        k.snack(page, k.t("voice.failed"), status="bad")
        return None
    if spoken is None:
        return None
    when = local_datetime(app.now_ms(), app.time_zone).strftime("%m-%d %H.%M.%S")
    name = k.t("voice.name", when=when)
    if not app.is_open or app.open_store is not store:  # another tab or person has taken over meanwhile
        await keep_apart(page, app, name, spoken.data, spoken.media_type)
        return None
    try:
        return await app.attachments.take(name, spoken.data, seconds=spoken.seconds)
    except CaravanError as error:
        await keep_apart(page, app, name, spoken.data, spoken.media_type, error_words(error))
    except Exception as error:  # such as the database gone to another tab half-way: what was said outlives any of them
        log.exception("a voice note could not be stored")
        app.errors.add(error, "recorder")
        await keep_apart(page, app, name, spoken.data, spoken.media_type)
    return None


async def keep_apart(page: ft.Page, app: App, name: str, data: bytes, media_type: str, why: str = "") -> None:
    """Hands the person a note as a file when the app cannot keep it: nobody says it twice."""
    name = clean_name(name, media_type) if media_type in ENDINGS else name
    saved = await app.platform.save_file(name, data, media_type) or name
    k.snack(page, f"{why} {k.t('voice.saved_apart', name=saved)}".strip(), status="bad")


async def hand_over(page: ft.Page, app: App, files: Sequence[TakenFile], why: str = "") -> None:
    """Files that cannot go where they were meant to: recordings are handed to the person, who has the others."""
    for file in files:
        app.attachments.forget(file)
    for file in files:
        if file.seconds:
            await keep_apart(page, app, file.name, file.data, file.media_type, why)


def use_sound() -> Sound:
    """What is heard; the component is drawn again when it changes."""
    return ft.use_state(use_app().sound)[0]


async def end_sound(app: App) -> None:
    """Silence, and the bytes forgotten."""
    if app.sound.key:
        app.sound.ends()
        await app.platform.stop_sound()


def use_toggle(key: str, media_type: str, load: Load) -> tuple[bool, Callable[[Any], Awaitable[None]]]:
    """Whether a recording is heard, and the handler that plays it, pauses it and goes on. It falls silent when its
    button goes, and does not begin after that; that it cannot be played is said."""
    page, app, sound = ft.context.page, use_app(), use_sound()
    failed = sound.key == key and sound.state == "failed"

    def tell() -> None:
        if failed:
            k.snack(page, k.t("voice.unplayable"), status="warn")

    k.use_effect(tell, [failed])

    def begin() -> Callable[[], None]:
        def end() -> None:
            if sound.key == key:
                sound.ends()
                page.run_task(app.platform.stop_sound)

        return end

    k.use_effect(begin, [key])

    async def toggle(_: Any) -> None:
        if sound.key == key and sound.state == "playing":
            await app.platform.pause_sound()
            return
        if sound.key == key and sound.state in ("paused", "ended"):
            await app.platform.resume_sound()
            return
        if sound.key == key and sound.state == "loading":
            return
        other, turn = sound.key, sound.asked(key)
        try:
            if other:
                await app.platform.stop_sound()
            data = await load()
            if sound.turn == turn:
                sound.begins()
                await app.platform.play_sound(key, data, media_type)
        except (TransportError, CaravanError) as error:
            if sound.turn == turn:
                lost = isinstance(error, TransportError)
                words = k.t("files.no_network") if lost else error_words(error)
                k.snack(page, words, status="warn" if lost else "bad")
        finally:
            if sound.turn == turn and sound.state == "loading":
                sound.ends()

    return sound.key == key and sound.state == "playing", toggle


@k.component
def PlayButton(sound_key: str, name: str, media_type: str, load: Load) -> ft.Control:
    """Plays and pauses; beside the row of a recording."""
    on, toggle = use_toggle(sound_key, media_type, load)
    p = k.look().palette
    icon = I.PAUSE_ROUNDED if on else I.PLAY_ARROW_ROUNDED
    words = k.t("voice.pause" if on else "voice.play", name=name)
    return k.icon_button(icon, words, toggle, color=p.on_primary_container, bg=p.primary_container)


@k.component
def SoundLength(sound_key: str, seconds: int | None) -> ft.Control:
    """How long a recording is; while it is heard, how far it is."""
    return k.caption(_progress(use_sound(), sound_key, seconds)[0])


@k.component
def Player(sound_key: str, name: str, media_type: str, seconds: int | None, load: Load) -> ft.Control:
    """A recording on a page of its own."""
    on, toggle = use_toggle(sound_key, media_type, load)
    words, share = _progress(use_sound(), sound_key, seconds)
    p = k.look().palette
    label = k.t("voice.pause" if on else "voice.play", name=name)
    icon = ft.Icon(I.PAUSE_ROUNDED if on else I.PLAY_ARROW_ROUNDED, size=40, color=p.on_primary)
    circle = k.tappable(
        icon, toggle, label=label, width=BIG, height=BIG, bgcolor=p.primary, border_radius=BIG / 2, alignment=k.CENTER
    )
    parts: list[ft.Control] = [
        ft.Row([circle], alignment=ft.MainAxisAlignment.CENTER),
        k.gap(20),
        k.progress_bar(share, name=k.t("voice.progress")),
        k.gap(8),
        ft.Row([k.soft(words)], alignment=ft.MainAxisAlignment.CENTER),
    ]
    return k.card(k.col(*parts), 24)


def _progress(sound: Sound, key: str, seconds: int | None) -> tuple[str, float]:
    """Words and share. The note's own length first: what browsers record often does not tell it to the player."""
    mine = sound.key == key and sound.state in ("playing", "paused", "ended")
    total = seconds or (sound.total if mine else 0)
    if not mine or sound.state == "ended":
        return (length_words(total) if total else "", 0.0)
    if not total:
        return length_words(sound.at), 0.0
    return f"{length_words(min(sound.at, total))} / {length_words(total)}", min(1.0, sound.at / total)
