"""``caravan serve``: checks, demo, port, server, in the order in which a person wants to hear about them."""

import asyncio
import contextlib

from server.app import create_app, let_go
from server.demo import seed
from server.lan import page
from server.lan import setup as lan_setup
from server.ops import serve as http
from server.ops.commands import Say, demo_lines, fill
from server.ops.opened import opened
from server.settings import Settings, require_safe_exposure


def serve(settings: Settings, say: Say, *, demo: bool, lan: bool = False) -> int:
    """Serves until it is stopped. Raises ``SettingsError`` for what stands in the way."""
    certificates = None
    if lan:
        settings, certificates = lan_setup.prepare(settings)
    require_safe_exposure(settings, demo=demo)
    socket = http.listen(settings)
    with contextlib.ExitStack() as held:
        held.callback(socket.close)
        url = http.address(settings, socket)
        trust_url = None
        if certificates is not None:
            port = settings.port and settings.port + 1
            trust_url = held.enter_context(page.served(settings.host, port, url, certificates))
        is_demo = asyncio.run(_prepare(settings, say, demo=demo))
        require_safe_exposure(settings, demo=is_demo)

        def ready() -> None:
            print(say("cli.running", url=url), flush=True)
            lines = demo_lines(say) if is_demo else []
            if settings.lan:
                lines += lan_setup.lines(say, url, trust_url, certificates, demo=is_demo)
            if settings.web is None:
                lines.append(say("cli.no_web"))
            print("\n".join([*lines, "", say("cli.stop")]), flush=True)

        app = create_app(settings)
        http.run(app, settings, socket, ready, lambda: let_go(app))
    return 0


async def _prepare(settings: Settings, say: Say, *, demo: bool) -> bool:
    """Brings the database up to date and fills it when asked; returns whether it is a demo."""
    async with opened(settings) as at:
        if demo and not await seed.is_demo(at.database):
            print(say("cli.seeding"), flush=True)
            await fill(settings, at)
        return await seed.is_demo(at.database)
