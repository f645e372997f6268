"""Tent and tarp."""

from kit import AMBER, BLACK, CREAM, WOOD, Scene, disc
from palette import RUST, Ramp


def _guy(s: Scene, start: tuple[float, float], peg: tuple[float, float]) -> None:
    s.line(f"M{start[0]} {start[1]}L{peg[0]} {peg[1]}", CREAM.d2, 2.6)
    s.line(f"M{peg[0] - 2} {peg[1] - 9}L{peg[0] + 3} {peg[1] + 8}", BLACK.m, 5)


def tent(s: Scene, c: Ramp) -> None:
    """A dome tent for two, its door rolled aside and a light inside."""
    s.shadow(246, 295, 200, 13)
    _guy(s, (380, 160), (458, 296))
    _guy(s, (110, 186), (24, 302))
    side = "M232 70C318 78 388 150 426 276Q372 296 304 302C300 214 276 130 232 70Z"
    front = "M232 70C276 130 300 214 304 302Q180 306 62 290C92 196 150 108 232 70Z"
    s.form(side, s.linear(c.m, c.d1, c.d2, axis="d"), 14, 0.4, 0.3)
    s.form(front, s.linear(c.l2, c.l1, c.m, axis="d"), 14, 0.3, 0.5)
    with s.inside(side):
        s.path("M300 268Q372 262 430 240V310H290Z", c.d3, op=0.55)
        s.path("M322 150Q352 168 366 216Q346 224 330 226Q330 186 322 150Z", c.d3, op=0.8)
        s.line("M333 176L352 222M326 200L364 196", c.d1, 2)
        s.line("M262 96Q330 140 352 280", c.d3, 2.4, op=0.45)
    with s.inside(front):
        s.path("M40 262Q170 280 310 274V320H40Z", c.d1, op=0.55)
        s.line("M40 262Q170 280 310 274", c.l3, 2.4, op=0.6)
    door = "M140 298C150 226 174 160 216 118C242 166 254 232 256 301Q200 302 140 298Z"
    s.path(door, s.radial((0, AMBER.l3), (0.35, AMBER.m), (1, "#3A2512"), at=(0.48, 0.84), r=0.72))
    with s.inside(door):
        s.path("M130 310V284Q190 274 266 284V310Z", "#2C2E2C", op=0.75)
        s.path(disc(206, 270, 9, 13), "#FFF7DC")
        s.path(disc(206, 268, 30), "#FFE3A0", op=0.55, blur=9)
        s.line(door, "#000000", 12, op=0.45, blur=5)
    s.line(door, c.d2, 3)
    flap = "M140 298C148 226 172 162 214 120L222 130C190 172 168 232 162 299Z"
    s.form(flap, s.linear(c.l3, c.l1, c.d1), 6)
    s.line("M170 204L186 210M154 256L170 259", RUST.m, 5)
    s.line("M62 290C92 196 150 108 232 70C318 78 388 150 426 276", c.d3, 5)
    s.line("M62 290C92 196 150 108 232 70C318 78 388 150 426 276", c.l2, 1.6, op=0.8, move=(-1, -1.4))
    s.line("M232 70C276 130 300 214 304 302", c.d3, 4.4)
    s.line("M232 70C276 130 300 214 304 302", c.l2, 1.4, op=0.7, move=(-1.2, -0.6))
    s.form("M196 88Q232 56 266 84Q250 104 234 108Q214 104 196 88Z", s.linear(c.d1, c.d3), 5)
    s.patch(104, 246, 1)


def _camp_box(s: Scene) -> None:
    s.shadow(246, 296, 54, 6)
    s.form("M204 258H288V294H204Z", s.linear(WOOD.l1, WOOD.d1), 6)
    s.line("M204 276H288", WOOD.d2, 2, op=0.7)
    s.path("M198 250H294V259H198Z", WOOD.l2)
    s.path(disc(238, 224, 34), "#FFDE93", op=0.5, blur=10)
    s.path("M228 212H248L252 240H224Z", "#FFE9B4")
    s.path("M222 240H254V250H222ZM228 204H248V212H228Z", "#173F4B")


def tarp(s: Scene, c: Ramp) -> None:
    """A hexagon tarp on two poles with a string of lights."""
    s.shadow(240, 300, 168, 10, 0.7)
    for start, peg in (
        ((52, 206), (18, 300)),
        ((428, 206), (462, 300)),
        ((130, 74), (74, 306)),
        ((350, 74), (406, 306)),
    ):
        _guy(s, start, peg)
    under = "M88 196Q240 132 392 196L352 96H128Z"
    s.path(under, s.linear(c.d2, c.d3, axis="v"))
    _camp_box(s)
    for x in (130, 350):
        s.rod(f"M{x} 70V296", WOOD, 9)
        s.path(disc(x, 299, 9, 4), "#33230F", op=0.4, blur=2)
    roof = "M130 72Q240 100 350 72Q380 150 428 206Q240 128 52 206Q100 150 130 72Z"
    s.form(roof, s.linear(c.l2, c.m, c.d1, axis="d"), 16, 0.36, 0.5)
    with s.inside(roof):
        s.path("M240 60Q250 120 244 180L460 240L400 60Z", c.d2, op=0.28)
        s.line("M130 72Q158 140 150 176M350 72Q322 140 330 176", c.d2, 2.4, op=0.5)
        s.line("M52 206Q240 128 428 206", c.d3, 9, op=0.5, move=(0, -3))
        s.line("M52 206Q240 128 428 206", c.l3, 2, op=0.8, move=(0, -8))
    s.line("M240 92V166", c.d2, 2.4, op=0.5)
    for x, y in ((130, 74), (350, 74), (55, 204), (425, 204)):
        s.path(disc(x, y, 7), RUST.m)
        s.path(disc(x - 1, y - 1, 2.6), RUST.l3)
    s.line("M130 150Q186 200 240 172Q294 200 350 150", "#3A3327", 2)
    for x, y in ((152, 166), (184, 180), (214, 181), (266, 181), (296, 180), (328, 166)):
        s.path(disc(x, y + 7, 14), "#FFDB8A", op=0.6, blur=5)
        s.path(disc(x, y + 7, 6), "#FFF3CF")
    s.patch(196, 124, 0.95)
