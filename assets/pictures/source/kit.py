"""A small drawing board: a `Scene` gathers SVG parts and writes one 480 x 360 picture.

Light comes from the upper left. `form` gives any outline volume: inside its own clip it lays a
blurred dark line moved to the upper left (so it shows at the lower right edge) and a blurred light
line moved the other way. The dark line multiplies, so that a shaded colour stays that colour and
does not turn grey. Blur filters are in user space with a wide margin, since a filter box
that follows the shape cuts the glow off in a visible square.
"""

from collections.abc import Iterator
from contextlib import contextmanager

from palette import AMBER, BLACK, CREAM, GROUNDS, STEEL, WOOD, Ramp, mix

WIDTH, HEIGHT = 480, 360
Stop = str | tuple[float, str] | tuple[float, str, float]
AXES = {"h": (0, 0, 1, 0), "v": (0, 0, 0, 1), "d": (0, 0, 1, 1), "u": (1, 0, 0, 1)}


def box(x: float, y: float, w: float, h: float, r: float = 0) -> str:
    """Return the outline of a rectangle with rounded corners of radius `r`."""
    r = min(r, w / 2, h / 2)
    return (
        f"M{x + r} {y}H{x + w - r}A{r} {r} 0 0 1 {x + w} {y + r}V{y + h - r}A{r} {r} 0 0 1 {x + w - r} {y + h}"
        f"H{x + r}A{r} {r} 0 0 1 {x} {y + h - r}V{y + r}A{r} {r} 0 0 1 {x + r} {y}Z"
    )


def disc(cx: float, cy: float, rx: float, ry: float | None = None) -> str:
    """Return the outline of an ellipse (a circle without `ry`)."""
    ry = rx if ry is None else ry
    return f"M{cx - rx} {cy}A{rx} {ry} 0 1 1 {cx + rx} {cy}A{rx} {ry} 0 1 1 {cx - rx} {cy}Z"


class Scene:
    """One picture: a studio ground and the parts drawn on it, from back to front."""

    def __init__(self, ground: str) -> None:
        self._defs: list[str] = []
        self._body: list[str] = []
        self._blurs: set[float] = set()
        self.dark = ground in ("night", "dusk")
        self._paint_ground(*GROUNDS[ground])

    def _paint_ground(self, near: str, far: str) -> None:
        wall = self.radial(near, mix(near, far, 0.45), far, at=(0.42, 0.36), r=0.78)
        self.path(box(0, 0, WIDTH, HEIGHT), wall)
        floor = self.linear((0, far, 0), (0.3, mix(near, far, 0.9), 0.5), (1, mix(near, far, 0.55), 0.75), axis="v")
        self.path(box(0, 214, WIDTH, HEIGHT - 214), floor)

    # ---- paints -------------------------------------------------------------------------
    def _stops(self, stops: tuple[Stop, ...]) -> str:
        parts = []
        for place, stop in enumerate(stops):
            if isinstance(stop, str):
                stop = (place / (len(stops) - 1), stop)
            opacity = f' stop-opacity="{stop[2]}"' if len(stop) > 2 else ""
            parts.append(f'<stop offset="{stop[0]:.3g}" stop-color="{stop[1]}"{opacity}/>')
        return "".join(parts)

    def _define(self, tag: str, attributes: str, stops: tuple[Stop, ...]) -> str:
        name = f"g{len(self._defs)}"
        self._defs.append(f'<{tag} id="{name}" {attributes}>{self._stops(stops)}</{tag}>')
        return f"url(#{name})"

    def linear(self, *stops: Stop, axis: str = "h") -> str:
        """Return a paint across the shape: axis h, v, d (down right) or u (down left)."""
        x1, y1, x2, y2 = AXES[axis]
        return self._define("linearGradient", f'x1="{x1}" y1="{y1}" x2="{x2}" y2="{y2}"', stops)

    def radial(self, *stops: Stop, at: tuple[float, float] = (0.5, 0.5), r: float = 0.5) -> str:
        """Return a round paint, centre `at` in shares of the shape's box."""
        return self._define("radialGradient", f'cx="{at[0]}" cy="{at[1]}" r="{r}"', stops)

    def tube(self, c: Ramp) -> str:
        """Return the paint of an upright cylinder with a bounce of light at its right edge."""
        return self.linear((0, c.d2), (0.12, c.d1), (0.32, c.l2), (0.46, c.l1), (0.72, c.d1), (0.93, c.d3), (1, c.d2))

    def cloth(self, c: Ramp, axis: str = "d") -> str:
        """Return the paint of cloth that turns away from the light."""
        return self.linear(c.l1, c.m, c.d1, axis=axis)

    def metal(self, c: Ramp = STEEL, axis: str = "h") -> str:
        """Return the paint of brushed metal."""
        return self.linear((0, c.d2), (0.25, c.l3), (0.45, c.m), (0.6, c.l1), (1, c.d2), axis=axis)

    # ---- parts --------------------------------------------------------------------------
    def path(
        self, d: str, fill: str = "none", stroke: str | None = None, w: float = 2, op: float = 1,
        blur: float = 0, dash: str = "", cap: str = "round", move: tuple[float, float] | None = None,
        blend: str = "",
    ) -> None:  # fmt: skip
        """Add one outline; lengths in picture units, `op` 0..1, `blur` a standard deviation."""
        attributes = [f'd="{d}" fill="{fill}"']
        if stroke:
            attributes.append(f'stroke="{stroke}" stroke-width="{w}" stroke-linecap="{cap}" stroke-linejoin="round"')
        if op != 1:
            attributes.append(f'opacity="{op}"')
        if dash:
            attributes.append(f'stroke-dasharray="{dash}"')
        if move:
            attributes.append(f'transform="translate({move[0]} {move[1]})"')
        if blend:
            attributes.append(f'style="mix-blend-mode:{blend}"')
        if blur:
            self._blurs.add(blur)
            attributes.append(f'filter="url(#b{str(blur).replace(".", "_")})"')
        self._body.append(f"<path {' '.join(attributes)}/>")

    def line(self, d: str, stroke: str, w: float = 2, **more: object) -> None:
        """Add an open line."""
        self.path(d, "none", stroke, w, **more)  # type: ignore[arg-type]

    def rod(self, d: str, c: Ramp, w: float) -> None:
        """Add a round rod along `d`: a dark line, its body and a highlight towards the light."""
        self.line(d, c.d3, w)
        self.line(d, c.m, w * 0.72, move=(-w * 0.08, -w * 0.08))
        self.line(d, c.l2, w * 0.22, op=0.85, move=(-w * 0.2, -w * 0.2))

    def form(self, d: str, fill: str, depth: float = 9, shade: float = 0.42, glow: float = 0.45) -> None:
        """Add a solid: its outline filled, darker at the lower right edge, lighter at the upper left."""
        self.path(d, fill)  # once unclipped for a smooth edge, once in the clip for the blending to see it
        with self.inside(d):
            self.path(d, fill)
            slip = depth * 0.55
            dark, soft = "#39465A", round(depth * 0.6, 1)
            self.line(d, dark, depth * 1.6, op=min(shade * 2, 1), blur=soft, move=(-slip, -slip), blend="multiply")
            self.line(d, "#FFF8E6", depth * 0.6, op=glow, blur=round(depth * 0.28, 1), move=(slip * 0.5, slip * 0.5))

    def seam(self, d: str, c: Ramp) -> None:
        """Add a seam: a dark fold with a light lip below it."""
        self.line(d, c.l2, 2, op=0.45, move=(0.6, 1.8))
        self.line(d, c.d3, 2, op=0.6)

    def shadow(self, cx: float, cy: float, rx: float, ry: float = 9, op: float = 1) -> None:
        """Add the soft shadow on the floor, wide and weak, and the tight one where it touches."""
        ink = "#000000" if self.dark else "#33230F"
        weight = 1.5 if self.dark else 1
        self.path(disc(cx + 14, cy + 3, rx * 1.06, ry * 1.6), ink, op=min(0.2 * op * weight, 1), blur=11)
        self.path(disc(cx + 4, cy, rx * 0.94, ry * 0.7), ink, op=min(0.34 * op * weight, 1), blur=4)

    def patch(self, cx: float, cy: float, size: float = 1, ink: str = AMBER.l1, ground: str = "#123F4C") -> None:
        """Add the house label: the humps on a small cloth tab."""
        w, h = 38 * size, 23 * size
        self.path(box(cx - w / 2, cy - h / 2, w, h, 5.5 * size), ground)
        self.humps(cx, cy + 6.5 * size, size, ink)

    def humps(self, cx: float, cy: float, size: float, ink: str) -> None:
        """Add the house mark, a two-humped dune under a sun; `cx` its middle, `cy` its foot."""
        x, y = cx - 14 * size, cy
        self.path(
            f"M{x} {y}C{x + 5 * size} {y - 2 * size} {x + 6 * size} {y - 10 * size} {x + 10 * size} {y - 10 * size}"
            f"S{x + 14 * size} {y - 4.5 * size} {x + 17 * size} {y - 4.5 * size}"
            f"S{x + 24 * size} {y - 1 * size} {x + 28 * size} {y}Z",
            ink,
        )
        self.path(disc(x + 20.5 * size, y - 10 * size, 3.1 * size), ink)

    def raw(self, markup: str) -> None:
        """Add markup as it is."""
        self._body.append(markup)

    # ---- groups -------------------------------------------------------------------------
    @contextmanager
    def inside(self, d: str) -> Iterator[None]:
        """Clip what is drawn in the block to the outline."""
        name = f"c{len(self._defs)}"
        self._defs.append(f'<clipPath id="{name}"><path d="{d}"/></clipPath>')
        self._body.append(f'<g clip-path="url(#{name})">')
        yield
        self._body.append("</g>")

    @contextmanager
    def placed(self, x: float = 0, y: float = 0, turn: float = 0, scale: float = 1) -> Iterator[None]:
        """Move, turn (degrees, clockwise) and scale what is drawn in the block."""
        self._body.append(f'<g transform="translate({x} {y}) rotate({turn}) scale({scale})">')
        yield
        self._body.append("</g>")

    def svg(self) -> str:
        """Return the picture as SVG text."""
        margin = 'filterUnits="userSpaceOnUse" x="-480" y="-360" width="1440" height="1080"'
        blurs = "".join(
            f'<filter id="b{str(b).replace(".", "_")}" {margin}><feGaussianBlur stdDeviation="{b}"/></filter>'
            for b in sorted(self._blurs)
        )
        return (
            f'<svg xmlns="http://www.w3.org/2000/svg" width="{WIDTH}" height="{HEIGHT}" '
            f'viewBox="0 0 {WIDTH} {HEIGHT}"><defs>{blurs}{"".join(self._defs)}</defs>{"".join(self._body)}</svg>'
        )


__all__ = ["AMBER", "BLACK", "CREAM", "HEIGHT", "STEEL", "WIDTH", "WOOD", "Ramp", "Scene", "box", "disc"]
