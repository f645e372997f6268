"""The command ``caravan`` as people meet it: real processes, their words and their exit codes."""

import os
import re
import shutil
import signal
import socket
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import httpx
import pytest
from sqlalchemy.exc import OperationalError

from server.cli import explain, language_of
from server.demo import people
from server.demo.products import LAST_UNIT_SKU
from server.ops.opened import refusal
from server.settings import REPOSITORY, load
from shared.locale import LANGUAGES, translate
from tests.support.served import Browser

COMMAND = (sys.executable, "-m", "server.cli")
START_S = 60
LAST_WORDS = {translate(tongue, "cli.stop") for tongue in LANGUAGES}


def environment(data: Path, language: str = "en_US.UTF-8", **more: str) -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("CARAVAN_", "LC_", "LANG"))}
    return {**kept, "LANG": language, "CARAVAN_DATA": str(data), "PYTHONUNBUFFERED": "1", **more}


def caravan(data: Path, *arguments: str, given: str = "", **more: str) -> subprocess.CompletedProcess[str]:
    """Runs one command to its end."""
    return subprocess.run(
        [*COMMAND, *arguments],
        cwd=REPOSITORY,
        env=environment(data, **more),
        input=given,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def serving(data: Path, *arguments: str, language: str = "en_US.UTF-8") -> Iterator[tuple[str, str]]:
    """(address, what was printed until it ran) of a server process; ended by Ctrl+C, as people do."""
    process = subprocess.Popen(
        [*COMMAND, "serve", "--port", "0", *arguments],
        cwd=REPOSITORY,
        env=environment(data, language),
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )
    assert process.stdout is not None
    said = ""
    try:
        for line in process.stdout:
            said += line
            if line.strip() in LAST_WORDS:
                break
        found = re.search(r"http://127\.0\.0\.1:\d+", said)
        assert found is not None, said
        yield found[0], said
    finally:
        process.send_signal(signal.SIGINT)
        assert process.wait(START_S) == 0


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data folder with the demo in it."""
    data = tmp_path_factory.mktemp("demo")
    made = caravan(data, "seed-demo")
    assert (made.returncode, made.stderr) == (0, "")
    return data


@pytest.fixture
def own_demo(demo: Path, tmp_path: Path) -> Path:
    """A copy of it, to be changed."""
    return Path(shutil.copytree(demo, tmp_path / "demo"))


def shown_codes(data: Path) -> dict[str, list[str]]:
    """Codes by login as ``caravan codes`` prints them: this one and the next one."""
    lines = caravan(data, "codes").stdout.splitlines()
    return {line.split()[0]: re.findall(r"\b\d{6}\b", line) for line in lines}


def test_serve_demo_prints_address_sign_ins_and_a_tour_in_five_lines(tmp_path: Path) -> None:
    for again in (False, True):
        with serving(tmp_path, "--demo") as (url, said):
            assert httpx.get(f"{url}/health").json()["status"] == "ok"
            for person in people.PEOPLE:
                assert re.search(rf"^  {person.login} +{person.name}", said, re.MULTILINE)
            assert people.PASSWORD in said
            assert [line[:2] for line in said.splitlines() if re.match(r"\d\.", line)] == ["1.", "2.", "3.", "4.", "5."]
            assert LAST_UNIT_SKU in said
            assert ("Making the demo" in said) is not again


def test_the_terminals_language_is_spoken(demo: Path) -> None:
    with serving(demo, language="zh_CN.UTF-8") as (_, said):
        assert "商队已启动" in said
        assert "五行看懂演示" in said
    assert "演示公司已经在了" in caravan(demo, "seed-demo", LANG="zh_CN.UTF-8").stdout


def test_shown_codes_open_a_session_while_the_server_runs(demo: Path) -> None:
    with serving(demo) as (url, _), Browser(url) as browser:
        challenge = browser.challenge("wang", people.PASSWORD).json()["challenge"]
        assert browser.second_step(challenge, shown_codes(demo)["wang"][0]).status_code == 200
        assert shown_codes(demo)["chen"] == []
        assert browser.challenge("chen", people.PASSWORD).json()["enrolled"] is False


def test_a_reset_under_a_running_server_takes_effect_at_once(own_demo: Path) -> None:
    with serving(own_demo) as (url, _), Browser(url, **{"X-Caravan-Client": "native"}) as browser:
        challenge = browser.challenge("lin", people.PASSWORD).json()["challenge"]
        session = browser.second_step(challenge, shown_codes(own_demo)["lin"][0]).json()
        token = {"Authorization": f"Bearer {session['access_token']}"}
        assert browser.get("/v1/me", headers=token).status_code == 200

        assert caravan(own_demo, "demo-reset", "--yes").returncode == 0
        assert browser.get("/v1/me", headers=token).json()["code"] == "session_expired"
        body = {"login": "lin", "refresh_token": session["refresh_token"]}
        assert browser.post("/v1/auth/refresh", json=body).json()["code"] == "session_expired"
        challenge = browser.challenge("lin", people.PASSWORD).json()["challenge"]
        fresh = browser.second_step(challenge, shown_codes(own_demo)["lin"][0]).json()
        assert fresh["dataset"] != session["dataset"]
        assert fresh["user"]["id"] == session["user"]["id"], "the browser opens the same store and notices"
    assert caravan(own_demo, "audit", "verify").returncode == 0


@pytest.mark.parametrize("answer", ["", "n\n", "maybe\n"])
def test_a_reset_asks_first(demo: Path, answer: str) -> None:
    before = dataset(demo)
    kept = caravan(demo, "demo-reset", given=answer)
    assert kept.returncode == 1
    assert "Nothing was changed" in kept.stdout
    assert dataset(demo) == before


def dataset(data: Path) -> str:
    connection = sqlite3.connect(data / "caravan.db")
    try:
        return str(connection.execute("SELECT dataset_id FROM head").fetchone()[0])
    finally:
        connection.close()


def test_codes_are_for_a_demo_only(tmp_path: Path) -> None:
    added = caravan(
        tmp_path, "user", "add", "mei", "--name", "梅", "--role", "admin", "--organisation", "真的公司",
        "--password-stdin", given="camels walk at dawn\n",
    )  # fmt: skip
    assert (added.returncode, added.stderr) == (0, "")
    for command in (("codes",), ("demo-reset", "--yes"), ("serve", "--demo", "--port", "0"), ("seed-demo",)):
        refused = caravan(tmp_path, *command)
        assert refused.returncode == 1, command
        assert len(refused.stderr.strip().splitlines()) == 1
        assert "demo" in refused.stderr


@pytest.mark.parametrize(
    ("arguments", "given", "words"),
    [
        (("wang", "--name", "x"), "camels walk at dawn\n", "taken"),
        (("Some Body", "--name", "x"), "camels walk at dawn\n", "user name"),
        (("new", "--name", "x"), "short\n", "too short"),
        (("new", "--name", "x"), "password123\n", "easy to guess"),
        (("new", "--name", "x", "--role", "king"), "camels walk at dawn\n", "rep"),
        (("new",), "", "--name"),
    ],
)
def test_users_that_cannot_be_added_are_told_why(
    demo: Path, arguments: tuple[str, ...], given: str, words: str
) -> None:
    refused = caravan(demo, "user", "add", *arguments, "--password-stdin", given=given)
    assert refused.returncode in (1, 2)
    assert words in refused.stderr
    assert len(refused.stderr.strip().splitlines()) == 1


def test_an_added_user_enrols_and_the_chain_verifies(tmp_path: Path) -> None:
    add = ("user", "add", "mei", "--name", "梅", "--organisation", "真的公司", "--team", "一队", "--password-stdin")
    assert caravan(tmp_path, *add, given="camels walk at dawn\n").returncode == 0
    with serving(tmp_path) as (url, _), Browser(url) as browser:
        assert browser.challenge("mei", "camels walk at dawn").json()["enrolled"] is False
    good = caravan(tmp_path, "audit", "verify")
    assert (good.returncode, "intact" in good.stdout) == (0, True)


def test_a_new_organisation_can_make_win_and_lose_deals_from_the_first_day(tmp_path: Path) -> None:
    add = ("user", "add", "mei", "--name", "梅", "--organisation", "真的公司", "--password-stdin")
    assert caravan(tmp_path, *add, given="camels walk at dawn\n").returncode == 0
    with closing(sqlite3.connect(tmp_path / "caravan.db")) as connection:
        kinds = [row[0] for row in connection.execute("SELECT kind FROM e_stage ORDER BY position")]
        reasons = connection.execute("SELECT count(*) FROM e_lost_reason").fetchone()[0]
    assert kinds == ["open"] * 4 + ["won", "lost"] and reasons == 6


def test_verify_notices_an_edited_log(own_demo: Path) -> None:
    connection = sqlite3.connect(own_demo / "caravan.db")
    connection.execute("UPDATE tx_log SET user_id = 'somebody else'")
    connection.commit()
    connection.close()
    bad = caravan(own_demo, "audit", "verify")
    assert (bad.returncode, "broken" in bad.stdout) == (1, True)


def test_the_doctor_says_what_is_wrong_what_to_do_and_repairs(own_demo: Path) -> None:
    well = caravan(own_demo, "doctor")
    assert (well.returncode, "All is well" in well.stdout, well.stderr) == (0, True, "")
    connection = sqlite3.connect(own_demo / "caravan.db")
    connection.execute("DELETE FROM row_version WHERE entity = 'account'")
    connection.execute("UPDATE e_order SET total = total + 100 WHERE number <> ''")
    connection.commit()
    connection.close()
    ill = caravan(own_demo, "doctor")
    assert ill.returncode == 1 and "caravan doctor --repair" in ill.stdout
    findings = [line for line in ill.stdout.splitlines() if line.startswith("  [")]
    assert {line.split("]")[0] for line in findings} == {"  [version_missing", "  [order_total", "  [version_differs"}
    left = caravan(own_demo, "doctor", "--repair", LANG="zh_CN.UTF-8")
    assert (left.returncode, "已重新写入" in left.stdout, "[version_missing]" in left.stdout) == (1, True, False)
    assert "明细合计" in left.stdout


def one_sentence(data: Path, *arguments: str, **more: str) -> str:
    """What a command that cannot run says: one line on stderr, nothing else."""
    refused = caravan(data, *arguments, **more)
    assert (refused.returncode, refused.stdout) == (1, "")
    assert refused.stderr.startswith("caravan: ")
    assert len(refused.stderr.strip().splitlines()) == 1
    return refused.stderr


def test_a_busy_port_is_one_sentence(demo: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        assert f"Port {port}" in one_sentence(demo, "serve", "--port", str(port))


def test_an_address_of_another_machine_is_one_sentence(demo: Path) -> None:
    secure = {"CARAVAN_PUBLIC_URL": "https://sales.example", "CARAVAN_TRUSTED_PROXIES": "127.0.0.1"}
    assert "192.0.2.1" in one_sentence(demo, "serve", "--host", "192.0.2.1", **secure)


@pytest.mark.parametrize(
    ("arguments", "words"),
    [(("--host", "0.0.0.0"), "without encryption"), (("--host", "0.0.0.0", "--demo"), "everybody knows")],
)
def test_nothing_unsafe_leaves_the_machine(demo: Path, arguments: tuple[str, ...], words: str) -> None:
    assert words in one_sentence(demo, "serve", "--port", "0", *arguments)


def test_a_demo_database_stays_on_the_machine_even_without_the_option(demo: Path) -> None:
    secure = {"CARAVAN_PUBLIC_URL": "https://sales.example", "CARAVAN_TRUSTED_PROXIES": "127.0.0.1"}
    assert "everybody knows" in one_sentence(demo, "serve", "--host", "0.0.0.0", "--port", "0", **secure)


def test_an_unwritable_folder_is_one_sentence(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    assert "cannot be written" in one_sentence(tmp_path / "file" / "data", "serve")


def test_a_damaged_database_and_a_damaged_key_file_are_one_sentence(tmp_path: Path) -> None:
    (tmp_path / "caravan.db").write_bytes(b"not a database" * 1_000)
    assert "cannot be read" in one_sentence(tmp_path, "serve", "--port", "0")
    (tmp_path / "secret.keys").write_text("no keys")
    assert "key file" in one_sentence(tmp_path, "codes")


def test_a_database_that_does_not_answer_is_one_sentence(tmp_path: Path) -> None:
    url = f"postgresql://caravan:secret@127.0.0.1:{free_port()}/caravan"
    words = one_sentence(tmp_path, "serve", "--port", "0", CARAVAN_DATABASE_URL=url)
    assert "does not answer" in words
    assert "secret" not in words


def test_a_full_disk_is_one_sentence(tmp_path: Path) -> None:
    connection = sqlite3.connect(tmp_path / "small.db")
    connection.execute("PRAGMA max_page_count = 4")
    connection.execute("CREATE TABLE t (x)")
    with pytest.raises(sqlite3.OperationalError) as full:
        connection.execute("INSERT INTO t VALUES (zeroblob(100000))")
    connection.close()
    settings = load({"CARAVAN_DATA": str(tmp_path)})
    for error in (OperationalError("INSERT", {}, full.value), OSError(28, "No space left on device")):
        told = refusal(error, settings)
        assert told.code == "disk_full"
        assert "disk is full" in explain(told, "en")


@pytest.mark.parametrize(
    ("variables", "language"),
    [
        ({"LANG": "zh_CN.UTF-8"}, "zh"),
        ({"LANG": "en_GB.UTF-8"}, "en"),
        ({"LANG": "en_US.UTF-8", "LC_ALL": "zh_TW"}, "zh"),
        ({"LANG": "zh_CN.UTF-8", "LC_MESSAGES": "C"}, "en"),
        ({"LANG": "C.UTF-8"}, "en"),
        ({}, "en"),
    ],
)
def test_the_language_is_the_locales(variables: dict[str, str], language: str) -> None:
    assert language_of(variables) == language


def test_an_unknown_command_is_one_sentence_and_another_exit_code(tmp_path: Path) -> None:
    wrong = caravan(tmp_path, "fly")
    assert (wrong.returncode, len(wrong.stderr.strip().splitlines())) == (2, 1)
    assert "--help" in wrong.stderr


def test_help_speaks_both_languages(tmp_path: Path) -> None:
    assert "start the server" in caravan(tmp_path, "--help").stdout
    assert "启动服务器" in caravan(tmp_path, "--help", LANG="zh_CN.UTF-8").stdout


def test_a_programs_key_is_shown_once_listed_without_it_and_revoked(tmp_path: Path) -> None:
    person = ("user", "add", "kai", "--name", "Kai", "--role", "admin", "--organisation", "驼峰", "--password-stdin")
    assert caravan(tmp_path, *person, given="camels walk at dawn\n").returncode == 0
    made = caravan(tmp_path, "apikey", "create", "ERP", "--user", "kai", "--scopes", "account:read, order:write")
    key = made.stdout.strip().splitlines()[-1]
    assert made.returncode == 0 and key.startswith("caravan_") and key.count(".") == 2
    listed = caravan(tmp_path, "apikey", "list").stdout
    assert "ERP (Kai)  account:read, order:write  valid until" in listed and key.rpartition(".")[2] not in listed
    assert caravan(tmp_path, "apikey", "revoke", key.split(".")[1]).returncode == 0
    assert "revoked" in caravan(tmp_path, "apikey", "list").stdout
    assert "no such scope" in one_sentence(tmp_path, "apikey", "create", "x", "--user", "kai", "--scopes", "x:read")
    assert one_sentence(tmp_path, "apikey", "create", "x", "--user", "nobody", "--scopes", "*:read")
    assert one_sentence(tmp_path, "apikey", "revoke", "x")
