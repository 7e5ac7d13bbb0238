import pytest

from crm.public.tokens import Token, make_token, read_token


def test_a_token_says_what_it_was_made_of():
    assert read_token(make_token(35, "send", 123456)) == Token(35, "send", "2n9c")
    assert read_token(make_token(35, "send", 123456)).pk == 123456
    assert read_token(make_token(1, "ticket", "a_B-9")) == Token(1, "ticket", "a_B-9")


@pytest.mark.parametrize("change", [lambda t: "y" + t[1:], lambda t: t[:-1], lambda t: t + "a", lambda t: t.upper()])
def test_a_changed_token_is_none(change):
    assert read_token(change(make_token(35, "send", 123456))) is None


@pytest.mark.parametrize("text", ["", "made-up", "1-send-1", "1-send-1.", ".", "a" * 10_000, "\0", "1-send-1.\u4e2d"])
def test_what_we_did_not_sign_is_none(text):
    assert read_token(text) is None


def test_a_former_key_still_opens_links_in_old_mails(settings):
    token = make_token(1, "send", 7)
    settings.SECRET_KEY, settings.SECRET_KEY_FALLBACKS = "another one", [settings.SECRET_KEY]

    assert read_token(token) == Token(1, "send", "7")

    settings.SECRET_KEY_FALLBACKS = []
    assert read_token(token) is None


@pytest.mark.parametrize(("kind", "value"), [("Send", 1), ("a-b", 1), ("send", "a.b"), ("send", ""), ("send", "a/b")])
def test_a_token_is_made_of_plain_parts(kind, value):
    with pytest.raises(ValueError, match="small letters"):
        make_token(1, kind, value)
