"""Cuts the base face from the slices: ``python assets/fonts/cut.py``. The result is committed.

The base face is loaded before the first frame, so that no usual text is seen as boxes or arrives late; it holds Latin,
digits, punctuation, the 3,755 usual characters (level 1 of GB 2312), and the characters of every catalogue in
``shared/locale``, of the demo company, and of ``names.txt`` (family names and words of trade). All others come from the
slices when they are met: a moment later, and until then they are boxes.

fontTools merges no variable fonts, but all slices are cut from one source: same axis, same metrics. So their glyphs,
with their variations, are appended to the Latin slice, whose kerning stays valid because its glyph numbers do not
change.
"""

from __future__ import annotations

import sys
from pathlib import Path

from fontTools.subset import Options, Subsetter
from fontTools.ttLib import TTFont

HERE = Path(__file__).resolve().parent
SLICES = HERE / "slices"
TARGET = HERE / "noto-sans-sc-base.woff2"
# Full-width in this face, which tears English apart ("Zhou Lan  ·  Manager"); in Chinese the narrow form is usual too
# in interfaces. Name: (advance, left side bearing) in 1/1000 em; the drawing is moved, not changed.
NARROW = {
    "·": (360, 95),
    "•": (360, 95),
    "“": (390, 50),
    "”": (390, 50),
    "‘": (235, 50),
    "’": (235, 50),
}
DROPPED_TABLES = ("HVAR", "vhea", "vmtx", "VVAR", "BASE", "prep", "gasp", "STAT")


def wanted_characters() -> set[int]:
    """Return the code points that the base face should hold."""
    wanted = set(range(0x20, 0x7F)) | set(range(0xA0, 0x100)) | {ord(c) for c in "–—‘’“”•…‹›€™−×÷→←↑↓≤≥≈％‰℃№○●■◆★☆"}
    wanted |= set(range(0x3001, 0x3004)) | set(range(0x3005, 0x3012)) | set(range(0xFF01, 0xFF5F)) | {0xFFE5}
    wanted |= set(map(ord, usual_characters()))
    project = HERE.parents[1]
    sources = [*(project / "shared" / "locale").rglob("*.py"), *(project / "server" / "demo").rglob("*.py")]
    for path in [HERE / "names.txt", *sorted(sources)]:
        wanted |= {ord(c) for c in path.read_text(encoding="utf-8") if c.isprintable()}
    return wanted


def usual_characters() -> str:
    """Level 1 of GB 2312 (rows 16 to 55): the characters of everyday Chinese, chosen by frequency of use."""
    pairs = (bytes((row, cell)) for row in range(0xB0, 0xD8) for cell in range(0xA1, 0xFF))
    return b"".join(pairs).decode("gb2312", errors="ignore")


def _font(number: str) -> TTFont:
    return TTFont(SLICES / f"noto-sans-sc-{number}-wght-normal.woff2", recalcTimestamp=False)


def _subset(font: TTFont, characters: set[int], features: list[str]) -> None:
    options = Options()
    options.layout_features = features
    options.hinting = False
    options.drop_tables += list(DROPPED_TABLES)
    options.notdef_outline = True
    options.name_IDs = ["*"]
    subsetter = Subsetter(options)
    subsetter.populate(unicodes=characters)
    subsetter.subset(font)


def _append(base: TTFont, extra: TTFont, prefix: str) -> None:
    """Add every mapped glyph of ``extra`` (no composites after subsetting with decomposition) to ``base``."""
    order = list(base.getGlyphOrder())
    names = {name: f"{prefix}.{name}" for name in extra.getGlyphOrder() if name != ".notdef"}
    glyf = base["glyf"]
    for old, new in names.items():
        glyph = extra["glyf"][old]
        if glyph.isComposite():
            for component in glyph.components:
                component.glyphName = names[component.glyphName]
        glyf.glyphs[new] = glyph
        base["hmtx"].metrics[new] = extra["hmtx"].metrics[old]
        base["gvar"].variations[new] = extra["gvar"].variations.get(old, [])
        order.append(new)
    base.setGlyphOrder(order)
    glyf.glyphOrder = order
    for table in base["cmap"].tables:
        if table.isUnicode():
            table.cmap.update(
                {code: names[name] for code, name in extra.getBestCmap().items() if code not in table.cmap}
            )


def _narrow(font: TTFont) -> None:
    cmap = font.getBestCmap()
    for character, (advance, bearing) in NARROW.items():
        name = cmap[ord(character)]
        _, old = font["hmtx"].metrics[name]
        glyph = font["glyf"][name]
        if glyph.isComposite():
            raise SystemExit(f"{character} is composed of other glyphs; moving it would need another way")
        glyph.coordinates.translate((bearing - old, 0))
        glyph.recalcBounds(font["glyf"])
        font["hmtx"].metrics[name] = (advance, bearing)


def main() -> int:
    """Write the base face and say how large it is."""
    wanted = wanted_characters()
    base = _font("latin")
    _subset(base, wanted, ["kern", "ccmp", "liga", "locl"])
    _narrow(base)
    missing = wanted - set(base.getBestCmap())
    for path in sorted(SLICES.glob("*.woff2")):
        number = path.name.split("-")[3] if "latin-ext" not in path.name else "latin-ext"
        here = missing & set(TTFont(path).getBestCmap())
        if number == "latin" or not here:
            continue
        extra = TTFont(path)
        _subset(extra, here, [])
        _append(base, extra, f"s{number}")
        missing -= here
    for table in DROPPED_TABLES:
        if table in base:
            del base[table]
    base["post"].formatType = 3.0
    base.flavor = "woff2"
    base.save(TARGET)
    print(f"{TARGET.name}: {len(base.getBestCmap())} characters, {TARGET.stat().st_size // 1024} kB")
    print("in no slice:", " ".join(f"U+{c:04X}" for c in sorted(missing)) or "none")
    return 0


if __name__ == "__main__":
    sys.exit(main())
