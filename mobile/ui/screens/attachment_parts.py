"""Files on screens: the buttons that take them, small pictures, rows that say where the bytes are."""

from collections.abc import Awaitable, Callable, Sequence
from typing import Any

import flet as ft

from mobile.state.attachments import TakenFile
from mobile.ui import kit as k
from mobile.ui.context import use_app, use_sync
from mobile.ui.palette import Status
from mobile.ui.routes import with_query
from mobile.ui.screens.actions import delete_with_undo
from mobile.ui.screens.voice_parts import Load, PlayButton, RecordButton, SoundLength, hand_over, plays
from mobile.ui.words import error_words, size_words
from shared.errors import CaravanError
from shared.rules.media import is_picture, length_words
from sync.ports import TransportError

I = ft.Icons  # noqa: E741
THUMB = 72
ROWS = 4
EXTENSIONS = (
    "pdf",
    "docx",
    "xlsx",
    "pptx",
    "csv",
    "txt",
    "jpg",
    "jpeg",
    "png",
    "webp",
    "gif",
    "m4a",
    "mp3",
    "ogg",
    "wav",
    "webm",
)
Row = dict[str, Any]
OnFiles = Callable[[list[TakenFile]], Awaitable[None] | None]


def icon_of(media_type: str) -> Any:
    """The icon of a type that is no picture."""
    if media_type.startswith("audio/"):
        return I.MIC_ROUNDED
    if media_type == "application/pdf":
        return I.PICTURE_AS_PDF_ROUNDED
    if media_type == "text/csv" or media_type.endswith(".sheet"):
        return I.TABLE_CHART_ROUNDED
    return I.IMAGE_OUTLINED if is_picture(media_type) else I.DESCRIPTION_ROUNDED


def use_picker(on_files: OnFiles) -> ft.FilePicker:
    """A picker whose files are checked and made small before ``on_files`` gets them; what is refused is said."""
    page, app = ft.context.page, use_app()

    async def chosen(event: ft.FilePickerResultEvent) -> None:
        taken: list[TakenFile] = []
        for file in event.files:
            try:
                taken.append(await app.attachments.take(file.name, file.bytes or b""))
            except CaravanError as error:
                k.snack(page, f"{file.name}: {error_words(error)}", status="bad")
        if taken:
            done = on_files(taken)
            if done is not None:
                await done

    latest = ft.use_ref(lambda: chosen)
    latest.current = chosen

    async def picked(event: ft.FilePickerResultEvent) -> None:
        await latest.current(event)

    return ft.use_ref(lambda: ft.FilePicker(on_result=picked)).current


def pick_photos(picker: ft.FilePicker) -> ft.PickFiles:
    """Opens the picker for pictures: the client does it inside the tap, as phones want it."""
    return ft.PickFiles(picker, file_type=ft.FilePickerFileType.IMAGE, allow_multiple=True, with_data=True)


@k.component
def AttachButtons(on_files: OnFiles, tonal: bool, narrow: bool = False) -> ft.Control:
    """*Add a photo*, *Add a file*, and *Record voice* where it can be done. ``narrow``: one below the other."""
    app, picker = use_app(), use_picker(on_files)
    files = ft.PickFiles(
        picker,
        file_type=ft.FilePickerFileType.CUSTOM,
        allowed_extensions=list(EXTENSIONS),
        allow_multiple=True,
        with_data=True,
    )
    photos = pick_photos(picker)
    kind: Any = "tonal" if tonal else "outlined"
    both = [
        k.button(k.t("files.add_photo"), icon=I.ADD_A_PHOTO_OUTLINED, kind=kind, action=photos, expand=True),
        k.button(k.t("files.add_file"), icon=I.ATTACH_FILE_ROUNDED, kind=kind, action=files, expand=True),
    ]
    chosen = k.col(*[k.row(one) for one in both], gap=12) if narrow else k.row(*both, gap=12)
    if not app.platform.can_record:
        return chosen
    return k.col(chosen, k.row(RecordButton(k.t("voice.record"), on_files, kind)), gap=12)


def state_of(row: Row, current: str, sent: int, mine: bool) -> tuple[str, Status, Any]:
    """Where the bytes are: words, colour, icon."""
    if row["stored_at"] is not None:
        return k.t("files.on_server"), "ok", I.CLOUD_DONE_OUTLINED
    if row["problem"]:
        return k.t("files.refused"), "bad", I.ERROR_ROUNDED
    if current == row["sha256"] and row["size"]:
        return k.t("files.sending", percent=min(99, sent * 100 // row["size"])), "info", I.CLOUD_UPLOAD_OUTLINED
    if mine and row["here"]:
        return k.t("files.on_phone"), "warn", I.CLOUD_UPLOAD_OUTLINED
    return k.t("files.not_yet"), "mute", I.CLOUD_OFF_OUTLINED


@k.component
def Thumb(row: Row, size: int) -> ft.Control:
    """A small picture of the file, fetched when it is shown and the network is there; its icon until then."""
    app = use_app()
    sync = use_sync()
    files = app.attachments
    small = files.shelf.thumb(row["sha256"])

    async def fetch() -> None:
        if not sync.online or small is not None or not files.should_fetch(row):
            return
        try:
            await files.content(row)
        except (TransportError, CaravanError) as error:
            app.errors.add(error, "thumbnail")
        finally:
            files.fetched(row)

    k.use_effect(fetch, [row["sha256"], row["stored_at"], sync.online])
    if small is None:
        return k.icon_avatar(icon_of(row["media_type"]), size)
    return ft.Image(
        src=small,
        width=size,
        height=size,
        fit=ft.BoxFit.COVER,
        border_radius=12,
        exclude_from_semantics=True,
        gapless_playback=True,
    )


def _open(page: ft.Page, row: Row) -> Callable[[Any], None]:
    # From a lead back to the lead, also when its customer has the file by now.
    at_lead = row["lead_id"] and (page.route.startswith("/leads/") or not row["account_id"])
    owner = f"/leads/{row['lead_id']}" if at_lead else f"/customers/{row['account_id']}"
    return lambda _: page.navigate(with_query(owner, file=row["id"]))


@k.component
def FileStrip(rows: Sequence[Row]) -> ft.Control:
    """Files under a follow-up: pictures side by side, other files as lines."""
    page, app, sync = ft.context.page, use_app(), use_sync()
    pictures = [row for row in rows if is_picture(row["media_type"])]
    others = [row for row in rows if not is_picture(row["media_type"])]
    parts: list[ft.Control] = []
    if pictures:
        tiles = [_picture(page, app.actor.user_id, sync.files, row) for row in pictures]
        parts.append(ft.Row(tiles, spacing=8, run_spacing=8, wrap=True))
    parts += [FileTile(row, True, key=row["id"]) for row in others]
    return k.col(*parts, gap=4)


def _picture(page: ft.Page, user_id: str, status: Any, row: Row) -> ft.Control:
    words, colour, icon = state_of(row, status.current, status.sent, row["created_by"] == user_id)
    layers: list[ft.Control] = [Thumb(row, THUMB, key=row["sha256"])]
    if colour != "ok":
        pair = k.look().palette.status[colour]
        mark = k.box(ft.Icon(icon, size=14, color=pair.fg), None, pair.bg, 11, width=22, height=22, alignment=k.CENTER)
        layers.append(ft.Container(mark, right=4, bottom=4))
    label = k.t("files.open", name=row["file_name"], state=words)
    return k.tappable(ft.Stack(layers, width=THUMB, height=THUMB), _open(page, row), label=label, border_radius=12)


@k.component
def FileTile(row: Row, plain: bool) -> ft.Control:
    """A file as a line: picture or icon, name, size and where it is; with its *remove*."""
    page, app, sync = ft.context.page, use_app(), use_sync()
    mine = row["created_by"] == app.actor.user_id
    words, status, icon = state_of(row, sync.files.current, sync.files.sent, mine)
    measure = _measure(row["sha256"], row["size"], row["seconds"])
    measured = length_words(row["seconds"]) if row["seconds"] else size_words(row["size"])
    second = k.row(measure, k.status_line(words, status, icon, size=12), gap=8, tight=True)
    heard = plays(app, row["media_type"])
    remove = k.icon_button(
        I.DELETE_OUTLINE_ROUNDED, k.t("files.remove", name=row["file_name"]), lambda _: remove_file(page, row), size=18
    )
    tile = k.tile(
        k.row_title(row["file_name"]),
        second,
        leading=None if heard else Thumb(row, 44, key=row["sha256"]),
        height=64,
        padding=0 if plain else None,
        on_click=_open(page, row),
        name=k.t("files.open", name=row["file_name"], state=f"{measured}, {words}"),
        action=remove,
    )
    if not heard:
        return tile

    async def load() -> bytes:
        return await app.attachments.content(row)

    # Beside the row: a button inside of one could not be reached by a screen reader.
    play = PlayButton(row["sha256"], row["file_name"], row["media_type"], load)
    return k.row(play, ft.Container(tile, expand=True), gap=12)


def remove_file(page: ft.Page, row: Row) -> bool:
    """Removes a file, with a way back."""
    return delete_with_undo(page, use_app(), "attachment", row["id"], saved=k.t("files.removed", name=row["file_name"]))


@k.component
def FilesCard(belongs: dict[str, str], rows: Sequence[Row], narrow: bool = False) -> ft.Control:
    """The files of a customer or a lead with the buttons that add to them. ``belongs``: its field and id; ``narrow``:
    it stands in a side column."""
    page, app = ft.context.page, use_app()
    all_shown, set_all_shown = ft.use_state(False)

    async def attach(files: list[TakenFile]) -> None:
        try:
            app.attachments.attach(files, **belongs)
        except CaravanError as error:
            k.snack(page, error_words(error), status="bad")
            await hand_over(page, app, files, error_words(error))
            return
        k.snack(page, k.t("files.saved" if len(files) == 1 else "files.saved_many", count=len(files)))

    shown = list(rows) if all_shown else list(rows)[:ROWS]
    parts: list[ft.Control] = [k.section_title(k.t("files.title")), k.gap(8)]
    parts += [FileTile(row, True, key=row["id"]) for row in shown]
    if len(rows) > len(shown):
        parts.append(k.link(k.t("frame.more", count=len(rows) - len(shown)), lambda _: set_all_shown(True)))
    if rows:
        parts.append(k.gap(8))
    return k.card(k.col(*parts, AttachButtons(attach, True, narrow)))


@k.component
def ChosenFiles(files: Sequence[TakenFile], on_remove: Callable[[int], None]) -> ft.Control:
    """Files that were chosen for something that is not saved yet."""
    app, tiles = use_app(), []
    for place, file in enumerate(files):
        leading: ft.Control = k.icon_avatar(icon_of(file.media_type), 44)
        if file.thumb:
            leading = ft.Image(
                src=file.thumb,
                width=44,
                height=44,
                fit=ft.BoxFit.COVER,
                border_radius=12,
                exclude_from_semantics=True,
            )
        elif plays(app, file.media_type):
            leading = PlayButton(file.sha256, file.name, file.media_type, _given(file.data), key=file.sha256)
        drop = k.icon_button(
            I.CLOSE_ROUNDED, k.t("files.remove", name=file.name), lambda _, place=place: on_remove(place), size=18
        )
        second = _measure(file.sha256, len(file.data), file.seconds)
        tiles.append(k.tile(k.row_title(file.name), second, leading=leading, height=60, padding=0, action=drop))
    return k.col(*tiles)


def _given(data: bytes) -> Load:
    async def load() -> bytes:
        return data

    return load


def _measure(sha256: str, size: int, seconds: int | None) -> ft.Control:
    """How long a recording is, how large everything else."""
    return SoundLength(sha256, seconds, key=sha256) if seconds else k.caption(size_words(size))
