"""The framework's own hello world: what any answer costs at least."""

from litestar import Litestar, get


@get("/")
async def hello() -> bytes:
    return b"hello"


app = Litestar([hello], openapi_config=None)
