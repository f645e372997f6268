"""What tokens promise."""

from server.security import tokens

ORG = "0197c1a0-0000-7000-8000-000000000001"
SESSION = "0197c1a0-0000-7000-8000-000000000002"


def test_a_token_has_256_bits_and_is_stored_as_a_digest_only() -> None:
    token = tokens.new_token(ORG)
    assert len(token.rpartition(".")[2]) == 43
    assert token.rpartition(".")[2] not in tokens.digest(token)
    assert tokens.matches(tokens.digest(token), token)
    assert not tokens.matches(tokens.digest(token), token[:-1] + ("A" if token[-1] != "A" else "B"))
    assert not tokens.matches("", token)


def test_a_token_says_where_it_belongs() -> None:
    assert tokens.place_of(tokens.new_token(ORG, SESSION), 2) == (ORG, SESSION)
    assert tokens.place_of(tokens.new_token(ORG), 1) == (ORG,)


def test_asking_twice_gives_the_same_successor() -> None:
    key, first = tokens.new_key(), tokens.new_token(ORG, SESSION)
    assert tokens.successor(key, first) == tokens.successor(key, first)
    assert tokens.place_of(tokens.successor(key, first), 2) == (ORG, SESSION)


def test_a_successor_needs_the_key_and_the_token() -> None:
    key, first = tokens.new_key(), tokens.new_token(ORG, SESSION)
    follows = {
        tokens.successor(key, first),
        tokens.successor(tokens.new_key(), first),
        tokens.successor(key, tokens.new_token(ORG, SESSION)),
    }
    assert len(follows) == 3


def test_what_is_no_token_has_no_place() -> None:
    for text in ("", ".", f"{ORG}.", ".b", "ab", f"{ORG}.é", f"{ORG}.{'b' * 300}", f"{ORG}.{SESSION}.x.y", f"{ORG}.x"):
        assert tokens.place_of(text, 2) is None


def test_each_user_has_a_cookie_of_their_own() -> None:
    assert tokens.cookie_name("lin") != tokens.cookie_name("wang")
    assert "lin" not in tokens.cookie_name("lin").removeprefix("caravan_refresh_")
