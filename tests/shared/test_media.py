"""Types are told by content; names only decorate."""

import pytest

from shared.errors import InvalidInput
from shared.rules.media import ENDINGS, MAX_BYTES, Refused, clean_name, detect, is_safe_name, length_words
from tests.support.company import ACCOUNT, Company
from tests.support.files import BAD, GOOD, digest, jpeg


@pytest.mark.parametrize("kind", GOOD)
def test_every_allowed_type_is_told_by_its_content(kind: str) -> None:
    assert detect(GOOD[kind], "table.csv" if kind == "text/csv" else "misleading.html") == kind
    assert set(GOOD) == set(ENDINGS)


@pytest.mark.parametrize("name", BAD)
def test_what_may_not_be_attached_is_refused_whatever_its_name(name: str) -> None:
    data, code = BAD[name]
    assert detect(data, "photo.jpg") == Refused(code)


@pytest.mark.parametrize(
    ("given", "kind", "wanted"),
    [
        ("photo.JPG", "image/jpeg", "photo.JPG"),
        ("C:\\photos\\booth.jpeg", "image/jpeg", "booth.jpeg"),
        ("../../etc/passwd", "text/plain", "passwd.txt"),
        ("invoice.pdf.exe", "application/pdf", "invoice.pdf.exe.pdf"),
        ("evil\u202egpj.png", "image/png", "evil_gpj.png"),
        ("展位照片.png", "image/jpeg", "展位照片.jpg"),
        ("", "image/png", "file.png"),
        ("x" * 300 + ".png", "image/png", "x" * 156 + ".png"),
    ],
)
def test_a_name_is_made_safe_and_gets_the_ending_of_its_content(given: str, kind: str, wanted: str) -> None:
    assert clean_name(given, kind) == wanted
    assert is_safe_name(wanted)


def attach(company: Company, row_id: str, **changes: object) -> None:
    content = jpeg()
    values = {"account_id": ACCOUNT, "file_name": "a.jpg", "media_type": "image/jpeg", "size": len(content)}
    values |= {"sha256": digest(content), **changes}
    company.run(("attachment.create", {"id": row_id, "values": values}))


ROW, FOLLOW_UP, OTHER = (f"0199aaaa-0000-7000-8000-00000000000{n}" for n in (1, 2, 3))


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"sha256": "A" * 64}, "invalid_value"),
        ({"sha256": "0" * 63}, "invalid_value"),
        ({"media_type": "text/html"}, "file_type"),
        ({"file_name": "a/b.jpg"}, "invalid_value"),
        ({"size": 0}, "too_small"),
        ({"size": MAX_BYTES + 1}, "too_large"),
        ({"stored_at": 1}, "use_command"),
        ({"seconds": 42}, "invalid_value"),
        ({"media_type": "audio/webm", "seconds": 86_401}, "too_large"),
    ],
)
def test_a_row_may_not_claim_what_cannot_be(changes: dict, code: str) -> None:
    company = Company()
    with pytest.raises(Exception) as caught:
        attach(company, ROW, **changes)
    assert caught.value.code == code  # type: ignore[attr-defined]


def test_a_voice_note_says_how_long_it_is() -> None:
    company = Company()
    attach(company, ROW, file_name="语音.webm", media_type="audio/webm", seconds=300)
    assert company.rows["attachment", ROW]["seconds"] == 300
    assert [length_words(seconds) for seconds in (0, 7, 42, 300, 3_723)] == ["0:00", "0:07", "0:42", "5:00", "1:02:03"]


def test_a_file_belongs_to_the_customer_of_its_follow_up() -> None:
    company = Company()
    company.run(("account.create", {"id": OTHER, "values": {"name": "别的客户"}}))
    company.run(("activity.create", {"id": FOLLOW_UP, "values": {"account_id": OTHER, "body": "谈"}}))
    with pytest.raises(InvalidInput) as caught:
        attach(company, ROW, activity_id=FOLLOW_UP)
    assert caught.value.code == "other_account"


@pytest.mark.parametrize("gone", ["account", "activity"])
def test_a_file_goes_and_comes_back_with_its_follow_up_and_its_customer(gone: str) -> None:
    company = Company()
    company.run(("activity.create", {"id": FOLLOW_UP, "values": {"account_id": ACCOUNT, "body": "谈"}}))
    attach(company, ROW, activity_id=FOLLOW_UP)
    row_id = ACCOUNT if gone == "account" else FOLLOW_UP
    company.run((f"{gone}.delete", {"id": row_id}))
    deleted = company.rows["attachment", ROW]
    assert deleted["deleted_tx"] == company.rows[gone, row_id]["deleted_tx"] is not None
    company.run((f"{gone}.restore", {"id": row_id, "deleted_tx": deleted["deleted_tx"]}))
    assert company.rows["attachment", ROW]["deleted_at"] is None


def test_a_file_removed_earlier_stays_removed_when_its_customer_comes_back() -> None:
    company = Company()
    attach(company, ROW)
    company.run(("attachment.delete", {"id": ROW}))
    company.run(("account.delete", {"id": ACCOUNT}))
    deleted_tx = company.rows["account", ACCOUNT]["deleted_tx"]
    company.run(("account.restore", {"id": ACCOUNT, "deleted_tx": deleted_tx}))
    assert company.rows["attachment", ROW]["deleted_at"] is not None
    assert company.rows["account", ACCOUNT]["deleted_at"] is None


def test_a_file_of_the_customer_itself_can_be_restored() -> None:
    company = Company()
    attach(company, ROW)
    company.run(("attachment.delete", {"id": ROW}))
    company.run(("attachment.restore", {"id": ROW, "deleted_tx": company.rows["attachment", ROW]["deleted_tx"]}))
    assert company.rows["attachment", ROW]["deleted_at"] is None


def test_a_file_follows_its_customer_to_a_new_owner() -> None:
    from tests.support.company import COLLEAGUE, MANAGER

    company = Company()
    attach(company, ROW)
    company.run(("account.assign", {"id": ACCOUNT, "owner_id": COLLEAGUE}), by=MANAGER)
    assert company.rows["attachment", ROW]["owner_id"] == COLLEAGUE
