"""The help pages: where they come from, how they are searched, and which screen has one.

They are Markdown files, ``assets/help/<language>/<name>.md``, whose first heading is the title. The web build puts all
pages of a language into one ``index.json``: one request, and the search needs no other.
"""

import asyncio
import os
import re
import weakref
from collections.abc import Iterable
from pathlib import Path
from urllib.parse import parse_qsl, urlsplit

import msgspec

from mobile.platform.ports import Platform
from sync.ports import TransportError

INDEX = "index.json"
TIMEOUT_S = 10.0
EXCERPT_SIGNS = 60
SCREENS = (
    (r"/dashboard", "dashboard"),
    (r"/customers", "customers"),
    (r"/customers/(?!new$)[^/]+", "customer"),
    (r"/leads|/leads/(?:close|assign)", "leads"),
    (r"/leads/(?!new$|close$|assign$)[^/]+", "lead"),
    (r"/catalogue", "catalogue"),
    (r"/order/new", "new-order"),
    (r"/orders", "orders"),
    (r"/orders/[^/]+", "order"),
    (r"/deals", "deals"),
    (r"/deals/(?!new$)[^/]+", "deal"),
    (r"/pipeline", "pipeline"),
    (r"/inbox", "inbox"),
    (r"/stock", "stock"),
    (r"/leases", "show-stock"),
    (r"/users(?:/(?!new$)[^/]+)?", "users"),
    (r"/keys", "users"),
    (r"/team", "team"),
    (r"/setup(?:/[^/]+)?", "setup"),
    (r"/follow-ups", "follow-ups"),
    (r"/settings", "settings"),
    (r"/feedback(?:/(?!new$)[^/]+)?", "feedback"),
    (r"/first-hour", "first-hour"),
    (r"/log(?:/.+)?", "log"),
)
"""(pattern of the whole path, name of the page). Forms have no button: going to another screen would lose what was
typed; their page is linked from the others."""
WITHOUT_BUTTON = (
    ("", "home"),
    (r"/dashboard/(?:leads|deals)", "dashboard"),
    (r"/customers/new|/customers/[^/]+/edit", "customer-form"),
    (r"/leads/new", "leads"),
    (r"/leads/[^/]+/edit", "lead"),
    (r"/deals/new", "deals"),
    (r"/users/new", "users"),
    (r"/setup/[^/]+/[^/]+", "setup"),
    (r"/feedback/new", "feedback"),
)
"""The same of forms, and of screens whose head has no room for a button."""
FORM_PARAMETERS = {"edit", "new", "move", "lose", "cancel", "reopen"}
READING = (
    "first-hour", "home", "dashboard",
    "leads", "lead", "customers", "customer", "customer-form", "follow-ups",
    "deals", "deal", "pipeline", "catalogue", "new-order", "orders", "order",
    "stock", "show-stock", "inbox", "team", "users", "setup", "log", "settings", "shortcuts", "feedback",
)  # fmt: skip
"""The pages in the order in which somebody new reads them: the first hour, then what a day brings, then the rest."""
_SIGNS = re.compile(r"\*\*|\*(?=\S)|(?<=\S)\*|`|^#+ |^ *(?:[-*]|\d+\.) ", re.MULTILINE)
_LINK = re.compile(r"\[([^\]]*)\]\([^)]*\)")


class HelpUnavailable(Exception):
    """The pages cannot be had at the moment: no network and nothing stored, or not part of this installation."""


class HelpPage(msgspec.Struct, frozen=True):
    """One page. ``text`` is Markdown without the heading that gave ``title``."""

    name: str
    title: str
    text: str

    @property
    def plain(self) -> str:
        """The text without Markdown's signs, one line of the page per line."""
        return _SIGNS.sub("", _LINK.sub(r"\1", self.text))


def parse(name: str, source: str) -> HelpPage:
    """Split a file into title and text. Raises ``ValueError`` when it does not begin with a heading."""
    first, _, rest = source.lstrip().partition("\n")
    if not first.startswith("# ") or not first[2:].strip():
        raise ValueError(f"help page {name} has no title: its first line must be a heading")
    return HelpPage(name, first[2:].strip(), rest.strip() + "\n")


def read_folder(folder: Path) -> tuple[HelpPage, ...]:
    """The pages of one language as they are read. Raises ``OSError``, and ``ValueError`` for one without a title."""
    places = {name: place for place, name in enumerate(READING)}
    files = sorted(folder.glob("*.md"), key=lambda path: (places.get(path.stem, len(places)), path.stem))
    return tuple(parse(path.stem, path.read_text(encoding="utf-8")) for path in files)


def encode(pages: Iterable[HelpPage]) -> bytes:
    """The content of ``index.json``."""
    return msgspec.json.encode(list(pages))


def decode(body: bytes) -> tuple[HelpPage, ...]:
    """The pages of an ``index.json``. Raises ``msgspec.DecodeError``."""
    return msgspec.json.decode(body, type=tuple[HelpPage, ...])


def packaged_folder() -> Path:
    """Where a native app has its pages: Flet names the folder of its assets; in the project it is ``assets``."""
    assets = os.environ.get("FLET_ASSETS_DIR")
    return (Path(assets) if assets else Path(__file__).resolve().parents[2] / "assets") / "help"


_known: "weakref.WeakKeyDictionary[Platform, dict[str, tuple[HelpPage, ...]]]" = weakref.WeakKeyDictionary()


def known(platform: Platform, language: str) -> tuple[HelpPage, ...] | None:
    """The pages if they were loaded before: they stay the same as long as the app runs."""
    return _known.get(platform, {}).get(language)


async def load(platform: Platform, language: str) -> tuple[HelpPage, ...]:
    """The pages of a language: from the site in a browser, from the app's own files natively.

    Raises ``HelpUnavailable``.
    """
    found = known(platform, language)
    if found is None:
        found = await (_fetch if platform.kind == "browser" else _read)(platform, language)
        _known.setdefault(platform, {})[language] = found
    return found


async def _fetch(platform: Platform, language: str) -> tuple[HelpPage, ...]:
    try:
        answer = await platform.transport.request("GET", f"/help/{language}/{INDEX}", timeout_s=TIMEOUT_S)
        if answer.status != 200:
            raise HelpUnavailable(f"HTTP {answer.status}")
        return decode(answer.body)
    except (TransportError, msgspec.DecodeError) as error:
        raise HelpUnavailable(str(error)) from error


async def _read(_: Platform, language: str) -> tuple[HelpPage, ...]:
    try:
        pages = await asyncio.to_thread(read_folder, packaged_folder() / language)
    except (OSError, ValueError) as error:
        raise HelpUnavailable(str(error)) from error
    if not pages:
        raise HelpUnavailable(f"no pages in {packaged_folder() / language}")
    return pages


def search(pages: Iterable[HelpPage], words: str) -> list[tuple[HelpPage, str]]:
    """(page, excerpt) of the pages that contain every word, those with a word in the title first.

    The excerpt is the first line that contains a word, or the first line of the page.
    """
    wanted = words.casefold().split()
    hits = []
    for page in pages:
        title, plain = page.title.casefold(), page.plain
        if all(word in title or word in plain.casefold() for word in wanted):
            hits.append((not any(word in title for word in wanted), page, _excerpt(plain, wanted)))
    return [(page, line) for _, page, line in sorted(hits, key=lambda hit: hit[0])]


def _excerpt(plain: str, wanted: list[str]) -> str:
    lines = [line.strip() for line in plain.splitlines() if line.strip()]
    for line in lines:
        places = [line.casefold().find(word) for word in wanted]
        first = min((place for place in places if place >= 0), default=-1)
        if first >= 0:
            start = max(0, first - EXCERPT_SIGNS // 3) if first > EXCERPT_SIGNS // 2 else 0
            return ("…" if start else "") + line[start:]
    return lines[0] if lines else ""


def page_for(route: str) -> str | None:
    """The name of the page that explains the screen at an address, if there is one and nothing is being filled in."""
    parts = urlsplit(route)
    if FORM_PARAMETERS & {name for name, _ in parse_qsl(parts.query)}:
        return None
    path = parts.path.rstrip("/")
    return next((name for pattern, name in SCREENS if re.fullmatch(pattern, path)), None)


def explains(path: str) -> str | None:
    """The name of the page about the screen at a path, whether the screen has a button for it or not."""
    return page_for(path) or next(
        (name for pattern, name in WITHOUT_BUTTON if re.fullmatch(pattern, path.rstrip("/"))), None
    )


def linked_page(link: str) -> str | None:
    """The page that a link inside a page leads to: ``orders.md`` or ``./orders.md``; None for anything else."""
    found = re.fullmatch(r"(?:\./)?([a-z0-9-]+)\.md", link.partition("#")[0])
    return found[1] if found else None
