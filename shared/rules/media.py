"""Which files may be attached, told by their content and never by their name: the same check on both sides.

What a browser might run (HTML, SVG, scripts) is not on the list, nor what hides other files (archives, macros).
"""

import io
import re
import zipfile
from typing import NamedTuple

MAX_BYTES = 20_000_000
"""The largest file that a device takes on. A server may be set lower; it may not usefully be set higher."""
NAME_LENGTH = 160
HEAD_BYTES = 4_096
"""How much of the beginning tells a type, for those that the beginning tells."""
MAX_PARTS = 10_000
"""Parts of an Office file."""
VOICE_SECONDS = 5 * 60
"""The longest voice note that the app records: some 1.2 MB, 5 MB where the browser takes its own quality."""

WORD = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
SHEET = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
SLIDES = "application/vnd.openxmlformats-officedocument.presentationml.presentation"

ENDINGS: dict[str, str] = {
    "image/jpeg": ".jpg",
    "image/png": ".png",
    "image/webp": ".webp",
    "image/gif": ".gif",
    "application/pdf": ".pdf",
    "audio/webm": ".webm",
    "audio/ogg": ".ogg",
    "audio/mp4": ".m4a",
    "audio/mpeg": ".mp3",
    "audio/wav": ".wav",
    "text/plain": ".txt",
    "text/csv": ".csv",
    WORD: ".docx",
    SHEET: ".xlsx",
    SLIDES: ".pptx",
}
"""The allow-list: media type → the usual ending of its names."""

_STARTS: tuple[tuple[bytes, str], ...] = (
    (b"\xff\xd8\xff", "image/jpeg"),
    (b"\x89PNG\r\n\x1a\n", "image/png"),
    (b"GIF87a", "image/gif"),
    (b"GIF89a", "image/gif"),
    (b"%PDF-", "application/pdf"),
    (b"ID3", "audio/mpeg"),
)
_OFFICE = (("word/document.xml", WORD), ("xl/workbook.xml", SHEET), ("ppt/presentation.xml", SLIDES))
_MP4_AUDIO = frozenset({b"M4A ", b"M4B ", b"mp41", b"mp42", b"isom", b"iso2", b"iso5", b"iso6", b"dash"})
_MP4_VIDEO = re.compile(rb"hdlr.{8}vide", re.DOTALL)
_WEBM_VIDEO = re.compile(rb"V_(?:VP[89]|AV1|MPEG)")
_OGG_VIDEO = re.compile(rb"\x80theora|\x01video|OVP80|BBCD\x00")
_MARKUP = re.compile(
    rb"<\s*(?:!doctype|\?xml|html|head|body|script|svg|iframe|object|embed|meta|style)\b", re.IGNORECASE
)
_CONTROL = re.compile(rb"[\x00-\x08\x0e-\x1f]")
_UNSAFE_NAME = re.compile(r'[\x00-\x1f\x7f/\\:*?"<>|\u200e\u200f\u202a-\u202e\u2066-\u2069\ud800-\udfff]')


class Refused(NamedTuple):
    """Why content may not be attached: the code of ``error.<code>``."""

    code: str


def detect(data: bytes, name: str = "") -> str | Refused:
    """The media type of a file's whole content. ``name`` only tells a table from a text (``.csv``)."""
    if not data:
        return Refused("file_empty")
    for start, kind in _STARTS:
        if data.startswith(start):
            return kind
    if data.startswith(b"OggS\x00"):
        return Refused("file_type") if _OGG_VIDEO.search(data[:HEAD_BYTES]) else "audio/ogg"
    if data.startswith(b"RIFF") and data[8:12] in (b"WEBP", b"WAVE"):
        return "image/webp" if data[8:12] == b"WEBP" else "audio/wav"
    if data.startswith(b"\x1aE\xdf\xa3"):
        plain = b"webm" in data[:64] and not _WEBM_VIDEO.search(data[:HEAD_BYTES])
        return "audio/webm" if plain else Refused("file_type")
    if data[4:8] == b"ftyp":
        return "audio/mp4" if data[8:12] in _MP4_AUDIO and not _MP4_VIDEO.search(data) else Refused("file_type")
    if data.startswith(b"PK\x03\x04"):
        return _office(data)
    if len(data) > 1 and data[0] == 0xFF and data[1] & 0xE6 == 0xE2:
        return "audio/mpeg"
    return _text(data, name)


def _office(data: bytes) -> str | Refused:
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            names = archive.namelist()
    except (zipfile.BadZipFile, ValueError, NotImplementedError):
        return Refused("file_damaged")
    if len(names) > MAX_PARTS or "[Content_Types].xml" not in names:
        return Refused("file_type")
    if any("vbaproject" in part.lower() or "/activex/" in part.lower() for part in names):
        return Refused("file_macros")
    return next((kind for part, kind in _OFFICE if part in names), Refused("file_type"))


def _text(data: bytes, name: str) -> str | Refused:
    """UTF-8, or the encodings of Chinese Windows; nothing that a browser could take for a page."""
    if _CONTROL.search(data) or _MARKUP.search(data):
        return Refused("file_type")
    for encoding in ("utf-8", "gb18030"):
        try:
            data.decode(encoding)
        except UnicodeDecodeError:
            continue
        return "text/csv" if name.lower().endswith((".csv", ".tsv")) else "text/plain"
    return Refused("file_type")


def clean_name(name: str, kind: str) -> str:
    """A name that every file system takes, with the ending that fits its content."""
    base = _UNSAFE_NAME.sub("_", name.replace("\\", "/").rpartition("/")[2]).strip(" .")
    ending = ENDINGS[kind]
    stem, dot, given = base.rpartition(".")
    same = dot and f".{given.lower()}" in {ending, *_OTHER_ENDINGS.get(kind, ())}
    kept = f".{given}" if same else ending
    stem = stem if dot and (same or f".{given.lower()}" in _KNOWN_ENDINGS) else base
    return f"{(stem.strip(' .') or 'file')[: NAME_LENGTH - len(kept)]}{kept}"


_OTHER_ENDINGS = {
    "image/jpeg": (".jpeg",),
    "audio/webm": (".weba",),
    "audio/ogg": (".oga", ".opus"),
    "audio/mp4": (".mp4",),
    "text/plain": (".log", ".md"),
    "text/csv": (".tsv",),
}
_KNOWN_ENDINGS = frozenset({*ENDINGS.values(), *(other for more in _OTHER_ENDINGS.values() for other in more)})


def is_safe_name(name: str) -> bool:
    """Whether a name can be shown and saved as it is."""
    return bool(name.strip(" .")) and not _UNSAFE_NAME.search(name)


def is_sound(kind: str) -> bool:
    """Whether the type is a recording."""
    return kind.startswith("audio/")


def length_words(seconds: int) -> str:
    """``0:42``, ``5:00``, ``1:02:03``."""
    minutes, rest = divmod(max(0, seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes}:{rest:02}"


def is_picture(kind: str) -> bool:
    """Whether the type can be shown as a picture."""
    return kind.startswith("image/")
