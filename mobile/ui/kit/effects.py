"""``use_effect``: Flet's, with an end that holds; and ``use_here``, which knows of it.

Flet 1.0.5 keeps the function that an effect returned only until the component is drawn again, so what was begun would
never end. Here it is kept with the component.
"""

import inspect
from collections.abc import Awaitable, Callable, Sequence

import flet as ft

Stop = Callable[[], None]


def use_effect(setup: Callable[[], Stop | Awaitable[None] | None], dependencies: Sequence[object]) -> None:
    """Runs ``setup`` when the component appears and whenever ``dependencies`` change.

    Before it runs again, and when the component goes, the function that it returned is called; a coroutine is
    cancelled where it waits.
    """
    ending = ft.use_ref(None)

    def end() -> None:
        stop, ending.current = ending.current, None
        if stop is not None:
            stop()

    def begin() -> None:
        end()
        stop = setup()
        ending.current = stop if callable(stop) else None

    # Of a coroutine Flet itself ends the task, but only where there is a cleanup.
    ft.use_effect(setup if inspect.iscoroutinefunction(setup) else begin, dependencies, cleanup=end)


def use_here() -> Callable[[], bool]:
    """Whether the component is still on the screen: what takes its time asks before it goes on."""
    here = ft.use_ref(True)

    def begin() -> Stop:
        here.current = True

        def end() -> None:
            here.current = False

        return end

    use_effect(begin, [])
    return lambda: bool(here.current)
