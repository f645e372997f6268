"""The words, one catalogue per language. Keys are the same in every language (kept by ``tests/shared/test_locale.py``).

A catalogue is a package of modules by area, each with ``MESSAGES``: ``entities``, ``errors``, and one for each part of
the product that speaks (``app_*``, ``server``). Key families: ``entity.<name>``, ``field.<entity>.<field>``,
``hint.<entity>.<field>``, ``choice.<entity>.<field>.<value>``, ``error.<code>``, ``error.<code>.todo``, and free ones.
"""

import importlib
import pkgutil
import string
from functools import cache
from typing import Any

LANGUAGES = ("zh", "en")
DEFAULT = "zh"
_formatter = string.Formatter()


@cache
def catalogue(language: str) -> dict[str, str]:
    """All messages of a language. Raises ``KeyError`` when two areas claim one key."""
    package = importlib.import_module(f"shared.locale.{language}")
    messages: dict[str, str] = {}
    for module in pkgutil.iter_modules(package.__path__):
        area = importlib.import_module(f"shared.locale.{language}.{module.name}").MESSAGES
        twice = messages.keys() & area.keys()
        if twice:
            raise KeyError(f"said twice in {language}: {sorted(twice)}")
        messages.update(area)
    return messages


def has(key: str) -> bool:
    """Whether the catalogues know the key."""
    return key in catalogue(DEFAULT)


def translate(language: str, key: str, **params: Any) -> str:
    """The words for a key with its placeholders filled. An unknown key or a missing placeholder is a ``KeyError``.

    With ``count`` 1 those of ``<key>.one``, where there are any.
    """
    words = catalogue(language)
    if str(params.get("count")) == "1" and f"{key}.one" in words:
        key = f"{key}.one"
    return _formatter.vformat(words[key], (), params)


def placeholders(message: str) -> set[str]:
    """Names of the placeholders in a message."""
    return {name for _, name, _, _ in _formatter.parse(message) if name}


def best_language(accepted: str | None) -> str:
    """The language to speak for an ``Accept-Language`` header or a system locale such as ``zh-CN``."""
    for part in (accepted or "").split(","):
        tag = part.split(";")[0].strip().lower().replace("_", "-").split("-")[0]
        if tag in LANGUAGES:
            return tag
    return DEFAULT
