"""What age files may have and ours never do, so that the public vectors can all run: X25519 keys and ASCII armour."""

import base64
import re
from dataclasses import dataclass, field

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from ballerup_cli.errors import HeaderError
from ballerup_cli.storage.crypto import bech32
from ballerup_cli.storage.crypto.age import Stanza, decode64

_ARMOUR = re.compile(
    rb"\s*-----BEGIN AGE ENCRYPTED FILE-----\r?\n"
    rb"((?:[A-Za-z0-9+/]{64}\r?\n)*(?:[A-Za-z0-9+/=]{1,64}\r?\n)?)"
    rb"-----END AGE ENCRYPTED FILE-----\s*"
)


class ArmourError(Exception):
    """Not the one spelling of armour."""


def unarmour(text: bytes) -> bytes:
    found = _ARMOUR.fullmatch(text)
    if not found:
        raise ArmourError
    letters = re.sub(rb"\r?\n", b"", found[1])
    try:
        raw = base64.b64decode(letters, validate=True)
    except ValueError:
        raise ArmourError from None
    if base64.b64encode(raw) != letters:
        raise ArmourError
    return raw


@dataclass(frozen=True)
class X25519Identity:
    secret: bytes = field(repr=False)

    @classmethod
    def read(cls, text: str) -> "X25519Identity":
        return cls(bech32.decode("age-secret-key-", text.lower()))

    def unwrap(self, stanza: Stanza) -> bytes | None:
        if stanza.words[0] != "X25519":
            return None
        if len(stanza.words) != 2 or len(stanza.body) != 32:
            raise HeaderError
        share = decode64(stanza.words[1].encode())
        if len(share) != 32:
            raise HeaderError
        own = X25519PrivateKey.from_private_bytes(self.secret)
        try:
            common = own.exchange(X25519PublicKey.from_public_bytes(share))
        except ValueError:  # all zero
            raise HeaderError from None
        salt = share + own.public_key().public_bytes_raw()
        key = HKDF(algorithm=SHA256(), length=32, salt=salt, info=b"age-encryption.org/v1/X25519").derive(common)
        try:
            return ChaCha20Poly1305(key).decrypt(bytes(12), stanza.body, None)
        except InvalidTag:
            return None
