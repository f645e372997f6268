"""Step 5: Flet's prebuilt client, without what no browser asks for, with our page, worker and manifest in place of
its own."""

from __future__ import annotations

import json
import re
import shutil
from html import escape
from importlib.util import find_spec
from pathlib import Path

from mobile.web.build.stage import PROJECT

CLIENT = PROJECT / "mobile" / "web" / "client"
# Only CanvasKit is used (the dart2js build); of its variants Chromium takes its own, all others the full one.
REMOVED = (
    "main.dart.wasm",
    "main.dart.mjs",
    "flutter.js",
    "flutter.js.map",
    "flutter_service_worker.js",
    "favicon.png",
    "icons",
    "canvaskit/skwasm*",
    "canvaskit/wimp*",
    "canvaskit/experimental_webparagraph",
    "canvaskit/*.symbols",
    "canvaskit/chromium/*.symbols",
    "pyodide/python*.exe",
    "pyodide/python",
    "pyodide/python.bat",
    "pyodide/*.whl",
    "pyodide/*.ts",
    "pyodide/python_cli_entry.mjs",
    "pyodide/pyodide.js",
    "pyodide/package.json",
    "assets/packages/media_kit",
    "assets/packages/flutter_math_fork",
    "assets/packages/flutter_map",
)
# The page's scripts in the order in which they are loaded. A file that does not exist is left out.
SCRIPTS = ("support.js", "look.js", "device-page.js", "flet-config.js", "updates.js", "python.js")
RIVE_CDN = re.compile(r"https://cdn\.jsdelivr\.net/npm/@rive-app/[^\"]*/")
# The animation runtime asks for its script at every start and waits for it in the background. Nothing here draws with
# it.
RIVE_STUB = (
    "// Flutter's animation runtime is not part of this app: its request stays on this host and never completes.\n"
    "var RiveNative = () => new Promise(() => {});\n"
)


class ClientError(RuntimeError):
    """Flet's client does not look as this build expects: another version of flet-web needs another look."""


def lay_out(dist: Path, base_path: str) -> None:
    """Copy the client to ``dist`` (must not exist) for a site under ``base_path`` ("/" or "/x/")."""
    shutil.copytree(_flet_client(), dist, copy_function=shutil.copyfile)
    for pattern in REMOVED:
        for path in list(dist.glob(pattern)):
            shutil.rmtree(path) if path.is_dir() else path.unlink()
    for path in CLIENT.iterdir():
        if path.is_file() and path.suffix != ".md":
            shutil.copyfile(path, dist / path.name)
    shutil.copytree(CLIENT / "zxing", dist / "zxing", ignore=shutil.ignore_patterns("*.md"))
    shutil.copytree(PROJECT / "assets" / "icons", dist / "icons", ignore=shutil.ignore_patterns("*.py", "native"))
    _patch_bootstrap(dist / "flutter_bootstrap.js")
    _patch_rive(dist, base_path)
    _write_index(dist / "index.html", base_path)
    _write_manifest(dist / "manifest.json")
    _thin_out_lock(dist / "pyodide" / "pyodide-lock.json")


def _flet_client() -> Path:
    # Found and not imported: importing flet_web loads half of flet, a second at every start that builds nothing.
    spec = find_spec("flet_web")
    if spec is None or spec.origin is None:
        raise ClientError("the package flet-web is not installed")
    return Path(spec.origin).parent / "web"


def _replace_once(text: str, pattern: str | re.Pattern[str], replacement: str, what: str) -> str:
    changed, count = re.subn(
        pattern, lambda _: replacement, text, flags=0 if isinstance(pattern, re.Pattern) else re.DOTALL
    )
    if count != 1:
        raise ClientError(f"expected {what} once in Flet's client, found it {count} times")
    return changed


def _patch_bootstrap(path: Path) -> None:
    # Flutter's own service worker unregisters itself and would take ours away with it.
    text = path.read_text(encoding="utf-8")
    text = _replace_once(text, r"serviceWorkerSettings: \{.*?\},\n", "", "serviceWorkerSettings")
    variant = "    canvasKitVariant: flet.canvasKitVariant,\n    multiViewEnabled: flet.multiView,"
    text = _replace_once(text, r" +multiViewEnabled: flet\.multiView,", variant, "multiViewEnabled")
    path.write_text(text.replace("//# sourceMappingURL=flutter.js.map\n", ""), encoding="utf-8")


def _patch_rive(dist: Path, base_path: str) -> None:
    path = dist / "main.dart.js"
    text = path.read_text(encoding="utf-8")
    path.write_text(_replace_once(text, RIVE_CDN, f"{base_path}rive/", "the rive address"), encoding="utf-8")
    stub = dist / "rive" / "wasm" / "rive_native.js"
    stub.parent.mkdir(parents=True)
    stub.write_text(RIVE_STUB, encoding="utf-8")


def _write_index(path: Path, base_path: str) -> None:
    text = path.read_text(encoding="utf-8")
    text = _replace_once(text, r'<base href="/">', f'<base href="{escape(base_path, quote=True)}">', "<base>")
    tags = "\n  ".join(f'<script src="{name}"></script>' for name in SCRIPTS if (path.parent / name).exists())
    path.write_text(_replace_once(text, r"<!-- scripts -->", tags, "the place of the scripts"), encoding="utf-8")


def _write_manifest(path: Path) -> None:
    icons = [
        {"src": f"icons/icon-{kind}{size}.png", "sizes": f"{size}x{size}", "type": "image/png", "purpose": purpose}
        for kind, purpose in (("", "any"), ("maskable-", "maskable"))
        for size in (192, 512)
    ]
    manifest = {
        "id": ".",
        "name": "Caravan 商队",
        "short_name": "商队",
        "lang": "zh-CN",
        "dir": "ltr",
        "description": "离线优先的销售管理 · Offline-first sales management",
        "start_url": ".",
        "scope": ".",
        "display": "standalone",
        "orientation": "any",
        "theme_color": "#17566A",
        "background_color": "#F7F5F1",
        "categories": ["business", "productivity"],
        "prefer_related_applications": False,
        "icons": icons,
    }
    path.write_text(json.dumps(manifest, ensure_ascii=False, indent=2) + "\n", encoding="utf-8")


def _thin_out_lock(path: Path) -> None:
    # Pyodide wants the file at start; its package list only names wheels of a CDN, which this app never loads.
    lock = json.loads(path.read_text(encoding="utf-8"))
    path.write_text(json.dumps({"info": lock["info"], "packages": {}}, separators=(",", ":")), encoding="utf-8")
