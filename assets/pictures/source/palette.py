"""Colours of the product pictures: the five-step ramps, the studio grounds, the fixed materials.

A ramp is made from one base colour by mixing in OKLab, because mixing in sRGB turns shadows grey.
Shadows lean to cool ink and lights to warm paper, as under a low sun; that is what keeps 120
pictures in one house style.
"""

from dataclasses import dataclass

INK = "#0A1D26"
UMBER = "#5B4426"
PAPER = "#FFF6E2"

COLOURS: dict[str, str] = {
    "petrol": "#1F687C",
    "sandstone": "#CE9644",
    "pine": "#3E6B50",
    "terracotta": "#C05C37",
    "slate": "#6A7B86",
    "cream": "#ECE2CD",
    "charcoal": "#434A50",
    "moss": "#848A4E",
    "rose": "#BC7168",
    "mustard": "#DDAA35",
    "mist": "#8DB0BD",
    "indigo": "#44568A",
    "gold": "#C99B45",
}

GROUNDS: dict[str, tuple[str, str]] = {
    "sand": ("#F5EDDF", "#DCCAAE"),
    "sage": ("#E9F0E6", "#BDCDBB"),
    "sky": ("#E7F0F3", "#B2C9D3"),
    "clay": ("#F6EAE2", "#DEC4B5"),
    "stone": ("#EFEDE9", "#CAC5BC"),
    "night": ("#31444D", "#141F26"),
    "dusk": ("#4A4A5C", "#1E2130"),
}

GROUND_OF: dict[str, str] = {
    "petrol": "sand",
    "sandstone": "sage",
    "pine": "sand",
    "terracotta": "sky",
    "slate": "clay",
    "cream": "sky",
    "charcoal": "stone",
    "moss": "clay",
    "rose": "sage",
    "mustard": "sky",
    "mist": "sand",
    "indigo": "clay",
    "gold": "night",
}


def _to_lab(colour: str) -> tuple[float, float, float]:
    rgb = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    r, g, b = (v / 12.92 if v <= 0.04045 else ((v + 0.055) / 1.055) ** 2.4 for v in rgb)
    long = (0.4122214708 * r + 0.5363325363 * g + 0.0514459929 * b) ** (1 / 3)
    medium = (0.2119034982 * r + 0.6806995451 * g + 0.1073969566 * b) ** (1 / 3)
    short = (0.0883024619 * r + 0.2817188376 * g + 0.6299787005 * b) ** (1 / 3)
    return (
        0.2104542553 * long + 0.7936177850 * medium - 0.0040720468 * short,
        1.9779984951 * long - 2.4285922050 * medium + 0.4505937099 * short,
        0.0259040371 * long + 0.7827717662 * medium - 0.8086757660 * short,
    )


def _to_hex(lightness: float, a: float, b: float) -> str:
    long = (lightness + 0.3963377774 * a + 0.2158037573 * b) ** 3
    medium = (lightness - 0.1055613458 * a - 0.0638541728 * b) ** 3
    short = (lightness - 0.0894841775 * a - 1.2914855480 * b) ** 3
    linear = (
        4.0767416621 * long - 3.3077115913 * medium + 0.2309699292 * short,
        -1.2684380046 * long + 2.6097574011 * medium - 0.3413193965 * short,
        -0.0041960863 * long - 0.7034186147 * medium + 1.7076147010 * short,
    )
    channels = (12.92 * v if v <= 0.0031308 else 1.055 * max(v, 0) ** (1 / 2.4) - 0.055 for v in linear)
    return "#" + "".join(f"{round(min(max(v, 0), 1) * 255):02X}" for v in channels)


def mix(first: str, second: str, share: float) -> str:
    """Return `first` with `share` (0..1) of `second` in it, mixed in OKLab (Ottosson, 2020)."""
    one, two = _to_lab(first), _to_lab(second)
    return _to_hex(*(x + (y - x) * share for x, y in zip(one, two, strict=True)))


@dataclass(frozen=True, slots=True)
class Ramp:
    """Seven steps of one colour, `d3` darkest, `m` the colour itself, `l3` lightest."""

    d3: str
    d2: str
    d1: str
    m: str
    l1: str
    l2: str
    l3: str


def ramp(base: str) -> Ramp:
    """Return the ramp of a base colour `#RRGGBB`; pale colours are shaded with umber, not ink."""
    pale = _to_lab(base)[0] > 0.82
    shadow = UMBER if pale else INK
    depth = (0.16, 0.34, 0.6) if pale else (0.25, 0.47, 0.7)
    light = (0.35, 0.65, 0.9) if pale else (0.2, 0.4, 0.68)
    d1, d2, d3 = (mix(base, shadow, share) for share in depth)
    l1, l2, l3 = (mix(base, PAPER, share) for share in light)
    return Ramp(d3, d2, d1, base, l1, l2, l3)


CREAM = ramp("#EBE0CA")
STEEL = ramp("#A9B1B6")
BLACK = ramp("#363C41")
WOOD = ramp("#B98652")
RUST = ramp("#BE5D38")
AMBER = ramp("#EDB24C")
PETROL = ramp("#1F687C")
