"""Solar panel, power station, multitool and first-aid kit."""

from kit import AMBER, BLACK, CREAM, STEEL, Scene, box, disc
from palette import Ramp


def _cells(s: Scene, corners: tuple[tuple[float, float], ...], columns: int, rows: int, lit: float) -> None:
    """Fill the quadrilateral (top left, top right, bottom right, bottom left) with solar cells."""
    (ax, ay), (bx, by), (cx, cy), (dx, dy) = corners

    def at(u: float, v: float) -> str:
        top, bottom = (ax + (bx - ax) * u, ay + (by - ay) * u), (dx + (cx - dx) * u, dy + (cy - dy) * u)
        return f"{top[0] + (bottom[0] - top[0]) * v:.1f} {top[1] + (bottom[1] - top[1]) * v:.1f}"

    for i in range(columns):
        for j in range(rows):
            u, v, p, q = i / columns + 0.03, j / rows + 0.025, (i + 1) / columns - 0.03, (j + 1) / rows - 0.025
            tone = (
                ("#3F6E9C", "#1D3F66", "#10263F")
                if (i + j) / (columns + rows) < lit
                else ("#2C5480", "#16304E", "#0C1C2E")
            )
            s.path(f"M{at(u, v)}L{at(p, v)}L{at(p, q)}L{at(u, q)}Z", s.linear(*tone, axis="d"))
            middle = (u + p) / 2
            s.line(f"M{at(middle, v)}L{at(middle, q)}", "#B9D3E6", 1.2, op=0.5)


def solar(s: Scene, c: Ramp) -> None:
    """A folding solar panel of three leaves in a cloth frame."""
    s.path(disc(404, 66, 60), "#FFD56B", op=0.5, blur=20)
    s.path(disc(404, 66, 27), s.radial("#FFF6D6", "#FFDD85", "#F4B942", at=(0.4, 0.4), r=0.7))
    s.shadow(236, 300, 186, 10)
    s.rod("M132 130L168 296M372 150L342 292", BLACK, 7)
    leaves = (
        ((52, 112), (166, 86), (166, 286), (40, 300)),
        ((166, 86), (290, 104), (296, 300), (166, 286)),
        ((290, 104), (402, 82), (424, 284), (296, 300)),
    )
    paints = (s.linear(c.l1, c.m, axis="d"), s.linear(c.m, c.d1, axis="d"), s.linear(c.m, c.d2, axis="d"))
    for (a, b, e, f), paint in zip(leaves, paints, strict=True):
        d = f"M{a[0]} {a[1]}L{b[0]} {b[1]}L{e[0]} {e[1]}L{f[0]} {f[1]}Z"
        s.form(d, paint, 8)
        mid = (sum(p[0] for p in (a, b, e, f)) / 4, sum(p[1] for p in (a, b, e, f)) / 4)
        inner = tuple((p[0] + (mid[0] - p[0]) * 0.25, p[1] + (mid[1] - p[1]) * 0.17) for p in (a, b, e, f))
        s.path("M" + "L".join(f"{x} {y}" for x, y in inner) + "Z", "#0A1620")
        _cells(s, inner, 3, 5, 0.55)
    s.path("M84 116L134 106L76 284L58 286Z", "#FFFFFF", op=0.2)
    s.path("M206 108L242 112L206 282L186 280Z", "#FFFFFF", op=0.13)
    s.path("M336 112L366 106L344 282L320 284Z", "#FFFFFF", op=0.16)
    s.line("M166 86V286M290 104L296 300", c.d3, 3.4, op=0.8)
    s.line("M424 268Q456 276 446 300Q430 318 462 326", BLACK.d1, 5)
    s.patch(228, 94, 0.62)


def _sockets(s: Scene, x: float, y: float) -> None:
    for left in (x, x + 46):
        with s.placed(left, y):
            s.form(box(0, 0, 38, 38, 9), s.linear(BLACK.m, BLACK.d3, axis="d"), 4)
            s.line("M12 12L9 18M26 12L29 18M19 23V29", STEEL.l2, 3.4)


def power_station(s: Scene, c: Ramp) -> None:
    """A portable power station with a lit display, sockets and a carrying handle."""
    s.shadow(244, 300, 160, 11)
    s.line("M142 116V84Q142 62 164 62H316Q338 62 338 84V116", BLACK.d3, 25)
    s.line("M142 116V84Q142 62 164 62H316Q338 62 338 84V116", BLACK.m, 18)
    s.line("M148 74Q152 58 172 56H304", BLACK.l2, 4, op=0.7)
    s.form("M366 122L408 106V262L366 296Z", s.linear(c.d1, c.d3), 8)
    for y in range(150, 250, 16):
        s.line(f"M378 {y}L398 {y - 9}", c.d3, 5, op=0.8)
    s.form("M92 122L140 104H408L366 124Z", s.linear(c.l3, c.l1, axis="v"), 5, 0.2)
    s.form(box(84, 116, 286, 182, 22), s.linear((0, c.l1), (0.5, c.m), (1, c.d1), axis="d"), 12)
    s.form(box(106, 142, 242, 84, 14), s.linear(BLACK.m, BLACK.d2, axis="d"), 8)
    s.path(box(116, 150, 106, 68, 8), "#07161B")
    s.path(box(119, 153, 100, 62, 6), s.linear("#12414F", "#0A2833", axis="d"))
    s.line(disc(148, 184, 19), "#2A5A68", 6)
    s.line("M148 165A19 19 0 1 1 129 184", "#7FE3C2", 6)
    s.path("M151 173L142 187H148L145 196L155 181H149Z", "#FFE08A")
    for i, h in enumerate((10, 16, 22, 28, 34)):
        s.path(box(176 + i * 8, 201 - h, 5, h, 2), "#7FE3C2" if i < 4 else "#2A5A68")
    _sockets(s, 246, 165)
    for x in (122, 152, 182):
        s.form(box(x, 246, 24, 14, 4), BLACK.d1, 2)
        s.path(box(x + 4, 251, 16, 4, 2), STEEL.l2)
    s.path(box(122, 270, 84, 4, 2), c.d3, op=0.6)
    s.form(disc(322, 256, 19), s.radial(AMBER.l3, AMBER.m, AMBER.d1, at=(0.38, 0.34), r=0.75), 4)
    s.line("M322 245V255", AMBER.d3, 3.4)
    s.line("M315 250A10 10 0 1 0 329 250", AMBER.d3, 3)
    s.patch(254, 256, 1.4, ground=c.d3)
    for x in (104, 312):
        s.form(box(x, 294, 40, 9, 4), BLACK.d2, 3)


def _blade(s: Scene, at: tuple[float, float], turn: float, d: str, details: str = "") -> None:
    """Draw one tool lying along +x from its hinge `at`, turned clockwise by `turn` degrees."""
    with s.placed(at[0], at[1], turn):
        s.path(d, "#33230F", op=0.3, blur=4, move=(-6, 5))
        s.path(d, s.linear((0, STEEL.l2), (0.48, STEEL.l3), (0.52, STEEL.m), (1, STEEL.l1), axis="v"))
        s.line(d, STEEL.d2, 2, op=0.8)
        if details:
            s.line(details, STEEL.d3, 3, op=0.65)


def multitool(s: Scene, c: Ramp) -> None:
    """A pocket knife with its tools fanned out."""
    s.path(disc(246, 296, 160, 12), "#33230F", op=0.3, blur=10)
    knife = "M-10 -16H120Q158 -12 178 20Q130 24 -10 20Z"
    small = "M-10 -14H74Q100 -10 116 14Q84 18 -10 16Z"
    opener = "M-10 -14H58Q88 -16 98 2L80 8Q74 -2 66 2Q60 14 78 18L70 24Q40 22 -10 16Z"
    teeth = "".join(f"L{x} 22L{x - 6} 14" for x in range(122, 8, -12))
    _blade(s, (340, 214), -64, f"M-10 -14H124L138 -4L132 14{teeth}L-10 14Z")
    _blade(s, (336, 214), -132, knife, "M24 -8H104")
    _blade(s, (142, 214), -62, small, "M20 -6H62")
    _blade(s, (136, 214), -122, opener)
    screw = "M240 258v10q16 4 0 11q-16 6 0 11q16 5 0 11q-14 5 0 14"
    s.line(screw, STEEL.d3, 9)
    s.line(screw, STEEL.l2, 4.4, move=(-1, -1))
    s.path(box(98, 190, 284, 84, 42), "#33230F", op=0.4, blur=8, move=(5, 12))
    s.form(box(98, 186, 284, 84, 40), s.linear(STEEL.l2, STEEL.d2, axis="v"), 5)
    s.form(box(96, 194, 288, 70, 35), s.linear((0, c.l2), (0.4, c.m), (1, c.d2), axis="v"), 14, 0.45, 0.6)
    s.line("M134 209H338", "#FFFFFF", 6, op=0.45, blur=2)
    for x in (130, 350):
        s.form(disc(x, 229, 11), s.metal(), 3)
    s.humps(240, 243, 2.2, CREAM.l2)
    s.line("M382 230Q408 212 420 234Q422 256 398 250", STEEL.d3, 7)
    s.line("M382 230Q408 212 420 234Q422 256 398 250", STEEL.l2, 3)


def first_aid(s: Scene, c: Ramp) -> None:
    """A first-aid pouch with a white cross, zip and carabiner."""
    s.shadow(240, 300, 144, 11)
    s.line("M188 108V84Q188 66 206 66H274Q292 66 292 84V108", BLACK.d2, 18)
    s.line("M188 106V84Q188 66 206 66H274Q292 66 292 84", BLACK.l1, 6, op=0.7, move=(-2, -2))
    s.form("M350 110Q392 108 396 140V268Q394 292 356 298Z", s.linear(c.d1, c.d3), 9)
    body = box(92, 102, 280, 198, 34)
    s.form(body, s.linear((0, c.l1), (0.45, c.m), (1, c.d1), axis="d"), 15)
    s.seam("M93 150Q232 138 371 150", c)
    s.line("M94 156Q232 144 370 156", BLACK.d2, 9)
    s.line("M94 156Q232 144 370 156", STEEL.l2, 3.4, dash="4 3", cap="butt")
    s.form("M126 148H142L148 190Q140 198 128 190Z", s.linear(AMBER.l1, AMBER.d1), 4)
    pocket = "M112 186Q232 174 352 186V262Q352 284 330 284H134Q112 284 112 262Z"
    s.form(pocket, s.linear((0, c.m), (0.5, c.d1), (1, c.d2), axis="d"), 9)
    s.line("M120 192Q232 181 344 192", c.l3, 2, dash="7 5", op=0.6)
    cross = (
        "M214 168Q214 162 220 162H246Q252 162 252 168V198H282Q288 198 288 204V230Q288 236 282 236H252V266"
        "Q252 272 246 272H220Q214 272 214 266V236H184Q178 236 178 230V204Q178 198 184 198H214Z"
    )
    s.path(cross, c.d3, op=0.6, blur=4, move=(3, 5))
    s.form(cross, s.linear("#FFFFFF", CREAM.l1, CREAM.m, axis="d"), 6, 0.22)
    s.patch(324, 128, 1)
    s.line("M96 128Q64 126 62 160Q62 190 78 190Q92 188 88 156Q86 138 98 134", STEEL.d3, 8)
    s.line("M96 128Q64 126 62 160Q62 190 78 190Q92 188 88 156Q86 138 98 134", STEEL.l3, 3.4, move=(-1, -1))
