"""Cards as scanners find them: folded, escaped, quoted-printable, in the character sets of Chinese systems."""

import pytest

from shared.rules.cards import decode, read

THREE = """BEGIN:VCARD
VERSION:3.0
N:陈;立群;;;
FN:陈立群
ORG:昆明驼铃山野旅行用品店;采购部
TITLE:采购经理
TEL;TYPE=WORK,VOICE:0871-6512 3456
item1.TEL;TYPE=CELL:+86 138 2660 4471
TEL;TYPE=FAX:0871-6512 3457
EMAIL;TYPE=INTERNET:chen@tuoling.example
ADR;TYPE=WORK:;;东风西路 8 号;昆明;云南;650000;中国
URL:https://tuoling.example/a\\,b
X-WECHAT:tuoling_chen
NOTE:要大帐篷\\n先寄
  样品
PHOTO;ENCODING=BASE64;TYPE=JPEG:/9j/4AAQSkZJRgABAQ
END:VCARD"""


def test_a_vcard_of_version_three() -> None:
    assert read(THREE.replace("\n", "\r\n")) == {
        "name": "陈立群",
        "phone": "+86 138 2660 4471",
        "company": "昆明驼铃山野旅行用品店",
        "position": "采购经理",
        "email": "chen@tuoling.example",
        "wechat": "tuoling_chen",
        "note": "0871-6512 3456\n东风西路 8 号 昆明 云南 650000 中国\nhttps://tuoling.example/a,b\n要大帐篷\n先寄 样品",
    }


def test_folded_lines_are_one() -> None:
    card = "BEGIN:VCARD\r\nVERSION:4.0\r\nFN:Anna Maria \r\n Berg\r\nORG:Nordlys Out\r\n\tdoor GmbH\r\nEND:VCARD"
    assert read(card) == {"name": "Anna Maria Berg", "company": "Nordlys Outdoor GmbH"}


def test_version_two_in_quoted_printable_with_soft_breaks_and_a_character_set() -> None:
    card = (
        "BEGIN:VCARD\nVERSION:2.1\nN;CHARSET=UTF-8;ENCODING=QUOTED-PRINTABLE:=E9=99=88;=E7=AB=8B=\n=E7=BE=A4\n"
        "ORG;CHARSET=GB2312;ENCODING=QUOTED-PRINTABLE:=C0=A5=C3=F7=CD=D5=C1=E5\nTEL;CELL:13826604471\nEND:VCARD"
    )
    assert read(card) == {"name": "陈立群", "company": "昆明驼铃", "phone": "13826604471"}


@pytest.mark.parametrize("charset", ["X-UNKNOWN", "UTF-8", ""])
def test_a_wrong_or_missing_character_set_is_guessed(charset: str) -> None:
    named = f";CHARSET={charset}" if charset else ""
    assert read(f"BEGIN:VCARD\nFN{named};ENCODING=QUOTED-PRINTABLE:=D6=DC=E1=B0\nEND:VCARD") == {"name": "周岚"}


def test_bytes_of_chinese_systems_are_read() -> None:
    for encoding in ("utf-8", "utf-8-sig", "gb2312", "gbk", "gb18030"):
        assert decode("BEGIN:VCARD\nFN:陈立群".encode(encoding)) == "BEGIN:VCARD\nFN:陈立群"
    assert decode("周\U00020087".encode("gb18030")) == "周\U00020087"
    assert decode(b"\xff\xfe\xff") == "ÿþÿ"


@pytest.mark.parametrize(
    ("structured", "name"),
    [("Berg;Anna;;;", "Anna Berg"), ("陈;立群", "陈立群"), ("Berg", "Berg"), ("O\\;Neil;Pat", "Pat O;Neil"), ("", "")],
)
def test_a_name_without_fn_is_put_together(structured: str, name: str) -> None:
    assert read(f"BEGIN:VCARD\nN:{structured}\nEND:VCARD").get("name", "") == name


def test_numbers_of_version_four_are_addresses() -> None:
    card = (
        'BEGIN:VCARD\nFN:Anna\nTEL;VALUE=uri;TYPE="voice,cell":tel:+49-40-1234567;ext=5\nIMPP:wechat:anna_b\nEND:VCARD'
    )
    assert read(card) == {"name": "Anna", "phone": "+49-40-1234567", "wechat": "anna_b"}


def test_mecard_and_bizcard() -> None:
    assert read("MECARD:N:陈,立群;TEL:13826604471;TEL:087165123456;EMAIL:c@t.example;ORG:昆明驼铃;NOTE:a\\;b;;") == {
        "name": "陈立群", "phone": "13826604471", "email": "c@t.example", "company": "昆明驼铃",
        "note": "087165123456\na;b",
    }  # fmt: skip
    assert read("MECARD:N:Berg,Anna;;")["name"] == "Anna Berg"
    assert read("BIZCARD:N:Sean;X:Owen;T:Buyer;C:Nordlys;A:76 Street;B:+12125551212;E:s@n.example;;") == {
        "name": "Sean Owen", "position": "Buyer", "company": "Nordlys", "phone": "+12125551212",
        "email": "s@n.example", "note": "76 Street",
    }  # fmt: skip


def test_badges_give_what_can_be_found_and_keep_the_rest_as_a_note() -> None:
    badge = "陈立群|昆明驼铃|13826604471|chen@tuoling.example"
    assert read(badge) == {"note": badge, "phone": "13826604471", "email": "chen@tuoling.example"}
    assert read("https://expo.example/visitor/1234567890") == {"note": "https://expo.example/visitor/1234567890"}
    assert read("tel:+8613826604471") == {"phone": "+8613826604471"}
    assert read("mailto:a@b.example?subject=x") == {"email": "a@b.example"}
    assert read("  ") == {}


@pytest.mark.parametrize(
    "text", ["BEGIN:VCARD", "BEGIN:VCARD\nN\n:\n;:x\nORG:\nTEL:\n", "MECARD:", "MECARD:;;N", "BIZCARD:;:", "\x00" * 9]
)
def test_broken_cards_give_nothing_and_never_fail(text: str) -> None:
    assert read(text) == {}


def test_a_long_code_is_cut() -> None:
    assert len(read("x" * 100_000)["note"]) == 1_000
