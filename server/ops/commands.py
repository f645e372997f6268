"""What the commands of ``caravan`` do, apart from serving."""

import unicodedata
from typing import Any

from server.db import compaction, retirement
from server.demo import people, seed
from server.demo.products import LAST_UNIT_SKU, PRODUCTS
from server.doctor import run as examination
from server.doctor.findings import SHOWN_OF_EACH, Finding
from server.ops.opened import Opened, opened
from server.security import accounts, audit
from server.security.accounts import NewUser
from server.security.audit import HeadsFile
from server.security.passwords import Passwords
from server.settings import Settings
from server.trail.follow import forget_broken
from shared.locale import translate
from sync.authority.ports import Commit


class Say:
    """Words in the terminal's language: ``say("cli.stop")``."""

    def __init__(self, language: str) -> None:
        self.language = language

    def __call__(self, key: str, **params: Any) -> str:
        return translate(self.language, key, **params)


def pad(text: str, width: int) -> str:
    """The text filled up to a width in terminal cells: a Chinese character takes two."""
    cells = sum(2 if unicodedata.east_asian_width(char) in "WF" else 1 for char in text)
    return text + " " * max(0, width - cells)


async def fill(settings: Settings, at: Opened, *, anew: bool = False) -> bool:
    """Makes the demo company (``anew``: in place of the one there is); returns whether it was made."""
    make = seed.reset if anew else seed.seed
    now_ms = at.authority.clock.now_ms()
    commit = await make(at.database, at.vault, settings.pictures, now_ms, settings.history_months)
    if commit is not None:
        await _note_head(settings, commit)
    return commit is not None


async def _note_head(settings: Settings, commit: Commit) -> None:
    """The audit chain's head goes outside of the database at once."""
    heads = HeadsFile(settings.audit_heads)
    heads.heard(commit)
    await heads.flush()


async def seed_demo(settings: Settings, say: Say) -> int:
    """Fills an empty database with the demo company."""
    async with opened(settings) as at:
        made = await fill(settings, at)
    print(say("cli.seeded" if made else "cli.already_seeded"))
    return 0


async def demo_reset(settings: Settings, say: Say) -> int:
    """Replaces the demo data, also under a running server."""
    async with opened(settings) as at:
        await fill(settings, at, anew=True)
    print(say("cli.reset_done"))
    return 0


async def codes(settings: Settings, say: Say) -> int:
    """Prints each demo user's current and next code."""
    async with opened(settings) as at:
        found = await seed.codes(at.database, at.vault, at.authority.clock.now_ms())
    for user in found:
        line = say("cli.newcomer")
        if user.code:
            line = say("cli.code_line", code=user.code, next_code=user.next_code, seconds=f"{user.seconds_left:2d}")
        print(_person(say, user.login, user.name, user.role) + line)
    return 0


async def user_add(settings: Settings, say: Say, given: dict[str, str]) -> int:
    """Adds a user."""
    new = NewUser(**given)
    async with opened(settings) as at:
        heads = HeadsFile(settings.audit_heads)
        at.authority.listen(heads.heard)
        await accounts.add_user(at.authority, Passwords(running=1), new)
        await heads.flush()
    print(say("cli.user_added", name=new.name, login=new.login))
    return 0


async def compact(settings: Settings, say: Say) -> int:
    """Notes the feed's time, takes long deleted rows out of it and removes tombstones that are old enough."""
    async with opened(settings) as at:
        now_ms = at.authority.clock.now_ms()
        heads = HeadsFile(settings.audit_heads)
        at.authority.listen(heads.heard)
        await compaction.note_time(at.database, now_ms)
        retired = await retirement.retire(at.authority, now_ms, settings.restorable_ms)
        done = await compaction.compact(at.database, now_ms, settings.tombstone_ms, settings.restorable_ms)
        await heads.flush()
    if retired:
        print(say("cli.retired", count=retired, days=settings.restorable_days))
    for found in done:
        print(say("cli.compacted", entries=found.entries, versions=found.versions, horizon=found.horizon))
    if not done:
        print(say("cli.compact_none", days=settings.tombstone_days))
    return 0


async def audit_verify(settings: Settings, say: Say) -> int:
    """Checks every organisation's audit chain against its head and the file outside; 1 when something is wrong."""
    async with opened(settings) as at:
        report = await audit.verify(at.database, settings.audit_heads, at.vault)
        if report.ok:
            # What the app was told of a broken chain is over: the log is followed anew.
            await at.database.run_tx(forget_broken)
    if report.ok:
        print(say("cli.audit_good", count=report.entries, heads=report.heads_checked))
        return 0
    print(say("cli.audit_bad", count=len(report.findings)))
    for finding in report.findings:
        print(
            "  " + say("cli.audit_finding", org=finding.org_id, n=finding.n, kind=finding.kind, detail=finding.detail)
        )
    return 1


async def doctor(settings: Settings, say: Say, *, repair: bool) -> int:
    """Examines everything stored, one line for each finding; 1 when something is wrong (and left, with ``repair``)."""
    async with opened(settings) as at:
        heads = HeadsFile(settings.audit_heads)
        at.authority.listen(heads.heard)
        report = await examination.examine(at, settings.audit_heads, repair=repair)
        await heads.flush()
    if report.repaired:
        print(say("doctor.repaired", count=report.repaired))
    if not report.count:
        print(say("doctor.well", count=report.rows, organisations=len(report.examined)))
        return 0
    print(say("doctor.ill", count=report.count))
    for finding in report.storage:
        print("  " + _found(say, finding))
    for one in report.examined:
        for finding in one.findings:
            print("  " + _found(say, finding))
        for code, count in one.counts.items():
            if count > SHOWN_OF_EACH:
                print("  " + say("doctor.more", count=count - SHOWN_OF_EACH, code=code))
    if not repair and any(one.derivable or one.installs for one in report.examined):
        print(say("doctor.can_repair"))
    return 1


def _found(say: Say, finding: Finding) -> str:
    params = {name: say(f"entity.{value}") if name == "entity" else value for name, value in finding.params.items()}
    return f"[{finding.code}] {say(f'doctor.{finding.code}', **params)} {say(f'doctor.{finding.code}.todo')}"


def _person(say: Say, login: str, name: str, role: str) -> str:
    return f"  {pad(login, 8)}{pad(name, 10)}{pad(say(f'cli.role.{role}'), 16)}"


def demo_lines(say: Say) -> list[str]:
    """The demo sign-ins and the tour."""
    lines = ["", say("cli.signins", password=people.PASSWORD)]
    for person in people.PEOPLE:
        newcomer = "" if person.enrolled else say("cli.newcomer")
        lines.append((_person(say, person.login, person.name, person.role) + newcomer).rstrip())
    product = next(product for product in PRODUCTS if product.sku == LAST_UNIT_SKU)
    named = {
        "first": people.LIN.login,
        "second": people.WANG.login,
        "manager": people.GAO.login,
        "sku": product.sku,
        "product": product.name_zh if say.language == "zh" else product.name_en,
    }
    lines += [say("cli.codes_hint"), "", say("cli.tour")]
    return lines + [say(f"cli.tour.{number}", **named) for number in range(1, 6)]
