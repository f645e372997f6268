"""The native app up to the call of the SDK: settings, what is laid out, the arguments, what is missing."""

from __future__ import annotations

import re
import subprocess
import sys
import tomllib
from importlib.metadata import Distribution, distribution
from pathlib import Path

import pytest
from packaging.requirements import Requirement

from mobile.web.build import native
from mobile.web.build.__main__ import main
from mobile.web.build.stage import NATIVE_ASSETS, PROJECT, stage

# Compiled packages that Flet's own index carries for both phones; every other one must be pure Python.
COMPILED = {"msgspec", "msgpack"}
EVERYTHING = {"flutter": "/sdk/flutter", "xcodebuild": "/usr/bin/xcodebuild"}.get


@pytest.fixture(scope="module")
def app(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The app as flet build gets it."""
    folder = tmp_path_factory.mktemp("native") / "app"
    stage(folder, assets=True)
    return folder


@pytest.fixture(scope="module")
def project(app: Path) -> dict:
    return tomllib.loads((app / "pyproject.toml").read_text(encoding="utf-8"))


def test_the_settings_travel_with_the_app(project: dict) -> None:
    own = tomllib.loads((PROJECT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["flet"]
    assert project["tool"]["flet"] == own
    assert set(project["tool"]) == {"flet"}
    assert re.fullmatch(r"[a-z]\w*(\.[a-z]\w*)+", own["bundle_id"]), "also a Java package"


def test_each_permission_that_ios_asks_for_has_its_sentence_in_both_languages(project: dict) -> None:
    info = project["tool"]["flet"]["ios"]["info"]
    sentences = {name: text for name, text in info.items() if name.endswith("UsageDescription")}
    assert {"NSCameraUsageDescription", "NSPhotoLibraryUsageDescription"} <= set(sentences)
    for name, text in sentences.items():
        assert re.search(r"[\u4e00-\u9fff].*。 [A-Z].*\.$", text), name


def test_nothing_is_asked_for_that_no_part_of_the_app_uses(project: dict) -> None:
    asked = {name for name, wanted in project["tool"]["flet"]["android"]["permission"].items() if wanted}
    assert {name.removeprefix("android.permission.") for name in asked} == {
        "INTERNET",
        "ACCESS_NETWORK_STATE",
        "CAMERA",
        "POST_NOTIFICATIONS",
    }
    assert "NSMicrophoneUsageDescription" not in project["tool"]["flet"]["ios"]["info"]


def test_icons_and_splash_have_the_sizes_that_the_stores_want(app: Path) -> None:
    for name in NATIVE_ASSETS:
        header = (app / "assets" / name).read_bytes()[:26]
        size = int.from_bytes(header[16:20], "big")
        assert header[:8] == b"\x89PNG\r\n\x1a\n" and size >= 512
        assert (size == 1024) == name.startswith("icon")


def test_the_laid_out_app_imports_by_itself(app: Path) -> None:
    """Every module of the app, from that folder alone, under this CPython."""
    code = """
import importlib, pathlib, sys
root = pathlib.Path(sys.argv[1])
sys.path[:] = [str(root), *(place for place in sys.path if "site-packages" in place or "lib/python" in place)]
# The editable install would answer for what was forgotten.
sys.meta_path[:] = [finder for finder in sys.meta_path if "editable" not in repr(finder)]
modules = [path for path in root.rglob("*.py") if path.name != "main.py"]
names = [".".join(path.relative_to(root).with_suffix("").parts) for path in modules]
for name in sorted(names) + ["mobile.main"]:
    module = importlib.import_module(name.removesuffix(".__init__"))
    assert pathlib.Path(module.__file__).is_relative_to(root), module.__file__
print(len(names))
"""
    shown = subprocess.run(
        [sys.executable, "-c", code, str(app)], cwd=app, capture_output=True, text=True, check=False, timeout=120
    )
    assert shown.returncode == 0, shown.stderr[-2000:]
    assert int(shown.stdout) > 100


def closure(names: list[str]) -> dict[str, Distribution]:
    """The packages with all that they need on a phone."""
    found: dict[str, Distribution] = {}
    while names:
        wanted = distribution(names.pop())
        if found.setdefault(wanted.metadata["Name"].lower(), wanted) is not wanted:
            continue
        for line in wanted.requires or ():
            need = Requirement(line)
            phone = {"sys_platform": "android", "platform_system": "Android", "python_version": "3.14", "extra": ""}
            if need.marker is None or need.marker.evaluate(phone):
                names.append(need.name)
    return found


def test_every_package_of_the_app_runs_on_a_phone(project: dict) -> None:
    packages = closure([Requirement(line).name for line in project["project"]["dependencies"]])
    compiled = {
        name
        for name, package in packages.items()
        if any(file.suffix in (".so", ".pyd") for file in package.files or ())
    }
    assert compiled <= COMPILED
    assert {"flet", "flet-secure-storage", "httpx", "sqlite-utils"} <= set(packages)
    assert not {"litestar", "sqlalchemy", "flet-web"} & set(packages)


def test_the_call_names_target_folder_version_and_a_rising_number(tmp_path: Path) -> None:
    call = native.command("apk", tmp_path / "app", 29_400_000, ("--split-per-abi",))
    version = tomllib.loads((PROJECT / "pyproject.toml").read_text(encoding="utf-8"))["project"]["version"]
    assert call[:6] == [sys.executable, "-m", "flet.cli", "build", "apk", str(tmp_path / "app")]
    assert call[call.index("--output") + 1] == str(tmp_path / "apk")
    assert call[call.index("--build-version") + 1] == version
    assert call[call.index("--build-number") + 1] == "29400000" and call[-1] == "--split-per-abi"
    now = 1_800_000_000.0
    assert native.build_number(now) < native.build_number(now + 60) < native.VERSION_CODE_MAX


@pytest.mark.parametrize(
    ("kind", "tools", "system", "cli", "said"),
    [
        ("apk", EVERYTHING, "linux", True, ""),
        ("ipa", EVERYTHING, "darwin", True, ""),
        ("apk", {}.get, "linux", True, "The Flutter SDK is missing"),
        ("ipa", EVERYTHING, "linux", True, "on macOS with Xcode only"),
        ("ipa", {"flutter": "x"}.get, "darwin", True, "Xcode is missing"),
        ("apk", EVERYTHING, "linux", False, "pip install flet-cli==1.0.5"),
    ],
)
def test_what_is_missing_is_said_in_a_sentence(kind: str, tools, system: str, cli: bool, said: str) -> None:
    sentence = native.missing(kind, tools, system, lambda: cli)
    assert said in sentence and bool(said) == bool(sentence) and "\n" not in sentence


def test_without_the_sdk_the_app_is_laid_out_and_the_reason_is_told(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(native, "FOLDER", tmp_path)
    monkeypatch.setattr(native, "missing", lambda kind: "The Flutter SDK is missing.")
    assert main(["--native", "apk"]) == 1
    assert capsys.readouterr().err.strip().endswith("but not built. The Flutter SDK is missing.")
    assert (tmp_path / "app" / "main.py").is_file()


def test_with_the_sdk_the_arguments_reach_flet_build(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    calls: list[list[str]] = []

    def ran(call: list[str], check: bool) -> subprocess.CompletedProcess[bytes]:
        calls.append(call)
        return subprocess.CompletedProcess(call, 1 if "--broken" in call else 0)

    monkeypatch.setattr(native, "missing", lambda kind: "")
    monkeypatch.setattr(native.subprocess, "run", ran)
    assert native.build("apk", ("--verbose",), tmp_path) == tmp_path / "apk"
    assert calls[0][5] == str(tmp_path / "app") and calls[0][-1] == "--verbose"
    with pytest.raises(native.NativeError, match="exit code 1"):
        native.build("apk", ("--broken",), tmp_path)
