"""Keys are found where the administrator put them; values survive new keys."""

import pytest
from cryptography.fernet import Fernet
from key_ring import (
    OPTION,
    OWN_FILE,
    VARIABLE,
    BadKey,
    KeyRing,
    NoKey,
    WrongKey,
    find_key_ring,
)


def new_key():
    return Fernet.generate_key().decode()


@pytest.fixture
def config(tmp_path):
    return {"data_dir": str(tmp_path / "data")}


def test_the_variable_goes_before_the_named_file_and_that_before_our_own(
    config, tmp_path
):
    own = find_key_ring(config, {})
    assert own.place == str(tmp_path / "data" / OWN_FILE)
    config[OPTION] = str(tmp_path / "named")
    assert find_key_ring(config, {}).place == config[OPTION]
    assert find_key_ring(config, {VARIABLE: new_key()}).place == VARIABLE


def test_our_own_file_is_made_with_the_first_secret_for_odoo_alone(config, tmp_path):
    ring = find_key_ring(config, {})
    encrypted = ring.encrypt("secret")
    assert "secret" not in encrypted
    path = tmp_path / "data" / OWN_FILE
    assert path.stat().st_mode & 0o777 == 0o600
    assert ring.decrypt(encrypted) == "secret"
    ring.encrypt("another")
    assert len(path.read_text().split()) == 1


def test_a_named_file_that_is_not_there_is_not_made(config, tmp_path):
    config[OPTION] = str(tmp_path / "mistyped")
    with pytest.raises(NoKey, match="mistyped"):
        find_key_ring(config, {}).encrypt("secret")
    with pytest.raises(BadKey):
        find_key_ring(config, {}).add_key()
    assert not (tmp_path / "mistyped").exists()


def test_two_that_make_the_first_key_at_once_can_read_each_other(config):
    first, second = (find_key_ring(config, {}) for _ in range(2))
    first.add_key()
    of_first = first.encrypt("first")
    second.add_key()
    of_second = second.encrypt("second")
    assert second.decrypt(of_first) == "first"
    assert first.decrypt(of_second) == "second"


def test_a_file_edited_by_hand_may_lack_the_last_line_end(tmp_path):
    path = tmp_path / "keys"
    path.write_text(new_key())
    ring = KeyRing(str(path), may_grow=True)
    old = ring.encrypt("secret")
    ring.add_key()
    assert len(path.read_text().split()) == 2
    assert ring.decrypt(old) == "secret"


def test_the_last_key_encrypts_and_the_former_ones_still_decrypt():
    old, new = new_key(), new_key()
    encrypted = KeyRing(VARIABLE, old).encrypt("secret")
    both = KeyRing(VARIABLE, f"{old} {new}")
    assert both.decrypt(encrypted) == "secret"
    with pytest.raises(WrongKey):
        KeyRing(VARIABLE, new).decrypt(encrypted)
    rotated = both.rotate(encrypted)
    assert KeyRing(VARIABLE, new).decrypt(rotated) == "secret"
    with pytest.raises(WrongKey):
        KeyRing(VARIABLE, old).decrypt(rotated)


@pytest.mark.parametrize("value", ["", "plain", "gAAAAA", "\u20ac", "a" * 500])
def test_what_is_no_encrypted_value_is_a_wrong_key_and_nothing_worse(value):
    with pytest.raises(WrongKey):
        KeyRing(VARIABLE, new_key()).decrypt(value)


@pytest.mark.parametrize("value", ["s", "p\u00e4ss w\u00f6rd \u20ac", "a" * 3000])
def test_what_is_encrypted_is_what_is_decrypted(value):
    ring = KeyRing(VARIABLE, new_key())
    assert ring.decrypt(ring.encrypt(value)) == value
    assert ring.encrypt(value) != ring.encrypt(value)


@pytest.mark.parametrize("text", ["nonsense", new_key()[:-2], new_key() + " x"])
def test_what_is_no_key_is_said_with_its_place_and_without_the_key(text):
    with pytest.raises(BadKey) as raised:
        KeyRing(VARIABLE, text).encrypt("secret")
    assert str(raised.value) == VARIABLE
    assert text not in repr(raised.value)


@pytest.mark.parametrize("content", [b"\xff\xfe", None])
def test_a_file_that_cannot_be_read_is_said(tmp_path, content):
    path = tmp_path / "keys"
    path.mkdir() if content is None else path.write_bytes(content)
    ring = KeyRing(str(path), may_grow=True)
    with pytest.raises(BadKey, match="keys"):
        ring.encrypt("secret")


def test_a_folder_that_takes_no_file_is_said(tmp_path):
    (tmp_path / "data").write_text("no folder")
    with pytest.raises(BadKey):
        find_key_ring({"data_dir": str(tmp_path / "data")}, {}).encrypt("secret")


def test_no_key_is_shown_by_a_repr():
    key = new_key()
    assert key not in repr(KeyRing(VARIABLE, key))
