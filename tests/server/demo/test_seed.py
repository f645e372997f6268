"""Seeding and resetting the demo, on both databases."""

from pathlib import Path

import pytest
from sqlalchemy import func, select

from server.db.authority import Authority
from server.db.engine import Database
from server.db.filing import file_history
from server.db.tables import head, metadata, table
from server.demo import people, seed
from server.demo.company import HISTORY_MONTHS
from server.ops.ports import SystemClock, SystemEntropy
from server.security import accounts, audit, totp
from server.security.accounts import NewUser
from server.security.audit import HeadsFile
from server.security.devices import device_registrar
from server.security.passwords import Passwords
from server.security.service import Auth
from server.security.sign_in import ClientDevice
from server.settings import REPOSITORY
from shared import protocol
from shared.access import Actor
from shared.errors import AuthError
from shared.rules.history import history_ends_ms, month_of
from tests.support.authority import SECRETS, Caller, TestAuthority
from tests.support.company import NOW
from tests.support.devices import HandClock, Phone, SeededEntropy

pytestmark = pytest.mark.anyio
PICTURES = REPOSITORY / "assets" / "pictures"


async def dataset(database: Database) -> str:
    return str((await database.read(lambda tx: tx.execute(select(head.c.dataset_id)))).scalar_one())


async def counts(database: Database) -> dict[str, int]:
    found = {}
    for name, counted in metadata.tables.items():
        statement = select(func.count()).select_from(counted)
        found[name] = (await database.read(lambda tx, statement=statement: tx.execute(statement))).scalar_one()
    return found


async def test_seeding_fills_tables_and_feed_and_a_second_time_changes_nothing(database: Database) -> None:
    assert await seed.seed(database, SECRETS, PICTURES, NOW)
    first, name = await counts(database), await dataset(database)
    assert first["e_account"] == 300
    assert first["e_order"] == 1_500
    server_only = first["e_credential"] + first["e_counter"]
    rows = sum(count for name, count in first.items() if name.startswith("e_"))
    assert first["row_version"] == rows - server_only
    assert await seed.seed(database, SECRETS, PICTURES, NOW + 1) is None
    assert (await counts(database), await dataset(database)) == (first, name)


async def test_the_past_is_history_from_the_first_start_and_comes_on_demand(database: Database, tmp_path: Path) -> None:
    await seed.seed(database, SECRETS, PICTURES, NOW)
    authority = TestAuthority(database, SECRETS, HandClock(NOW), SeededEntropy(1))
    assert await file_history(authority, HISTORY_MONTHS) == [], "nothing is left to file"
    person = people.CHEN
    phone = Phone(tmp_path / "app.db", Actor(person.id, people.ORG_ID, person.role, people.TEAM_ID))

    async def sync() -> None:
        more = True
        while more:
            request = protocol.decode_request(phone.engine.build_request())
            answer = await authority.exchange(Caller(person.id, people.ORG_ID), request)
            more = phone.engine.apply_response(protocol.encode(answer)).more

    await sync()
    ends = month_of(history_ends_ms(NOW, HISTORY_MONTHS, people.TIME_ZONE), people.TIME_ZONE)
    assert phone.engine.history.since == ends and len(phone.engine.history.missing) >= 13
    assert phone.store.count("order") == len(phone.store.select("order", "period = ''")) > 100
    asked = phone.engine.ask_history(3)
    await sync()
    oldest = phone.store.select("order", "1", order_by="ordered_at")[0]
    assert phone.engine.history.since == asked[-1] == oldest["period"]
    await authority.close()


async def test_a_reset_is_a_new_dataset_and_ends_every_session(database: Database, tmp_path: Path) -> None:
    await seed.seed(database, SECRETS, PICTURES, NOW)
    authority = Authority(database, SECRETS, SystemClock(), SystemEntropy())
    auth = Auth(database, SECRETS, authority.clock, authority.entropy, device_registrar(authority))
    now = authority.clock.now_ms()
    code = next(code.code for code in await seed.codes(database, SECRETS, now) if code.login == "lin")
    challenge = await auth.sign_in.password("lin", people.PASSWORD, ClientDevice(None, "x", "web"), "here")
    issued = await auth.sign_in.code(challenge.challenge, code, "here")
    before, name = await counts(database), await dataset(database)
    assert before["e_device"] == before["session"] == 1

    heads = HeadsFile(tmp_path / "heads.log")
    heads.heard(await seed.reset(database, SECRETS, PICTURES, NOW + 86_400_000))
    await heads.flush()
    after = await counts(database)
    assert await dataset(database) != name
    assert after["e_device"] == after["session"] == after["challenge"] == 0
    assert after["e_account"] == 300
    with pytest.raises(AuthError, match="session_expired"):
        await auth.refresh(issued.refresh_token)
    fresh = next(code.code for code in await seed.codes(database, SECRETS, now) if code.login == "lin")
    assert fresh != code, "the authenticator's secret is a new one"
    assert (await audit.verify(database, tmp_path / "heads.log", SECRETS)).ok
    await auth.close()


async def test_secrets_differ_between_databases_and_codes_are_those_that_pass(database: Database) -> None:
    await seed.seed(database, SECRETS, PICTURES, NOW)
    credential = table("credential")
    rows = (await database.read(lambda tx: tx.execute(select(credential)))).all()
    secrets = {
        row.id: SECRETS.unseal_text("credential", "totp_secret", row.id, row.totp_secret)
        for row in rows
        if row.totp_secret
    }
    assert len(set(secrets.values())) == 4
    assert people.CHEN.id not in secrets
    for shown in await seed.codes(database, SECRETS, NOW):
        person = next(person for person in people.PEOPLE if person.login == shown.login)
        if person.enrolled:
            step = totp.step_at(NOW)
            assert (shown.code, shown.next_code) == (
                totp.code_at(secrets[person.id], step),
                totp.code_at(secrets[person.id], step + 1),
            )
            assert 0 < shown.seconds_left <= 30
        else:
            assert (shown.code, shown.next_code) == ("", "")


async def test_real_data_are_never_touched(database: Database) -> None:
    authority = Authority(database, SECRETS, SystemClock(), SystemEntropy())
    new = NewUser(login="mei", name="梅", password="camels walk at dawn", role="admin", organisation="真的公司")
    await accounts.add_user(authority, Passwords(running=1), new)
    before = await counts(database)
    for attempt in (seed.seed, seed.reset):
        with pytest.raises(seed.NotDemo, match="database_not_demo"):
            await attempt(database, SECRETS, PICTURES, NOW)
    with pytest.raises(seed.NotDemo, match="codes_only_for_demo"):
        await seed.codes(database, SECRETS, NOW)
    assert await counts(database) == before
