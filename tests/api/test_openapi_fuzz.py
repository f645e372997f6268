"""Every operation of the OpenAPI document with values that fit, nearly fit, or do not: no 5xx, no ignored sign-in, and
answers that are what the document says."""

from collections.abc import Iterator
from typing import Any
from urllib.parse import quote

import httpx
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.support.company import ACCOUNT, ADMIN, MANAGER, REP
from tests.support.databases import KINDS, Templates
from tests.support.json_schemas import JUNK, fitting, mistakes, near
from tests.support.served import Browser, seed_people, served, settings_for

EXAMPLES = 120
"""For each database: some ten seconds on a quiet machine."""
WAITS = {"/v1/changes": {"wait_s": "0"}}
"""Parameters that keep an operation from waiting."""


class Site:
    """A served company, its document, and a browser for each role."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.people = [Browser(url) for _ in range(3)]
        for browser, user_id in zip(self.people, (REP, MANAGER, ADMIN), strict=True):
            browser.sign_in(user_id[:8])
        self.document = self.people[0].get("/schema/openapi.json").json()
        self.schemas: dict[str, Any] = self.document["components"]["schemas"]
        self.operations = [
            (path, method, operation)
            for path, item in self.document["paths"].items()
            for method, operation in item.items()
        ]

    def secured(self) -> list[tuple[str, str, dict[str, str]]]:
        """(path, method, the query that it cannot do without) of what asks who sends."""
        ways = ("access_token", "api_key", "handin_ticket")
        return [
            (path, method, {one["name"]: ACCOUNT for one in operation.get("parameters", ()) if _is_needed(one)})
            for path, method, operation in self.operations
            if any(name in ways for way in operation.get("security", ()) for name in way)
        ]


def _is_needed(parameter: dict[str, Any]) -> bool:
    return parameter["in"] == "query" and bool(parameter.get("required"))


@pytest.fixture(scope="module", params=KINDS)
def site(
    request: pytest.FixtureRequest, templates: Templates, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Site]:
    database_url = templates.fresh(request.param)
    seed_people(database_url, REP, MANAGER, ADMIN)
    with served(settings_for(database_url, tmp_path_factory.mktemp("data"))) as url:
        made = Site(url)
        yield made
        for browser in made.people:
            browser.close()


def asked(
    site: Site, path: str, operation: dict[str, Any]
) -> st.SearchStrategy[tuple[str, list[tuple[str, str]], Any]]:
    """(path, query, body) of a request to the operation."""
    parameters = operation.get("parameters", ())
    in_path = st.sampled_from([ACCOUNT, "x"]) | st.uuids().map(str) | st.text(min_size=1, max_size=10)
    queries = [
        st.none()
        | near(one["schema"], site.schemas).map(
            lambda value, name=one["name"]: [(name, word) for word in _words(value)]
        )
        for one in parameters
        if one["in"] == "query"
    ]
    body: st.SearchStrategy[Any] = st.none()
    content = operation.get("requestBody", {}).get("content", {}).get("application/json")
    if content is not None:
        body = near(content["schema"], site.schemas)
    pairs = st.tuples(*queries).map(lambda parts: [pair for part in parts if part for pair in part])
    return st.tuples(in_path.map(lambda text: path.replace("{id}", quote(text, safe=""))), pairs, body)


def _words(value: Any) -> list[str]:
    """A value as it stands in a query string."""
    if isinstance(value, list):
        return [word for one in value for word in _words(one)]
    if isinstance(value, bool):
        return [str(value).lower()]
    return [str(value)] if value is not None else []


def test_no_request_breaks_the_server_and_answers_are_as_described(site: Site) -> None:
    seen: set[str] = set()

    @settings(
        max_examples=EXAMPLES, deadline=None, derandomize=True, database=None, suppress_health_check=list(HealthCheck)
    )
    @given(st.data())
    def attempt(data: st.DataObject) -> None:
        path, method, operation = data.draw(st.sampled_from(site.operations))
        browser = data.draw(st.sampled_from(site.people))
        address, query, body = data.draw(asked(site, path, operation))
        query = [pair for pair in query if pair[0] not in WAITS.get(path, {})] + list(WAITS.get(path, {}).items())
        sent = {"json": body} if "requestBody" in operation else {}
        answer = browser.request(method.upper(), address, params=query, **sent)
        seen.add(path)
        assert answer.status_code < 500 or answer.json()["code"] == "too_busy", (
            method,
            address,
            query,
            body,
            answer.text,
        )
        if answer.status_code >= 400:
            problem = answer.json()
            assert answer.headers["content-type"] == "application/problem+json" and problem["title"] and problem["todo"]
        elif answer.content:
            content = operation["responses"][str(answer.status_code)].get("content", {}).get("application/json")
            assert content is None or not mistakes(answer.json(), content["schema"], site.schemas)

    attempt()
    assert len(seen) > 20


def test_what_fits_is_answered_for_every_entity(site: Site) -> None:
    where = {
        path: operation["parameters"][0]["schema"]["items"]
        for path, _, operation in site.operations
        if path.startswith("/v1/records/") and "{id}" not in path
    }

    @settings(max_examples=60, deadline=None, derandomize=True, database=None, suppress_health_check=list(HealthCheck))
    @given(st.data())
    def attempt(data: st.DataObject) -> None:
        path = data.draw(st.sampled_from(sorted(where)))
        text = data.draw(fitting(where[path], site.schemas))
        answer = site.people[1].get(
            path, params={"where": text + data.draw(st.sampled_from(["", "1", "true", ACCOUNT]))}
        )
        assert answer.status_code in (200, 403, 422), answer.text

    attempt()
    for path in where:
        answer = site.people[2].get(path, params={"limit": "2", "sort": "-id"})
        assert answer.status_code == 200 and answer.json().keys() == {"items", "next"}


def test_no_operation_ignores_that_nobody_is_signed_in(site: Site) -> None:
    secured = site.secured()
    assert len(secured) > 40
    with httpx.Client(base_url=site.url, headers={"Content-Type": "application/json"}) as nobody:
        for path, method, query in secured:
            for token in (None, "Bearer x", "Bearer caravan_a.b.c", "Bearer null", f"Basic {ACCOUNT}"):
                headers = {"Authorization": token} if token else {}
                address = path.replace("{id}", ACCOUNT)
                answer = nobody.request(method.upper(), address, params=query, headers=headers, content=b"{}")
                assert answer.status_code == 401, (method, path, token, answer.text)


def test_bodies_of_any_kind_are_refused_with_words(site: Site) -> None:
    @settings(max_examples=60, deadline=None, derandomize=True, database=None)
    @given(JUNK, st.binary(max_size=40), st.sampled_from(["application/json", "text/plain", "text/json; q=1"]))
    def attempt(value: Any, raw: bytes, kind: str) -> None:
        for body in ({"json": value}, {"content": raw, "headers": {"Content-Type": kind}}):
            answer = site.people[0].post("/v1/commands", **body)
            assert 400 <= answer.status_code < 500 and answer.json()["todo"]

    attempt()
