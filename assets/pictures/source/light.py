"""Lantern and headlamp."""

from kit import AMBER, BLACK, CREAM, STEEL, Scene, box, disc
from palette import Ramp


def lantern(s: Scene, c: Ramp) -> None:
    """A camping lantern with a glass globe, a wire guard and a dial."""
    s.path(disc(240, 182, 150), "#F6B64E", op=0.3, blur=34)
    s.path(disc(240, 182, 84), "#FFD58A", op=0.4, blur=22)
    s.path(disc(240, 304, 150, 20), "#F6B64E", op=0.35, blur=12)
    s.shadow(240, 302, 76, 8)
    s.rod("M172 128C150 10 330 10 308 128", STEEL, 8)
    s.form("M212 58H268L276 76H204Z", s.tube(c), 4)
    s.form("M196 74H284L300 106H180Z", s.tube(c), 6)
    for x in (214, 232, 250, 268):
        s.line(f"M{x - 3} 86V96", c.d3, 5)
    s.form(box(168, 104, 144, 18, 8), s.tube(c), 4)
    globe = "M186 122H294C322 158 322 200 296 238H184C158 200 158 158 186 122Z"
    s.path(globe, s.radial((0, "#FFFCEB"), (0.34, "#FFEBB4"), (0.68, AMBER.l1), (1, "#D98F2B"), at=(0.5, 0.5), r=0.62))
    with s.inside(globe):
        s.line(globe, "#8A4E0C", 14, op=0.5, blur=6)
        s.path(box(229, 148, 22, 74, 11), "#FFFFFF", blur=2)
        s.path(disc(240, 184, 34, 48), "#FFFFFF", op=0.6, blur=13)
    s.line("M194 136Q176 178 194 226", "#FFFFFF", 8, op=0.75)
    s.line("M284 132Q300 152 302 170", "#FFFFFF", 4, op=0.6)
    for d in ("M206 120Q190 180 206 240", "M274 120Q290 180 274 240", "M160 180Q240 196 320 180"):
        s.line(d, STEEL.d3, 4)
        s.line(d, STEEL.l2, 1.5, move=(-0.8, -0.8))
    s.form(box(168, 234, 144, 16, 7), s.tube(c), 4)
    s.form("M176 250H304L314 290Q314 302 300 302H180Q166 302 166 290Z", s.tube(c), 7)
    s.form(disc(240, 276, 17), s.radial(AMBER.l3, AMBER.m, AMBER.d2, at=(0.38, 0.34), r=0.75), 4)
    s.line("M240 276V264", AMBER.d3, 3.4)
    s.humps(200, 284, 0.8, CREAM.l1)
    for x in (280, 290):
        s.path(disc(x, 276, 3), "#FFE6AC")


def _band(s: Scene, c: Ramp) -> None:
    """Draw the elastic band as a short cylinder seen a little from above: inner face, then outer."""
    s.path(
        "M84 130A156 66 0 0 1 396 130V182A156 66 0 0 0 84 182Z",
        s.linear((0, c.d3), (0.3, c.d1), (0.7, c.d2), (1, c.d3)),
    )
    s.line("M85 154A156 66 0 0 1 395 154", AMBER.d2, 4, dash="11 8", cap="butt", op=0.8)
    s.form(box(214, 58, 52, 66, 8), s.linear(BLACK.l1, BLACK.d2, axis="d"), 6)
    s.path(box(222, 82, 36, 7, 3), c.m)
    s.path(box(222, 96, 36, 7, 3), BLACK.d3)
    front = "M84 130A156 66 0 0 0 396 130V186A156 66 0 0 1 84 186Z"
    s.form(front, s.linear((0, c.d2), (0.2, c.l1), (0.5, c.m), (0.8, c.d1), (1, c.d3)), 7)
    s.line("M85 158A156 66 0 0 0 395 158", AMBER.l1, 5, dash="12 9", cap="butt")
    s.line("M85 137A156 66 0 0 0 395 137M85 179A156 66 0 0 0 395 179", c.d3, 2, op=0.5)


def headlamp(s: Scene, c: Ramp) -> None:
    """A headlamp on its elastic band, shining at us."""
    s.path(disc(240, 228, 160, 120), "#FFE1A0", op=0.2, blur=36)
    s.shadow(240, 296, 120, 10)
    s.path(disc(240, 304, 170, 13), "#FFE1A0", op=0.4, blur=12)
    _band(s, c)
    for x, flip in ((148, 1), (332, -1)):
        with s.placed(x, 206, 17 * flip):
            s.form(box(-17, -36, 34, 70, 7), s.linear(BLACK.l1, BLACK.d2, axis="d"), 5)
            s.path(box(-5, -28, 10, 54, 4), BLACK.d3)
    s.form("M184 158Q186 148 198 148H282Q294 148 296 158L302 176H178Z", s.tube(c), 6)
    s.form("M176 168H304Q322 170 322 188V270Q320 296 294 298H186Q160 296 158 270V188Q158 170 176 168Z",
           s.linear((0, BLACK.l2), (0.4, BLACK.m), (1, BLACK.d3), axis="d"), 12)  # fmt: skip
    s.form(disc(240, 234, 55), s.tube(c), 6)
    s.path(disc(240, 234, 45), "#0B1114")
    s.path(disc(240, 234, 42), s.radial((0, "#FFFFFF"), (0.4, "#FFF3CC"), (0.75, AMBER.l1), (1, "#B87A22")))
    for angle in range(0, 360, 45):
        with s.placed(240, 234, angle):
            s.line("M0 -22V-38", "#C98C2E", 2.6, op=0.5)
    s.path(disc(240, 234, 66), "#FFF0C2", op=0.4, blur=16)
    s.path(disc(240, 234, 22), "#FFFFFF", op=0.9, blur=6)
    s.path(disc(306, 282, 4.4), "#7FE0A0")
    s.path(disc(306, 186, 4.4), "#FF8A66")
    s.humps(240, 165, 0.9, CREAM.l2)
