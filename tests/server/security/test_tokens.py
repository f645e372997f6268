"""What tokens promise."""

from server.security import tokens


def test_a_token_has_256_bits_and_is_stored_as_a_digest_only() -> None:
    token = tokens.new_token()
    assert len(token) == 43
    assert token not in tokens.digest(token)
    assert tokens.matches(tokens.digest(token), token)
    assert not tokens.matches(tokens.digest(token), token[:-1] + ("A" if token[-1] != "A" else "B"))
    assert not tokens.matches(None, token)


def test_asking_twice_gives_the_same_successor() -> None:
    key, first = tokens.new_key(), tokens.new_refresh_token("session")
    assert tokens.successor(key, first) == tokens.successor(key, first)
    assert tokens.session_of(tokens.successor(key, first)) == "session"


def test_a_successor_needs_the_key_and_the_token() -> None:
    key, first = tokens.new_key(), tokens.new_refresh_token("session")
    follows = {
        tokens.successor(key, first),
        tokens.successor(tokens.new_key(), first),
        tokens.successor(key, tokens.new_refresh_token("session")),
    }
    assert len(follows) == 3


def test_what_is_no_refresh_token_belongs_to_no_session() -> None:
    for text in ("", ".", "a.", ".b", "ab", "a." + "b" * 300):
        assert tokens.session_of(text) is None


def test_each_user_has_a_cookie_of_their_own() -> None:
    assert tokens.cookie_name("lin") != tokens.cookie_name("wang")
    assert "lin" not in tokens.cookie_name("lin").removeprefix("caravan_refresh_")
