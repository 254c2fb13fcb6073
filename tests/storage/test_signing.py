"""Signing keys, signatures and digests."""

import base64
import hashlib

import pytest
from hypothesis import given
from hypothesis import strategies as st
from store_kit import person

from ballerup_cli.storage.crypto.signing import SigningKey, digest, holds, is_key

KEY = SigningKey.derive(bytes(32))
LOW = bytes.fromhex("26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05")
MESSAGE = b"message"
SIGNATURE = KEY.sign(MESSAGE)
LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"


def test_a_key_is_derived_the_same_way_for_ever():
    # RFC 5869 with SHA-256, no salt, by hand: whoever reads this in thirty years can do it again.
    import hmac

    extracted = hmac.digest(bytes(32), bytes(32), "sha256")
    seed = hmac.digest(extracted, b"ballerup/signing/1\x01", "sha256")
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

    public = Ed25519PrivateKey.from_private_bytes(seed).public_key().public_bytes_raw()
    assert KEY.public == "ed25519:" + base64.b64encode(public).decode()


@given(st.binary(max_size=200), st.binary(min_size=32, max_size=32))
def test_a_signature_holds_for_its_message_and_its_key_only(message, secret):
    key = SigningKey.derive(secret)
    signature = key.sign(message)
    assert holds(key.public, signature, message)
    assert not holds(key.public, signature, message + b"\0")
    assert not holds(SigningKey.derive(secret[1:] + bytes([secret[0] ^ 1])).public, signature, message)


def test_a_signature_has_one_spelling():
    assert holds(KEY.public, SIGNATURE, MESSAGE)
    for place in range(len(SIGNATURE)):
        for letter in (chr(ord(SIGNATURE[place]) ^ 1), " ", "=", "é"):
            other = SIGNATURE[:place] + letter + SIGNATURE[place + 1 :]
            assert other == SIGNATURE or not holds(KEY.public, other, MESSAGE), place


def test_the_unused_bits_of_the_last_letter_are_zero():
    last = LETTERS.index(SIGNATURE[-3])
    assert last % 16 == 0
    for bits in range(1, 16):
        other = SIGNATURE[:-3] + LETTERS[last + bits] + "=="
        assert base64.b64decode(other[8:]) == base64.b64decode(SIGNATURE[8:])
        assert not holds(KEY.public, other, MESSAGE)


@pytest.mark.parametrize(
    "text", ["", "ed25519:", "ed25519", "rsa:AAAA", "ed25519:AAAA", SIGNATURE[8:], SIGNATURE + "\n"]
)
def test_what_is_no_key_or_signature_holds_for_nothing(text):
    assert not holds(KEY.public, text, MESSAGE)
    assert not holds(text, SIGNATURE, MESSAGE)


def test_a_digest_is_sha_256_in_hexadecimal():
    assert digest(b"x") == "sha256:" + hashlib.sha256(b"x").hexdigest()


def test_a_key_does_not_show_itself():
    holder = person("anna")
    assert holder.identity.secret.hex() not in repr(holder.identity)
    assert repr(holder) == "Holder()"
    assert "Ed25519PrivateKey" not in repr(KEY)


@pytest.mark.parametrize("y", [0, 1, 2**255 - 20, 2**255 - 19, 2**255 - 18, 2, int.from_bytes(LOW, "little")])
@pytest.mark.parametrize("sign", [0, 1 << 255])
def test_a_key_that_anybody_could_sign_for_or_that_is_none_is_told(y, sign):
    raw = (y | sign).to_bytes(32, "little")
    assert not is_key("ed25519:" + base64.b64encode(raw).decode())


def test_every_derived_key_is_one():
    assert all(is_key(SigningKey.derive(bytes([number]) * 32).public) for number in range(20))
    assert not is_key("ed25519:") and not is_key("")
