"""How keys are spelled for people: bech32 (BIP 173), of any length. What is spelled belongs to ``age``."""

import base64
from functools import reduce
from operator import xor

_LETTERS = b"qpzry9x8gf2tvdw0s3jn54khce6mua7l"
_BASE32 = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"
_FROM_BASE32 = bytes.maketrans(_BASE32, _LETTERS)
_TO_BASE32 = bytes.maketrans(_LETTERS, _BASE32)
_TO_VALUES = bytes.maketrans(_LETTERS, bytes(range(32)))
_GENERATOR = (0x3B6A57B2, 0x26508E6D, 0x1EA119FA, 0x3D4233DD, 0x2A1462B3)
_FOLDED = [
    reduce(xor, (row for bit, row in enumerate(_GENERATOR) if top >> bit & 1), 0) for top in range(len(_LETTERS))
]


def encode(prefix: str, raw: bytes) -> str:
    """Return ``raw`` in small letters behind ``prefix``, with a checksum."""
    letters = base64.b32encode(raw).rstrip(b"=").translate(_FROM_BASE32)
    return prefix + "1" + (letters + _checksum(prefix.encode("ascii"), letters)).decode("ascii")


def decode(prefix: str, text: str) -> bytes:
    """Read what ``encode`` writes. Writing it again is the check of prefix, padding and checksum.

    Raises:
        ValueError: It is anything else.
    """
    letters = text[len(prefix) + 1 : -6].encode("ascii", "replace").translate(_TO_BASE32)
    try:
        raw = base64.b32decode(letters + b"=" * (-len(letters) % 8))
    except ValueError:
        raw = b""
    if encode(prefix, raw) != text:
        raise ValueError("not a key, or mistyped")
    return raw


def _checksum(prefix: bytes, letters: bytes) -> bytes:
    spread = bytes(letter >> 5 for letter in prefix) + b"\0" + bytes(letter & 31 for letter in prefix)
    rest = 1
    for value in spread + letters.translate(_TO_VALUES) + bytes(6):
        rest = (rest & 0x1FFFFFF) << 5 ^ value ^ _FOLDED[rest >> 25]
    return bytes(_LETTERS[(rest ^ 1) >> shift & 31] for shift in range(25, -1, -5))
