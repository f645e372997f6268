"""An upload goes on from wherever it was cut, and lets orders go first; a download is what its row says."""

import random

import pytest

from shared.errors import CaravanError, InvalidInput, StateConflict
from sync.device.blobs import FIRST_BYTES, LEAST_BYTES, MOST_BYTES, Pace, UploadState, download, upload
from sync.ports import TransportError
from tests.support.files import digest

pytestmark = pytest.mark.anyio
CONTENT = random.Random(1).randbytes(700_000)


class Clock:
    """Seconds that pass as the line is slow."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


class Server:
    """Keeps what arrives; ``cuts``: bytes of each request that arrive before its line breaks (None: all of them)."""

    def __init__(self, clock: Clock, *, bytes_per_s: float = 1e9) -> None:
        self.clock, self.bytes_per_s = clock, bytes_per_s
        self.content = bytearray()
        self.complete = False
        self.cuts: list[int | None] = []
        self.lose_answers = 0
        self.sizes: list[int] = []
        self.took = 0

    async def blob_state(self, sha256: str) -> UploadState:
        return UploadState(len(self.content), self.complete)

    async def blob_put(self, sha256: str, offset: int, data: bytes, *, last: bool) -> UploadState:
        self.sizes.append(len(data))
        self.clock.now += len(data) / self.bytes_per_s
        if self.complete:
            return UploadState(len(self.content), True)
        if offset != len(self.content):
            raise StateConflict("upload_offset", offset=len(self.content))
        cut = self.cuts.pop(0) if self.cuts else None
        self.content += data if cut is None else data[:cut]
        self.took += len(data) if cut is None else min(cut, len(data))
        if cut is not None:
            raise TransportError("offline")
        if last:
            if digest(bytes(self.content)) != sha256:
                self.content.clear()
                raise InvalidInput("file_mismatch")
            self.complete = True
        if self.lose_answers:
            self.lose_answers -= 1
            raise TransportError("timeout")
        return UploadState(len(self.content), self.complete)

    async def blob_get(self, sha256: str, first: int, length: int) -> bytes:
        cut = self.cuts.pop(0) if self.cuts else None
        if cut is not None:
            raise TransportError("offline")
        return bytes(self.content[first : first + length])


def read(offset: int, length: int) -> bytes:
    return CONTENT[offset : offset + length]


async def send(server: Server, pace: Pace, **more: object) -> bool:
    options = {"may_go": lambda: True, "progress": lambda sent: None, **more}
    return await upload(server, digest(CONTENT), len(CONTENT), read, pace=pace, **options)  # type: ignore[arg-type]


@pytest.mark.parametrize("seed", range(20))
async def test_any_cuts_and_lost_answers_end_in_the_whole_content_sent_once(seed: int) -> None:
    chance, clock = random.Random(seed), Clock()
    server, pace = Server(clock), Pace(clock)
    server.cuts = [chance.choice([None, 0, 1, chance.randrange(200_000)]) for _ in range(12)]
    server.lose_answers = chance.randrange(4)
    for _ in range(40):
        try:
            if await send(server, pace):
                break
        except TransportError:
            continue
    assert server.complete and bytes(server.content) == CONTENT
    assert server.took == len(CONTENT)


async def test_progress_is_what_has_arrived() -> None:
    clock, heard = Clock(), []
    server, pace = Server(clock), Pace(clock)
    server.content += CONTENT[:1_000]
    await send(server, pace, progress=heard.append)
    assert heard[0] == 1_000 and heard[-1] == len(CONTENT) and heard == sorted(heard)


async def test_it_stops_between_two_parts_when_something_goes_first() -> None:
    clock = Clock()
    server, pace = Server(clock), Pace(clock)
    assert await send(server, pace, may_go=lambda: len(server.sizes) < 1) is False
    assert len(server.content) == FIRST_BYTES
    assert await send(server, pace) is True


async def test_a_part_takes_about_two_seconds_on_any_line() -> None:
    for bytes_per_s, least, most in ((20_000, LEAST_BYTES, 60_000), (1e9, MOST_BYTES // 8, MOST_BYTES)):
        clock = Clock()
        server, pace = Server(clock, bytes_per_s=bytes_per_s), Pace(clock)
        await send(server, pace)
        assert least <= pace.size <= most


async def test_a_server_that_corrects_for_ever_is_left_for_now() -> None:
    class Stubborn(Server):
        async def blob_put(self, sha256: str, offset: int, data: bytes, *, last: bool) -> UploadState:
            raise StateConflict("upload_offset", offset=(offset + 1) % 100)

    with pytest.raises(StateConflict):
        await send(Stubborn(Clock()), Pace(Clock()))


async def test_another_content_is_refused_and_said() -> None:
    server = Server(Clock())
    with pytest.raises(CaravanError) as caught:
        await upload(
            server,
            digest(b"other"),
            len(CONTENT),
            read,
            pace=Pace(Clock()),
            may_go=lambda: True,
            progress=lambda _: None,
        )
    assert caught.value.code == "file_mismatch"


async def test_a_download_goes_on_after_a_cut_and_is_checked() -> None:
    server, begun = Server(Clock()), bytearray()
    server.content += CONTENT
    server.cuts = [None, 0]
    options = {"pace": Pace(Clock()), "may_go": lambda: True, "progress": lambda _: None, "begun": begun}
    with pytest.raises(TransportError):
        await download(server, digest(CONTENT), len(CONTENT), **options)  # type: ignore[arg-type]
    assert len(begun) == FIRST_BYTES
    assert await download(server, digest(CONTENT), len(CONTENT), **options) == CONTENT  # type: ignore[arg-type]
    with pytest.raises(InvalidInput):
        await download(server, digest(b"other"), len(CONTENT), **{**options, "begun": bytearray()})  # type: ignore[arg-type]
