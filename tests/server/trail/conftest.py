"""The application with signed-in people, as for the exchange."""

from tests.server.sync.conftest import site  # noqa: F401
