"""Thermal jug, mug and water filter."""

from kit import BLACK, CREAM, STEEL, Scene, box, disc
from palette import Ramp


def jug(s: Scene, c: Ramp) -> None:
    """A thermal jug with a steel collar and a long handle."""
    s.shadow(238, 298, 92, 9)
    s.line("M288 116Q384 116 372 202Q362 262 292 258", BLACK.d3, 25)
    s.line("M288 116Q384 116 372 202Q362 262 292 258", BLACK.m, 18)
    s.line("M292 113Q378 114 368 196", BLACK.l2, 4, op=0.6, move=(-3, -3))
    s.form("M170 116H304V268Q304 298 274 298H200Q170 298 170 268Z", s.tube(c), 12)
    s.form("M164 104Q164 94 174 94H300Q310 94 310 104V122H164Z", s.metal(), 5)
    s.form("M172 96L138 84Q136 104 168 118Z", s.metal(), 4)
    s.form("M182 96Q184 58 214 54H260Q290 58 292 96Z", s.tube(BLACK), 7)
    s.form(box(216, 36, 42, 24, 9), s.tube(BLACK), 5)
    s.path(box(226, 44, 22, 7, 3.5), c.l1)
    s.form(box(170, 270, 134, 12, 2), s.metal(), 3)
    s.line("M198 134V256", "#FFFFFF", 9, op=0.5, blur=1.5)
    s.patch(244, 196, 1.45, ground=c.d3)
    for y in (144, 156):
        s.line(f"M172 {y}H302", c.d3, 1.6, op=0.25)


def mug(s: Scene, c: Ramp) -> None:
    """An enamel mug, speckled, with hot coffee."""
    s.shadow(232, 297, 98, 9)
    for d, w in (
        ("M176 88q-18 -20 2 -40q16 -14 4 -30", 8),
        ("M226 86q-18 -20 4 -42q14 -14 2 -28", 9),
        ("M272 90q-14 -16 4 -34", 7),
    ):
        s.line(d, "#FFFFFF", w, op=0.6, blur=4)
    s.line("M304 150Q392 140 382 206Q372 262 296 246", c.d2, 24)
    s.line("M304 150Q392 140 382 206Q372 262 296 246", c.m, 18, move=(-1, -1))
    s.line("M310 145Q382 142 376 200", c.l3, 4, op=0.75, move=(-2, -2))
    body = "M144 112H322L310 270Q308 297 282 297H184Q158 297 156 270Z"
    s.form(body, s.tube(c), 12)
    with s.inside(body):
        for i in range(1, 46):  # the R2 sequence (Roberts, 2018): scattered, yet never in clumps
            x, y = 150 + 172 * (i * 0.7548777 % 1), 138 + 152 * (i * 0.5698403 % 1)
            s.path(disc(round(x), round(y), 1.3 + (i % 3) * 0.8), CREAM.l2 if i % 4 else c.d3, op=0.7)
    s.line("M176 140L186 268", "#FFFFFF", 9, op=0.5, blur=1.5)
    s.form(disc(233, 112, 92, 20), s.linear(BLACK.l1, BLACK.d2), 3)
    s.path(disc(233, 111, 84, 16), s.linear(CREAM.d2, CREAM.l2))
    s.path(disc(233, 116, 78, 12.5), s.radial("#7B4A28", "#4A2A16", "#2C170B", at=(0.4, 0.4), r=0.7))
    s.line("M190 115Q214 108 246 110", "#B98556", 3, op=0.7)
    s.line("M168 286Q234 299 298 286", c.d3, 5, op=0.5)
    s.humps(238, 220, 2.3, CREAM.l1)
    s.line("M200 236H276", CREAM.l1, 4)


def _drop(x: float, y: float, r: float) -> str:
    return (
        f"M{x} {y - r * 1.7}C{x + r * 0.6} {y - r * 0.8} {x + r} {y - r * 0.4} {x + r} {y}"
        f"A{r} {r} 0 1 1 {x - r} {y}C{x - r} {y - r * 0.4} {x - r * 0.6} {y - r * 0.8} {x} {y - r * 1.7}Z"
    )


def water_filter(s: Scene, c: Ramp) -> None:
    """A clear bottle with a filter inside its coloured cap."""
    s.shadow(240, 300, 86, 9)
    s.path(disc(262, 302, 70, 10), "#7FC3DE", op=0.4, blur=6)
    bottle = "M176 124H304Q318 140 318 162V272Q318 300 290 300H190Q162 300 162 272V162Q162 140 176 124Z"
    s.path(bottle, "#F4FBFF", op=0.55)
    with s.inside(bottle):
        s.path("M150 176Q200 166 240 176Q280 186 330 176V310H150Z",
               s.linear((0, "#BDE6F4", 0.9), (0.5, "#6DB9D6", 0.92), (1, "#2F86AC", 0.95), axis="d"))  # fmt: skip
        s.path("M150 176Q200 166 240 176Q280 186 330 176V184Q280 194 240 184Q200 174 150 184Z", "#E9F8FD", op=0.9)
    s.form(box(212, 118, 56, 112, 10), s.tube(CREAM), 7)
    for y in range(140, 220, 14):
        s.line(f"M213 {y}H267", CREAM.d2, 3, op=0.7)
    s.form(box(208, 222, 64, 20, 8), s.tube(c), 5)
    with s.inside(bottle):
        s.line(bottle, "#0B3B4A", 10, op=0.3, blur=5, move=(-4, -4))
        for x, y, r in ((190, 244, 5), (202, 222, 3.5), (186, 210, 4), (292, 250, 4.5), (284, 222, 3), (298, 206, 4)):
            s.path(disc(x, y, r), "#FFFFFF", op=0.6)
    s.line(bottle, "#FFFFFF", 2.6, op=0.8)
    s.line("M178 160V270", "#FFFFFF", 8, op=0.75)
    s.form("M168 92H312Q318 92 318 100V128H162V100Q162 92 168 92Z", s.tube(c), 7)
    for x in range(176, 312, 15):
        s.line(f"M{x} 102V120", c.d3, 3, op=0.4)
    s.form("M196 66H284L298 92H182Z", s.tube(c), 6)
    s.form("M220 34H256Q264 34 264 44V68H212V44Q212 34 220 34Z", s.tube(BLACK), 5)
    s.line("M184 82Q120 82 126 132Q130 152 140 160", STEEL.d3, 7)
    s.line("M184 82Q120 82 126 132Q130 152 140 160", STEEL.l2, 3)
    s.form(disc(141, 168, 13), s.metal(), 3)
    s.path(disc(141, 168, 6), "#8A9CA4")
    drop = _drop(378, 246, 27)
    s.form(drop, s.linear((0, "#D9F2FA"), (0.5, "#6DB9D6"), (1, "#2C7FA6"), axis="d"), 6)
    s.path(disc(369, 248, 6, 9), "#FFFFFF", op=0.85)
    s.path(disc(380, 299, 26, 5), "#2C7FA6", op=0.35, blur=4)
