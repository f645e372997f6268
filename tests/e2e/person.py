"""A person at the app: finds controls by their accessible names, types on the keyboard, reads what is on the screen."""

import re
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from playwright.sync_api import BrowserContext, Locator, Page, Playwright, expect
from playwright.sync_api import TimeoutError as PlaywrightTimeout

from tests.e2e.company import PASSWORD, DemoServer
from tests.support.browser import launch, open_app, wait_for_app, wait_for_worker

PATIENCE_MS = 60_000
EXPECTED = r"ERR_CONNECTION_REFUSED|net::ERR|status of 40[14]|status of 50[234]"
"""What Chromium itself writes when a request fails: to be expected while the server is down or a session has ended."""
GREETING = re.compile("上午好|下午好|晚上好|夜深了|总览")
"""What the first screen says: good day to a rep, and the desk's title to those who lead."""
Words = str | re.Pattern[str]
KEY_MS = 20
"""From key to key, where the speed of a thumb is not the point."""
TAPS_MAX = 3
"""Before somebody types, or until a daily task is done that needs no typing."""
FOCUSED = "field => field === document.activeElement || field.contains(document.activeElement)"
TYPING = """() => {
    let at = document.activeElement;
    while (at?.shadowRoot?.activeElement) at = at.shadowRoot.activeElement;
    return Boolean(at?.matches("input, textarea"));
}"""
"""Whether a text field has the focus."""
GOES = "path => { history.pushState(null, '', path); dispatchEvent(new PopStateEvent('popstate')); }"
"""What a browser does when one of its own buttons leads to another address of the app."""
CONTROLS = ("button", "textbox", "searchbox", "tab", "checkbox", "switch", "radio", "combobox", "link", "slider")
"""Roles of what can be tapped or typed into."""


class Person:
    """One user in one tab of a browser profile."""

    def __init__(self, context: BrowserContext, page: Page, server: DemoServer, login: str) -> None:
        self.server = server
        self.login = login
        self.context = context
        self.page = page
        self.errors: list[str] = []
        self.nameless: list[str] = []
        self.record: Callable[[str, object], None] | None = None
        self._tapped = 0
        self._typing = False
        self.page.on("pageerror", lambda error: self.errors.append(f"{error.message}\n{error.stack}"))
        self.page.on("console", lambda message: message.type == "error" and self.errors.append(message.text))

    @classmethod
    def arrives(cls, started: Playwright, profile: Path, server: DemoServer, login: str, **options: object) -> "Person":
        """In a browser of their own."""
        context = launch(started, profile, **options)
        return cls(context, context.pages[0], server, login)

    def in_another_tab(self, login: str) -> "Person":
        """Somebody, or the same user, in a further tab of this browser."""
        other = Person(self.context, self.context.new_page(), self.server, login)
        other.errors = self.errors
        return other

    def close(self) -> None:
        self.context.close()

    def unexpected(self) -> list[str]:
        """Messages of the console that no stopped server explains."""
        return [error for error in self.errors if not re.search(EXPECTED, error)]

    # Reading

    def button(self, name: Words) -> Locator:
        return self.page.get_by_role("button", name=name).first

    def field(self, name: Words) -> Locator:
        return self.page.get_by_label(name).first

    def screen(self) -> str:
        """All that a screen reader would read."""
        return self.page.locator("flt-semantics-host").inner_text()

    def sees(self, words: Words, *, within_ms: int = PATIENCE_MS) -> None:
        """Waits until the words are on the screen, as text or as an accessible name."""
        pattern = words if isinstance(words, re.Pattern) else re.compile(re.escape(words))
        deadline = time.monotonic() + within_ms / 1_000
        while not pattern.search(self.everything()):
            assert time.monotonic() < deadline, f"{self.login} does not see {words!r} in:\n{self.everything()}"
            self.page.wait_for_timeout(200)

    def sees_no_more(self, words: str, *, within_ms: int = PATIENCE_MS) -> None:
        """Waits until the words are gone from the screen."""
        deadline = time.monotonic() + within_ms / 1_000
        while words in self.everything():
            assert time.monotonic() < deadline, f"{self.login} still sees {words!r}"
            self.page.wait_for_timeout(200)

    def everything(self) -> str:
        """Text and accessible names together."""
        names = self.page.locator("flt-semantics-host [aria-label]")
        labels = names.evaluate_all("items => items.map(item => item.getAttribute('aria-label') ?? '')")
        return self.screen() + "\n" + "\n".join(labels)

    def hears(self) -> None:
        """Keeps in ``nameless`` what Chromium tells a screen reader of as a control without a name."""
        tree = self.context.new_cdp_session(self.page)
        heard = [
            (node["role"]["value"], node.get("name", {}).get("value", "").strip())
            for node in tree.send("Accessibility.getFullAXTree")["nodes"]
            if not node["ignored"] and node["role"]["value"] in CONTROLS
        ]
        tree.detach()
        assert any(name for _, name in heard), "the tree is there"
        self.nameless += [f"{role} on {self.page.url}" for role, name in heard if not name]

    # Doing

    def taps(self, name: Words) -> None:
        target = self.button(name)
        expect(target).to_be_visible(timeout=PATIENCE_MS)
        target.click(timeout=PATIENCE_MS)
        self._tapped += not self._typing
        self.page.wait_for_timeout(300)

    def types(self, field: Words | Locator, text: str, *, key_ms: float = KEY_MS) -> None:
        """Taps into the field and replaces what stands there: Latin letters and digits key by key, Chinese as an input
        method brings it, with ``key_ms`` sign by sign. Flutter has one text field open at a time."""
        target = field if isinstance(field, Locator) else self.field(field)
        expect(target).to_be_visible(timeout=PATIENCE_MS)
        # A field that is open already needs no tap.
        self._tapped += not (self._typing or target.evaluate(FOCUSED))
        self._typing = True
        # After a tab of the navigation bar, Flutter's accessibility tree lets a field's first click go.
        for _ in range(5):
            target.click(timeout=PATIENCE_MS)
            self.page.wait_for_timeout(400)
            if self.page.evaluate(TYPING):
                break
        if not text.isascii() and key_ms == KEY_MS:
            return self._composes(text)
        self.page.keyboard.press("ControlOrMeta+a")
        self.page.keyboard.type(text, delay=key_ms)
        self.page.wait_for_timeout(400)

    def _composes(self, text: str) -> None:
        """As an input method does: the whole phrase at once. Again, when Flutter was not yet listening."""
        for _ in range(10):
            self.page.keyboard.press("ControlOrMeta+a")
            self.page.keyboard.insert_text(text)
            self.page.wait_for_timeout(400)
            if self.page.evaluate("document.activeElement?.value") == text:
                return
        raise AssertionError(f"{text} was not taken by the field")

    @contextmanager
    def does(self, task: str, *, within_s: float = 0) -> Iterator[None]:
        """A daily task from home: its taps, and with ``within_s`` its seconds, are told at the end of the run."""
        assert self.page.evaluate("location.pathname") == "/", f"{task} begins at home"
        self._tapped, self._typing, began = 0, False, time.monotonic()
        yield
        taken = time.monotonic() - began
        assert 0 < self._tapped <= TAPS_MAX, f"{task}: {self._tapped} taps"
        assert not within_s or taken < within_s, f"{task}: {taken:.1f} s"
        said = f"{task}: {self._tapped}{', then typing' if self._typing else ''}{f', {taken:.1f} s' * bool(within_s)}"
        if self.record is not None:
            self.record("task", said)

    def opens(self, path: str = "/") -> None:
        """Starts the app anew, at the address."""
        open_app(self.page, self.server.url + path)

    def visits(self, path: str) -> None:
        """Goes to an address within the running app."""
        self.page.evaluate(GOES, path)
        self.page.wait_for_timeout(500)

    def reloads(self) -> None:
        self.page.reload(wait_until="domcontentloaded")
        wait_for_app(self.page)

    def signs_in(self) -> None:
        """With password and code, on a fresh profile, until everything is on the device and offline is possible."""
        self.opens()
        self.types("用户名", self.login)
        self.gives_password()
        self.gives_code(self.server.code(self.login))
        self.sees(GREETING)
        self.sees("已同步")
        wait_for_worker(self.page)

    def gives_password(self) -> None:
        self.types("密码", PASSWORD)
        self.taps("下一步")

    def gives_code(self, code: str) -> None:
        """Into the six boxes; the last digit sends."""
        self.sees("6 位验证码")
        self.types(self.page.get_by_role("textbox").last, code)

    def looks_at_sync(self) -> None:
        """Opens the sync sheet by the pill. A pill that changes under the finger is tapped again."""
        for _ in range(3):
            self.taps(re.compile("^同步状态"))
            with suppress(PlaywrightTimeout):
                return self.button("立即同步").wait_for(timeout=10_000)
        raise AssertionError(f"the sheet of {self.login} does not open: {self.screen()}")

    def syncs_now(self) -> None:
        """By the sync sheet, which is closed again."""
        self.looks_at_sync()
        self.taps("立即同步")
        self.page.keyboard.press("Escape")

    def goes_to(self, place: Words) -> None:
        """By the navigation bar."""
        self.page.get_by_role("tab", name=place).first.click(timeout=PATIENCE_MS)
        self._tapped += not self._typing
        self.page.wait_for_timeout(500)
