"""The rules about leads that screens share with the commands: the show's questions, and what counts as the same."""

import pytest

from shared.rules import qualifiers
from shared.rules.leads import company_key, phone_key
from tests.shared.test_leads import QUESTIONS


def test_questions_are_read_from_plain_lines() -> None:
    wants, amount = qualifiers.read(QUESTIONS)
    assert (wants.word.local("zh"), wants.word.local("en"), wants.several) == ("想要什么", "Interested in", True)
    assert [answer.local("en") for answer in amount.answers] == ["100 件内", "100–500", "Over 500"]
    chosen = qualifiers.choose(wants, wants.answers[0], [])
    chosen = qualifiers.choose(wants, wants.answers[1], chosen)
    chosen = qualifiers.choose(amount, amount.answers[0], chosen)
    chosen = qualifiers.choose(amount, amount.answers[1], chosen)
    assert chosen == ["想要什么:帐篷", "想要什么:灯具", "预计采购:100–500"]
    assert qualifiers.words((wants, amount), [*chosen, "从前:的"], "en") == [
        ("Interested in", "Tents, Lamps"), ("预计采购", "100–500"), ("从前", "的"),
    ]  # fmt: skip
    assert qualifiers.choose(wants, wants.answers[0], chosen)[0] == "想要什么:灯具"


@pytest.mark.parametrize(
    "text",
    [
        "没有答案",
        "问:一个",
        "问:甲,甲",
        ": 甲,乙",
        "问:甲,乙\n问:丙,丁",
        "问:" + "长" * 40 + ",乙",
        "问:" + ",".join("甲乙丙丁戊己庚辛壬"),
    ],
)
def test_unclear_questions_are_refused(text: str) -> None:
    with pytest.raises(ValueError):
        qualifiers.read(text)


# What is the same


@pytest.mark.parametrize(
    "text", ["138 2660 4471", "+86 138-2660-4471", "0086 13826604471", "(138) 2660 4471 ext 5", "8613826604471"]
)
def test_spellings_of_one_number_have_one_key(text: str) -> None:
    assert phone_key(text) == "13826604471"


def test_different_numbers_differ_and_short_ones_say_nothing() -> None:
    assert phone_key("0755 8888 0001") == "75588880001"
    assert phone_key("12345") == phone_key("") == ""
    assert phone_key("138 2660 4472") != phone_key("138 2660 4471")


def test_a_company_is_the_same_without_its_legal_form() -> None:
    assert (
        company_key("杭州山野户外用品（有限公司）") == company_key("杭州山野户外用品有限责任公司") == "杭州山野户外用品"
    )
    assert company_key("Nordlys Outdoor GmbH") == company_key("nordlys outdoor") == "nordlysoutdoor"
    assert company_key("有限公司") == ""
