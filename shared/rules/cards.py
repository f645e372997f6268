"""What a scanned card says: vCard 2.1 to 4.0 (RFC 2426, RFC 6350), MECARD and BIZCARD, and badges with plain text.

Nothing here trusts the code: whatever cannot be read becomes a note, and a person looks at it before it is saved.
"""

import quopri
import re
from collections.abc import Iterator
from typing import NamedTuple

NOTE_LENGTH = 1_000
MAX_LENGTH = 8_000
"""Characters that are looked at: no two-dimensional code holds more."""
_FOLD = re.compile(r"\r?\n[ \t]")
_ESCAPE = re.compile(r"\\(.)", re.DOTALL)
_SPLIT = re.compile(r"(?<!\\);")
_PHONE = re.compile(r"(?<![\w.])\+?\d[\d ()/-]{5,18}\d(?!\w)")
_EMAIL = re.compile(r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+")
_WECHAT = re.compile("(?i)we(?:chat|ixin):")
_CJK = re.compile(r"[\u3400-\u9fff]")


class Line(NamedTuple):
    """One property of a vCard: its name without a group, its types, its value as it stands."""

    name: str
    types: frozenset[str]
    value: str


def decode(data: bytes) -> str:
    """The text of a code that does not say its character set: UTF-8, else that of Chinese systems, never an error."""
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            return data.decode(encoding)
        except UnicodeDecodeError:
            continue
    return data.decode("latin-1")


def read(text: str) -> dict[str, str]:
    """Fields of a lead: ``name``, ``phone``, ``company``, ``position``, ``email``, ``wechat``, ``note``; those that the
    card has."""
    text = text[:MAX_LENGTH].replace("\x00", "").strip()
    upper = text[:16].upper()
    if upper.startswith("BEGIN:VCARD"):
        found = _vcard(text)
    elif upper.startswith("MECARD:"):
        found = _mecard(text[7:])
    elif upper.startswith("BIZCARD:"):
        found = _bizcard(text[8:])
    else:
        found = _plain(text)
    cleaned = {name: " ".join(value.split()) if name != "note" else value.strip() for name, value in found.items()}
    return {name: value for name, value in cleaned.items() if value}


# vCard


def _vcard(text: str) -> dict[str, str]:
    lines = list(_lines(text))
    first: dict[str, Line] = {}
    for line in lines:
        first.setdefault(line.name, line)
    numbers = [line for line in lines if line.name == "TEL" and line.value]
    mobile = next((line for line in numbers if line.types & {"CELL", "MOBILE"}), numbers[0] if numbers else None)
    others = [_number(line.value) for line in numbers if line is not mobile and "FAX" not in line.types]
    wechat = next((line.value for line in lines if "WECHAT" in line.name or "WEIXIN" in line.name), "")
    messenger = next((line.value for line in lines if line.name == "IMPP" and _WECHAT.match(line.value)), "")
    told = [_plain_value(line) for line in lines if line.name in ("ADR", "URL", "NOTE")]
    return {
        "name": _plain_value(first["FN"]) if "FN" in first else _name(_parts(first["N"].value)) if "N" in first else "",
        "phone": _number(mobile.value) if mobile else "",
        "company": _parts(first["ORG"].value)[0] if "ORG" in first else "",
        "position": _plain_value(first.get("TITLE") or first.get("ROLE")),
        "email": _plain_value(first.get("EMAIL")),
        "wechat": wechat or messenger.partition(":")[2],
        "note": "\n".join(filter(None, [*others, *told]))[:NOTE_LENGTH],
    }


def _lines(text: str) -> Iterator[Line]:
    raw = iter(_FOLD.sub("", text).splitlines())
    for line in raw:
        head, colon, value = line.partition(":")
        if not colon:
            continue
        name, *params = head.split(";")
        marks = {mark.strip().upper() for param in params for mark in param.partition("=")[2].split(",") if mark}
        # vCard 2.1 writes TEL;CELL without TYPE=.
        marks |= {param.upper() for param in params if "=" not in param}
        if "QUOTED-PRINTABLE" in marks:
            # A line that ends in = goes on in the next one.
            while value.endswith("="):
                value = value[:-1] + next(raw, "")
            value = _quoted_printable(value, params)
        if not marks & {"BASE64", "B"}:
            yield Line(name.rpartition(".")[2].strip().upper(), frozenset(mark.strip('"') for mark in marks), value)


def _quoted_printable(value: str, params: list[str]) -> str:
    data = quopri.decodestring(value.encode("ascii", "replace"))
    named = next((param.partition("=")[2] for param in params if param.upper().startswith("CHARSET=")), "")
    if named.upper().startswith("GB"):
        named = "gb18030"
    try:
        return data.decode(named) if named else decode(data)
    except (LookupError, UnicodeDecodeError):
        return decode(data)


def _unescape(value: str) -> str:
    return _ESCAPE.sub(lambda found: "\n" if found[1] in "nN" else found[1], value)


def _parts(value: str) -> list[str]:
    """The components of a structured value."""
    return [_unescape(part).strip() for part in _SPLIT.split(value)]


def _plain_value(line: Line | None) -> str:
    """A value for people: the components of an address with spaces between them."""
    if line is None:
        return ""
    return " ".join(filter(None, _parts(line.value)))


def _number(value: str) -> str:
    """A telephone number without its ``tel:``."""
    return re.sub("(?i)^tel:", "", _unescape(value)).partition(";")[0].strip()


def _name(parts: list[str]) -> str:
    """Family, given, additional …: in Chinese the family name comes first and nothing stands between."""
    family, given = (*parts, "", "")[:2]
    return family + given if _CJK.search(family + given) else f"{given} {family}".strip()


# MECARD and BIZCARD


def _mecard(text: str) -> dict[str, str]:
    fields: dict[str, list[str]] = {}
    for part in _SPLIT.split(text):
        key, colon, value = part.partition(":")
        if colon:
            fields.setdefault(key.strip().upper(), []).append(_unescape(value).strip())
    family, comma, given = fields.get("N", [""])[0].partition(",")
    numbers = fields.get("TEL", [])
    told = [*numbers[1:], *(value for key in ("ADR", "URL", "NOTE") for value in fields.get(key, []))]
    return {
        "name": _name([family.strip(), given.strip()]) if comma else family,
        "phone": numbers[0] if numbers else "",
        "company": fields.get("ORG", [""])[0],
        "position": fields.get("TITLE", fields.get("TIL", [""]))[0],
        "email": fields.get("EMAIL", [""])[0],
        "note": "\n".join(filter(None, told))[:NOTE_LENGTH],
    }


def _bizcard(text: str) -> dict[str, str]:
    fields: dict[str, str] = {}
    for part in _SPLIT.split(text):
        key, colon, value = part.partition(":")
        if colon:
            fields.setdefault(key.strip().upper(), _unescape(value).strip())
    given, family = fields.get("N", ""), fields.get("X", "")
    return {
        "name": _name([family, given]),
        "phone": fields.get("B", ""),
        "company": fields.get("C", ""),
        "position": fields.get("T", ""),
        "email": fields.get("E", ""),
        "note": fields.get("A", ""),
    }


# Badges


def _plain(text: str) -> dict[str, str]:
    """A badge: a number and an address are found, the rest is a note."""
    link = re.match(r"(?i)(tel|mailto|smsto):([^?]+)", text)
    if link:
        return {"email" if link[1].lower() == "mailto" else "phone": link[2].partition(":")[0]}
    found = {"note": text[:NOTE_LENGTH]}
    if re.match(r"(?i)https?://", text):
        return found
    email, phone = _EMAIL.search(text), _PHONE.search(text)
    if email:
        found["email"] = email[0]
    if phone:
        found["phone"] = phone[0]
    return found
