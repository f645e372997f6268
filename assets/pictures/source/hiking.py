"""Pack, boots, jacket and poles."""

from kit import AMBER, BLACK, CREAM, STEEL, WOOD, Scene, box, disc
from palette import INK, RUST, Ramp, mix, ramp


def pack(s: Scene, c: Ramp) -> None:
    """A trekking pack with a lid, side pockets and a mat strapped below."""
    s.shadow(240, 302, 118, 9)
    s.line("M208 56Q208 28 240 28Q272 28 272 56", BLACK.d2, 10)
    for x, flip in ((152, -1), (328, 1)):
        s.form(f"M{x} 150Q{x + 34 * flip} 158 {x + 32 * flip} 200L{x + 26 * flip} 262H{x}Z", s.linear(c.d1, c.d3), 8)
    s.form("M116 190Q118 176 132 178L148 182V262H124Q114 262 114 252Z", s.linear(c.m, c.d2), 6)
    s.form("M122 118H146V186H122Z", s.tube(STEEL), 4)
    s.form("M118 104Q118 96 126 96H142Q150 96 150 104V122H118Z", s.tube(BLACK), 4)
    body = "M148 108Q150 62 240 60Q330 62 332 108L338 244Q338 270 312 270H168Q142 270 142 244Z"
    s.form(body, s.linear((0, c.m), (0.3, c.l1), (0.62, c.m), (1, c.d2)), 13)
    pocket = "M170 160H310L316 240Q316 260 296 260H184Q164 260 164 240Z"
    s.form(pocket, s.linear((0, c.l1), (0.4, c.m), (1, c.d1)), 9)
    s.seam("M172 180Q240 192 308 180", c)
    s.line("M176 184Q240 196 304 184", AMBER.l1, 3)
    s.form(box(294, 180, 9, 22, 4), RUST.m, 2)
    lid = "M140 112Q138 56 196 50H284Q342 56 340 112L336 134Q240 158 144 134Z"
    s.form(lid, s.linear((0, c.l2), (0.45, c.m), (1, c.d1), axis="d"), 12)
    s.seam("M160 92Q240 110 320 92", c)
    for x in (186, 284):
        s.path(box(x, 122, 12, 58, 3), BLACK.d1)
        s.form(box(x - 5, 146, 22, 18, 4), s.linear(BLACK.l1, BLACK.d2), 3)
    s.patch(240, 222, 1.5, ground=c.d3)
    s.form(box(122, 262, 236, 40, 20), s.linear(AMBER.l1, AMBER.d1, AMBER.d2, axis="v"), 8)
    s.form(disc(142, 282, 19, 20), s.radial(AMBER.l2, AMBER.d1, at=(0.4, 0.4), r=0.7), 4)
    s.line("M142 282q5 -7 7 2q-1 10 -11 8q-9 -5 -4 -15q8 -9 17 -2", AMBER.d3, 2.6)
    for x in (188, 284):
        s.path(box(x, 256, 12, 48, 3), BLACK.d1)


def _boot_upper(s: Scene, c: Ramp) -> None:
    upper = "M96 84Q150 104 206 78Q214 122 244 150Q280 178 330 194Q388 206 398 254H74Q68 226 80 192Q100 138 96 84Z"
    s.form(upper, s.linear((0, c.l2), (0.4, c.m), (1, c.d1), axis="d"), 15)
    with s.inside(upper):
        s.path("M300 270Q298 218 338 190Q420 200 420 270Z", c.d3)
        s.line("M300 262Q298 218 338 190", c.l2, 2.4, op=0.55)
        s.path("M60 208Q112 196 146 216Q164 234 164 270H60Z", c.d2)
        s.line("M64 207Q112 196 146 216Q164 234 164 262", c.l2, 2.2, dash="6 4", op=0.7)
        s.path("M158 270Q190 250 206 176L226 160Q262 194 312 204Q296 226 296 270Z", c.l1, op=0.5)
        s.seam("M164 262Q192 246 206 176", c)
        s.path("M80 100Q150 128 216 98V132Q150 150 84 132Z", c.d2, op=0.85)
        s.line("M90 118Q150 140 214 114", c.l1, 2, dash="6 4", op=0.6)
    collar = "M92 84Q84 58 106 58Q154 76 200 52Q216 50 212 78Q152 110 92 84Z"
    s.form(collar, s.linear(BLACK.l2, BLACK.d1, axis="v"), 8)
    s.line("M98 84Q72 78 80 48Q94 42 102 60", RUST.m, 7)


def _boot(s: Scene, c: Ramp) -> None:
    """Draw one boot, toe to the right, its sole on y = 300."""
    sole = "M70 264Q60 276 66 286L74 300H130L140 290H170L180 300H372Q404 296 408 274L402 262Z"
    s.form(sole, s.linear(BLACK.m, BLACK.d2, axis="v"), 6)
    for x in (88, 106, 196, 216, 236, 256, 276, 296, 316, 336, 356):
        s.path(box(x, 289, 9, 12, 2), BLACK.d3)
    s.form("M70 250H398Q410 260 406 274Q290 284 172 276L70 276Q62 262 70 250Z",
           s.linear(CREAM.l2, CREAM.m, CREAM.d1), 6)  # fmt: skip
    _boot_upper(s, c)
    tongue = "M196 60Q214 38 238 50Q236 104 266 142Q292 168 332 182L318 200Q254 186 226 152Q204 120 196 60Z"
    s.form(tongue, s.linear(c.d1, c.d3, axis="d"), 7)
    for x, y in ((203, 96), (211, 122), (227, 147), (250, 168), (280, 184)):
        s.line(f"M{x} {y}L{x + 32} {y - 15}", RUST.l1, 7)
        s.line(f"M{x} {y - 1.5}L{x + 32} {y - 16.5}", AMBER.l3, 2, op=0.7)
        s.path(disc(x - 2, y + 1, 5.5), STEEL.l2)
        s.path(disc(x - 2, y + 1, 2.2), STEEL.d3)
    s.line("M226 84Q186 96 182 128M226 84Q244 108 234 130", RUST.m, 4.4)
    s.patch(140, 174, 1.25, ground=c.d3)


def boots(s: Scene, c: Ramp) -> None:
    """A pair of hiking boots, the second one behind."""
    s.shadow(246, 304, 178, 11)
    with s.placed(96, 6, scale=0.86):
        _boot(s, ramp(mix(c.m, INK, 0.28)))
    with s.placed(6, 31, scale=0.91):
        _boot(s, c)


def jacket(s: Scene, c: Ramp) -> None:
    """A shell jacket with hood, taped zip and chest pocket."""
    s.path(disc(252, 312, 120, 12), "#33230F", op=0.32, blur=9)
    for d, flip in (
        ("M160 92Q118 100 104 150L82 262Q84 274 100 278L124 280L160 170Z", 0),
        ("M320 92Q362 100 376 150L398 262Q396 274 380 278L356 280L320 170Z", 1),
    ):
        s.form(d, s.linear(c.m, c.d2) if flip else s.linear(c.l2, c.m), 11)
    s.form(box(82, 264, 44, 16, 5), BLACK.d1, 4)
    s.form(box(354, 264, 44, 16, 5), BLACK.d2, 4)
    body = "M160 90Q196 76 240 80Q284 76 320 90L336 180L332 296Q332 306 320 306H160Q148 306 148 296L144 180Z"
    s.form(body, s.linear((0, c.l1), (0.45, c.m), (1, c.d1)), 13)
    yoke = "M160 90Q196 76 240 80Q284 76 320 90L330 146Q284 158 240 140Q196 158 150 146Z"
    s.form(yoke, s.linear(c.d1, c.d2, c.d3, axis="d"), 8)
    hood = "M184 92Q178 34 240 30Q302 34 296 92Q286 122 240 128Q194 122 184 92Z"
    s.form(hood, s.linear((0, c.l2), (0.5, c.m), (1, c.d2), axis="d"), 11)
    opening = "M204 90Q202 52 240 50Q278 52 276 90Q268 112 240 116Q212 112 204 90Z"
    s.path(opening, s.linear(c.d3, "#0A1418", axis="v"))
    s.path("M212 92Q218 70 240 70Q262 70 268 92Q258 108 240 110Q222 108 212 92Z", AMBER.d1, op=0.85)
    s.path("M226 98H254V106H226Z", CREAM.l2)
    s.line("M206 58Q240 38 274 58", c.l3, 3, op=0.6)
    s.line("M240 116V306", BLACK.d2, 8)
    s.line("M240 118V304", AMBER.l1, 2.6, dash="4 3", cap="butt")
    s.form(box(235, 122, 10, 24, 4), RUST.m, 2)
    for x1, x2 in ((172, 208), (308, 272)):
        s.seam(f"M{x1} 206L{x2} 268", c)
        s.line(f"M{x1 + 2} 210L{x2} 264", AMBER.l1, 3)
    s.seam("M278 166V196", c)
    s.patch(190, 178, 1)
    s.line("M150 294H330", c.d3, 3, op=0.5)
    s.line("M166 150Q158 220 166 290", "#FFFFFF", 7, op=0.2, blur=4)
    s.line("M216 150Q206 200 222 290", c.d3, 9, op=0.22, blur=5)


def _pole(s: Scene, c: Ramp) -> None:
    s.path(box(-7, 60, 14, 150, 3), s.linear(c.d3, c.l1, c.d1, c.d3))
    s.path(box(-7, 128, 14, 12, 2), CREAM.l1)
    s.path(box(-9.5, -60, 19, 136, 3), s.linear(c.d2, c.l2, c.m, c.d3))
    s.path(box(-9.5, 0, 19, 20, 2), CREAM.l1)
    s.path(box(-11, 64, 22, 26, 5), s.linear(BLACK.l2, BLACK.d3))
    s.path(box(9, 66, 10, 22, 3), RUST.m)
    s.path("M-5 208H5L2.5 232H-2.5Z", STEEL.d3)
    s.path(disc(0, 194, 27, 9), s.linear(BLACK.l1, BLACK.d3))
    s.path(
        "M-12 -58Q-16 -98 -13 -126Q-15 -148 1 -152Q20 -152 19 -136Q12 -120 13 -104Q18 -88 12 -58Z",
        s.linear(WOOD.l2, WOOD.m, WOOD.d2),
    )
    s.path("M-15 -128Q-18 -156 3 -160Q28 -160 25 -136Q6 -146 -15 -128Z", s.linear(BLACK.l1, BLACK.d2))
    for y in (-104, -90, -76):
        s.line(f"M-12 {y}H12", WOOD.d3, 2.4, op=0.55)
    s.line("M2 -152Q-44 -150 -40 -100Q-36 -70 -22 -84Q-18 -110 -8 -134", c.d2, 8)
    s.line("M2 -152Q-44 -150 -40 -100Q-36 -70 -22 -84Q-18 -110 -8 -134", c.l1, 3.4)


def poles(s: Scene, c: Ramp) -> None:
    """Two trekking poles leaning across each other."""
    s.shadow(240, 308, 150, 7)
    for x, turn in ((262, -40), (218, 40)):
        with s.placed(x + 9, 158, turn, 0.96):
            s.path(box(-8, -150, 16, 370, 6), "#33230F", op=0.25, blur=7)
        with s.placed(x, 148, turn, 0.96):
            _pole(s, c)
