"""The age v1 container (C2SP ``age.md``): bytes sealed to recipients, and opened again by identities.

Records are sealed to post-quantum hybrid keys, identity files with a passphrase; the tests add kinds that we never
write. Paths, clocks, names, signatures and the meaning of the bytes belong elsewhere.
"""

import base64
import hashlib
import hmac
import os
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import cache
from typing import Protocol

from cryptography.exceptions import InvalidTag, UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.mlkem import MLKEM768PrivateKey, MLKEM768PublicKey
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.hpke import (
    AEAD,
    KDF,
    KEM,
    MLKEM768X25519PrivateKey,
    MLKEM768X25519PublicKey,
    Suite,
)
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from ballerup_cli.errors import HeaderError, MacError, NoIdentityError, NoPostQuantumError, PayloadError, WrongKeyError
from ballerup_cli.storage.crypto import bech32
from ballerup_cli.values import value

_INTRO = b"age-encryption.org/v1\n"
# Both are the grammar of age.md word for word, so that there is exactly one spelling of a header.
_STANZA = re.compile(rb"-> ([!-~]+(?: [!-~]+)*)\n((?:[A-Za-z0-9+/]{64}\n)*[A-Za-z0-9+/]{0,63})\n")
_END = re.compile(rb"--- ([A-Za-z0-9+/]{43})\n")
_COLUMNS = 64
_MAC_LINE = 45  # after the mark that the MAC covers: a blank, 43 letters, a line feed
_MOST_HEADER = 1 << 18  # room for more than 150 recipients; a forged header cannot keep us busy for longer
_FILE_KEY = 16
_NONCE = 16
_CHUNK = 1 << 16
_TAG = 16
# A wrapped file key has one length. Checked before opening: a longer one could be made to fit many keys at once.
_WRAPPED = _FILE_KEY + _TAG
# A fixed nonce is safe where the key is made for this one message, from a fresh salt.
_ZERO_NONCE = bytes(12)

_HYBRID = "mlkem768x25519"
_HYBRID_INFO = b"age-encryption.org/mlkem768x25519"
_MLKEM_SEED, _MLKEM_PUBLIC, _MLKEM_SHARE = 64, 1184, 1088
_X25519 = 32
_SECRET = 32
_ANY_KEY = X25519PrivateKey.from_private_bytes(bytes(_X25519))

_SCRYPT = "scrypt"
_SCRYPT_LABEL = b"age-encryption.org/v1/scrypt"
_SCRYPT_SALT = 16
_SCRYPT_BLOCK = 8
_WORK_FACTOR = 18  # 256 MiB and about a second, the same as the age command
_MOST_WORK_FACTOR = 20  # 1 GiB: a forged identity file may not ask for more

_UNNAMED = "data"  # whoever knows the file puts its name there


@value
class Stanza:
    """One line of the header that wraps the file key: words, then bytes."""

    words: tuple[str, ...]
    body: bytes


class Recipient(Protocol):
    """Whoever a file can be sealed to."""

    def wrap(self, file_key: bytes) -> Stanza:
        """Wrap ``file_key`` so that only the recipient can take it out."""


class Identity(Protocol):
    """Whoever can open a file."""

    def unwrap(self, stanza: Stanza) -> bytes | None:
        """Return the file key, or None where ``stanza`` is for somebody else.

        Raises:
            HeaderError: The stanza is of this identity's kind and is not well formed.
        """


def seal(plaintext: bytes, recipients: Sequence[Recipient]) -> bytes:
    """Return an age file that each of ``recipients`` can open.

    Raises:
        ValueError: There is no recipient, there are too many, or a passphrase is not the only one.
    """
    file_key = os.urandom(_FILE_KEY)
    header = marshal([recipient.wrap(file_key) for recipient in recipients])
    nonce = os.urandom(_NONCE)
    cipher = ChaCha20Poly1305(_derive(file_key, nonce, b"payload"))
    sealed = [cipher.encrypt(number, chunk, None) for number, chunk in _chunks(plaintext, _CHUNK)]
    return b"".join([header, b" ", encode64(_mac(file_key, header)), b"\n", nonce, *sealed])


def unseal(data: bytes, identities: Sequence[Identity]) -> bytes:
    """Return the plaintext of the age file ``data``: all of it, or nothing.

    Raises:
        HeaderError: The header is not one that a writer writes.
        WrongKeyError: No identity opens it.
        MacError: The header was changed.
        PayloadError: The rest was changed, cut off or added to.
    """
    stanzas, header, mac, payload = parse(data)
    file_key = _unwrap(stanzas, identities)
    if not hmac.compare_digest(mac, _mac(file_key, header)):
        raise MacError
    nonce, chunks = payload[:_NONCE], payload[_NONCE:]
    if len(nonce) < _NONCE:
        raise HeaderError
    return _open_payload(_derive(file_key, nonce, b"payload"), chunks)


def readers(data: bytes) -> int:
    """Return to how many hybrid keys the age file ``data`` is sealed.

    Raises:
        HeaderError: its header is not well formed, or it is sealed to anything else.
    """
    stanzas = parse(data)[0]
    if any(stanza.words[0] != _HYBRID for stanza in stanzas):
        raise HeaderError
    return len(stanzas)


def _unwrap(stanzas: Sequence[Stanza], identities: Sequence[Identity]) -> bytes:
    for identity in identities:
        for stanza in stanzas:
            file_key = identity.unwrap(stanza)
            if file_key is not None:
                return file_key
    raise WrongKeyError(file=_UNNAMED)


def _open_payload(key: bytes, payload: bytes) -> bytes:
    cipher = ChaCha20Poly1305(key)
    try:
        opened = [cipher.decrypt(number, chunk, None) for number, chunk in _chunks(payload, _CHUNK + _TAG)]
    except InvalidTag:
        raise PayloadError from None
    if len(opened) > 1 and not opened[-1]:  # a second spelling of the file one chunk shorter
        raise PayloadError
    return b"".join(opened)


def _chunks(data: bytes, size: int) -> Iterator[tuple[bytes, memoryview]]:
    """Cut ``data`` into chunks, each with its nonce: a counter, and whether it is the last. No data is one chunk."""
    for start in range(0, max(len(data), 1), size):
        is_last = start + size >= len(data)
        yield (start // size).to_bytes(11, "big") + bytes([is_last]), memoryview(data)[start : start + size]


def _derive(file_key: bytes, salt: bytes, info: bytes) -> bytes:
    return HKDF(algorithm=SHA256(), length=32, salt=salt, info=info).derive(file_key)


def _mac(file_key: bytes, header: bytes) -> bytes:
    return hmac.digest(_derive(file_key, b"", b"header"), header, "sha256")


# --- the header -------------------------------------------------------------------------------------------------------


def marshal(stanzas: Sequence[Stanza]) -> bytes:
    """Return the header up to the mark before its MAC, which is what the MAC covers.

    Raises:
        ValueError: There is no stanza, there are too many, or a passphrase is not the only one.
    """
    header = _INTRO + b"".join(_write(stanza) for stanza in stanzas) + b"---"
    if not _is_allowed(stanzas) or len(header) > _MOST_HEADER - _MAC_LINE:
        raise ValueError("these recipients cannot share a file")
    return header


def parse(data: bytes) -> tuple[list[Stanza], bytes, bytes, bytes]:
    """Return the stanzas, the header that the MAC covers, the MAC and the payload.

    Raises:
        HeaderError: ``data`` does not begin with a header in its one spelling.
    """
    if not data.startswith(_INTRO):
        raise HeaderError
    stanzas, position = [], len(_INTRO)
    while found := _STANZA.match(data, position, _MOST_HEADER):
        words, body = found[1].decode("ascii").split(" "), found[2].replace(b"\n", b"")
        stanzas.append(Stanza(words=tuple(words), body=decode64(body)))
        position = found.end()
    end = _END.match(data, position, _MOST_HEADER)
    if not end or not _is_allowed(stanzas):
        raise HeaderError
    return stanzas, data[: position + len(b"---")], decode64(end[1]), data[end.end() :]


def _write(stanza: Stanza) -> bytes:
    body = encode64(stanza.body)
    # The last line is always a short one, even if that makes it an empty one.
    lines = [body[start : start + _COLUMNS] for start in range(0, len(body) + 1, _COLUMNS)]
    return b"\n".join([b"-> " + " ".join(stanza.words).encode("ascii"), *lines, b""])


def _is_allowed(stanzas: Sequence[Stanza]) -> bool:
    # Whoever opens a file with a passphrase takes it as written by somebody who knows it: nobody else may be able to.
    kinds = [stanza.words[0] for stanza in stanzas]
    return len(kinds) == 1 or (bool(kinds) and _SCRYPT not in kinds)


def encode64(raw: bytes) -> bytes:
    """Return ``raw`` in base64 without padding."""
    return base64.b64encode(raw).rstrip(b"=")


def decode64(text: bytes) -> bytes:
    """Return the bytes of ``text``, read as ``encode64`` writes them.

    Raises:
        HeaderError: It is not base64, or not in its one spelling.
    """
    try:
        raw = base64.b64decode(text + b"=" * (-len(text) % 4))
    except ValueError:
        raise HeaderError from None
    if encode64(raw) != text:  # other signs were skipped, or the unused bits of the last letter are not zero
        raise HeaderError
    return raw


# --- hybrid keys: ML-KEM-768 and X25519 -------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class HybridRecipient:
    """The public half of a hybrid identity.

    Raises:
        ValueError: The bytes are not a public key.
        NoPostQuantumError: The linked OpenSSL has no ML-KEM.
    """

    public: bytes = field(repr=False)
    _key: MLKEM768X25519PublicKey = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        mlkem, x25519 = self.public[:_MLKEM_PUBLIC], self.public[_MLKEM_PUBLIC:]
        try:
            key = MLKEM768X25519PublicKey(
                MLKEM768PublicKey.from_public_bytes(mlkem), X25519PublicKey.from_public_bytes(x25519)
            )
        except UnsupportedAlgorithm:
            raise NoPostQuantumError from None
        object.__setattr__(self, "_key", key)

    @property
    def text(self) -> str:
        """Return it as people pass it on: ``age1pq1…``."""
        return bech32.encode("age1pq", self.public)

    def wrap(self, file_key: bytes) -> Stanza:
        """Wrap ``file_key`` so that only this recipient can take it out."""
        wrapped = _suite().encrypt(file_key, self._key, info=_HYBRID_INFO)
        share, body = wrapped[:-_WRAPPED], wrapped[-_WRAPPED:]
        return Stanza(words=(_HYBRID, encode64(share).decode("ascii")), body=body)


@dataclass(frozen=True, slots=True)
class HybridIdentity:
    """A person's or the watch's key: 32 secret bytes.

    Raises:
        ValueError: There are not 32 of them.
        NoPostQuantumError: The linked OpenSSL has no ML-KEM.
    """

    secret: bytes = field(repr=False)
    recipient: HybridRecipient = field(init=False, repr=False)
    _key: MLKEM768X25519PrivateKey = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        if len(self.secret) != _SECRET:
            raise ValueError("an identity has 32 secret bytes")
        seed = hashlib.shake_256(self.secret).digest(_MLKEM_SEED + _X25519)
        try:
            mlkem = MLKEM768PrivateKey.from_seed_bytes(seed[:_MLKEM_SEED])
        except UnsupportedAlgorithm:
            raise NoPostQuantumError from None
        x25519 = X25519PrivateKey.from_private_bytes(seed[_MLKEM_SEED:])
        public = mlkem.public_key().public_bytes_raw() + x25519.public_key().public_bytes_raw()
        object.__setattr__(self, "recipient", HybridRecipient(public))
        object.__setattr__(self, "_key", MLKEM768X25519PrivateKey(mlkem, x25519))

    @classmethod
    def generate(cls) -> "HybridIdentity":
        """Make a new identity."""
        return cls(os.urandom(_SECRET))

    def unwrap(self, stanza: Stanza) -> bytes | None:
        """Return the file key, or None where ``stanza`` is for somebody else.

        Raises:
            HeaderError: It is a hybrid stanza and not well formed.
        """
        if stanza.words[0] != _HYBRID:
            return None
        share = _fields(stanza, _MLKEM_SHARE + _X25519)
        try:
            return _suite().decrypt(share + stanza.body, self._key, info=_HYBRID_INFO)
        except InvalidTag:
            if _is_low_order(share[_MLKEM_SHARE:]):  # forged, whoever it is for (age.md)
                raise HeaderError from None
            return None


def identity_text(identity: HybridIdentity) -> str:
    """Return the secret as it stands in an identity file: ``AGE-SECRET-KEY-PQ-1…``."""
    return bech32.encode("age-secret-key-pq-", identity.secret).upper()


def parse_identity(text: str) -> HybridIdentity:
    """Read what ``identity_text`` writes.

    Raises:
        ValueError: It is anything else.
        NoPostQuantumError: The linked OpenSSL has no ML-KEM.
    """
    identity = HybridIdentity(bech32.decode("age-secret-key-pq-", text.lower()))
    if identity_text(identity) != text:
        raise ValueError("an identity is written in capitals")
    return identity


@cache
def parse_recipient(text: str) -> HybridRecipient:
    """Read what ``HybridRecipient.text`` writes.

    Raises:
        ValueError: It is anything else.
        NoPostQuantumError: The linked OpenSSL has no ML-KEM.
    """
    recipient = HybridRecipient(bech32.decode("age1pq", text))
    if _is_low_order(recipient.public[_MLKEM_PUBLIC:]):
        raise ValueError("not a public key")
    return recipient


def read_identities(text: bytes) -> list[HybridIdentity]:
    """Read an age identity file: one identity a line, comments and empty lines.

    Raises:
        NoIdentityError: There is none, or a line is none of these.
        NoPostQuantumError: The linked OpenSSL has no ML-KEM.
    """
    lines = [line.removesuffix(b"\r") for line in text.split(b"\n")]
    try:
        identities = [parse_identity(line.decode("ascii")) for line in lines if line and not line.startswith(b"#")]
    except ValueError:
        raise NoIdentityError(file=_UNNAMED) from None
    if not identities:
        raise NoIdentityError(file=_UNNAMED)
    return identities


@cache
def _suite() -> Suite:
    return Suite(KEM.MLKEM768_X25519, KDF.HKDF_SHA256, AEAD.CHACHA20_POLY1305)


def _fields(stanza: Stanza, size: int, count: int = 2) -> bytes:
    """Return the bytes in the second of a stanza's ``count`` words, all lengths checked."""
    if len(stanza.words) != count or len(stanza.body) != _WRAPPED:
        raise HeaderError
    raw = decode64(stanza.words[1].encode("ascii"))
    if len(raw) != size:
        raise HeaderError
    return raw


def _is_low_order(point: bytes) -> bool:
    """Tell a point that has the same secret, zero, in common with every key."""
    try:
        _ANY_KEY.exchange(X25519PublicKey.from_public_bytes(point))
    except ValueError:
        return True
    return False


# --- passphrases ------------------------------------------------------------------------------------------------------


@value
class ScryptRecipient:
    """Whoever knows a passphrase. ``work_factor`` is the logarithm of the cost of trying one."""

    passphrase: str = field(repr=False)
    work_factor: int = _WORK_FACTOR

    def wrap(self, file_key: bytes) -> Stanza:
        """Wrap ``file_key`` under the passphrase."""
        salt = os.urandom(_SCRYPT_SALT)
        key = _stretch(self.passphrase, salt, self.work_factor)
        body = ChaCha20Poly1305(key).encrypt(_ZERO_NONCE, file_key, None)
        return Stanza(words=(_SCRYPT, encode64(salt).decode("ascii"), str(self.work_factor)), body=body)


@value
class ScryptIdentity:
    """A passphrase to try, and the most work that a file may ask for."""

    passphrase: str = field(repr=False)
    most_work_factor: int = _MOST_WORK_FACTOR

    def unwrap(self, stanza: Stanza) -> bytes | None:
        """Return the file key, or None where the passphrase is another or there is none.

        Raises:
            HeaderError: It is a passphrase stanza and not well formed, or asks for too much work.
        """
        if stanza.words[0] != _SCRYPT:
            return None
        salt = _fields(stanza, _SCRYPT_SALT, count=3)
        work_factor = int(stanza.words[2]) if re.fullmatch("[1-9][0-9]?", stanza.words[2]) else 0
        if not 1 <= work_factor <= self.most_work_factor:
            raise HeaderError
        try:
            key = _stretch(self.passphrase, salt, work_factor)
            return ChaCha20Poly1305(key).decrypt(_ZERO_NONCE, stanza.body, None)
        except InvalidTag:
            return None


def _stretch(passphrase: str, salt: bytes, work_factor: int) -> bytes:
    cost = 1 << work_factor
    room = 128 * _SCRYPT_BLOCK * (cost + 32)  # what scrypt needs, and a little: OpenSSL's own limit is 32 MiB
    return hashlib.scrypt(
        passphrase.encode(), salt=_SCRYPT_LABEL + salt, n=cost, r=_SCRYPT_BLOCK, p=1, maxmem=room, dklen=32
    )
