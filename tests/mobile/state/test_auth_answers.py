"""What the server answers becomes words at the right place, or *no answer*."""

import msgspec
import pytest

from mobile.platform.ports import Response
from mobile.state.auth import AuthProblem, read_answer, token_name
from mobile.state.sync_status import Progress, SyncStatus
from sync.ports import TransportError


def answer(status: int, body: object) -> Response:
    return Response(status, {}, msgspec.json.encode(body))


def test_a_refusal_keeps_code_words_and_parameters() -> None:
    problem = {"code": "code_used", "title": "x", "detail": "已用过", "todo": "等 12 秒", "params": {"next_in_s": 12}}
    with pytest.raises(AuthProblem) as caught:
        read_answer(answer(401, problem))
    assert (caught.value.code, caught.value.detail, caught.value.params) == ("code_used", "已用过", {"next_in_s": 12})


def test_a_broken_server_is_no_answer_and_not_a_refusal() -> None:
    for response in (answer(500, {}), Response(200, {}, b"<html>"), answer(200, [1])):
        with pytest.raises(TransportError):
            read_answer(response)


def test_an_empty_answer_is_an_empty_object() -> None:
    assert read_answer(Response(204, {}, b"")) == {}


def test_the_cookie_s_name_does_not_tell_the_login() -> None:
    assert token_name("lin") != token_name("wang")
    assert "lin" not in token_name("lin")


def test_the_pill_puts_what_a_person_must_do_first_and_never_blames_being_offline() -> None:
    pill = SyncStatus(complete=True)
    assert pill.pill == "synced"
    pill.unsent = 2
    assert pill.pill == "sending"
    pill.online = False
    pill.needs_me = 1
    assert pill.pill == "offline"
    pill.online, pill.unsent = True, 0
    assert pill.pill == "attention"
    pill.phase = "sign_in"
    assert pill.pill == "attention"


def test_progress_of_an_empty_bucket_is_done() -> None:
    assert Progress("org", 0, 0).share == 1
    assert Progress("org", 5, 20).share == 0.25
