"""Codes of refusals to words: the catalogue's, with what the server said as a last resort."""

from collections.abc import Mapping
from typing import Any

from mobile.ui.look import look, t
from shared import locale
from shared.errors import CaravanError


def problem_words(code: str, params: Mapping[str, Any] | None = None, *, detail: str = "", todo: str = "") -> str:
    """What happened and what to do, in one line."""
    parts = [_words(f"error.{code}", params or {}, detail), _words(f"error.{code}.todo", params or {}, todo)]
    said = [part for part in parts if part]
    if not said:
        return t("frame.error.unknown", code=code)
    return ("" if look().language == "zh" else " ").join([*map(_sentence, said[:-1]), said[-1]])


def _sentence(words: str) -> str:
    """The words with a full stop, when something follows them."""
    return words if words[-1] in "。.？?！…" else words + ("。" if look().language == "zh" else ".")


def error_words(error: CaravanError) -> str:
    """The words of a refused command."""
    return problem_words(error.code, error.params)


def _words(key: str, params: Mapping[str, Any], otherwise: str) -> str:
    if not locale.has(key):
        return otherwise
    missing = locale.placeholders(locale.catalogue(look().language)[key]) - params.keys()
    return otherwise if missing else t(key, **params)


def size_words(size: int) -> str:
    """``820 B``, ``38 KB``, ``2.1 MB``, ``1.4 GB``."""
    if size < 1_000:
        return f"{size} B"
    value = size / 1_000
    for unit in ("KB", "MB"):
        if value < 1_000:
            return f"{value:.1f} {unit}" if value < 10 else f"{value:.0f} {unit}"
        value /= 1_000
    return f"{value:.1f} GB"
