"""Command line of the build; see the package's docstring."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from mobile.web.build import native
from mobile.web.build.client import ClientError
from mobile.web.build.site import build
from mobile.web.build.stage import PROJECT, stage
from mobile.web.build.wheels import WheelError


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m mobile.web.build", description="Build the installable web app.")
    parser.add_argument("--out", type=Path, default=PROJECT / ".build" / "web", help="folder of the site (is replaced)")
    parser.add_argument("--base-path", default="/", help='path of the site on its host, such as "/" or "/caravan/"')
    parser.add_argument("--app", type=Path, help="folder with another main.py to run in place of the project's app")
    parser.add_argument("--force", action="store_true", help="build although nothing has changed")
    parser.add_argument("--stage", type=Path, help="lay out the native app in this new folder for flet build, and stop")
    parser.add_argument("--native", choices=native.KINDS, help="build the native app with flet build")
    options, extra = parser.parse_known_args(arguments)
    if extra and not options.native:
        parser.error(f"unknown arguments: {' '.join(extra)}")
    if options.native:
        return _build_native(options.native, tuple(extra))
    if options.stage:
        stage(options.stage, assets=True)
        print(
            f"native app: laid out in {options.stage}; with the Flutter SDK, run there: flet build apk (ipa, linux …)"
        )
        return 0
    try:
        result = build(options.out, base_path=options.base_path, app=options.app, force=options.force)
    except (WheelError, ClientError, OSError) as error:
        print(f"The web app could not be built: {error}", file=sys.stderr)
        return 1
    print(f"web app: {result.describe()}")
    return 0


def _build_native(kind: str, extra: tuple[str, ...]) -> int:
    try:
        print(f"native app: {native.build(kind, extra)}")
    except native.NativeError as error:
        print(f"The app is laid out in {native.FOLDER / 'app'}, but not built. {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
