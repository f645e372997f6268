"""Small real files of the types that may be attached, and some that may not."""

import hashlib
import io
import struct
import zipfile
import zlib

from shared.rules.media import SHEET, SLIDES, WORD


def png(width: int = 2, height: int = 2, *, seed: int = 0, extra: int = 0) -> bytes:
    """A real PNG; ``extra`` bytes of text make it longer."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    line = b"\0" + bytes((seed * 37 + n * 11) % 256 for n in range(width * 3))
    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    text = chunk(b"tEXt", b"Comment\0" + b"x" * extra) if extra else b""
    body = chunk(b"IHDR", header) + text + chunk(b"IDAT", zlib.compress(line * height)) + chunk(b"IEND", b"")
    return b"\x89PNG\r\n\x1a\n" + body


def jpeg(length: int = 200, seed: int = 0) -> bytes:
    """Bytes that begin and end like a JPEG."""
    middle = hashlib.shake_256(f"jpeg {seed}".encode()).digest(length)
    return b"\xff\xd8\xff\xe0\x00\x10JFIF\x00" + middle + b"\xff\xd9"


def office(part: str, *more: str) -> bytes:
    """An Office file with the parts named."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for name in ("[Content_Types].xml", part, *more):
            archive.writestr(name, "<xml/>")
    return buffer.getvalue()


GOOD: dict[str, bytes] = {
    "image/jpeg": jpeg(),
    "image/png": png(),
    "image/gif": b"GIF89a\x01\x00\x01\x00\x00\x00\x00;",
    "image/webp": b"RIFF\x1a\x00\x00\x00WEBPVP8L\x0d\x00\x00\x00",
    "application/pdf": b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n%%EOF\n",
    "audio/webm": b"\x1aE\xdf\xa3\x9fB\x82\x84webm\x42\x87\x81\x04A_OPUS",
    "audio/ogg": b"OggS\x00\x02" + b"\0" * 20 + b"OpusHead",
    "audio/mp4": b"\x00\x00\x00\x20ftypM4A \x00\x00\x00\x00" + b"....hdlr\0\0\0\0\0\0\0\0soun",
    "audio/mpeg": b"ID3\x04\x00" + b"\0" * 20,
    "audio/wav": b"RIFF\x24\x00\x00\x00WAVEfmt ",
    "text/plain": "会议记录\r\nTents: 3\n".encode(),
    "text/csv": "名称,数量\n帐篷,3\n".encode("gb18030"),
    WORD: office("word/document.xml"),
    SHEET: office("xl/workbook.xml"),
    SLIDES: office("ppt/presentation.xml"),
}
BAD: dict[str, tuple[bytes, str]] = {
    "nothing": (b"", "file_empty"),
    "a page": (b"<!DOCTYPE html><html></html>", "file_type"),
    "a page after text": (b"hello " * 2_000 + b"<ScRiPt >alert(1)</script>", "file_type"),
    "svg": (b'<svg xmlns="http://www.w3.org/2000/svg"/>', "file_type"),
    "xml": (b'<?xml version="1.0"?><a/>', "file_type"),
    "a program": (b"MZ\x90\x00\x03", "file_type"),
    "elf": (b"\x7fELF\x02\x01\x01", "file_type"),
    "an archive": (office("notes.txt").replace(b"[Content_Types].xml", b"[Content-Types].xml"), "file_type"),
    "macros": (office("word/document.xml", "word/vbaProject.bin"), "file_macros"),
    "half an office file": (office("word/document.xml")[:60], "file_damaged"),
    "a film": (b"\x00\x00\x00\x20ftypisom\x00\x00\x00\x00" + b"....hdlr\0\0\0\0\0\0\0\0vide", "file_type"),
    "a webm film": (b"\x1aE\xdf\xa3\x9fB\x82\x84webm\x42\x87\x81\x04V_VP9", "file_type"),
    "an ogg film": (b"OggS\x00\x02" + b"\0" * 22 + b"\x80theora", "file_type"),
    "noise": (bytes(range(256)), "file_type"),
}


def digest(data: bytes) -> str:
    """SHA-256 in hexadecimal digits."""
    return hashlib.sha256(data).hexdigest()
