"""Draws the PNG icons from logo.svg with Chromium: ``python assets/icons/draw.py``. The results are committed."""

from __future__ import annotations

import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parents[1]))

from playwright.sync_api import Browser  # noqa: E402

from server.ops.bootstrap import find_chromium  # noqa: E402
from tests.support.browser import playwright  # noqa: E402


def main() -> None:
    """Write icon-<size>.png (rounded, as drawn) and icon-maskable-<size>.png (full square, the drawing within the
    safe circle)."""
    logo = (HERE / "logo.svg").read_text(encoding="utf-8")
    # Maskable icons are cut to a circle or a squircle by the system: no rounding of our own, ground up to the edge.
    square = logo.replace('rx="16.6"', 'rx="0"')
    with playwright() as started:
        browser = started.chromium.launch(executable_path=find_chromium(), args=["--no-sandbox"])
        for size in (192, 512):
            for name, drawing in (("icon", logo), ("icon-maskable", square)):
                page = browser.new_page(viewport={"width": size, "height": size})
                sized = drawing.replace('width="64" height="64"><defs>', f'width="{size}" height="{size}"><defs>')
                page.set_content(f"<style>body{{margin:0;background:transparent}}svg{{display:block}}</style>{sized}")
                page.screenshot(path=HERE / f"{name}-{size}.png", omit_background=True)
                page.close()
        _native(browser, logo, square)
        browser.close()


def _native(browser: Browser, logo: str, square: str) -> None:
    """What ``flet build`` makes every size from: a transparent icon that it puts on ``icon_background``, a full one for
    iOS, which allows no transparency, and the picture of the splash."""
    for name, drawing, size in (("icon", logo, 1024), ("icon_ios", square, 1024), ("splash", logo, 512)):
        page = browser.new_page(viewport={"width": size, "height": size})
        sized = drawing.replace('width="64" height="64"><defs>', f'width="{size}" height="{size}"><defs>')
        page.set_content(f"<style>body{{margin:0;background:transparent}}svg{{display:block}}</style>{sized}")
        page.screenshot(path=HERE / "native" / f"{name}.png", omit_background=drawing is logo)
        page.close()


if __name__ == "__main__":
    main()
