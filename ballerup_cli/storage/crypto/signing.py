"""Signing keys, signatures and digests. One secret a person: the signing key is derived from the age identity's secret.

What is signed belongs to ``journal`` and ``register``; who may sign belongs to ``members``.
"""

import base64
import hashlib
from dataclasses import dataclass, field

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

# The prefix names the kind, so that a post-quantum signature can follow without guessing (docs/format.md).
_KIND = "ed25519:"
_LABEL = b"ballerup/signing/1"

PUBLIC = "ed25519:[A-Za-z0-9+/]{43}="
"""How a public key is spelled, as a regular expression."""
DIGEST = "sha256:[0-9a-f]{64}"
"""How a digest is spelled, as a regular expression."""


@dataclass(frozen=True, slots=True)
class SigningKey:
    """An Ed25519 key that belongs to one identity."""

    _key: Ed25519PrivateKey = field(repr=False)

    @classmethod
    def derive(cls, secret: bytes) -> "SigningKey":
        """Derive the key from an identity's 32 secret bytes; its own label keeps it apart from the opening key."""
        seed = HKDF(algorithm=SHA256(), length=32, salt=None, info=_LABEL).derive(secret)
        return cls(Ed25519PrivateKey.from_private_bytes(seed))

    @property
    def public(self) -> str:
        """Return the public key as ``ed25519:<base64>``."""
        return _spell(self._key.public_key().public_bytes_raw())

    def sign(self, message: bytes) -> str:
        """Return the signature of ``message`` as ``ed25519:<base64>``."""
        return _spell(self._key.sign(message))


def holds(public: str, signature: str, message: bytes) -> bool:
    """Tell whether ``signature`` is the one that the owner of ``public`` made of ``message``."""
    try:
        Ed25519PublicKey.from_public_bytes(_read(public)).verify(_read(signature), message)
    except (InvalidSignature, ValueError):
        return False
    return True


def is_key(public: str) -> bool:
    """Tell whether a text spells a point of the curve that only its owner can sign for: none of low order."""
    try:
        y = int.from_bytes(_read(public), "little") & (1 << 255) - 1
    except ValueError:
        return False
    square = (y * y - 1) * pow(_D * y * y + 1, -1, _P) % _P
    return 1 < y < _P - 1 and y not in _EIGHTH and pow(square, (_P - 1) // 2, _P) == 1


# The field and the curve of RFC 8032, and the two points of order eight (with those of order one, two and four, y is
# 1, -1 and 0): a signature "by" one of them can be made by anybody.
_P = 2**255 - 19
_D = -121665 * pow(121666, -1, _P) % _P
_EIGHTH = {
    int.from_bytes(bytes.fromhex(text), "little")
    for text in (
        "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05",
        "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a",
    )
}


def digest(data: bytes) -> str:
    """Return ``sha256:<hex>`` of ``data``."""
    return "sha256:" + hashlib.sha256(data).hexdigest()


def _spell(raw: bytes) -> str:
    return _KIND + base64.b64encode(raw).decode("ascii")


def _read(text: str) -> bytes:
    kind, raw = text[: len(_KIND)], text[len(_KIND) :]
    if kind != _KIND:
        raise ValueError
    decoded = base64.b64decode(raw)
    if _spell(decoded) != text:  # foreign letters, or unused bits of the last one that are not zero: a second spelling
        raise ValueError
    return decoded
