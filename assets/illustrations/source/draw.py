"""Draw the app's illustrations in both themes: python assets/illustrations/source/draw.py"""

from collections.abc import Callable
from pathlib import Path

from sheet import THEMES, Palette, Sheet, box, disc

FOLDER = Path(__file__).resolve().parents[1]
STARS = (
    (40, 38, 1.6), (86, 24, 1.2), (130, 52, 1.5), (176, 26, 1.2), (322, 34, 1.5),
    (340, 88, 1.1), (206, 60, 1.1), (64, 78, 1.2), (108, 88, 1), (300, 18, 1.1),
)  # fmt: skip


def _camel(s: Sheet, x: float, y: float, scale: float, coat: str, far: str, pack: str) -> None:
    """Draw a Bactrian camel walking right, its feet on y = 86 of its own frame."""
    p = s.palette
    with s.placed(x, y, scale=scale):
        s.fill(disc(46, 87, 46, 5), s.glow("#000000", p.shade * 1.3))
        s.line("M26 48L34 64L31 85", far, 5.4)
        s.line("M66 50L60 66L62 85", far, 5.4)
        s.line("M15 42L9 64L14 85", coat, 6)
        s.line("M75 48L80 65L78 85", coat, 6)
        s.line("M9 38Q2 48 6 58", coat, 2.6)
        s.fill(
            "M8 42C7 32 13 26 20 24C24 6 35 5 39 21C42 26 46 26 49 21C52 5 63 5 67 23C71 28 75 33 79 34"
            "C86 35 88 27 89 17C90 6 95 0 101 0L113 5C118 7 118 13 113 14L103 15C100 17 99 21 98 27"
            "C96 44 88 54 76 54Q50 60 24 54C12 53 9 48 8 42Z",
            coat,
        )
        s.fill("M97 1L99 -6L103 1Z", coat)
        s.fill("M22 24C25 9 34 8 38 21Q30 17 22 24Z", p.cream, 0.22)
        s.fill("M50 22C53 9 62 8 66 23Q58 17 50 22Z", p.cream, 0.22)
        s.fill("M34 18Q44 29 54 18L60 50Q44 56 28 50Z", pack)
        s.line("M29 45Q44 51 59 45", p.amber, 2.6)
        s.fill(box(36, 24, 18, 17, 5), p.amber)
        s.line("M36 32H54", p.amber_low, 2)
        s.line("M101 11L108 16", p.rust, 2)
        s.fill(disc(105, 5.4, 1.4), p.deep)


def _walker(s: Sheet, x: float, y: float) -> None:
    p = s.palette
    with s.placed(x, y):
        s.fill(disc(34, 34, 26), s.glow(p.amber, 0.55))
        s.line("M10 46L6 64M14 46L20 64", p.deep, 5)
        s.fill("M2 50Q4 18 13 16Q22 18 23 50Q12 54 2 50Z", s.blend(p.rust, p.rust_low))
        s.fill(disc(13, 10, 7), p.cream)
        s.fill("M5 10Q5 0 14 1Q22 3 20 11Q12 5 5 10Z", p.rust_low)
        s.line("M17 26L31 24", p.rust_low, 4)
        s.line("M32 24V28", p.deep, 1.6)
        s.fill(box(28, 28, 8, 11, 3), "#FFE7A8")


def sign_in(p: Palette) -> Sheet:
    """A caravan crossing the dunes at first light; by night in the dark theme."""
    s = Sheet(360, 220, p)
    dark = p is THEMES["dark"]
    with s.inside(box(0, 0, 360, 220, 28)):
        s.fill(box(0, 0, 360, 220), s.blend(p.sky[0], p.sky[1], 0))
        s.fill(disc(262, 70, 84), s.glow("#FFE9BD", 0.3 if dark else 0.9))
        if not dark:
            s.fill(disc(262, 70, 26), s.blend("#FFDF95", "#F3BC57"))
        else:
            s.fill("M270 45.3A26 26 0 1 1 238 80.4A27 27 0 0 0 270 45.3Z", s.blend("#FBEFCF", "#EBC98A"))
            for x, y, r in STARS:
                s.fill(disc(x, y, r), "#F6E9C8", 0.9)
        s.fill("M0 118C50 96 92 104 132 116S236 132 276 112S340 96 360 102V220H0Z", p.sand[0])
        s.fill("M178 122C216 132 250 126 276 112C262 128 236 140 200 142Z", p.sand[1], 0.6)
        s.fill("M0 146C60 122 110 168 176 164S300 128 360 138V220H0Z", s.blend(p.sand[0], p.sand[1], 0.2))
        s.fill("M176 164C232 162 300 128 360 138V160C310 152 250 178 176 164Z", p.sand[1], 0.7)
        for i, x in enumerate((34, 128, 222)):
            y = (100, 109, 106)[i]
            coat, far = ("#C79A66", "#7C5B3A") if dark else ("#B98046", "#7E5329")
            blue, red = ("#2F8197", p.rust_low) if dark else (p.primary, p.rust)
            _camel(s, x, y, 0.66, coat, far, red if i == 1 else blue)
        s.line("M110 110Q122 122 134 120M204 118Q216 128 228 118M298 116Q306 124 316 122", p.deep, 1.4, 0.7)
        _walker(s, 304, 98)
        s.fill("M0 176C70 150 130 190 200 186S310 166 360 178V220H0Z", s.blend(p.sand[1], p.sand[2], 0.2))
        s.fill("M0 200C80 180 150 214 230 206S330 194 360 200V220H0Z", p.sand[2])
        s.line("M24 186C74 168 120 196 176 198", p.cream, 2, 0.22)
    return s


def no_customers(p: Palette) -> Sheet:
    """A shop that waits to be visited, and a plus."""
    s = Sheet(240, 180, p)
    s.fill(box(58, 14, 128, 128, 36), s.blend(p.tile, p.tile_low))
    s.shadow(112, 160, 92, 9)
    s.fill(box(38, 68, 148, 92, 8), s.blend(p.card, p.card_low))
    s.line(box(38, 68, 148, 92, 8), p.hairline, 1)
    s.fill(box(52, 94, 72, 46, 6), s.blend(p.primary_low, p.primary))
    s.fill("M60 98L82 98L66 136H56V112Z", "#FFFFFF", 0.18)
    for x, h, paint in ((62, 18, p.amber), (80, 26, p.rust), (98, 14, p.cream)):
        s.fill(box(x, 140 - h, 14, h, 3), paint)
    s.fill(box(52, 140, 72, 5, 2), p.amber_low)
    s.fill(box(138, 94, 34, 66, 6), s.blend(p.rust, p.rust_low))
    s.fill(box(144, 101, 22, 30, 4), p.cream, 0.85)
    s.fill(disc(165, 140, 2.6), p.amber)
    s.fill(box(30, 50, 164, 14, 5), p.deep)
    for i in range(6):
        x = 30 + i * 27.33
        paint = p.primary_low if i % 2 == 0 else p.cream
        s.fill(f"M{x:.1f} 60h27.33v20a13.66 13.66 0 0 1 -27.33 0Z", paint)
    s.fill(box(30, 60, 164, 6), "#000000", 0.12)
    s.fill(
        "M112 4C126 4 134 13 134 24C134 38 112 54 112 54S90 38 90 24C90 13 98 4 112 4Z", s.blend(p.amber, p.amber_low)
    )
    s.fill(disc(112, 24, 8.4), p.card)
    s.plus(176, 116)
    return s


def no_orders(p: Palette) -> Sheet:
    """An open parcel, the order sheet rising from it, and a plus."""
    s = Sheet(240, 180, p)
    s.fill(box(62, 14, 124, 124, 36), s.blend(p.amber_tile, p.amber_tile))
    s.shadow(112, 160, 88, 9)
    with s.placed(78, 10, -5):
        s.card(0, 0, 84, 104, 10)
        s.fill(box(14, 14, 26, 26, 8), p.tile)
        s.line("M20 29q7 -12 13 0", p.primary, 3)
        s.line("M50 21H70M50 33H64", p.track, 5)
        for y in (54, 68, 82):
            s.line(f"M16 {y}H{52 if y != 68 else 44}", p.track, 5)
            s.line(f"M62 {y}H70", p.primary_low, 5)
    s.fill("M46 92L64 84H164L182 92V100H46Z", p.amber_low)
    s.fill("M46 92H182V150Q182 158 174 158H54Q46 158 46 150Z", s.blend(p.amber, p.amber_low))
    s.fill("M46 92L30 112Q28 116 34 117L54 118L68 94Z", s.blend(p.amber, p.amber_low))
    s.fill("M182 92L198 112Q200 116 194 117L174 118L160 94Z", p.amber_low)
    s.fill(box(102, 92, 24, 66), p.cream, 0.35)
    s.fill(box(62, 130, 30, 16, 4), p.deep, 0.75)
    s.fill("M66 143C70 142 71 136 74 136S78 140 80 140S85 142 88 143Z", p.amber)
    s.fill(disc(82, 136, 2.2), p.amber)
    s.plus(178, 118)
    return s


def inbox_zero(p: Palette) -> Sheet:
    """An empty tray and a calm check mark above it."""
    s = Sheet(240, 180, p)
    s.fill(box(58, 16, 124, 124, 36), s.blend(p.ok_tile, p.ok_tile))
    s.shadow(120, 160, 96, 9)
    s.fill("M56 96L72 84H168L184 96V150H56Z", s.blend(p.primary_low, p.deep))
    s.fill("M66 98H174V128H66Z", p.deep, 0.6)
    s.fill(
        "M42 112Q42 104 50 104H80Q86 104 88 110Q92 122 104 122H136Q148 122 152 110Q154 104 160 104H190"
        "Q198 104 198 112V146Q198 158 186 158H54Q42 158 42 146Z",
        s.blend(p.primary_low, p.primary),
    )
    s.line("M50 107H80Q85 107 88 113M152 113Q155 107 160 107H190", "#FFFFFF", 2, 0.4)
    s.fill(box(104, 138, 32, 7, 3.5), p.on_primary, 0.55)
    s.fill(disc(120, 60, 44), s.glow(p.ok, 0.28))
    s.fill(disc(120, 58, 30), p.card)
    s.line(disc(120, 58, 30), p.ok, 4)
    s.line("M106 59L116 69L135 48", p.ok, 5.4)
    for x, y, r in ((66, 44, 4), (178, 36, 5), (190, 76, 3), (50, 76, 3)):
        with s.placed(x, y, scale=r):
            s.fill("M0 -2Q0 0 2 0Q0 0 0 2Q0 0 -2 0Q0 0 0 -2Z", p.amber)
    return s


def no_result(p: Palette) -> Sheet:
    """A looking glass over empty dunes."""
    s = Sheet(240, 180, p)
    s.fill(box(52, 14, 132, 132, 36), s.blend(p.tile, p.tile_low))
    s.shadow(124, 162, 92, 8)
    with s.inside(box(52, 14, 132, 132, 36)):
        s.fill("M40 118C80 96 120 128 200 108V160H40Z", p.sand[0], 0.8)
        s.fill("M40 134C90 116 130 142 200 126V160H40Z", p.sand[1], 0.9)
    s.line("M148 116L186 152", p.deep, 18)
    s.line("M150 118L186 152", p.amber_low, 12)
    s.line("M153 118L185 148", p.amber, 4)
    lens = disc(112, 82, 50)
    with s.inside(lens):
        s.fill(lens, s.blend(p.sky[1], p.sky[0], 0))
        s.fill(disc(134, 62, 13), p.amber)
        s.fill("M50 100C80 78 116 112 176 88V150H50Z", p.sand[0])
        s.fill("M50 118C86 98 130 126 176 108V150H50Z", p.sand[1])
        s.line("M92 106V72M92 92Q78 92 79 80M92 88Q105 88 104 76", p.ok, 7)
        s.line("M90 104V74", "#FFFFFF", 1.6, 0.3)
        for x, y in ((116, 110), (124, 114), (132, 110), (140, 114)):
            s.fill(disc(x, y, 2.6, 1.6), p.sand[2])
        s.fill("M70 60Q84 40 108 38Q86 50 78 72Z", "#FFFFFF", 0.45)
    s.line(lens, p.deep, 11)
    s.line(lens, p.primary_low, 7)
    s.line("M68 66A47 47 0 0 1 104 36", "#FFFFFF", 2.4, 0.6)
    return s


def saved_offline(p: Palette) -> Sheet:
    """Work kept on the phone while the cloud is out of reach."""
    s = Sheet(240, 180, p)
    s.fill(box(64, 18, 124, 124, 36), s.blend(p.amber_tile, p.amber_tile))
    s.shadow(94, 168, 62, 7)
    s.fill(box(52, 14, 84, 154, 18), s.blend(p.primary, p.deep) if p is THEMES["light"] else p.deep)
    s.line(box(52, 14, 84, 154, 18), p.primary_low, 1.6)
    s.fill(box(58, 21, 72, 140, 12), s.blend(p.card, p.card_low))
    s.fill(box(82, 25, 24, 5, 2.5), p.track)
    for i, y in enumerate((40, 66, 92)):
        s.fill(box(64, y, 60, 21, 7), p.tile if i == 0 else p.track, 1 if i == 0 else 0.6)
        s.fill(disc(75, y + 10.5, 5.6), (p.primary_low, p.amber, p.rust)[i])
        s.line(f"M86 {y + 8}H{112 - i * 5}M86 {y + 14}H{102 + i * 3}", p.primary_low, 2.6, 0.55)
    s.fill(disc(94, 138, 15), p.ok)
    s.line("M87 138L92 143L101 132", p.card if p is THEMES["light"] else p.on_primary, 3.6)
    cloud = "M166 92Q150 92 150 77Q150 64 164 63Q168 46 185 46Q202 46 206 61Q222 62 222 77Q222 92 206 92Z"
    s.fill(cloud, "#000000", p.shade * 0.3)
    with s.placed(0, -4):
        s.fill(cloud, s.blend(p.card, p.amber_tile))
        s.line(cloud, p.amber_low, 3.4)
    s.line("M160 42L214 98", p.amber_tile, 9)
    s.line("M160 42L214 98", p.amber_low, 4)
    s.line("M144 128Q178 132 186 106", p.amber_low, 3, dash="1 8")
    s.fill(disc(146, 128, 3.4), p.amber_low)
    return s


ILLUSTRATIONS: dict[str, Callable[[Palette], Sheet]] = {
    "sign-in": sign_in,
    "no-customers": no_customers,
    "no-orders": no_orders,
    "inbox-zero": inbox_zero,
    "no-result": no_result,
    "saved-offline": saved_offline,
}


def main() -> None:
    """Write `<name>-<theme>.svg` for every illustration and theme."""
    for name, draw in ILLUSTRATIONS.items():
        for theme, palette in THEMES.items():
            (FOLDER / f"{name}-{theme}.svg").write_text(draw(palette).svg(), encoding="utf-8")


if __name__ == "__main__":
    main()
