"""One seed: devices, server, network, what people do and what goes wrong, in simulated time."""

import hashlib
import random
import sqlite3
from collections import Counter
from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import Any, TypeVar

import msgspec
from sqlalchemy.exc import DBAPIError

from server.db.engine import Tx
from server.db.rows import EntityRows
from shared.access import Actor
from shared.catalog import ENTITIES
from shared.codec import Row
from shared.errors import CaravanError, Unavailable
from shared.ids import derived_id
from sync.authority.awaited import WAIT_MS
from sync.device.reports import ExchangeReport
from sync.ports import TransportError
from tests.sim.chaos import SimulatedCrash
from tests.sim.device import SimDevice
from tests.sim.faults import absence as _absence
from tests.sim.faults import damage as _damage
from tests.sim.faults import devices as _devices
from tests.sim.faults import files as _files
from tests.sim.faults import handin as _handin
from tests.sim.faults import history as _history
from tests.sim.faults import people as _people
from tests.sim.faults import power as _power
from tests.sim.faults import removals as _removals
from tests.sim.faults import restore as _restore
from tests.sim.faults import server as _server
from tests.sim.faults.registry import FAULTS, HEALERS, SETTLERS
from tests.sim.network import Answer, Network
from tests.sim.plan import Plan, Result
from tests.sim.promises import BrokenPromise, Promises
from tests.sim.server import SimServer
from tests.sim.timeline import Time
from tests.sim.workload import Workload, run
from tests.support.authority import SECRETS
from tests.support.company import ADMIN, COLLEAGUE, MANAGER, ORG, REP, STRANGER, Company
from tests.support.work import Commands

T = TypeVar("T")
B = TypeVar("B")
PLUGGED_IN = (
    _devices, _people, _restore, _server, _absence, _damage, _files, _handin, _power, _removals,
    _history,
)  # fmt: skip
Draw = Callable[[SimDevice], tuple[str, Commands]]
Watcher = Callable[[SimDevice, bytes], Callable[[], None]]
"""Told of an answer before it is applied; what it returns is called afterwards."""
USERS = (REP, MANAGER, COLLEAGUE, REP, STRANGER, MANAGER, ADMIN, COLLEAGUE)
ROUNDS_MAX = 10


class Simulation:
    """Made for one plan over one fresh database; ``run`` plays it and raises ``BrokenPromise``."""

    def __init__(self, plan: Plan, folder: Path, url: str, template: Path) -> None:
        random.seed(plan.seed)  # the server's waits between retries are drawn from the common generator
        self.plan = plan
        self.chance = random.Random(plan.seed)
        self.time = Time()
        self.counts: Counter[str] = Counter()
        self._digest = hashlib.sha256()
        self.story: list[str] = []
        self.orders = 0
        self.clones = 0
        self.watchers: list[Watcher] = []
        self._books: dict[type, Any] = {}
        self._folder, self._template = folder, template
        self.sign_ins = 0
        self.server = SimServer(url, self.time, plan.seed, folder)
        self.promises = Promises(self.server)
        self._changed = True
        self.server.listen(lambda commit: self._heard())
        self.network = Network(self.time, self.server, self.chance, self.trace)
        self.network.after = self._look
        self.workload = Workload(self.chance, plan.profile)
        self._choose_faults()
        self.devices = [
            self.install(f"d{number}", USERS[number % len(USERS)], derived_id("sim device", number))
            for number in range(plan.devices)
        ]

    def _choose_faults(self) -> None:
        """Some seeds have all faults, most a few of them, some none but the network's."""
        names = sorted(name for name in FAULTS if not FAULTS[name].apart)
        share = self.chance.choice((0.0, 0.25, 0.5, 1.0))
        self.faults = [name for name in names if self.chance.random() < share]
        for name in sorted(FAULTS.keys() - names):
            if random.Random(f"{self.plan.seed} {name}").random() < share:
                self.faults.append(name)
        self.fault_rate = self.chance.choice((0.02, 0.05, 0.12))
        self.exchange_rate = self.chance.choice((0.1, 0.25, 0.4))
        if self.plan.faults:
            self.faults, self.fault_rate = list(self.plan.faults), 0.12

    def install(self, name: str, user_id: str, device_id: str) -> SimDevice:
        """The app on an empty device, with a session of the user's; nobody takes turns with it yet."""
        actor = Company().actor(user_id)
        who = Actor(user_id, ORG, actor.role, actor.team_id, device_id, actor.discount_limit)
        return SimDevice(self._folder, name, who, self.time, self.plan.seed, self._template)

    def book(self, kind: type[B]) -> B:
        """What one family of faults keeps of this story."""
        if kind not in self._books:
            self._books[kind] = kind()
        return self._books[kind]  # type: ignore[no-any-return]

    # The story

    def run(self) -> None:
        """Plays everything, heals everything, and compares."""
        self._found()
        for device in self.devices:
            self.start(device)
        for _ in range(self.plan.ops * self.plan.devices):
            self.time.advance(int(self.chance.expovariate(1 / 1_500)))
            self._turn(self.chance.choice(self.devices))
        self.heal()
        self.promises.settle(self.devices)
        if self.server.defects:
            raise BrokenPromise("defect", self.server.defects[0])

    def close(self) -> None:
        for device in self.devices:
            device.gate.disarm()
            device.close()
        self.server.close()

    def _found(self) -> None:
        """The company's first day."""
        company = Company()
        for device in self.devices:
            company.add("device", device.device_id, name=device.name, owner_id=device.user.user_id)
        rows = [(entity, row) for (entity, _), row in company.rows.items()]
        self.server.run(
            self.server.authority.create_organisation(ORG, rows, user_id=ADMIN, dataset_id=derived_id("dataset"))
        )

    def _turn(self, device: SimDevice) -> None:
        if not device.running:
            self.start(device)
            return
        chance = self.chance.random()
        if self.faults and chance < self.fault_rate:
            self._go_wrong(device)
        elif chance < self.fault_rate + self.exchange_rate:
            self.exchange(device)
        else:
            self.work(device)

    def _go_wrong(self, device: SimDevice) -> None:
        weights = [FAULTS[name].weight for name in self.faults]
        name = self.chance.choices(self.faults, weights)[0]
        self.trace("fault", name, device.name)
        self.counts[name] += 1
        FAULTS[name].do(self, device)

    # Devices

    def start(self, device: SimDevice) -> None:
        """Opens the app; should it die at that, it is opened again at its next turn."""
        if device.running:
            return
        try:
            device.open()
        except SimulatedCrash:
            self.trace("died at the start", device.name, device.gate.where)
            return
        except sqlite3.OperationalError as error:
            # A full disk: the file is as it was, and there will be room again.
            self.trace("cannot start", device.name, str(error))
            device.make_room()
            return
        with device.gate.held_open():
            self.promises.reopened(device)

    def attempt(self, device: SimDevice, what: str, do: Callable[[], T]) -> T | None:
        """Something of the app's that may die or find the disk full. None when it did not get done."""
        try:
            return device.call(do)
        except SimulatedCrash:
            self.counts["crashes"] += 1
            self.trace("died", device.name, what, device.gate.where)
            self.start(device)
        except sqlite3.OperationalError as error:
            if not device.full:
                raise
            self.counts["full"] += 1
            self.trace("full", device.name, what, str(error))
            with device.gate.held_open():
                self.promises.kept(device)
        return None

    def work(self, device: SimDevice, draw: Draw | None = None) -> None:
        """A person does something on the device: what the workload says, or ``draw``."""

        def act() -> tuple[str, str | None]:
            name, commands = draw(device) if draw is not None else self.workload.draw(self, device)
            if not commands:
                return name, None
            if not device.store.outbox():
                device.own_view = True
            return name, run(device, commands)

        done = self.attempt(device, "work", act)
        if done is not None:
            name, tx_id = done
            self.trace("work", device.name, name, tx_id)
            self.counts["operations" if tx_id else "refused_here"] += 1
            if tx_id:
                with device.gate.held_open():
                    self.promises.queued(device, tx_id)

    def exchange(self, device: SimDevice) -> None:
        """Sends a request, unless one is under way or a person is needed first."""
        if not device.running or device.waiting is not None:
            return
        with device.gate.held_open():
            stopped = device.engine.stopped
        if stopped == "refused":
            # The user presses the button.
            if self.attempt(device, "resume", lambda: device.engine.resume() or True) is None:
                return
        elif stopped in ("revoked", "reset"):
            return
        body = self.attempt(device, "request", device.engine.build_request)
        if body is not None:
            self.trace("request", device.name, hashlib.sha256(body).hexdigest())
            self.network.send(device, body, self.deliver)

    def deliver(self, device: SimDevice, answer: Answer) -> None:
        """What comes back reaches the app."""
        with device.gate.held_open():
            before = device.actor
            seen = [look(device, answer) for look in self.watchers] if isinstance(answer, bytes) else []
        report = None
        try:
            if isinstance(answer, bytes):
                report = self.attempt(device, "answer", lambda: device.engine.apply_response(answer))
            elif isinstance(answer, CaravanError):
                self._refused(device, answer)
        except TransportError:
            self.trace("unreadable", device.name)
        except CaravanError as error:
            self._refused(device, error)
        if not device.running:
            return
        with device.gate.held_open():
            self._look_at(device, before, report)
            for compare in seen:
                compare()
        if report is not None and report.more:
            self.time.later(1, "more", lambda: self.exchange(device))

    def _refused(self, device: SimDevice, error: CaravanError) -> None:
        self.trace("refused", device.name, error.code)
        advice = self.attempt(device, "refusal", lambda: device.engine.exchange_refused(error))
        if advice == "again":
            self.time.later(1, "again", lambda: self.exchange(device))

    def _look_at(self, device: SimDevice, before: Actor, report: ExchangeReport | None) -> None:
        if device.store.outbox() and device.actor != before:
            device.own_view = False
        self.promises.kept(device)
        if report is None:
            return
        self.counts["answers"] += 1
        self.counts["awaited"] += len(report.awaited)
        self.trace("report", device.name, msgspec.json.encode(report).decode())
        if report.status == "fork":
            self.promises.forked(device)
        else:
            device.forks_in_a_row = 0
        if self.chance.random() < 0.1:
            self.promises.view(device)

    # The server

    def on_server(self, coroutine: Coroutine[Any, Any, Any]) -> bool:
        """The server's own work: whether it got done. A crash in it is a crash of the server; with a full disk or a
        passing failure it is not done."""
        done = True
        try:
            self.server.run(coroutine)
        except (SimulatedCrash, CaravanError, DBAPIError, IndexError) as error:
            done = False
            if self.server.gate.dead:
                self.server.restart()
            elif isinstance(error, Unavailable):
                self.trace("not now", error.code)
            elif isinstance(error, DBAPIError):  # of a read: the upkeep says so and comes back later
                self.trace("not now", "read failed")
            else:
                raise
        self._look()
        return done

    def server_row(self, entity: str, row_id: str) -> Row | None:
        async def read(tx: Tx) -> Row | None:
            found = await EntityRows(ENTITIES[entity], SECRETS).by_ids(tx, ORG, [row_id])
            return found[0][0] if found else None

        return self.server.run(self.server.plain.read(read))

    def _heard(self) -> None:
        self._changed = True

    def _look(self) -> None:
        if self._changed or self.server.gate.dead:
            self._changed = False
            self.promises.committed()

    # The end

    def heal(self) -> None:
        """Everything works again. Every outbox must be empty within ten rounds, and then all news be everywhere."""
        self.trace("heal")
        self.network.settle()
        self.time.clear()
        for device in self.devices:
            device.waiting = None
        for heal in HEALERS:
            heal(self)
        self._drain()
        if any(entry.awaited for device in self.devices for entry in device.engine.pending()):
            # What it builds on is gone with its device: the server waits for it a week.
            self.time.advance(WAIT_MS)
            self._drain()
        stuck = {device.name: len(device.store.outbox()) for device in self.devices if device.store.outbox()}
        if stuck:
            raise BrokenPromise(
                "stuck", f"after {ROUNDS_MAX} rounds: {stuck}, {[d.engine.stopped for d in self.devices]}"
            )
        for _ in range(2):
            self._round()
        for look in SETTLERS:
            look(self)

    def _drain(self) -> None:
        for _ in range(ROUNDS_MAX):
            self._round()
            if not any(device.store.outbox() for device in self.devices):
                break

    def _round(self) -> None:
        for device in self.devices:
            for entry in device.store.outbox():
                if entry.held:
                    device.engine.try_again(entry.tx_id)  # its person sees it and asks
            if device.engine.status().question is not None:
                device.engine.accept_removals()
            self.exchange(device)
            self.time.advance(60_000)

    def trace(self, *words: object) -> None:
        """Adds to the story; its hash is what two runs of one plan must have in common."""
        line = f"{self.time.now_ms} " + " ".join(_word(word) for word in words)
        self._digest.update(line.encode() + b"\n")
        self.story.append(line)

    def result(self, broken: BrokenPromise | None = None) -> Result:
        counts = dict(self.counts + self.network.counts)
        counts["restores"] = self.promises.restores
        counts["forks"] = self.promises.forks
        counts["power_cuts"] = sum(device.power_cuts for device in self.devices)
        counts["server_crashes"] = self.server.crashes
        counts["transactions"] = len(self.promises.acknowledged)
        return Result(
            self.plan, self._digest.hexdigest(), counts, broken.kind if broken else "", str(broken or ""),
            self.story,
        )  # fmt: skip


def _word(word: object) -> str:
    if isinstance(word, bytes):
        return hashlib.sha256(word).hexdigest()
    return str(word)
