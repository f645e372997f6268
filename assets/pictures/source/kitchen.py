"""Stove, pots and coffee set."""

from kit import AMBER, BLACK, CREAM, STEEL, WOOD, Scene, box, disc
from palette import Ramp


def stove(s: Scene, c: Ramp) -> None:
    """A portable gas stove with a ring of blue flames."""
    s.shadow(242, 296, 186, 11)
    front = "M56 230H424V272Q424 286 410 286H70Q56 286 56 272Z"
    s.form("M100 168H384L424 230H56Z", s.linear(c.l2, c.l1, c.m, axis="d"), 7, 0.25)
    s.form(front, s.linear((0, c.m), (0.3, c.l1), (0.6, c.m), (1, c.d2)), 10)
    s.line("M58 231H422", c.l3, 2.4, op=0.8)
    s.form("M314 172H376L408 224H326Z", s.linear(c.m, c.d1, axis="d"), 6)
    s.path("M322 180H372L378 190H326Z", c.d3, op=0.35)
    s.path(disc(198, 200, 106, 25), c.d3, op=0.5)
    s.form(disc(198, 198, 104, 24), s.metal(), 5)
    s.path(disc(198, 199, 84, 18), STEEL.d3, op=0.65)
    s.form("M154 186H242V198Q242 210 198 210Q154 210 154 198Z", s.tube(BLACK), 5)
    s.path(disc(198, 186, 44, 11), BLACK.l1)
    for x, tall in ((158, 40), (172, 54), (186, 62), (200, 66), (214, 62), (228, 54), (241, 40)):
        y = 188
        flame = f"M{x - 9} {y}Q{x - 11} {y - tall * 0.5} {x} {y - tall}Q{x + 11} {y - tall * 0.5} {x + 9} {y}Z"
        s.path(flame, "#52B6EC", op=0.5, blur=5)
        s.path(flame, s.linear((0, "#BDE7FF", 0.9), (0.35, "#3C9BE0", 0.95), (1, "#1E5FB8", 0.95), axis="v"))
        s.path(
            f"M{x - 4} {y}Q{x - 5} {y - tall * 0.3} {x} {y - tall * 0.5}Q{x + 5} {y - tall * 0.3} {x + 4} {y}Z",
            "#E6F7FF",
            op=0.9,
        )
    for d in ("M100 196V164H140", "M296 196V164H256", "M128 216V178L158 184", "M268 216V178L238 184"):
        s.line(d, BLACK.d3, 9)
        s.line(d, BLACK.l1, 3, op=0.7, move=(-1.4, -1.4))
    s.path(box(84, 248, 130, 22, 6), c.d3, op=0.35)
    for x in range(96, 212, 16):
        s.path(box(x, 252, 7, 14, 3), c.d3, op=0.7)
    s.form(disc(362, 257, 22), s.radial(BLACK.l2, BLACK.m, BLACK.d3, at=(0.35, 0.3), r=0.8), 5)
    s.line("M362 257L354 243", AMBER.l1, 4)
    s.patch(272, 258, 1.15)
    for x in (80, 366):
        s.form(box(x, 284, 34, 11, 4), BLACK.d1, 3)


def cookware(s: Scene, c: Ramp) -> None:
    """A nesting set: pot with lid, pan behind it, small bowl."""
    s.shadow(240, 298, 160, 11)
    with s.placed(0, 0):
        s.rod("M352 106L412 46", BLACK, 18)
        s.line("M372 86L406 52", WOOD.m, 11)
        s.form(disc(306, 178, 98), s.linear(c.m, c.d2, axis="d"), 10)
        s.path(disc(306, 178, 84), s.radial((0, "#4B5257"), (0.7, "#2E3439"), (1, "#20262A"), at=(0.36, 0.3), r=0.85))
        for r in (68, 50, 32):
            s.line(disc(306, 178, r), "#FFFFFF", 1.6, op=0.1)
        s.path("M244 130Q278 94 326 100Q280 116 262 152Z", "#FFFFFF", op=0.16, blur=3)
    s.line("M104 176Q64 172 66 204Q68 226 106 220", STEEL.d3, 9)
    s.line("M104 176Q64 172 66 204Q68 226 106 220", STEEL.l2, 4, move=(-1, -1))
    s.line("M268 176Q308 172 306 204Q304 226 266 220", STEEL.d3, 9)
    s.line("M268 176Q308 172 306 204Q304 226 266 220", STEEL.l2, 4, move=(-1, -1))
    s.form("M98 152H274L268 272Q266 298 240 298H132Q106 298 104 272Z", s.tube(c), 11)
    s.line("M102 240Q186 254 270 240", c.d3, 2, op=0.4)
    s.form("M92 144Q186 172 280 144V156Q186 184 92 156Z", s.metal(), 4)
    s.form("M96 146Q104 112 186 106Q268 112 276 146Q186 172 96 146Z", s.tube(c), 8)
    s.path("M122 134Q150 116 188 116Q160 124 148 144Z", "#FFFFFF", op=0.35, blur=2)
    s.form("M168 108Q168 84 186 82Q204 84 204 108Q186 114 168 108Z", s.tube(WOOD), 4)
    s.path(disc(186, 111, 20, 4.5), STEEL.d2)
    s.patch(186, 214, 1.35)
    s.path(disc(352, 300, 56, 6), "#33230F", op=0.35, blur=4)
    s.form("M298 238H408Q406 300 353 300Q300 300 298 238Z", s.metal(), 8)
    s.path(disc(353, 238, 55, 12), STEEL.d2)
    s.path(disc(353, 241, 49, 9), s.linear(STEEL.d3, STEEL.l1))


def _steam(s: Scene, x: float, y: float) -> None:
    s.line(f"M{x} {y}q-14 -16 0 -32q12 -14 0 -28", "#FFFFFF", 6, op=0.55, blur=3)
    s.line(f"M{x + 24} {y}q-12 -14 2 -28q10 -12 0 -24", "#FFFFFF", 5, op=0.45, blur=3)


def coffee(s: Scene, c: Ramp) -> None:
    """A pour-over set: dripper on a glass server, and a cup."""
    s.shadow(226, 298, 140, 10)
    s.line("M254 196Q322 190 316 238Q310 276 262 278", "#7C5A34", 13)
    s.line("M254 196Q322 190 316 238Q310 276 262 278", WOOD.l1, 6, move=(-2, -2))
    server = "M142 172H250L244 186Q280 224 274 276Q271 298 250 298H142Q121 298 118 276Q112 224 148 186Z"
    s.path(server, "#FFFFFF", op=0.38)
    with s.inside(server):
        s.path("M90 226Q196 234 300 226V310H90Z", s.linear((0, "#7A4A25"), (0.3, "#5A331A"), (1, "#2A150A"), axis="d"))
        s.path(disc(196, 228, 80, 8), "#8A5A30")
        s.line(server, "#0A1D26", 9, op=0.28, blur=4, move=(-3, -3))
    s.line(server, "#FFFFFF", 2.6, op=0.85)
    s.line("M136 216Q122 242 132 282", "#FFFFFF", 7, op=0.7)
    s.line("M256 214Q264 230 264 250", "#FFFFFF", 3, op=0.5)
    s.path("M194 182H200V226H194Z", "#5A331A")
    s.form(box(132, 162, 128, 16, 7), s.tube(c), 4)
    s.path("M112 84L126 70L150 82L178 68L206 82L236 68L264 80L280 84L262 108H130Z", s.linear("#FFFDF6", "#E6D9BD"))
    s.form("M110 92H282Q276 134 234 164H158Q116 134 110 92Z", s.tube(c), 9)
    s.path(disc(196, 92, 86, 13), c.d3)
    s.path(disc(196, 91, 80, 11), s.linear("#FFFDF6", "#D8C8A6"))
    s.path(disc(196, 95, 60, 7), "#4B2C16")
    s.path(disc(186, 93, 26, 3), "#7A4F2A", op=0.8)
    s.line("M280 104Q322 100 314 128Q306 148 262 142", c.d2, 11)
    s.line("M280 104Q322 100 314 128Q306 148 262 142", c.l1, 4.5, move=(-1.6, -2))
    s.humps(180, 136, 1, CREAM.l2)
    _steam(s, 184, 72)
    s.path(disc(372, 299, 52, 7), "#33230F", op=0.4, blur=4)
    s.line("M404 244Q436 242 432 264Q428 282 398 278", c.m, 9)
    s.form("M330 232H414L406 288Q404 299 392 299H352Q340 299 338 288Z", s.tube(c), 7)
    s.path(disc(372, 232, 42, 9), c.d2)
    s.path(disc(372, 233, 37, 7), CREAM.l2)
    s.path(disc(372, 235, 34, 5.5), "#55301A")
    _steam(s, 364, 222)
