"""One file: the picture, or what it is, where it is, and what can be done with it."""

from typing import Any

import flet as ft

from mobile.store.queries import attachments
from mobile.ui import kit as k
from mobile.ui.context import use_app, use_sync
from mobile.ui.hooks import use_live
from mobile.ui.screens.attachment_parts import icon_of, remove_file, state_of
from mobile.ui.screens.voice_parts import Player, plays
from mobile.ui.sync_pill import moment
from mobile.ui.words import error_words, problem_words, size_words
from shared.errors import CaravanError
from shared.rules.media import is_picture, length_words
from sync.ports import TransportError

I = ft.Icons  # noqa: E741
WIDTH_PX = 960


@k.component
def FileScreen(back: str, attachment_id: str) -> ft.Control:
    """``?file=<id>`` on the page of a customer or a lead, whose route is ``back``."""
    page, app = ft.context.page, use_app()
    row = use_live(lambda s: attachments.file(s, attachment_id), attachments.TOUCHED, attachment_id)
    content, set_content = ft.use_state(None)
    problem, set_problem = ft.use_state("")

    async def load() -> bytes | None:
        if row is None:
            return None
        try:
            found = await app.attachments.content(row)
        except TransportError:
            set_problem(k.t("files.no_network"))
        except CaravanError as error:
            set_problem(error_words(error))
        else:
            set_problem("")
            return found
        return None

    async def show() -> None:
        if row is not None and is_picture(row["media_type"]):
            set_content(await load())

    k.use_effect(show, [attachment_id, row is None, row["stored_at"] if row else None])
    if row is None:
        blank = k.empty_state(k.t("files.gone"), k.t("files.gone.line"), icon=I.HIDE_IMAGE_OUTLINED)
        return k.scaffold(k.t("entity.attachment"), blank, back=back)

    async def save(_: Any) -> None:
        found = content or await load()
        if found is not None:
            name = await app.platform.save_file(row["file_name"], found, row["media_type"]) or row["file_name"]
            k.snack(page, k.t("files.downloaded", name=name))

    def remove(_: Any) -> None:
        if remove_file(page, row):
            page.navigate(back)

    def again(_: Any) -> None:
        app.attachments.uploads.try_again(row["sha256"])

    parts: list[ft.Control] = []
    if problem:
        parts.append(k.notice(problem, "warn", icon=I.CLOUD_OFF_OUTLINED, live=True))
    if row["problem"]:
        refused = problem_words(row["problem"])
        parts.append(k.notice(refused, "bad", action=k.t("files.try_again"), on_action=again, live=True))
    parts += [_heard(row) if plays(app, row["media_type"]) else _shown(row, content), _about(row)]
    foot = k.footbar(
        k.button(k.t("files.remove_button"), remove, icon=I.DELETE_OUTLINE_ROUNDED, kind="outlined", height=52),
        k.button(k.t("files.download"), save, icon=I.DOWNLOAD_ROUNDED, height=52, expand=True),
    )
    return k.scaffold(row["file_name"], *parts, back=back, foot=foot, max_width=WIDTH_PX, gap=12)


def _heard(row: dict[str, Any]) -> ft.Control:
    app = use_app()

    async def load() -> bytes:
        return await app.attachments.content(row)

    return Player(row["sha256"], row["file_name"], row["media_type"], row["seconds"], load, key=row["sha256"])


def _shown(row: dict[str, Any], content: bytes | None) -> ft.Control:
    """The picture as wide as there is room; a large icon for everything else."""
    if content is None:
        small = use_app().attachments.shelf.thumb(row["sha256"]) if is_picture(row["media_type"]) else None
        if small is None:
            return k.card(ft.Container(k.icon_avatar(icon_of(row["media_type"]), 96), alignment=k.CENTER, height=200))
        content = small
    # Its own shape is kept free while it is decoded, so that nothing jumps.
    shape = row["width"] / row["height"] if row["width"] and row["height"] else None
    picture = ft.Image(
        src=content,
        fit=ft.BoxFit.CONTAIN,
        border_radius=16,
        semantics_label=k.t("files.picture", name=row["file_name"]),
        gapless_playback=True,
        aspect_ratio=shape,
    )
    return ft.InteractiveViewer(picture, max_scale=6, min_scale=1)


def _about(row: dict[str, Any]) -> ft.Control:
    app, sync = use_app(), use_sync()
    mine = row["created_by"] == app.actor.user_id
    words, status, icon = state_of(row, sync.files.current, sync.files.sent, mine)
    when = moment(row["created_at"], app.now_ms(), app.time_zone)
    facts = [
        (k.t("field.attachment.size"), size_words(row["size"])),
        (k.t("files.added"), " · ".join(part for part in (when, row["author"]) if part)),
    ]
    if row["width"] and row["height"]:
        facts.insert(1, (k.t("files.pixels"), f"{row['width']} × {row['height']}"))
    if row["seconds"]:
        facts.insert(0, (k.t("voice.length"), length_words(row["seconds"])))
    return k.card(k.col(k.status_line(words, status, icon, lines=2), k.gap(12), k.pairs(facts)))
