"""The network between: loses, repeats, delays, cuts, and answers in the server's place."""

import random
from collections import Counter
from collections.abc import Callable

import msgspec

from shared.errors import CaravanError, InvalidInput, LimitExceeded
from tests.sim.device import SimDevice
from tests.sim.server import Asked, SimServer
from tests.sim.timeline import Time
from tests.support.authority import Caller
from tests.support.company import ORG

Answer = bytes | CaravanError | None
"""None: no answer that a client could make anything of."""


class Weather(msgspec.Struct, frozen=True):
    """Chances of one seed's network, and its delays in milliseconds."""

    drop_request: float
    drop_answer: float
    repeat_request: float
    repeat_answer: float
    cut: float
    refuse: float
    delay_ms: int
    timeout_ms: int


WEATHER = {
    "good": Weather(0.01, 0.01, 0.01, 0.01, 0.005, 0.005, 80, 5_000),
    "trade show": Weather(0.15, 0.15, 0.08, 0.05, 0.05, 0.04, 2_000, 4_000),
    "tunnel": Weather(0.3, 0.3, 0.1, 0.05, 0.08, 0.02, 400, 3_000),
    "slow": Weather(0.02, 0.02, 0.15, 0.1, 0.02, 0.02, 20_000, 15_000),
}


FILTERED = "X-FILTERED"
"""A text that a filter between device and server does not let through."""


class Network:
    """Carries requests and answers. An answer reaches the request that waits for it, or nobody (as with HTTP)."""

    def __init__(self, time: Time, server: SimServer, chance: random.Random, trace: Callable[..., None]) -> None:
        self.time = time
        self.server = server
        self.chance = chance
        self.trace = trace
        self.name = chance.choice(sorted(WEATHER))
        self.weather = WEATHER[self.name]
        self.calm = False
        """Nothing goes wrong any more."""
        self.filters = chance.random() < 0.3
        """Something between refuses requests for what they say."""
        self.down = False
        self.counts: Counter[str] = Counter()
        self.before: Callable[[], None] = lambda: None
        """Told when the server is about to answer."""
        self.after: Callable[[], None] = lambda: None
        self._requests = 0
        self._arrived: list[tuple[int, SimDevice, Asked]] = []

    def settle(self) -> None:
        """Nothing goes wrong from now on; what was under way is lost."""
        self.calm, self.filters = True, False
        self._arrived = []

    def happens(self, probability: float) -> bool:
        return not self.calm and self.chance.random() < probability

    def send(self, device: SimDevice, body: bytes, deliver: Callable[[SimDevice, Answer], None]) -> None:
        """Puts a request on the way; ``deliver`` is called with what comes back, if the device still waits then."""
        self._requests += 1
        number = self._requests
        device.waiting = device.requests = number
        self.counts["exchanges"] += 1
        weather = self.weather
        asked = Asked(Caller(device.user.user_id, ORG, device.device_id), body, device.protocol)
        self._deliver = deliver
        self.time.later(weather.timeout_ms, "timeout", lambda: self._hand_over(number, device, None, "gave up"))
        if not device.online or self.happens(weather.drop_request):
            self.counts["requests_dropped"] += 1
            self.trace("request dropped", device.name, number)
            return
        if self.happens(weather.cut):
            # The server notices that the body is shorter than it was said to be.
            self.counts["requests_cut"] += 1
            self.trace("request cut", device.name, number)
            return
        if self.filters and FILTERED.encode() in body:
            self.counts["filtered"] += 1
            refusal = InvalidInput("malformed", status=400)
            self.time.later(self._delay(), "filtered", lambda: self._hand_over(number, device, refusal, "filtered"))
            return
        if self.happens(weather.refuse):
            self._refuse(number, device)
            return
        self._arrive_later(number, device, asked)
        if self.happens(weather.repeat_request):
            # The same bytes once more, perhaps much later, when others have come and gone.
            self.counts["requests_repeated"] += 1
            delay = self.chance.randrange(1, weather.delay_ms * 4)
            self.time.later(delay, "repeat", lambda: self._arrive(-number, device, asked))

    def _refuse(self, number: int, device: SimDevice) -> None:
        """Something between answers in the server's place, and the request ends there."""
        kind = self.chance.choice(("5xx", "429", "5xx", "413"))
        self.counts[f"answered_{kind}"] += 1
        answer: Answer = None
        if kind == "429":
            answer = LimitExceeded("too_many_requests")
        elif kind == "413":
            answer = InvalidInput("malformed", status=400)
        self.time.later(self._delay(), "refusal", lambda: self._hand_over(number, device, answer, kind))

    def _delay(self) -> int:
        return 1 if self.calm else self.chance.randrange(1, self.weather.delay_ms)

    def _arrive_later(self, number: int, device: SimDevice, asked: Asked) -> None:
        self.time.later(self._delay(), "arrive", lambda: self._arrive(number, device, asked))

    def _arrive(self, number: int, device: SimDevice, asked: Asked) -> None:
        """Requests that come within a moment are answered together."""
        if not self._arrived:
            self.time.later(0 if self.calm else self.chance.choice((0, 0, 20, 300)), "serve", self._serve)
        self._arrived.append((number, device, asked))

    def _serve(self) -> None:
        arrived, self._arrived = self._arrived, []
        if self.down:
            self.trace("server is down", len(arrived))
            return
        self.before()
        answers = self.server.answer([asked for _, _, asked in arrived])
        self.after()
        for (number, device, _), answer in zip(arrived, answers, strict=True):
            self.trace("answered", device.name, number, answer)
            if number > 0:
                self._answer_later(number, device, answer)

    def _answer_later(self, number: int, device: SimDevice, answer: Answer) -> None:
        weather = self.weather
        if self.happens(weather.drop_answer):
            self.counts["answers_dropped"] += 1
            self.trace("answer dropped", device.name, number)
            return
        if isinstance(answer, bytes) and self.happens(weather.cut):
            self.counts["answers_cut"] += 1
            answer = answer[: self.chance.randrange(len(answer))]
        self.time.later(self._delay(), "answer", lambda: self._hand_over(number, device, answer, "answer"))
        if self.happens(weather.repeat_answer):
            self.counts["answers_repeated"] += 1
            self.time.later(self._delay(), "answer again", lambda: self._again(number, device, answer))

    def _hand_over(self, number: int, device: SimDevice, answer: Answer, kind: str) -> None:
        if device.waiting != number:
            return  # it gave up, was killed, or has the answer already
        device.waiting = None
        self.trace(kind, device.name, number)
        self._deliver(device, answer)

    def _again(self, number: int, device: SimDevice, answer: Answer) -> None:
        """The same answer a second time, while the device waits for nothing: it must be ignored."""
        if device.running and device.requests == number and device.waiting is None and isinstance(answer, bytes):
            self.trace("answer again", device.name, number)
            self._deliver(device, answer)
