"""Shoot the product pictures: draw each as SVG, let Chromium paint it and write it as WebP.

    python assets/pictures/source/render.py [--only tent,mug] [--sheet sheet.png]

Needs playwright and a Chromium (`CHROMIUM` names its program if it is not on the usual paths).
Without `--only` the folder's old pictures are replaced. `--sheet` writes only a contact sheet.
"""

import argparse
import base64
import hashlib
import importlib
import json
import os
import shutil
import sys
from collections.abc import Callable, Iterable
from pathlib import Path

from kit import HEIGHT, WIDTH, Scene
from palette import COLOURS, GROUND_OF, Ramp, ramp
from playwright.sync_api import Page, sync_playwright

ROOT = Path(__file__).resolve().parents[3]
PICTURES = ROOT / "assets" / "pictures"
MODULES = ("shelter", "light", "furniture", "kitchen", "drink", "sleep", "hiking", "gear")
AIM_BYTES = 14_000
MAX_BYTES = 25_000
QUALITIES = (0.9, 0.86, 0.82, 0.78, 0.72, 0.64)
AFTER_DARK = ("lantern", "headlamp")

sys.path.insert(0, str(ROOT))
from server.demo.products import PRODUCTS, Product  # noqa: E402  (the root must be on the path first)

# mix-blend-mode and blur reach the canvas through an <img>; a canvas is the one WebP encoder at hand.
TO_WEBP = """async ([svg, width, height, quality]) => {
  const image = new Image();
  image.src = 'data:image/svg+xml;base64,' + btoa(unescape(encodeURIComponent(svg)));
  await image.decode();
  const canvas = Object.assign(document.createElement('canvas'), {width, height});
  canvas.getContext('2d', {alpha: false}).drawImage(image, 0, 0, width, height);
  return canvas.toDataURL('image/webp', quality).split(',')[1];
}"""


def drawing(name: str) -> Callable[[Scene, Ramp], None]:
    """Return the function that draws a product; ValueError if no module has it."""
    for module in map(importlib.import_module, MODULES):
        if hasattr(module, name):
            return getattr(module, name)
    raise ValueError(f"No drawing is called {name!r}; see {', '.join(MODULES)}.")


def picture(product: Product) -> str:
    """Return a product's picture as SVG text."""
    ground = "night" if product.drawing in AFTER_DARK else GROUND_OF[product.colour]
    scene = Scene(ground)
    drawing(product.drawing)(scene, ramp(COLOURS[product.colour]))
    return scene.svg()


def without_profile(data: bytes) -> bytes:
    """Return the WebP file with its image chunk alone (RFC 9649): the sRGB profile says nothing new."""
    place = 12
    while data[place : place + 4] != b"VP8 ":
        size = int.from_bytes(data[place + 4 : place + 8], "little")
        place += 8 + size + size % 2
    size = int.from_bytes(data[place + 4 : place + 8], "little")
    chunk = data[place : place + 8 + size + size % 2]
    return b"RIFF" + (4 + len(chunk)).to_bytes(4, "little") + b"WEBP" + chunk


def to_webp(page: Page, svg: str) -> bytes:
    """Return the picture as WebP, at the best quality that keeps it near `AIM_BYTES`."""
    data = b""
    for quality in QUALITIES:
        data = without_profile(base64.b64decode(page.evaluate(TO_WEBP, [svg, WIDTH, HEIGHT, quality])))
        if len(data) <= AIM_BYTES:
            return data
    if len(data) > MAX_BYTES:
        raise ValueError(f"A picture of {len(data)} bytes is over the limit of {MAX_BYTES}; draw it simpler.")
    return data


def write_pictures(page: Page, products: Iterable[Product]) -> None:
    """Write `<sku>.<hash>.webp` for each product and the index of all of them."""
    index_file = PICTURES / "index.json"
    index: dict[str, str] = json.loads(index_file.read_text()) if index_file.exists() else {}
    for product in products:
        data = to_webp(page, picture(product))
        name = f"{product.sku}.{hashlib.sha256(data).hexdigest()[:12]}.webp"
        (PICTURES / name).write_bytes(data)
        index[product.sku] = name
    index = {product.sku: index[product.sku] for product in PRODUCTS}
    index_file.write_text(json.dumps(index, indent=1) + "\n")
    for old in PICTURES.glob("*.webp"):
        if old.name not in index.values():
            old.unlink()


def write_sheet(page: Page, products: list[Product], target: Path, width: int, paper: str) -> None:
    """Write one picture with all products beside each other, five in a row, to look at."""
    images = "".join(
        f'<img width="{width}" src="data:image/webp;base64,{base64.b64encode(to_webp(page, picture(p))).decode()}">'
        for p in products
    )
    style = "img{margin:4px;border-radius:12px;vertical-align:top}"
    page.set_viewport_size({"width": 10 * (width + 8) + 8, "height": 100})
    page.set_content(f"<style>{style}</style><body style='margin:4px;font-size:0;background:{paper}'>{images}")
    page.screenshot(path=str(target), full_page=True)


def main() -> None:
    """Read the arguments and write pictures or a contact sheet."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--only", help="drawings to shoot, separated by commas")
    parser.add_argument("--sheet", type=Path, help="write a contact sheet here instead")
    parser.add_argument("--sheet-width", type=int, default=160, help="width of one picture on it, in pixels")
    parser.add_argument("--sheet-paper", default="#F7F5F1", help="colour of the sheet, #141412 for the dark theme")
    arguments = parser.parse_args()
    wanted = arguments.only.split(",") if arguments.only else None
    products = [p for p in PRODUCTS if wanted is None or p.drawing in wanted]
    program = os.environ.get("CHROMIUM") or shutil.which("chromium") or shutil.which("google-chrome")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=["--no-sandbox", "--disable-gpu"])
        page = browser.new_page()
        if arguments.sheet:
            write_sheet(page, products, arguments.sheet, arguments.sheet_width, arguments.sheet_paper)
        else:
            write_pictures(page, products)
        browser.close()


if __name__ == "__main__":
    main()
