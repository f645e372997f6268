"""What the build makes, looked at as files."""

from __future__ import annotations

import gzip
import hashlib
import json
import re
import shutil
import tomllib
from html.parser import HTMLParser
from pathlib import Path

import pytest

from mobile.web.build import bytecode, fonts
from mobile.web.build.__main__ import main
from mobile.web.build.client import ClientError, lay_out
from mobile.web.build.pack import read_pack, write_pack
from mobile.web.build.site import build, fingerprint
from mobile.web.build.stage import MAIN, PROJECT, stage


class Page(HTMLParser):
    """Collects the scripts of a page, its inline code and its event attributes."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.scripts: list[str] = []
        self.inline: list[str] = []
        self.base = ""
        self._inside = False
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values = dict(attrs)
        self._inside = tag in ("script", "style")
        if tag == "script":
            self.scripts.append(values.get("src") or "")
        if tag == "base":
            self.base = values["href"] or ""
        self.inline += [name for name in values if name.startswith("on") or name == "style"]

    def handle_endtag(self, tag: str) -> None:
        self._inside = False

    def handle_data(self, data: str) -> None:
        if self._inside and data.strip():
            self.inline.append(data)


def precached(folder: Path) -> dict[str, str]:
    listing = re.search(r"^const LISTED = (\[.*\]);$", (folder / "sw.js").read_text(encoding="utf-8"), re.MULTILINE)
    assert listing
    return dict(json.loads(listing[1]))


def test_the_page_has_no_inline_code(probe: Path) -> None:
    page = Page((probe / "index.html").read_text(encoding="utf-8"))
    assert page.inline == []
    assert all(page.scripts)


def test_the_scripts_are_there_and_in_their_order(probe: Path) -> None:
    scripts = Page((probe / "index.html").read_text(encoding="utf-8")).scripts
    wanted = ["support.js", "look.js", "device-page.js", "flet-config.js", "updates.js", "python.js"]
    assert [name for name in scripts if name in wanted] == [name for name in wanted if (probe / name).exists()]
    assert [name for name in scripts if not (probe / name).is_file()] == []


def test_pyodide_and_canvaskit_have_absolute_addresses(probe: Path) -> None:
    config = (probe / "flet-config.js").read_text(encoding="utf-8")
    for setting in ("pyodideUrl", "canvasKitBaseUrl", "fontFallbackBaseUrl"):
        assert re.search(rf"{setting}: caravanBase \+ ", config)
    assert "new URL(" in config.split("caravanBase =")[1].splitlines()[0]


def test_flutters_own_service_worker_is_gone(probe: Path) -> None:
    assert "serviceWorkerSettings: {" not in (probe / "flutter_bootstrap.js").read_text(encoding="utf-8")
    assert not (probe / "flutter_service_worker.js").exists()


def test_the_animation_runtime_is_not_fetched_from_a_cdn(probe: Path) -> None:
    client = (probe / "main.dart.js").read_text(encoding="utf-8")
    assert "rive-app" not in client
    assert '"/rive/"' in client
    assert (probe / "rive" / "wasm" / "rive_native.js").is_file()


def test_all_101_slices_lie_where_flutter_looks_for_them(probe: Path) -> None:
    names = set(fonts.WANTED.findall((probe / "main.dart.js").read_text(encoding="utf-8")))
    assert len(names) == 101
    shipped = {path.name: path.read_bytes() for path in (probe / "assets" / "fonts" / "notosanssc").rglob("*.woff2")}
    assert {Path(name).name for name in names} == set(shipped)
    assert len(set(shipped.values())) == 101


def test_the_base_face_is_registered_and_icons_are_kept(probe: Path) -> None:
    families = json.loads((probe / "assets" / "FontManifest.json").read_text(encoding="utf-8"))
    assert {"NotoSansSC", "MaterialIcons", "Roboto"} <= {family["family"] for family in families}
    assets = [font["asset"] for family in families for font in family["fonts"]]
    assert [asset for asset in assets if not (probe / "assets" / asset).is_file()] == []


def test_nothing_useless_travels(probe: Path) -> None:
    names = [path.relative_to(probe).as_posix() for path in probe.rglob("*") if path.is_file()]
    useless = (".exe", ".symbols", ".whl", ".map", ".d.ts", "main.dart.wasm")
    assert [name for name in names if name.endswith(useless) or "skwasm" in name or "wimp" in name] == []
    raw = sum((probe / name).stat().st_size for name in names if not name.endswith((".gz", ".br")))
    # The snapshot is most of it: 32 MB of memory, 5 MB on the wire.
    assert raw < 110_000_000


def test_the_service_worker_lists_every_file_with_its_hash(probe: Path) -> None:
    listed = precached(probe)
    for name, digest in listed.items():
        assert hashlib.sha256((probe / name).read_bytes()).hexdigest() == digest, name
    on_disk = {path.relative_to(probe).as_posix() for path in probe.rglob("*") if path.is_file()}
    left_out = {name for name in on_disk - set(listed) if not name.endswith((".gz", ".br"))}
    assert left_out == {"sw.js", "build.txt", "assets/NOTICES", "assets/fonts/OFL.txt", "zxing/LICENSE"}


def test_the_manifest_makes_it_installable(probe: Path) -> None:
    manifest = json.loads((probe / "manifest.json").read_text(encoding="utf-8"))
    assert (manifest["name"], manifest["short_name"]) == ("Caravan 商队", "商队")
    assert (manifest["display"], manifest["theme_color"], manifest["lang"]) == ("standalone", "#17566A", "zh-CN")
    sizes = {(icon["sizes"], icon["purpose"]) for icon in manifest["icons"]}
    assert sizes == {(f"{n}x{n}", purpose) for n in (192, 512) for purpose in ("any", "maskable")}
    for icon in manifest["icons"]:
        header = (probe / icon["src"]).read_bytes()[:24]
        width = int.from_bytes(header[16:20], "big")
        assert header[:8] == b"\x89PNG\r\n\x1a\n"
        assert f"{width}x{width}" == icon["sizes"]


def test_compressed_twins_hold_the_same_bytes(probe: Path) -> None:
    twins = list(probe.rglob("*.gz"))
    assert {"main.dart.js.gz", "app.pack.gz", "index.html.gz"} <= {path.name for path in twins}
    for twin in twins:
        assert gzip.decompress(twin.read_bytes()) == twin.with_suffix("").read_bytes()


def test_the_pack_holds_app_and_packages_as_byte_code(probe: Path) -> None:
    files = read_pack(probe / "app.pack")
    assert bytecode.node(), "a machine that runs these tests has playwright, and with it a Node"
    assert {"main.pyc", "flet/__init__.pyc", "sqlite_utils/__init__.pyc", "pypinyin/__init__.pyc"} <= set(files)
    assert [name for name in files if name.endswith(".py")] == []
    assert [name for name in files if name.split("/")[0] in ("pip", "httpx", "bin") or ".dist-info/" in name] == []
    assert any(name.startswith("msgspec/") and name.endswith(".so") for name in files)
    # 3.14's magic number; any other Python would refuse the file.
    assert {data[:4] for name, data in files.items() if name.endswith(".pyc")} == {files["main.pyc"][:4]}


def test_a_pack_reads_back_what_was_written(tmp_path: Path) -> None:
    first, second = tmp_path / "first", tmp_path / "second"
    (first / "套").mkdir(parents=True)
    second.mkdir()
    (first / "套" / "空.txt").write_bytes(b"")
    (first / "main.py").write_bytes(b"old")
    (second / "main.py").write_bytes(b"new")
    assert write_pack(tmp_path / "x.pack", first, second) == 2
    assert read_pack(tmp_path / "x.pack") == {"main.py": b"new", "套/空.txt": b""}


def test_a_torn_pack_is_noticed(tmp_path: Path) -> None:
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "main.py").write_bytes(b"print()")
    write_pack(tmp_path / "x.pack", tmp_path / "in")
    (tmp_path / "x.pack").write_bytes((tmp_path / "x.pack").read_bytes()[:-2])
    with pytest.raises(ValueError, match="index says"):
        read_pack(tmp_path / "x.pack")


def test_staging_leaves_the_browser_files_and_caches_behind(tmp_path: Path) -> None:
    stage(tmp_path / "app")
    names = {path.relative_to(tmp_path / "app").as_posix() for path in (tmp_path / "app").rglob("*") if path.is_file()}
    assert (tmp_path / "app" / "main.py").read_text(encoding="utf-8") == MAIN
    assert {"mobile/__init__.py", "shared/__init__.py"} <= names
    assert [name for name in names if name.startswith("mobile/web/") or name.endswith(".pyc")] == []


def test_the_native_app_is_laid_out_with_the_locked_packages(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["--stage", str(tmp_path / "app")]) == 0
    assert "flet build" in capsys.readouterr().out
    project = tomllib.loads((tmp_path / "app" / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    assert "flet-secure-storage==1.0.5" in project["dependencies"]
    assert all("==" in package for package in project["dependencies"])
    assert (tmp_path / "app" / "main.py").is_file() and (tmp_path / "app" / "assets" / "help" / "zh").is_dir()


def test_the_browser_never_gets_the_systems_secret_store() -> None:
    """There it would keep its key beside the data."""
    assert "flet-secure-storage" not in (PROJECT / "requirements-web.txt").read_text(encoding="utf-8")


def test_an_unchanged_build_is_not_repeated(probe: Path) -> None:
    again = build(probe, app=PROJECT / "tests" / "web" / "app")
    assert again.seconds == 0.0
    assert again.compiled


def test_any_change_of_the_app_is_noticed(tmp_path: Path) -> None:
    app = tmp_path / "app"
    shutil.copytree(PROJECT / "tests" / "web" / "app", app)
    before = fingerprint("/", app)
    assert fingerprint("/", app) == before
    (app / "main.py").write_text("print()", encoding="utf-8")
    assert fingerprint("/", app) != before
    assert fingerprint("/x/", app) != fingerprint("/", app)


def test_the_service_worker_knows_no_address_outside_its_own_folder() -> None:
    worker = (PROJECT / "mobile/web/sw/sw.js").read_text(encoding="utf-8")
    assert re.findall(r"\w+\([\"'`]/[^\"'`]", worker) == []
    assert 'openWindow(address("follow-ups"))' in worker


def test_a_site_below_a_path_is_based_there(tmp_path: Path) -> None:
    lay_out(tmp_path / "dist", "/caravan/")
    assert Page((tmp_path / "dist" / "index.html").read_text(encoding="utf-8")).base == "/caravan/"


def test_an_unknown_slice_stops_the_build() -> None:
    assert fonts.slice_file("notosanssc/v37/abc.119.woff2") == "noto-sans-sc-119-wght-normal.woff2"
    with pytest.raises(ClientError, match="no font slice"):
        fonts.slice_file("notosanssc/v38/abc.woff2")


@pytest.mark.parametrize("language", ["zh", "en"])
def test_the_site_has_an_index_of_its_help_pages(probe: Path, language: str) -> None:
    folder = probe / "help" / language
    listed = json.loads((folder / "index.json").read_text(encoding="utf-8"))
    assert sorted(one["name"] for one in listed) == sorted(path.stem for path in folder.glob("*.md"))
    assert all(one["title"] and one["text"] for one in listed)
    assert f"help/{language}/index.json" in precached(probe)
