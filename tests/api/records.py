"""Role × entity × place at the open API's endpoints: who reads what, and what commands are refused with."""

from typing import Any

from shared.catalog import ENTITIES
from shared.ids import derived_id
from tests.api.matrix import World, places, visible
from tests.support.company import NOW
from tests.support.served import Browser


def wrong_readings(browser: Browser, role: str, world: World) -> list[str]:
    """Rows of the matrix that the role reads and should not, or the other way round; in lists and one by one."""
    wrong = []
    for name, entity in ENTITIES.items():
        if not entity.on_devices:
            answers = [browser.get(f"/v1/records/{name}{rest}") for rest in ("", f"/{derived_id('x')}")]
            wrong += [f"{name} is readable" for answer in answers if answer.status_code != 404]
            continue
        listed = _all_ids(browser, name)
        tried: set[str] = set()
        for (kind, row_id), place in world.places.items():
            if kind != name or place not in places(role):
                continue
            may = visible(role, entity, place)
            if (row_id in listed) != may:
                wrong.append(f"{role} lists {name} of {place.name}: {row_id in listed}, not {may}")
            if place.name not in tried:
                tried.add(place.name)
                status = browser.get(f"/v1/records/{name}/{row_id}").status_code
                if status != (200 if may else 404):
                    wrong.append(f"{role} gets {name} of {place.name}: {status}")
    return wrong


def _all_ids(browser: Browser, name: str) -> set[str]:
    found: set[str] = set()
    cursor = ""
    while True:
        more = {"cursor": cursor} if cursor else {}
        answer = browser.get(f"/v1/records/{name}", params={"limit": 200, "deleted": "true", "fields": "id", **more})
        assert answer.status_code == 200, answer.text
        page = answer.json()
        found |= {item["id"] for item in page["items"]}
        if page["next"] is None:
            return found
        cursor = page["next"]


def wrong_refusals(browser: Browser, attempts: list[tuple[str, dict[str, Any], str]]) -> list[str]:
    """Commands that the endpoint does not refuse with the code expected."""
    wrong = []
    for command, args, code in attempts:
        body = {"id": derived_id("over the api", command, str(args)), "occurred_at": NOW}
        answer = browser.post("/v1/commands", json={**body, "commands": [{"name": command, "args": args}]})
        if (answer.status_code, answer.json().get("code")) != (422, code):
            wrong.append(f"{command}: {answer.status_code} {answer.json().get('code')}, not {code}")
    return wrong
