"""What a program's key may do: choosing it for a new one, and saying it of those that there are."""

from collections.abc import Callable, Iterable
from typing import Any

import flet as ft

from mobile.ui import kit as k
from shared.labels import entity_label
from shared.scopes import ACTIONS, EVERYTHING, open_entities, rights, written_entities

I = ft.Icons  # noqa: E741
READ, WRITE = (f"{EVERYTHING}:{action}" for action in ACTIONS)
WHOLE = {"read": frozenset({READ}), "write": frozenset({READ, WRITE})}
FIRST = (
    "account",
    "contact",
    "activity",
    "lead",
    "opportunity",
    "order",
    "order_line",
    "product",
    "price",
    "stock_level",
)
"""What programs most often work with stands first; the others follow in order of their declarations."""
SUMMED_UP = 3


def ordered() -> tuple[str, ...]:
    """The entities to choose from."""
    return (*FIRST, *(name for name in open_entities() if name not in FIRST))


def name_of(name: str) -> str:
    """The entity's name; ``*``: everything."""
    return k.t("keys.everything") if name == EVERYTHING else entity_label(k.look().language, name)


def rights_words(actions: Iterable[str]) -> str:
    """*read*, *write*, *read and write*."""
    given = tuple(action for action in ACTIONS if action in actions)
    return k.t(f"keys.right.{'_'.join(given)}")


def summary(scopes: Iterable[str]) -> str:
    """What a key may do, in one line: ``客户 读写、线索 读``; of many the first ones and how many more."""
    parts = [f"{name_of(name)} {rights_words(actions)}" for name, actions in rights(scopes).items()]
    words = ("、" if k.look().language == "zh" else ", ").join(parts[:SUMMED_UP])
    more = len(parts) - SUMMED_UP
    return k.t("keys.more", words=words, count=more) if more > 0 else words


def scopes_sheet(name: str, scopes: Iterable[str]) -> ft.Control:
    """All that a key may do, one line for each kind of records."""
    lines = [(name_of(one), rights_words(actions)) for one, actions in rights(scopes).items()]
    return k.col(
        k.section_title(k.t("keys.may", name=name), 18),
        k.gap(4),
        k.soft(k.t("keys.may.line"), 13),
        k.gap(12),
        k.card(k.pairs(lines)),
    )


@k.component
def ScopePicker(chosen: frozenset[str], on_change: Callable[[frozenset[str]], Any]) -> ft.Control:
    """Everything to read, everything to read and write, or chosen kinds with their rights. Writing brings reading."""
    single, set_single = ft.use_state(False)

    def whole(key: str) -> None:
        set_single(False)
        on_change(WHOLE[key])

    def one_by_one(_: Any) -> None:
        if not single:
            on_change(frozenset())
        set_single(True)

    def toggle(name: str, action: str) -> None:
        scope, read = f"{name}:{action}", f"{name}:read"
        if scope in chosen:
            # Without reading a program would not see what it wrote.
            on_change(chosen - ({scope} if action == "write" else {read, f"{name}:write"}))
        else:
            on_change(chosen | {scope, read})

    chips = [
        k.chip(k.t(f"keys.scope.{key}"), not single and chosen == scopes, lambda _, key=key: whole(key))
        for key, scopes in WHOLE.items()
    ]
    chips.append(k.chip(k.t("keys.scope.single"), single, one_by_one))
    parts: list[ft.Control] = [
        k.labelled(k.t("keys.scope"), ft.Row(chips, spacing=8, run_spacing=8, wrap=True)),
    ]
    if single:
        parts += [
            k.caption(k.t("keys.scope.hint"), lines=4),
            k.list_card(*[_kind(name, chosen, toggle) for name in ordered()], inset=16),
        ]
    return k.col(*parts, gap=12)


def _kind(name: str, chosen: frozenset[str], toggle: Callable[[str, str], None]) -> ft.Control:
    """One kind of records with its rights; what nobody writes by commands can only be read."""
    words = name_of(name)
    actions = ACTIONS if name in written_entities() else ACTIONS[:1]
    chips = [
        ft.MergeSemantics(
            ft.Semantics(
                label=k.t("keys.right.name", right=k.t(f"keys.right.{action}"), name=words),
                content=k.chip(
                    k.t(f"keys.right.{action}"), f"{name}:{action}" in chosen,
                    lambda _, action=action: toggle(name, action),
                ),
            )
        )
        for action in actions
    ]  # fmt: skip
    label = ft.Container(k.text(words, 15, 500, lines=2), expand=True)
    return ft.Container(k.row(label, *chips, gap=8), padding=k.pad(6, 12, 6, 16))
