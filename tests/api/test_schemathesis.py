"""The OpenAPI document against the running server, by Schemathesis: for every operation requests that fit and requests
that do not, by each kind of person, on both databases. No 5xx, no ignored sign-in, and answers that are what the
document says."""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from schemathesis.checks import not_a_server_error
from schemathesis.generation import GenerationMode
from schemathesis.specs.openapi import checks

from tests.support.company import ACCOUNT, ADMIN, MANAGER, REP
from tests.support.databases import KINDS, Templates
from tests.support.served import Browser, seed_people, served, settings_for

EXAMPLES, RECORDS = 8, 2
"""Requests that fit, and as many that do not, for each operation; for those that read
records, which are one code for all entities, fewer."""
CHECKS = [
    not_a_server_error,
    checks.ignored_auth,
    checks.status_code_conformance,
    checks.content_type_conformance,
    checks.response_headers_conformance,
    checks.response_schema_conformance,
]
WAYS = ("access_token", "api_key", "handin_ticket")
"""How the document says that an operation asks who sends."""
TAKES_NOTHING = ("GET /health", "GET /v1/time")
"""Operations without anything that could be wrong."""
LAST = "POST /v1/auth/sign-out"
"""Ends the session that all others need."""


def drawn(examples: int) -> settings:
    """The same requests in every run."""
    return settings(
        max_examples=examples,
        deadline=None,
        derandomize=True,
        database=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )


@dataclass
class Site:
    """A served company with a signed-in browser for each role."""

    url: str
    people: list[Browser]


@contextmanager
def company(templates: Templates, kind: str, folder: Path) -> Iterator[Site]:
    """The running company on that database."""
    database_url = templates.fresh(kind)
    seed_people(database_url, REP, MANAGER, ADMIN)
    with served(settings_for(database_url, folder)) as url, ExitStack() as closing:
        people = [closing.enter_context(Browser(url)) for _ in range(3)]
        for browser, user_id in zip(people, (REP, MANAGER, ADMIN), strict=True):
            browser.sign_in(user_id[:8])
        yield Site(url, people)


@pytest.fixture(scope="module")
def sites(templates: Templates, tmp_path_factory: pytest.TempPathFactory) -> Iterator[list[Site]]:
    """One company on each database: what is thought out once is asked of both."""
    with ExitStack() as running:
        yield [running.enter_context(company(templates, kind, tmp_path_factory.mktemp("data"))) for kind in KINDS]


@pytest.fixture(scope="module")
def operations(sites: list[Site]) -> list[schemathesis.APIOperation]:
    """All that the served document describes."""
    document = schemathesis.openapi.from_dict(sites[0].people[0].get("/schema/openapi.json").json())
    return sorted((found.ok() for found in document.get_all_operations()), key=lambda one: one.label == LAST)


def keeps_its_word(site: Site, person: int, case: schemathesis.Case) -> None:
    """Asks, and compares the answer with the document."""
    headers = {"Authorization": site.people[person].headers["Authorization"], "X-Caravan-Client": "web"}
    answer = case.call(base_url=site.url, headers=headers)
    if answer.status_code == 503:  # asked to come again: the server's word, and no failure
        assert answer.headers["retry-after"] and answer.json()["code"] == "too_busy"
        return
    case.validate_response(answer, checks=CHECKS, headers=headers)
    if answer.status_code >= 400:
        problem = answer.json()
        assert problem["code"] and problem["title"] and problem["todo"], problem


def test_every_operation_keeps_what_its_document_says(
    sites: list[Site], operations: list[schemathesis.APIOperation]
) -> None:
    def asked(operation: schemathesis.APIOperation, mode: GenerationMode) -> None:
        @drawn(RECORDS if operation.path.startswith("/v1/records/") else EXAMPLES)
        @given(operation.as_strategy(mode), st.sampled_from(range(3)))
        def ask(case: schemathesis.Case, person: int) -> None:
            if case.path == "/v1/changes":
                case.query = {**case.query, "wait_s": 0}
            for site in sites:
                keeps_its_word(site, person, case)

        ask()

    assert len(operations) > 60
    for operation in operations:
        asked(operation, GenerationMode.POSITIVE)
        if operation.label not in TAKES_NOTHING:
            asked(operation, GenerationMode.NEGATIVE)


def test_no_operation_ignores_that_nobody_is_signed_in(
    sites: list[Site], operations: list[schemathesis.APIOperation]
) -> None:
    secured = [
        one for one in operations if any(name in WAYS for way in one.definition.raw.get("security", ()) for name in way)
    ]
    assert len(secured) > 40
    for site in sites:
        with httpx.Client(base_url=site.url, headers={"Content-Type": "application/json"}) as nobody:
            for operation in secured:
                address = operation.path.replace("{id}", ACCOUNT)
                needed = {one.name: ACCOUNT for one in operation.query if one.is_required}
                for token in (None, "Bearer x", "Bearer caravan_a.b.c", "Bearer null", f"Basic {ACCOUNT}"):
                    headers = {"Authorization": token} if token else {}
                    answer = nobody.request(operation.method, address, params=needed, headers=headers, content=b"{}")
                    assert answer.status_code == 401, (operation.label, token, answer.text)


def test_bodies_of_any_kind_are_refused_with_words(sites: list[Site]) -> None:
    @drawn(60)
    @given(st.binary(max_size=40), st.sampled_from(["application/json", "text/plain", "text/json; q=1"]))
    def attempt(raw: bytes, kind: str) -> None:
        for site in sites:
            answer = site.people[0].post("/v1/commands", content=raw, headers={"Content-Type": kind})
            assert 400 <= answer.status_code < 500 and answer.json()["todo"]

    attempt()
