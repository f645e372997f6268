"""The two palettes and the small board on which the illustrations are drawn.

flutter_svg draws them, so they hold only paths, groups, clip paths and plain gradients: no filter,
no mask, no style sheet, no text. A soft shadow is therefore a radial gradient that fades out.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Palette:
    """Colours of one theme, named after their role in the pictures."""

    tile: str
    tile_low: str
    amber_tile: str
    card: str
    card_low: str
    hairline: str
    track: str
    primary: str
    primary_low: str
    on_primary: str
    deep: str
    amber: str
    amber_low: str
    rust: str
    rust_low: str
    cream: str
    sand: tuple[str, str, str]
    sky: tuple[str, str]
    ok: str
    ok_tile: str
    shade: float


LIGHT = Palette(
    tile="#D3E8EE", tile_low="#BFDAE2", amber_tile="#FAE8C8", card="#FFFFFF", card_low="#F5F2EC",
    hairline="#E0DBD1", track="#E6E2DA", primary="#17566A", primary_low="#2A7488", on_primary="#FFFFFF",
    deep="#0B3B4A", amber="#EDB753", amber_low="#CE9644", rust="#C9663F", rust_low="#A34C2B", cream="#FBF3E1",
    sand=("#F0D9AE", "#E2BC80", "#C9975A"), sky=("#BFDDE6", "#FCEBCB"), ok="#1D6B3E", ok_tile="#DDF0E2", shade=0.22,
)  # fmt: skip
DARK = Palette(
    tile="#1B4755", tile_low="#143742", amber_tile="#43310F", card="#34332E", card_low="#2B2A26",
    hairline="#4A4943", track="#4A4943", primary="#8FCBDB", primary_low="#5FA3B5", on_primary="#06323F",
    deep="#0C2A34", amber="#EBC078", amber_low="#B98A3C", rust="#D98460", rust_low="#9C5435", cream="#E9E0CC",
    sand=("#2F5F6B", "#214A56", "#143540"), sky=("#0B1F29", "#2A5360"), ok="#8FD6A6", ok_tile="#1C3A27", shade=0.5,
)  # fmt: skip
THEMES = {"light": LIGHT, "dark": DARK}


def box(x: float, y: float, w: float, h: float, r: float = 0) -> str:
    """Return the outline of a rectangle with corners of radius `r`."""
    if not r:
        return f"M{x} {y}h{w}v{h}h{-w}Z"
    return (
        f"M{x + r} {y}h{w - 2 * r}a{r} {r} 0 0 1 {r} {r}v{h - 2 * r}a{r} {r} 0 0 1 {-r} {r}"
        f"h{2 * r - w}a{r} {r} 0 0 1 {-r} {-r}v{2 * r - h}a{r} {r} 0 0 1 {r} {-r}Z"
    )


def disc(x: float, y: float, rx: float, ry: float | None = None) -> str:
    """Return the outline of an ellipse (a circle without `ry`)."""
    ry = rx if ry is None else ry
    return f"M{x - rx} {y}a{rx} {ry} 0 1 1 {2 * rx} 0a{rx} {ry} 0 1 1 {-2 * rx} 0Z"


class Sheet:
    """One illustration of `width` x `height` units in one theme's colours."""

    def __init__(self, width: int, height: int, palette: Palette) -> None:
        self.width, self.height, self.palette = width, height, palette
        self._defs: list[str] = []
        self._body: list[str] = []

    def blend(self, first: str, second: str, slant: float = 0.35) -> str:
        """Return a paint that runs from the upper left to the lower right (`slant` 0: straight down)."""
        return self._gradient(f'linearGradient x1="0" y1="0" x2="{slant}" y2="1"', ((0, first, 1), (1, second, 1)))

    def glow(self, colour: str, strength: float) -> str:
        """Return a round paint that fades out towards the edge."""
        stops = ((0, colour, strength), (0.55, colour, strength * 0.45), (1, colour, 0))
        return self._gradient('radialGradient cx="0.5" cy="0.5" r="0.5"', stops)

    def _gradient(self, head: str, stops: tuple[tuple[float, str, float], ...]) -> str:
        tag, attributes = head.split(" ", 1)
        name = f"g{len(self._defs)}"
        inner = "".join(f'<stop offset="{at}" stop-color="{c}" stop-opacity="{op:.3g}"/>' for at, c, op in stops)
        self._defs.append(f'<{tag} id="{name}" {attributes}>{inner}</{tag}>')
        return f"url(#{name})"

    def fill(self, d: str, paint: str, opacity: float = 1) -> None:
        """Add a filled outline."""
        extra = f' fill-opacity="{opacity}"' if opacity != 1 else ""
        self._body.append(f'<path d="{d}" fill="{paint}"{extra}/>')

    def line(self, d: str, paint: str, width: float = 3, opacity: float = 1, dash: str = "") -> None:
        """Add a line with round ends."""
        extra = f' stroke-opacity="{opacity}"' if opacity != 1 else ""
        extra += f' stroke-dasharray="{dash}"' if dash else ""
        self._body.append(
            f'<path d="{d}" fill="none" stroke="{paint}" stroke-width="{width}" stroke-linecap="round" '
            f'stroke-linejoin="round"{extra}/>'
        )

    def shadow(self, x: float, y: float, rx: float, ry: float = 7) -> None:
        """Add a soft shadow on the ground."""
        self.fill(disc(x, y, rx, ry), self.glow("#000000", self.palette.shade * 1.5))

    def card(self, x: float, y: float, w: float, h: float, r: float = 12) -> None:
        """Add a paper card with its hairline and a thin shadow below."""
        self.fill(box(x + 2, y + 5, w, h, r), "#000000", self.palette.shade * 0.35)
        self.fill(box(x, y, w, h, r), self.blend(self.palette.card, self.palette.card_low))
        self.line(box(x, y, w, h, r), self.palette.hairline, 1)

    def plus(self, x: float, y: float, size: float = 48) -> None:
        """Add the primary tile with a plus, as on the button below the picture."""
        p, half = self.palette, size / 2
        self.fill(box(x + 1, y + 5, size, size, size * 0.32), "#000000", p.shade * 0.6)
        self.fill(box(x, y, size, size, size * 0.32), self.blend(p.primary_low, p.primary))
        self.line(f"M{x + half} {y + half - 10}v20M{x + half - 10} {y + half}h20", p.on_primary, 3.6)

    @contextmanager
    def placed(self, x: float, y: float, turn: float = 0, scale: float = 1) -> Iterator[None]:
        """Move, turn (degrees) and scale what is drawn in the block."""
        self._body.append(f'<g transform="translate({x} {y}) rotate({turn}) scale({scale})">')
        yield
        self._body.append("</g>")

    @contextmanager
    def inside(self, d: str) -> Iterator[None]:
        """Clip what is drawn in the block to the outline."""
        name = f"c{len(self._defs)}"
        self._defs.append(f'<clipPath id="{name}"><path d="{d}"/></clipPath>')
        self._body.append(f'<g clip-path="url(#{name})">')
        yield
        self._body.append("</g>")

    def svg(self) -> str:
        """Return the illustration as SVG text."""
        return (
            f'<svg xmlns="http://www.w3.org/2000/svg" width="{self.width}" height="{self.height}" '
            f'viewBox="0 0 {self.width} {self.height}"><defs>{"".join(self._defs)}</defs>{"".join(self._body)}</svg>\n'
        )
