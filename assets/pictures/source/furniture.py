"""Chair, table and cooler."""

from kit import BLACK, CREAM, STEEL, WOOD, Scene, box, disc
from palette import AMBER, RUST, Ramp


def _chair(s: Scene, c: Ramp) -> None:
    s.rod("M170 294L292 196M310 294L188 196", WOOD, 11)
    s.rod("M158 208L136 74M322 208L344 74", WOOD, 13)
    back = "M136 76Q240 102 344 76L332 184Q240 208 148 184Z"
    s.form(back, s.linear((0, c.d1), (0.28, c.l1), (0.6, c.m), (1, c.d2)), 11)
    with s.inside(back):
        s.path("M120 168Q240 196 360 168V214H120Z", c.d3, op=0.35, blur=8)
        s.line("M136 94Q240 120 344 94", c.l3, 2, dash="7 5", op=0.65)
    for x in (146, 322):
        s.form(box(x - 2, 74, 14, 22, 5), c.d2, 3)
    seat = "M146 190Q240 214 334 190L362 232Q240 268 118 232Z"
    s.form(seat, s.linear((0, c.d1), (0.3, c.m), (1, c.d3)), 10)
    with s.inside(seat):
        s.path(disc(228, 214, 84, 14), c.l2, op=0.35, blur=9)
    s.form("M118 232Q240 268 362 232L358 246Q240 282 122 246Z", s.linear(c.d2, c.d1, c.d3), 5)
    s.rod("M122 236L306 298M358 236L174 298", WOOD, 13)
    s.path(disc(240, 275, 6), STEEL.l2)
    s.path(disc(241, 276, 2.6), STEEL.d3)
    for x in (92, 308):
        s.form(box(x, 168, 80, 15, 7.5), s.linear(WOOD.l2, WOOD.m, WOOD.d2, axis="v"), 5)
    s.rod("M110 182L122 238M370 182L358 238", WOOD, 10)
    for x in (174, 306):
        s.form(box(x - 13, 290, 26, 11, 5), BLACK.m, 3)
    s.patch(240, 146, 1.05)


def chair(s: Scene, c: Ramp) -> None:
    """A low folding chair: canvas on crossed wooden legs."""
    s.shadow(240, 302, 150, 10)
    with s.placed(-31, -42, scale=1.13):
        _chair(s, c)


def _mug_on_table(s: Scene) -> None:
    s.path(disc(176, 150, 26, 6), "#000000", op=0.35, blur=4)
    s.line("M192 120Q214 118 211 134Q208 146 191 142", CREAM.m, 6)
    s.form("M150 108H196L192 144Q191 149 186 149H160Q155 149 154 144Z", s.tube(CREAM), 5)
    s.path(disc(173, 108, 23, 5.5), "#123F4C")
    s.path(disc(173, 109, 18, 3.6), "#4B2E1A")


def table(s: Scene, c: Ramp) -> None:
    """A roll-top table: painted slats on crossed legs, with a mug for scale."""
    s.shadow(244, 300, 176, 11)
    s.rod("M138 190L196 284M330 190L284 284", WOOD, 10)
    s.rod("M106 210L376 296M386 210L108 296", WOOD, 14)
    s.path(disc(244, 253, 7), STEEL.l2)
    s.path(disc(245, 254, 3), STEEL.d3)
    for x in (108, 376):
        s.form(box(x - 13, 289, 26, 12, 5), BLACK.m, 3)
    top = ((112, 124), (368, 124), (436, 196), (44, 196))
    (x1, y1), (x2, _), (x3, y3), (x4, _) = top
    rows = 7
    for i in range(rows):
        a, b = i / rows, (i + 0.9) / rows
        left = [x1 + (x4 - x1) * t for t in (a, b)]
        right = [x2 + (x3 - x2) * t for t in (a, b)]
        down = [y1 + (y3 - y1) * t for t in (a, b)]
        d = f"M{left[0]} {down[0]}H{right[0]}L{right[1]} {down[1]}H{left[1]}Z"
        s.path(d, c.d3, move=(0, 3))
        s.path(d, s.linear((0, c.l2), (0.35, c.l1), (1, c.d1)))
        s.line(f"M{left[0]} {down[0] + 1}H{right[0]}", c.l3, 1.6, op=0.8)
    s.form("M44 196H436L433 214Q432 218 428 218H52Q48 218 47 214Z", s.linear((0, c.m), (0.3, c.d1), (1, c.d3)), 6)
    s.patch(240, 207, 0.72)
    s.path("M210 126H330L392 194H196Z", "#FFFFFF", op=0.1)
    _mug_on_table(s)
    s.path(disc(302, 152, 36, 7), "#000000", op=0.3, blur=4)
    s.form("M272 122Q302 160 332 122Q330 152 302 154Q274 152 272 122Z", s.tube(WOOD), 5)
    s.path(disc(302, 122, 30, 7), WOOD.d2)
    for x, y, hue in ((288, 117, RUST), (304, 113, AMBER), (318, 118, RUST)):
        s.path(disc(x, y, 10), s.radial(hue.l2, hue.m, hue.d1, at=(0.35, 0.3), r=0.8))


def cooler(s: Scene, c: Ramp) -> None:
    """A hard cooler with a pale lid, rubber latches and a rope handle."""
    s.shadow(246, 298, 172, 12)
    s.form("M346 148L416 130V262L346 298Z", s.linear(c.d1, c.d3), 9)
    s.form("M84 148H350V298H100Q84 298 84 282Z", s.linear((0, c.l1), (0.35, c.m), (1, c.d1)), 12)
    s.path("M104 178H330V280H112Q104 280 104 272Z", c.d2, op=0.28)
    s.path("M104 178H330V182H108V272H104Z", c.d3, op=0.35)
    s.line("M330 180V280H112", c.l3, 2.2, op=0.5)
    s.form("M76 122H354V156H84Q76 156 76 148Z", s.linear(CREAM.l2, CREAM.m, CREAM.d1), 7)
    s.form("M354 122L424 104V138L354 156Z", s.linear(CREAM.d1, CREAM.d2), 5)
    s.form("M76 122Q78 112 92 110L156 92Q160 91 170 91H410Q424 92 424 104L354 122Z",
           s.linear(CREAM.l3, CREAM.l1, CREAM.m, axis="d"), 6, 0.2)  # fmt: skip
    s.path("M128 112L178 99H378L340 112Z", CREAM.d1, op=0.5)
    for x in (124, 282):
        s.form(box(x, 140, 30, 44, 6), s.linear(BLACK.l1, BLACK.d2), 5)
        s.path(box(x + 7, 166, 16, 9, 4), BLACK.d3)
    s.line("M362 190Q388 262 412 176", CREAM.d3, 8)
    s.line("M362 190Q388 262 412 176", CREAM.l1, 5, dash="6 4")
    s.form("M374 214L404 204V220L374 232Z", s.linear(BLACK.l1, BLACK.d1), 4)
    s.path(disc(363, 188, 6), BLACK.d1)
    s.path(disc(411, 174, 6), BLACK.d1)
    s.patch(217, 228, 1.7, ground=c.d3)
    s.form(box(90, 292, 40, 9, 3), BLACK.d1, 3)
    s.form(box(304, 292, 40, 9, 3), BLACK.d1, 3)
