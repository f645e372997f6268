"""Role × command × entity over HTTP, with the ids of colleagues, other teams and other organisations.

What is expected follows from the declarations; what happened is read through a connection of its own.
"""

import asyncio
from collections.abc import Iterator
from typing import Any

import httpx
import msgspec
import pytest

from server.db.engine import Database
from server.db.store import SqlStore
from shared import SCHEMA_VERSION, protocol
from shared.catalog import ENTITIES
from shared.codec import Row, values_to_wire
from shared.fields import Scope
from shared.ids import derived_id
from tests.api import records
from tests.api.matrix import (
    ACTIONS,
    ACTORS,
    COLLEAGUES,
    DELETION,
    FOREIGN,
    FOREIGN_ORG,
    FOREIGN_TEAM,
    FOREIGNERS,
    THIRD,
    TOMORROW,
    Place,
    World,
    new_value,
    patchable,
    places,
    visible,
)
from tests.support.authority import SECRETS, make_authority
from tests.support.company import ADMIN, COLLEAGUE, MANAGER, NOW, ORG, REP, TEAM, Company
from tests.support.databases import KINDS, Templates
from tests.support.served import PASSWORD_HASH, Browser, credential, served, settings_for

NAMED = (
    "order.submit",
    "order.cancel",
    "stock.receive",
    "stock.count",
    "lease.grant",
    "lease.claim",
    "lease.release",
    "lease.extend",
    "lease.return",
    "lease.reclaim",
    "conflict.resolve",
    "conflict.dismiss",
    "device.revoke",
    "quarantine.adopt",
    "quarantine.dismiss",
    "account.share",
    "account.unshare",
    "opportunity.open",
    "opportunity.move",
    "opportunity.win",
    "opportunity.lose",
    "opportunity.cancel",
    "opportunity.reopen",
    "lead.move",
    "lead.convert",
    "lead.merge",
    "lead.invalidate",
    "lead.reopen",
)
OF_KEEPERS = ("stock.receive", "stock.count", "lease.grant", "lease.extend", "lease.reclaim")
OF_HOLDERS = ("lease.claim", "lease.release", "lease.return")
KEEPERS = ("manager", "admin")


class Attempt(msgspec.Struct, kw_only=True):
    """One command of one role on one row, and what must come of it. ``code`` None: it is done."""

    role: str
    command: str
    args: dict[str, Any]
    entity: str
    row_id: str
    place: Place
    code: str | None
    effect: dict[str, Any] = {}
    """Fields of the row afterwards, when it is done."""


def generic_attempts(world: World) -> Iterator[Attempt]:
    """Every generic command on every entity, by every role, on rows of every place."""
    for role in ACTORS:
        for name in ENTITIES:
            for action in ACTIONS:
                for place in places(role):
                    yield generic_attempt(world, role, name, action, place)


def generic_attempt(world: World, role: str, name: str, action: str, place: Place) -> Attempt:
    entity, tag = ENTITIES[name], f"{role} {action}"
    roles = entity.options.generic.get(action)
    code = None
    if roles is None:
        code = "use_command"
    elif role not in roles:
        code = "role_not_allowed"
    elif action == "create":
        needed = (field for field in entity.own_fields if field.required or field.name == entity.options.follows)
        targets = [ENTITIES[str(field.options.ref)] for field in needed if field.options.ref]
        code = None if all(visible(role, target, place) for target in targets) else "not_found"
    elif not visible(role, entity, place):
        code = "not_found"
    if action == "create":
        args = world.create_args(name, place, tag)
        return Attempt(
            role=role, command=f"{name}.create", args=args, entity=name, row_id=args["id"], place=place, code=code
        )
    deleted = {"deleted_at": NOW, "deleted_tx": DELETION} if action == "restore" else {}
    row = world.add(name, place, tag, **deleted)
    args, effect = _arguments(name, action, row)
    return Attempt(
        role=role,
        command=f"{name}.{action}",
        args=args,
        entity=name,
        row_id=row["id"],
        place=place,
        code=code,
        effect=effect,
    )


def _arguments(name: str, action: str, row: Row) -> tuple[dict[str, Any], dict[str, Any]]:
    entity = ENTITIES[name]
    if action == "patch":
        field = patchable(entity)
        base, value = {field.name: row[field.name]}, {field.name: new_value(field)}
        wire = {"base": values_to_wire(entity, base), "values": values_to_wire(entity, value)}
        return {"id": row["id"], **wire}, value
    if action == "restore":
        return {"id": row["id"], "deleted_tx": DELETION}, {"deleted_at": None, "deleted_tx": None}
    if action == "assign":
        return {"id": row["id"], "owner_id": COLLEAGUE}, {"owner_id": COLLEAGUE}
    return {"id": row["id"]}, {}


def named_attempts(world: World) -> Iterator[Attempt]:
    """Every named command by every role on rows of every place."""
    for role in ACTORS:
        for command in NAMED:
            for place in places(role):
                entity, row_id, args, effect = _named(world, command, place, f"{role} {command}")
                yield Attempt(
                    role=role,
                    command=command,
                    args=args,
                    entity=entity,
                    row_id=row_id,
                    place=place,
                    code=_named_code(role, command, place),
                    effect=effect,
                )


def _named_code(role: str, command: str, place: Place) -> str | None:
    if (command in OF_KEEPERS or command.startswith("quarantine.")) and role not in KEEPERS:
        return "role_not_allowed"
    if command == "lease.grant":
        elsewhere = role == "manager" and place.name == "other team"
        return "lease_other_team" if elsewhere else "not_found" if place.org_id != ORG else None
    if command in OF_HOLDERS:
        allowed = place.name == "own"
    elif command == "device.revoke":
        allowed = place.org_id == ORG and (place.name == "own" or role == "admin")
    else:
        special = {"stock": "warehouse", "quarantine": "quarantine_item", "lease": "stock_lease"}
        scoped = "account" if command == "opportunity.open" else command.partition(".")[0]
        scoped = special.get(scoped, scoped)
        allowed = visible(role, ENTITIES[scoped], place)
    return None if allowed else "not_found"


def _named(world: World, command: str, place: Place, tag: str) -> tuple[str, str, dict[str, Any], dict[str, Any]]:
    """(entity, row, arguments, effect) of a command on a row of the place."""
    if command.startswith("order."):
        args = world.order(place, tag)
        if command == "order.submit":
            return "order", args["order_id"], args, {"state": "confirmed"}
        return "order", args["order_id"], {"order_id": args["order_id"]}, {"state": "cancelled"}
    if command.startswith("stock."):
        level = world.add("stock_level", place, tag)
        what = {"warehouse_id": level["warehouse_id"], "product_id": level["product_id"]}
        counted = {"quantity": "3"} if command == "stock.receive" else {"counted": "13", "expected": "10"}
        return "stock_level", level["id"], {**what, **counted}, {"on_hand": 13}
    if command.startswith("lease."):
        return _lease(world, command, place, tag)
    if command.startswith("opportunity."):
        return world.deal(command, place, tag)
    if command == "conflict.resolve":
        conflict = world.conflict(place, tag)
        args = {"conflict_id": conflict, "choice": "mine", "seen": {"phone": "160 1000 0000"}}
        return "conflict", conflict, args, {"state": "resolved", "choice": "mine"}
    if command == "conflict.dismiss":
        conflict = world.conflict(place, tag)
        return "conflict", conflict, {"conflict_id": conflict}, {"state": "dismissed"}
    if command == "account.share":
        args = world.shareable(place, tag, THIRD)
        return "account", args["id"], args, {"shared_with": [THIRD]}
    if command == "account.unshare":
        args = world.shareable(place, tag, THIRD, THIRD)
        return "account", args["id"], args, {"shared_with": []}
    if command == "quarantine.adopt":
        item, account = world.handover(place, tag)
        return "account", account, {"item_id": item}, {"city": "changed"}
    if command == "quarantine.dismiss":
        item, _ = world.handover(place, tag)
        return "quarantine_item", item, {"item_id": item, "reason": "no"}, {"state": "dismissed", "note": "no"}
    if command.startswith("lead."):
        return _lead(world, command, place, tag)
    device = world.add("device", place, tag)["id"]
    return "device", device, {"device_id": device}, {}


def _lead(world: World, command: str, place: Place, tag: str) -> tuple[str, str, dict[str, Any], dict[str, Any]]:
    """(entity, row, arguments, effect) of a command on a lead of the place."""
    closed = {"state": "invalid"} if command == "lead.reopen" else {}
    lead = world.add("lead", place, tag, **closed)["id"]
    if command == "lead.merge":
        other = world.add("lead", place, f"{tag} other", company="另一家")["id"]
        return "lead", lead, {"id": lead, "other_id": other}, {"company": "另一家"}
    args: dict[str, dict[str, Any]] = {
        "lead.move": {"expected": "new", "state": "interested"},
        "lead.convert": {},
        "lead.invalidate": {"reason": "no"},
        "lead.reopen": {"reason": "yes"},
    }
    states = {"lead.move": "interested", "lead.convert": "converted", "lead.invalidate": "invalid"}
    return "lead", lead, {"id": lead, **args[command]}, {"state": states.get(command, "following")}


def _lease(world: World, command: str, place: Place, tag: str) -> tuple[str, str, dict[str, Any], dict[str, Any]]:
    if command == "lease.grant":
        level, lease = world.add("stock_level", place, tag), derived_id("matrix lease", place.name, tag)
        what = {"warehouse_id": level["warehouse_id"], "product_id": level["product_id"], "quantity": "3"}
        whom = {"id": lease, "holder_id": place.owner_id, "expires_at": TOMORROW, "event_name": "展"}
        return "stock_lease", lease, {**whom, **what}, {"state": "offered", "quantity": 3}
    lease, expires_at = world.lease(place, tag), TOMORROW
    if command == "lease.extend":
        args = {"lease_id": lease, "expires_at": expires_at + 1, "quantity": "2"}
        return "stock_lease", lease, args, {"quantity": 7, "expires_at": expires_at + 1}
    states = {"lease.claim": "active", "lease.return": "returned", "lease.reclaim": "reclaimed"}
    states["lease.release"] = "offered"
    return "stock_lease", lease, {"lease_id": lease}, {"state": states[command]}


class Stage:
    """The filled database, the served application and a signed-in browser for each role."""

    def __init__(self, database_url: str, url: str, attempts: list[Attempt], world: World) -> None:
        self.database_url = database_url
        self.attempts = attempts
        self.world = world
        self.browsers = {role: Browser(url) for role in ACTORS}
        for role, user_id in ACTORS.items():
            self.browsers[role].sign_in(user_id[:8])

    def close(self) -> None:
        for browser in self.browsers.values():
            browser.close()

    def send(self, attempts: list[Attempt]) -> dict[str, protocol.Outcome]:
        """One exchange with one transaction for each attempt; outcomes by transaction."""
        role = attempts[0].role
        assert {attempt.role for attempt in attempts} == {role}
        key = derived_id("install", role, *(attempt.command + attempt.row_id for attempt in attempts))
        envelopes = [
            protocol.SentTransaction(number, msgspec.Raw(protocol.encode(transaction(attempt))))
            for number, attempt in enumerate(attempts, 1)
        ]
        request = protocol.SyncRequest(
            protocol=protocol.PROTOCOL_VERSION,
            schema=SCHEMA_VERSION,
            app_version="0.1.0",
            install_id=key,
            exchange_id=derived_id(key),
            tried=[derived_id(key)],
            txs=envelopes,
            page_rows=1,
        )
        headers = {"Content-Type": "application/json"}
        answer = self.browsers[role].post("/v1/sync", content=protocol.encode(request), headers=headers)
        assert answer.status_code == 200, answer.text
        response = protocol.decode_response(answer.content)
        assert response.status == "ok"
        return {outcome.tx_id: outcome for outcome in response.outcomes}

    def rows(self, attempts: list[Attempt]) -> dict[tuple[str, str, str], tuple[Row, int]]:
        """The attempts' rows by (organisation, entity, id), through a fresh connection."""

        async def read() -> dict[tuple[str, str, str], tuple[Row, int]]:
            database = Database.open(self.database_url)
            store, found = SqlStore(database, SECRETS), {}
            for org_id in (ORG, FOREIGN_ORG):
                keys = [(attempt.entity, attempt.row_id) for attempt in attempts]
                stored = await store.view(org_id, lambda view, keys=keys: view.rows(keys))
                found |= {(org_id, *key): value for key, value in stored.items()}
            await database.close()
            return found

        return asyncio.run(read())


def transaction(attempt: Attempt) -> protocol.Transaction:
    """The attempt's command alone in a transaction."""
    tx_id = derived_id("tx", attempt.role, attempt.command, attempt.row_id, attempt.place.name)
    return protocol.Transaction(tx_id, SCHEMA_VERSION, NOW, [protocol.Command(attempt.command, attempt.args)])


@pytest.fixture(scope="module", params=KINDS)
def stage(
    request: pytest.FixtureRequest, templates: Templates, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Stage]:
    """Everything of the matrix on one database, served."""
    database_url, world = templates.fresh(request.param), World()
    attempts = [*generic_attempts(world), *named_attempts(world)]

    async def fill() -> None:
        database = Database.open(database_url)
        authority = await make_authority(database)
        credentials = [credential(ORG, user_id) for user_id in ACTORS.values()]
        third = Company().add("user", THIRD, name="第三人", login="third", role="rep", home_team_id=TEAM)
        await authority.write_rows(ORG, [("user", third), *world.rows[ORG], *credentials], name="test.matrix")
        await authority.create_organisation(FOREIGN_ORG, [*foreigners(), *world.rows[FOREIGN_ORG]])
        await database.close()

    asyncio.run(fill())
    with served(settings_for(database_url, tmp_path_factory.mktemp("data"))) as url:
        made = Stage(database_url, url, attempts, world)
        yield made
        made.close()


def foreigners() -> list[tuple[str, Row]]:
    """Organisation, team and user of the other organisation."""
    company = Company()
    organisation = company.add("organisation", FOREIGN_ORG, org_id=FOREIGN_ORG, name="别家公司")
    team = company.add("team", FOREIGN_TEAM, org_id=FOREIGN_ORG, name="别家团队")
    user = company.add(
        "user", FOREIGN, org_id=FOREIGN_ORG, name="别人", login="foreigner", role="admin", home_team_id=FOREIGN_TEAM
    )
    return [("organisation", organisation), ("team", team), ("user", user)]


@pytest.mark.parametrize("role", ACTORS)
def test_the_open_api_shows_a_row_to_whom_it_is_visible(stage: Stage, role: str) -> None:
    assert not records.wrong_readings(stage.browsers[role], role, stage.world)


@pytest.mark.parametrize("role", ACTORS)
def test_the_open_api_refuses_what_a_device_would_be_refused(stage: Stage, role: str) -> None:
    refused = [a for a in stage.attempts if a.role == role and a.code is not None and a.place.name == "other team"]
    sent = [(attempt.command, attempt.args, attempt.code) for attempt in refused]
    assert len(sent) > len(ENTITIES) and not records.wrong_refusals(stage.browsers[role], sent)


def check(stage: Stage, attempts: list[Attempt]) -> None:
    """Sends the attempts and compares outcome and stored rows with what the declarations say."""
    assert attempts
    before = stage.rows(attempts)
    outcomes = stage.send(attempts)
    after = stage.rows(attempts)
    wrong = []
    for attempt in attempts:
        outcome = outcomes[transaction(attempt).id]
        given = outcome.problem.code if outcome.problem else None
        if given != attempt.code:
            wrong.append(f"{attempt.command} by {attempt.role} on {attempt.place.name}: {given}, not {attempt.code}")
        elif not effect_is_right(attempt, before, after):
            wrong.append(f"{attempt.command} by {attempt.role} on {attempt.place.name}: the stored row is not right")
    assert not wrong, "\n".join(wrong)


def effect_is_right(attempt: Attempt, before: dict[Any, Any], after: dict[Any, Any]) -> bool:
    """A refused command leaves every organisation's rows as they were; a done one has its effect."""
    if attempt.code is not None:
        keys = [(org_id, attempt.entity, attempt.row_id) for org_id in (ORG, FOREIGN_ORG)]
        return all(before.get(key) == after.get(key) for key in keys)
    key = (ORG, attempt.entity, attempt.row_id)
    if key not in after:
        return False
    row, action = after[key][0], attempt.command.partition(".")[2]
    if action == "delete":
        return row["deleted_at"] is not None
    if action == "revoke":
        return row["revoked_at"] is not None
    return all(row[name] == value for name, value in attempt.effect.items())


@pytest.mark.parametrize("role", ACTORS)
@pytest.mark.parametrize("entity", ENTITIES)
def test_generic_commands_do_what_the_declaration_opens_and_nothing_else(stage: Stage, entity: str, role: str) -> None:
    wanted = [f"{entity}.{action}" for action in ACTIONS]
    check(stage, [attempt for attempt in stage.attempts if attempt.role == role and attempt.command in wanted])


@pytest.mark.parametrize("role", ACTORS)
@pytest.mark.parametrize("command", NAMED)
def test_named_commands_do_what_the_role_may_on_rows_it_sees(stage: Stage, command: str, role: str) -> None:
    check(stage, [attempt for attempt in stage.attempts if attempt.role == role and attempt.command == command])


@pytest.mark.parametrize("role", ACTORS)
def test_a_refused_generic_write_names_the_command_to_use(stage: Stage, role: str) -> None:
    closed = [name for name, entity in ENTITIES.items() if "patch" not in entity.options.generic]
    attempts = [
        Attempt(
            role=role,
            command=f"{name}.patch",
            args={"id": derived_id("any"), "base": {}, "values": {}},
            entity=name,
            row_id=derived_id("any"),
            place=COLLEAGUES,
            code="use_command",
        )
        for name in closed
    ]
    outcomes = stage.send(attempts)
    for attempt in attempts:
        problem = outcomes[transaction(attempt).id].problem
        assert problem is not None
        named = ENTITIES[attempt.entity].options.commands
        assert problem.params["commands"] == (", ".join(named) or "-")


def test_secrets_and_counters_never_leave_the_server(stage: Stage) -> None:
    for role, browser in stage.browsers.items():
        seen = pulled(browser, role)
        entities = {put.entity for put in seen}
        assert "credential" not in entities
        assert "counter" not in entities
        assert not any(PASSWORD_HASH.encode() in bytes(put.row) or b"sealed:" in bytes(put.row) for put in seen)


def test_a_device_receives_no_row_of_others(stage: Stage) -> None:
    for role, browser in stage.browsers.items():
        for put in pulled(browser, role):
            row = msgspec.json.decode(put.row)
            assert row["org_id"] == ORG
            scope = ENTITIES[put.entity].options.scope
            if role == "rep" and scope in (Scope.OWNER, Scope.PRIVATE, Scope.ADMINS):
                assert row["owner_id"] == REP
            if role == "rep":
                assert scope not in (Scope.MANAGERS, Scope.DESK)
                assert "bank_account" not in row
            if role != "admin" and scope in (Scope.PRIVATE, Scope.ADMINS):
                assert row["owner_id"] == ACTORS[role]


def pulled(browser: httpx.Client, role: str) -> list[protocol.Put]:
    """Everything that a new install of the role's user receives."""
    key, cursor, nonce, puts = derived_id("pull", role, str(id(browser))), "", "", []
    for page in range(100):
        exchange = derived_id(key, page)
        request = protocol.SyncRequest(
            protocol=protocol.PROTOCOL_VERSION,
            schema=SCHEMA_VERSION,
            app_version="0.1.0",
            install_id=key,
            exchange_id=exchange,
            nonce=nonce,
            tried=[exchange],
            cursor=cursor,
        )
        response = protocol.decode_response(browser.post("/v1/sync", content=protocol.encode(request)).content)
        puts += response.puts
        cursor, nonce = response.cursor, response.nonce
        if not response.more:
            return puts
    raise AssertionError("the pull does not end")


def test_the_matrix_is_whole(stage: Stage) -> None:
    generic = {(a.role, a.command, a.place.name) for a in stage.attempts if a.command not in NAMED}
    assert len(generic) == len(ACTORS) * len(ENTITIES) * len(ACTIONS) * 4
    done = {attempt.command for attempt in stage.attempts if attempt.code is None}
    opened = {f"{name}.{action}" for name, entity in ENTITIES.items() for action in entity.options.generic}
    assert opened <= done, "each command that the declarations open is seen working"
    assert set(NAMED) <= done
    assert {ADMIN, MANAGER, REP} == set(ACTORS.values())
    assert FOREIGNERS.org_id != ORG
