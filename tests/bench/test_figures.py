"""Each figure of the server runs, on little data: that it says what it should, never how fast."""

import json

import pytest

from tests.bench import company
from tests.bench.__main__ import main


@pytest.fixture(autouse=True)
def small_company(monkeypatch: pytest.MonkeyPatch) -> None:
    """The documents name any SKU of 5,000 and any customer of 2,000: the company must still have all of theirs."""
    used = [document for tag in ("s", "many", "one") for document in (company.sale(i, tag) for i in range(12))]
    skus = {line["sku"] for document in used for line in document["lines"]}
    customers = {document["customer_id"] for document in used}
    monkeypatch.setattr(company, "all_skus", lambda: sorted(skus))
    monkeypatch.setattr(company, "all_customers", lambda: sorted(customers))


def _lines(capsys: pytest.CaptureFixture[str], *arguments: str) -> dict[str, dict[str, object]]:
    main(list(arguments))
    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert all({"figure", "value", "unit", "versions"} <= line.keys() and line["value"] > 0 for line in lines)
    return {f"{line['figure']}, {line.get('encoding') or line.get('batch', '')}": line for line in lines}


def test_push_and_pull_store_and_bring_all_sales_with_ratio_and_bytes(capsys: pytest.CaptureFixture[str]) -> None:
    lines = _lines(capsys, "-k", "push", "--sales", "12")
    assert lines["push, sqlite, 50"]["physical_rows"] == 12 * (1 + 3 + 4 + 8 + 1)
    assert lines["pull, sqlite, identity"]["sales"] == lines["pull, sqlite, gzip"]["sales"] == 12
    assert {"push, wire, sqlite, gzip", "pull, wire, sqlite, gzip"} < lines.keys()


def test_orders_are_accepted_in_large_requests_and_alone(capsys: pytest.CaptureFixture[str]) -> None:
    lines = _lines(capsys, "-k", "orders", "--orders", "12")
    assert lines["three-line orders, sqlite, 50"]["orders"] == 12
    assert "three-line orders, sqlite, 1" in lines
    assert "hello world, " in lines


def test_a_page_that_meets_waiting_orders_is_applied(capsys: pytest.CaptureFixture[str]) -> None:
    assert _lines(capsys, "-k", "rebase", "--waiting", "6")["rebase, "]["waiting"] == 6


def test_a_page_meets_unsent_changes_among_many_rows(capsys: pytest.CaptureFixture[str]) -> None:
    (line,) = _lines(capsys, "-k", "local rows", "--rows", "300").values()
    assert (line["rows"], line["changes"]) == (300, 100)


def test_a_pull_is_compared_over_a_short_and_a_long_feed(capsys: pytest.CaptureFixture[str]) -> None:
    lines = _lines(capsys, "-k", "long feed", "--feed", "1500")
    assert [line.get("over") for line in lines.values()] == [150, 150, None, None]


def test_checks_tell_their_costs_and_mend(capsys: pytest.CaptureFixture[str]) -> None:
    lines = _lines(capsys, "-k", "checks", "--checked", "120")
    assert len(lines) == 5 and {line["rows"] for line in lines.values()} == {120}


def test_a_file_is_stored_in_several_transactions(capsys: pytest.CaptureFixture[str]) -> None:
    (line,) = _lines(capsys, "-k", "attachment", "--attachment", "600000").values()
    assert line["transactions"] == 4


def test_an_unknown_figure_is_refused() -> None:
    with pytest.raises(SystemExit):
        main(["-k", "nothing like it"])
