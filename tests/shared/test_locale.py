import re

from shared.errors import Problem
from shared.labels import problem_words
from shared.locale import LANGUAGES, best_language, catalogue, placeholders, translate


def test_every_language_says_the_same_things() -> None:
    first = catalogue(LANGUAGES[0])
    for language in LANGUAGES[1:]:
        assert catalogue(language).keys() == first.keys()


def test_placeholders_are_the_same_in_every_language() -> None:
    for key, message in catalogue("zh").items():
        assert placeholders(message) == placeholders(catalogue("en")[key]), key


def test_every_error_says_what_to_do_next() -> None:
    codes = {key for key in catalogue("zh") if re.fullmatch(r"error\.[a-z_]+", key)}
    assert codes
    for key in codes:
        assert f"{key}.todo" in catalogue("zh"), key


def test_no_message_shouts() -> None:
    for language in LANGUAGES:
        for key, message in catalogue(language).items():
            assert message.strip() == message, key
            assert "!" not in message and "！" not in message, key


def test_chinese_speaks_to_a_colleague_in_one_tone() -> None:
    """你 everywhere: a page that says 您 beside it reads as written by two companies."""
    for key, message in catalogue("zh").items():
        assert "您" not in message, key


def test_the_language_follows_what_the_caller_accepts() -> None:
    assert best_language("zh-CN,zh;q=0.9,en;q=0.8") == "zh"
    assert best_language("en-US,en;q=0.5") == "en"
    assert best_language("fr-FR, en;q=0.3") == "en"
    assert best_language(None) == "zh"


def test_a_problem_is_put_into_words() -> None:
    what, todo = problem_words(
        "en", Problem("discount_over_limit", params={"name": "Tent", "given": "12", "limit": "10"})
    )
    assert what == "The discount on “Tent” is 12%; your limit is 10%"
    assert "10%" in todo
    assert problem_words("zh", Problem("not_found", params={"entity": "account", "id": "x"}))[0] == "找不到这条客户"
    assert translate("en", "choice.order.state.confirmed") == "Confirmed"


def test_one_of_something_is_not_said_in_the_plural() -> None:
    assert translate("en", "users.waiting", count=1).startswith("1 has not signed in yet")
    assert translate("en", "users.waiting", count=2).startswith("2 have not signed in yet")
    assert translate("en", "desk.orders_n", count=1) == "1 order"
    assert problem_words("en", Problem("deal_has_orders", params={"name": "Tent", "count": "1"}))[0].endswith("1 order")
    for language in LANGUAGES:
        for key, message in catalogue(language).items():
            if key.endswith(".one"):
                assert placeholders(message) <= placeholders(catalogue(language)[key.removesuffix(".one")]), key
