"""The demo company is the size it says, hangs together, and is always of today."""

from collections import Counter

from server.demo import people
from server.demo.booth import SHOWS
from server.demo.company import Made, build
from server.demo.products import LAST_UNIT_SKU
from server.settings import REPOSITORY
from shared.access import Actor
from shared.catalog import ENTITIES
from shared.codec import Row, values_to_wire
from shared.fields import Kind, Merge
from shared.rules import qualifiers
from shared.rules.leads import lacks
from shared.rules.pricing import effective_discount, order_totals
from shared.timezone import business_date
from shared.validation import check_values

NOW = 1_795_320_000_000
PICTURES = REPOSITORY / "assets" / "pictures"
MADE: list[Made] = build(NOW, PICTURES)


def rows(entity: str) -> list[Row]:
    return [made.row for made in MADE if made.entity == entity]


def test_sizes() -> None:
    counts = Counter(made.entity for made in MADE)
    assert (counts["account"], counts["product"], counts["order"], counts["user"]) == (300, 120, 1_500, 5)
    assert counts["contact"] >= 300
    assert counts["order_line"] > 3_000


def test_one_show_runs_today_and_each_rep_has_leads_in_all_states_some_unfinished() -> None:
    today = business_date(NOW, people.TIME_ZONE).isoformat()
    running = [row for row in rows("event") if row["starts_on"] <= today <= row["ends_on"]]
    assert (len(rows("event")), len(running)) == (len(SHOWS), 1)
    for event in rows("event"):
        assert len(qualifiers.read(event["qualifiers"])) == 3
    kept = {q.choice(a) for q in qualifiers.read(running[0]["qualifiers"]) for a in q.answers}
    for rep in people.REPS:
        mine = [row for row in rows("lead") if row["owner_id"] == rep.id]
        assert len(mine) > 100
        assert {row["state"] for row in mine} == set(ENTITIES["lead"].fields["state"].choices)
        assert sum(bool(lacks(row)) for row in mine if row["event_id"] == running[0]["id"]) > 2
        for row in mine:
            assert set(row["answers"]) <= kept
            assert (row["account_id"] is not None) == (row["state"] == "converted")


def test_the_same_instant_gives_the_same_company() -> None:
    assert build(NOW, PICTURES) == MADE


def test_each_rep_has_follow_ups_overdue_and_due_today_on_any_day() -> None:
    for now in (NOW, NOW + 86_400_000 * 45, NOW + 3_600_000 * 7):
        today = business_date(now, people.TIME_ZONE).isoformat()
        open_work = [made.row for made in build(now, PICTURES) if made.entity == "activity" and made.row["due_on"]]
        for rep in people.REPS:
            mine = [row for row in open_work if row["owner_id"] == rep.id and row["done_at"] is None]
            assert sum(row["due_on"] == today for row in mine) == 5
            assert sum(row["due_on"] < today for row in mine) == 3
            assert any(row["due_on"] > today for row in mine)


def test_no_step_was_planned_for_a_day_before_the_talk() -> None:
    planned = [made.row for made in MADE if made.entity == "activity" and made.row["due_on"]]
    for row in planned:
        assert business_date(row["happened_at"], people.TIME_ZONE).isoformat() <= row["due_on"]


def test_nothing_lies_in_the_future() -> None:
    for made in MADE:
        for field in ENTITIES[made.entity].fields.values():
            value = made.row[field.name]
            if field.name != "expires_at":
                assert not (field.kind is Kind.TIMESTAMP and value and value > NOW), (made.entity, field.name)


def test_every_reference_points_to_a_row_that_came_before() -> None:
    known: set[tuple[str, str]] = set()
    for made in MADE:
        known.add((made.entity, made.row["id"]))
        for field in ENTITIES[made.entity].fields.values():
            value = made.row[field.name]
            if field.kind is Kind.REF and value and field.options.ref != "user":
                assert (field.options.ref, value) in known, (made.entity, field.name)


def test_values_pass_the_checks_that_people_meet() -> None:
    admin = Actor(user_id="", org_id=people.ORG_ID, role="admin")
    for made in MADE:
        entity = ENTITIES[made.entity]
        written = [field for field in entity.own_fields if field.merge is not Merge.COMMAND]
        values = {field.name: made.row[field.name] for field in written if made.row[field.name] not in (None, {})}
        check_values(entity, values_to_wire(entity, values), admin, creating=True)


def test_ids_and_unique_values_occur_once() -> None:
    assert len({(made.entity, made.row["id"]) for made in MADE}) == len(MADE)
    for entity, field in (("product", "sku"), ("user", "login"), ("order", "number"), ("account", "name")):
        values = [row[field] for row in rows(entity)]
        assert len(set(values)) == len(values)


def test_totals_are_those_of_the_shared_rules_and_discounts_within_the_limit() -> None:
    lines: dict[str, list[Row]] = {}
    for line in rows("order_line"):
        lines.setdefault(line["order_id"], []).append(line)
    limit = {person.id: person.discount_limit for person in people.PEOPLE}
    for order in rows("order"):
        totals = order_totals(order["discount"], lines[order["id"]])
        assert (order["total"], order["tax_total"], order["line_count"]) == (
            totals.total,
            totals.tax,
            len(lines[order["id"]]),
        )
        for line in lines[order["id"]]:
            assert effective_discount(line["discount"], order["discount"]) <= limit[order["owner_id"]]


def test_numbers_follow_time_and_the_counter_goes_on_from_them() -> None:
    numbers = [order["number"] for order in sorted(rows("order"), key=lambda order: order["ordered_at"])]
    assert numbers == sorted(numbers)
    for counter in rows("counter"):
        year = counter["name"].removeprefix("order:")
        assert counter["value"] == sum(number.startswith(f"SO-{year}-") for number in numbers)


def test_one_product_has_one_unit_left_and_history_claims_no_stock() -> None:
    products = {row["id"]: row["sku"] for row in rows("product")}
    units = {products[row["product_id"]]: row["on_hand"] for row in rows("stock_level")}
    assert units[LAST_UNIT_SKU] == 1
    set_aside = {row["held_on"]: row["quantity"] for row in rows("stock_lease")}
    assert all(row["reserved"] == set_aside.get(row["id"], 0) <= row["on_hand"] for row in rows("stock_level"))
    assert all(line["reserved"] == 0 for line in rows("order_line"))
    assert not rows("reservation")


def test_telephone_numbers_and_addresses_are_nobodys() -> None:
    for entity in ("account", "contact"):
        for row in rows(entity):
            number = row["phone"].replace(" ", "")
            assert number[:3] in ("160", "161", "163", "164") or number.startswith("+447700900")
            assert row.get("email", "") == "" or row["email"].endswith(".example")


def test_show_stock_waits_for_the_device_of_a_rep_and_leaves_the_last_unit_alone() -> None:
    products = {row["id"]: row["sku"] for row in rows("product")}
    leases = rows("stock_lease")
    assert len(leases) == 2 and LAST_UNIT_SKU not in {products[row["product_id"]] for row in leases}
    for row in leases:
        assert (row["owner_id"], row["state"], row["device_id"]) == (people.WANG.id, "offered", None)
        assert row["expires_at"] > NOW
