"""The two palettes as data: neutrals are warm paper, set by hand; every pair's contrast is kept by a test."""

from dataclasses import dataclass
from typing import Literal

SEED = "#17566A"
FONT = "NotoSansSC"

Status = Literal["ok", "warn", "bad", "info", "mix", "mute"]


@dataclass(frozen=True)
class Pair:
    """A foreground and the ground that it stands on, ``#RRGGBB``."""

    fg: str
    bg: str


@dataclass(frozen=True)
class Palette:
    """All colours of one brightness by role. ``card`` is what content lies on, ``low`` the navigation."""

    dark: bool
    primary: str
    on_primary: str
    primary_container: str
    on_primary_container: str
    secondary: str
    on_secondary: str
    tertiary: str
    on_tertiary: str
    tertiary_container: str
    on_tertiary_container: str
    error: str
    on_error: str
    error_container: str
    on_error_container: str
    surface: str
    low: str
    card: str
    container: str
    high: str
    highest: str
    dim: str
    bright: str
    text: str
    text_soft: str
    outline: str
    hairline: str
    inverse: str
    on_inverse: str
    inverse_primary: str
    on_inverse_primary: str
    chart: tuple[str, str, str]
    status: dict[Status, Pair]
    avatars: tuple[Pair, ...]


LIGHT = Palette(
    dark=False,
    primary="#17566A",
    on_primary="#FFFFFF",
    primary_container="#D3E8EE",
    on_primary_container="#0B3B4A",
    secondary="#4C6067",
    on_secondary="#FFFFFF",
    tertiary="#8A5A14",
    on_tertiary="#FFFFFF",
    tertiary_container="#FAE8C8",
    on_tertiary_container="#4E3205",
    error="#B3261E",
    on_error="#FFFFFF",
    error_container="#FBE4E0",
    on_error_container="#7A1710",
    surface="#F7F5F1",
    low="#F2EFE9",
    card="#FFFFFF",
    container="#ECE9E2",
    high="#E6E2DA",
    highest="#DFDAD0",
    dim="#D8D4CA",
    bright="#FFFFFF",
    text="#1E1C18",
    text_soft="#5A564D",
    outline="#857F73",
    hairline="#E0DBD1",
    inverse="#32302B",
    on_inverse="#F6F3EC",
    inverse_primary="#8CCBDD",
    on_inverse_primary="#06323F",
    chart=("#17566A", "#B4761B", "#5F8E9C"),
    status={
        "ok": Pair("#1D6B3E", "#DDF0E2"),
        "warn": Pair("#855200", "#FCEBCB"),
        "bad": Pair("#B3261E", "#FBE4E0"),
        "info": Pair("#2B5A9E", "#E1EAF7"),
        "mix": Pair("#6A4899", "#EDE5F6"),
        "mute": Pair("#5A564D", "#ECE9E2"),
    },
    avatars=(
        Pair("#1E5A43", "#DCE9E3"),
        Pair("#59408A", "#E9E2F3"),
        Pair("#7A4B0A", "#F7E6CF"),
        Pair("#27548F", "#DCE8F4"),
        Pair("#8C3522", "#F6E0DB"),
        Pair("#0F4A5C", "#D3E8EE"),
    ),
)

DARK = Palette(
    dark=True,
    primary="#8FCBDB",
    on_primary="#06323F",
    primary_container="#1B4755",
    on_primary_container="#CDEAF2",
    secondary="#B5C8CE",
    on_secondary="#203238",
    tertiary="#EBC078",
    on_tertiary="#432C00",
    tertiary_container="#4F3A14",
    on_tertiary_container="#FBE3B8",
    error="#F5B0A8",
    on_error="#5F120C",
    error_container="#5C211B",
    on_error_container="#FCDAD5",
    surface="#141412",
    low="#1A1A17",
    card="#1D1D1A",
    container="#252420",
    high="#2F2E2A",
    highest="#3A3934",
    dim="#141412",
    bright="#393833",
    text="#E9E5DC",
    text_soft="#BDB8AC",
    outline="#918C80",
    hairline="#34332E",
    inverse="#E9E5DC",
    on_inverse="#32302B",
    inverse_primary="#17566A",
    on_inverse_primary="#FFFFFF",
    chart=("#8FCBDB", "#EBC078", "#4E7480"),
    status={
        "ok": Pair("#8FD6A6", "#1C3A27"),
        "warn": Pair("#F0C27A", "#43310F"),
        "bad": Pair("#F5B0A8", "#4F1F1A"),
        "info": Pair("#A9C7F2", "#21334D"),
        "mix": Pair("#D0B8F0", "#382A4F"),
        "mute": Pair("#BDB8AC", "#2F2E2A"),
    },
    avatars=(
        Pair("#A6D8BF", "#23392F"),
        Pair("#CDB9EF", "#332B45"),
        Pair("#EBC078", "#43331A"),
        Pair("#A9C7F2", "#23344A"),
        Pair("#F0B7A8", "#472A24"),
        Pair("#8FCBDB", "#1B4755"),
    ),
)


def palette(dark: bool) -> Palette:
    """The palette of a brightness."""
    return DARK if dark else LIGHT


def luminance(colour: str) -> float:
    """Relative luminance of ``#RRGGBB``, 0 to 1 (WCAG 2.2)."""

    def linear(part: str) -> float:
        value = int(part, 16) / 255
        return value / 12.92 if value <= 0.04045 else ((value + 0.055) / 1.055) ** 2.4

    return 0.2126 * linear(colour[1:3]) + 0.7152 * linear(colour[3:5]) + 0.0722 * linear(colour[5:7])


def contrast(one: str, other: str) -> float:
    """Contrast ratio of two colours, 1 to 21 (WCAG 2.2)."""
    lighter, darker = sorted((luminance(one), luminance(other)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


def with_alpha(colour: str, alpha: float) -> str:
    """``#AARRGGBB`` from ``#RRGGBB`` and an opacity of 0 to 1."""
    return f"#{round(alpha * 255):02X}{colour[1:]}"


def hue_of(name: str, count: int = len(LIGHT.avatars)) -> int:
    """Which avatar colour belongs to a name: the same on every device and every day."""
    return sum(map(ord, name)) % count
