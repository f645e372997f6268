"""Many seeds on one kind of database, and what came of them."""

import shutil
import tempfile
import traceback
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from mobile.store.store import SqliteStore
from tests.sim import chaos
from tests.sim.chaos import Gate
from tests.sim.plan import Plan, Result
from tests.sim.promises import BrokenPromise
from tests.sim.simulation import Simulation
from tests.support import memory


@contextmanager
def workshop() -> Iterator[Path]:
    """A folder for the files of simulated machines."""
    folder = Path(tempfile.mkdtemp(prefix="caravan-sim-", dir=memory.disk()))
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def device_template(folder: Path) -> Path:
    """An empty replica, made once and copied for each device."""
    path = folder / "template-device.db"
    if not path.exists():
        connection = chaos.open_database(path, Gate())
        SqliteStore(connection)
        connection.close()
    return path


def play(plan: Plan, folder: Path, url: str) -> Result:
    """One seed; a broken promise and any other failure are in the result."""
    seat = Path(tempfile.mkdtemp(dir=folder))
    simulation = Simulation(plan, seat, url, device_template(folder))
    try:
        simulation.run()
        return simulation.result()
    except BrokenPromise as broken:
        return simulation.result(broken)
    except Exception:  # noqa: BLE001 (whatever it is, the seed that found it must be told)
        return simulation.result(BrokenPromise("defect", traceback.format_exc()))
    finally:
        simulation.close()
        shutil.rmtree(seat, ignore_errors=True)


def replay_command(plan: Plan, kind: str) -> str:
    """The one command that plays the seed again."""
    more = [f"--faults {','.join(plan.faults)}"] * bool(plan.faults) + [f"--profile {plan.profile}"] * bool(
        plan.profile
    )
    command = f"make sim SEEDS=1 SEED_BASE={plan.seed} DEVICES={plan.devices} OPS={plan.ops} DB={kind}"
    return f'{command} ARGS="{" ".join(more)}"' if more else command


class Campaign:
    """Adds up results. ``say`` is given one line for each seed that fails."""

    def __init__(self, kind: str, say: Callable[[str], None]) -> None:
        self.kind = kind
        self.say = say
        self.counts: Counter[str] = Counter()
        self.broken: Counter[str] = Counter()
        self.seeds = 0

    def add(self, result: Result) -> None:
        self.seeds += 1
        self.counts.update(result.counts)
        if result.broken:
            self.broken[result.broken] += 1
            self.say(f"seed {result.plan.seed}: {result.detail}")
            self.say("\n".join(f"    {line[:300]}" for line in result.story[-12:]))
            self.say(f"  replay: {replay_command(result.plan, self.kind)}")

    def figures(self) -> str:
        """All counts on one line."""
        return ", ".join(f"{name} {count}" for name, count in sorted(self.counts.items()))
