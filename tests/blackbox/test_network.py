"""A real proxy between real devices and the real server, which cuts, resets, delays and answers with its own pages."""

from pathlib import Path

import pytest

from tests.blackbox.ground import Record, ground, wait_for
from tests.blackbox.proxy import FAULTS, Proxy

CONNECTIONS = 40


@pytest.fixture
def database_kind() -> str:
    """The network does not know which database the server has."""
    return "sqlite"


def test_a_proxy_that_cuts_and_lies_loses_nothing_and_doubles_nothing(
    database_url: str, tmp_path: Path, record_property: Record
) -> None:
    with ground(tmp_path, database_url) as at:
        proxy = Proxy(at.servers[0].port, seed=3)
        try:
            at.begin("rep", [proxy.url])
            at.begin("manager", [proxy.url])
            wait_for(lambda: proxy.met.total() >= CONNECTIONS and len(proxy.met) > len(FAULTS), str(proxy.met))
            at.wait_for_exchanges(3)
            proxy.faulty = 0
            at.drain()
        finally:
            proxy.close()
        met = " ".join(f"{name.replace(' ', '_')}={proxy.met[name]}" for name in FAULTS)
        record_property("played", f"proxy connections={proxy.met.total()} {met} {at.check()}")
