"""Flet's hello world as a static site, built the plain way, and servers that count what they send."""

from __future__ import annotations

import json
import os
import re
import shutil
import tarfile
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import flet_web
from flet.controls.types import RouteUrlStrategy, WebRenderer

from mobile.web.build import compress
from mobile.web.build.wheels import install
from server.api.static import StaticSite

COUNTER_PATH = "/bench-bytes"
HELLO = """import flet as ft


def main(page: ft.Page) -> None:
    page.add(ft.FilledButton("usable"))


ft.run(main)
"""
# What the plain way unpacks and puts on the path: flet and what it needs.
PACKAGES = ("flet", "msgpack", "repath.py", "repath", "six.py")
# The usual few lines: every GET is kept at its first use. Flet's own worker unregisters itself.
KEEPER = """self.addEventListener("install", () => self.skipWaiting());
self.addEventListener("activate", (event) => event.waitUntil(self.clients.claim()));
self.addEventListener("fetch", (event) => {
  if (event.request.method !== "GET") return;
  event.respondWith((async () => {
    const kept = await caches.open("v1"), hit = await kept.match(event.request);
    if (hit) return hit;
    const answer = await fetch(event.request);
    if (answer.ok) await kept.put(event.request, answer.clone());
    return answer;
  })());
});
"""


def build_hello(folder: Path, cache: Path) -> Path:
    """What ``flet publish`` lays out, with Pyodide and fonts from the same host, compressed as ours is."""
    shutil.rmtree(folder, ignore_errors=True)
    shutil.copytree(flet_web.get_package_web_dir(), folder)
    packages, source = install(cache), folder.with_name("hello-source")
    source.mkdir(exist_ok=True)
    (source / "main.py").write_text(HELLO, encoding="utf-8")
    with tarfile.open(folder / "app.tar.gz", "w:gz", format=tarfile.GNU_FORMAT) as tar:
        tar.add(source, arcname="/")
        for name in PACKAGES:
            if (packages / name).exists():
                tar.add(packages / name, arcname=f"__pypackages__/{name}")
    index = folder / "index.html"
    flet_web.patch_index_html(
        index_path=str(index),
        base_href="/",
        app_name="Hello",
        pyodide=True,
        pyodide_script_path="main.py",
        app_package_url="app.tar.gz",
        web_renderer=WebRenderer.CANVAS_KIT,
        route_url_strategy=RouteUrlStrategy.PATH,
        no_cdn=True,
    )
    # A bare name is refused by the worker; Flet's own service worker would replace this one.
    page = index.read_text(encoding="utf-8").replace('"pyodide/pyodide.mjs"', '"/pyodide/pyodide.mjs"')
    page = page.replace("</head>", '<script>navigator.serviceWorker.register("keeper.js")</script></head>')
    index.write_text(page, encoding="utf-8")
    bootstrap = folder / "flutter_bootstrap.js"
    text = bootstrap.read_text(encoding="utf-8")
    bootstrap.write_text(re.sub(r"serviceWorkerSettings: \{.*?\},\n", "", text, flags=re.DOTALL), encoding="utf-8")
    (folder / "keeper.js").write_text(KEEPER, encoding="utf-8")
    for unused in folder.glob("pyodide/python*.exe"):
        unused.unlink()
    compress.compress(folder)
    return folder


Send = Callable[[dict[str, Any]], Awaitable[None]]


def counting_site() -> Callable[..., Awaitable[None]]:
    """ASGI application for ``CARAVAN_WEB``: the product's static handler, counting the bytes of bodies.

    ``COUNTER_PATH`` answers the count and begins anew. With ``BENCH_PLAIN`` no policy is sent: Flet's own page has
    inline scripts.
    """
    site, plain, sent = StaticSite(Path(os.environ["CARAVAN_WEB"])), bool(os.environ.get("BENCH_PLAIN")), [0]

    async def app(scope: dict[str, Any], receive: Any, send: Send) -> None:
        async def counted(message: dict[str, Any]) -> None:
            sent[0] += len(message.get("body", b""))
            if plain and message["type"] == "http.response.start":
                message["headers"] = [item for item in message["headers"] if item[0] != b"content-security-policy"]
            await send(message)

        if scope["type"] == "http" and scope["path"] == COUNTER_PATH:
            body, sent[0] = json.dumps(sent[0]).encode(), 0
            await send({"type": "http.response.start", "status": 200, "headers": [(b"content-type", b"text/plain")]})
            await send({"type": "http.response.body", "body": body})
        else:
            await site(scope, receive, counted)

    return app
