"""Sleeping bag, mat and hammock."""

from kit import BLACK, CREAM, STEEL, Scene, box, disc
from palette import AMBER, Ramp


def _bag_shell(s: Scene, c: Ramp) -> None:
    """Draw the bag in its own frame: feet at x = -176, hood at x = 170, 172 wide."""
    outline = (
        "M-160 -40C-184 -30 -184 30 -160 42C-84 70 20 84 96 82C150 78 172 40 172 0"
        "C172 -40 150 -78 96 -82C20 -84 -84 -68 -160 -40Z"
    )
    s.path(outline, "#33230F", op=0.42, blur=10, move=(8, 22))
    s.form(outline, s.linear((0, c.l1), (0.45, c.m), (1, c.d1), axis="v"), 18, 0.42, 0.5)
    with s.inside(outline):
        for x in (-128, -78, -28, 22):
            s.line(f"M{x} -96Q{x + 22} 0 {x} 96", c.d3, 9, op=0.3, blur=3)
            s.line(f"M{x + 9} -96Q{x + 31} 0 {x + 9} 96", c.l3, 7, op=0.3, blur=3)
            s.line(f"M{x} -96Q{x + 22} 0 {x} 96", c.d3, 2, op=0.5)
        s.path("M-200 -60L-138 -60Q-118 0 -138 60H-200Z", c.d2, op=0.55)


def sleeping_bag(s: Scene, c: Ramp) -> None:
    """A mummy bag laid open across the floor, with its stuff sack."""
    with s.placed(216, 166, -22, 1.04):
        _bag_shell(s, c)
        lining = "M112 -30C70 -62 0 -50 -66 -4C-10 2 40 22 66 56C96 50 112 40 118 30Z"
        s.form(lining, s.linear(CREAM.l3, CREAM.m, CREAM.d1, axis="v"), 8)
        fold = "M-66 -4C-10 2 40 22 66 56C60 70 44 76 30 70C10 40 -20 14 -66 -4Z"
        s.form(fold, s.linear(AMBER.l2, AMBER.d1, axis="v"), 6)
        s.line("M112 -30C70 -62 0 -50 -66 -4L-124 -2", BLACK.d1, 5)
        s.line("M112 -30C70 -62 0 -50 -66 -4L-124 -2", STEEL.l3, 2.2, dash="4 3", cap="butt")
        hood = (
            "M92 -82C152 -80 172 -40 172 0C172 40 152 80 92 82"
            "C112 62 120 46 122 30Q132 0 120 -32C116 -50 108 -66 92 -82Z"
        )
        s.form(hood, s.linear((0, c.l2), (1, c.d1), axis="v"), 12)
        s.form(
            "M96 -26Q126 -34 140 -24Q150 0 140 26Q122 34 98 26Q88 0 96 -26Z",
            s.linear("#FFFFFF", CREAM.l1, CREAM.d1, axis="d"),
            8,
        )
        s.line("M152 -34Q162 0 152 34", c.d3, 3, op=0.5)
        s.patch(-152, 2, 0.9)
    s.shadow(392, 306, 50, 7)
    s.form("M344 232Q390 214 436 232V290Q436 306 390 306Q344 306 344 290Z", s.tube(c), 9)
    s.path(disc(390, 233, 46, 12), c.d2)
    s.line("M344 234Q390 258 436 234", c.l2, 2.4, op=0.7)
    s.line("M390 232Q376 202 398 194Q416 204 396 230", BLACK.m, 4.4)
    s.path(disc(392, 231, 7), BLACK.d2)
    s.humps(390, 288, 1.5, CREAM.l2)


def mat(s: Scene, c: Ramp) -> None:
    """A foam mat half unrolled, its rolled end towards us."""
    s.path("M60 300L180 196L448 196L420 312Z", "#33230F", op=0.3, blur=9)
    sheet = "M150 182H430Q438 184 436 192L424 290Q422 298 412 298H92Z"
    s.path(sheet, c.d3, move=(2, 9))
    s.form(sheet, s.linear(c.m, c.l1, c.m, axis="d"), 7, 0.25)
    with s.inside(sheet):
        for row in range(7):
            y = 190 + row * row * 1.1 + row * 9.5
            for col in range(13):
                x = 120 + col * 27 + (13 if row % 2 else 0) - row * 2
                s.path(disc(x + 2, y + 3, 11, 5 + row * 0.4), c.d2, op=0.75)
                s.path(disc(x, y, 10, 4.4 + row * 0.4), c.l2, op=0.85)
    roll = "M52 240Q46 190 90 172L176 112Q214 92 238 124Q252 150 232 176L142 286Q60 306 52 240Z"
    s.path(roll, "#20160A", op=0.5, blur=8, move=(20, 14))
    s.form(roll, s.linear((0, c.l2), (0.4, c.m), (1, c.d3), axis="d"), 14)
    with s.inside(roll):
        for i in range(7):
            x = i * 24
            s.line(
                f"M{84 + x} {170 - x * 0.62}Q{132 + x} {196 - x * 0.5} {136 + x} {292 - x * 1.1}",
                c.d3,
                5,
                op=0.35,
                blur=1.5,
            )
            s.line(
                f"M{92 + x} {166 - x * 0.62}Q{140 + x} {192 - x * 0.5} {144 + x} {284 - x * 1.1}",
                c.l3,
                3.4,
                op=0.35,
                blur=1,
            )
    s.form(disc(100, 236, 54, 66), s.radial(c.l1, c.m, c.d1, at=(0.4, 0.35), r=0.75), 6)
    spiral = (
        "M104 238C114 228 116 250 102 254C84 256 82 222 102 214C130 210 136 262 104 274"
        "C66 278 62 204 102 194C142 192 154 250 136 280"
    )
    s.line(spiral, c.d3, 5, op=0.85)
    s.line("M150 268Q176 232 152 178L166 168Q194 222 168 250Z", BLACK.d1, 5)
    s.path("M118 154Q172 190 160 270L172 256Q184 178 131 145Z", BLACK.m)
    s.form(box(158, 204, 26, 18, 4), STEEL.m, 3)
    s.patch(392, 274, 1)


def _trunk(s: Scene, x: float, flip: int) -> None:
    bark = "M-30 -10C-22 90 -24 200 -40 306H42C26 200 24 90 32 -10Z"
    with s.placed(x, 0):
        s.path(disc(8, 306, 58, 9), "#33230F", op=0.4, blur=6)
        s.form(bark, s.linear("#9A7350", "#7A5738", "#4A321E"), 13)
        with s.inside(bark):
            for dx, y, h in ((-14, 20, 60), (4, 60, 80), (-8, 150, 70), (14, 170, 90), (-22, 230, 60), (18, 20, 50)):
                s.line(f"M{dx} {y}q6 {h / 2} -2 {h}", "#3A2615", 3, op=0.6)
        s.path(box(-30, 92, 60, 15, 3), "#2E2A22")
        s.path(box(-30, 94, 60, 4, 2), "#6E6450")
        s.path(disc(28 * flip, 100, 7), STEEL.l1)


def hammock(s: Scene, c: Ramp) -> None:
    """A hammock between two trees."""
    s.path(disc(240, 296, 130, 12), "#33230F", op=0.28, blur=10)
    _trunk(s, 44, 1)
    _trunk(s, 436, -1)
    inner = "M108 128Q240 214 372 128Q330 178 240 190Q150 178 108 128Z"
    outer = "M106 126Q146 186 240 194Q334 186 374 126Q362 254 240 266Q118 254 106 126Z"
    s.path("M104 124Q240 190 376 124Q340 232 240 240Q140 232 104 124Z", s.linear(c.d2, c.d3, axis="v"))
    s.form(
        "M190 162Q240 146 286 164Q300 182 284 194Q240 204 196 194Q178 182 190 162Z",
        s.linear(CREAM.l3, CREAM.d1, axis="v"),
        7,
    )
    s.path(inner, "none")
    s.form(outer, s.linear((0, c.l2), (0.5, c.m), (1, c.d2), axis="v"), 14)
    with s.inside(outer):
        for dx in (-84, -50, -18, 18, 50, 84):
            s.line(f"M{240 + dx * 1.3} 150Q{240 + dx} 220 {240 + dx * 0.75} 290", AMBER.l2 if abs(dx) == 50 else c.d3,
                   10 if abs(dx) == 50 else 2.4, op=0.75 if abs(dx) == 50 else 0.4)  # fmt: skip
    s.line("M106 126Q146 186 240 194Q334 186 374 126", c.d3, 6)
    s.line("M106 126Q146 186 240 194Q334 186 374 126", c.l3, 2.4, move=(0, -1.4))
    for x in range(140, 350, 15):
        y = 262 - ((x - 240) / 106) ** 2 * 26
        s.line(f"M{x} {y - 2}v16", CREAM.m, 3)
    for flip, x in ((1, 72), (-1, 408)):
        for dy in (-6, 4, 16):
            s.line(f"M{x} 100L{x + 36 * flip} {126 + dy}", CREAM.d3, 3)
            s.line(f"M{x} 99L{x + 36 * flip} {125 + dy}", CREAM.l2, 1.4)
    s.patch(240, 226, 1)
