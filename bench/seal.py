"""Sealing and opening one record of 8 KB in this process, and the same primitives called one after the other.

Run as ``python -m bench.seal``; prints the median of either, in seconds. Both take turns, so that both meet the same
noise.
"""

import hmac
import json
import secrets
import statistics
import sys
import time
from collections.abc import Callable

from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from ballerup_cli.storage.crypto.age import _HYBRID_INFO, HybridIdentity, _suite, seal, unseal

SIZE = 8 * 1024
TIMES = 300
_HEADER = 1700  # bytes of a header with one recipient, which its MAC covers


def ours(identity: HybridIdentity, record: bytes) -> None:
    """Seal and open as the store does."""
    unseal(seal(record, [identity.recipient]), [identity])


def primitives(identity: HybridIdentity, record: bytes) -> None:
    """Do what that cannot do without: wrap and unwrap a key, derive, authenticate, encrypt and decrypt."""
    file_key, salt = secrets.token_bytes(16), secrets.token_bytes(16)
    wrapped = _suite().encrypt(file_key, identity.recipient._key, info=_HYBRID_INFO)
    _authenticate(file_key)
    sealed = ChaCha20Poly1305(_derive(file_key, salt)).encrypt(bytes(12), record, None)
    opened = _suite().decrypt(wrapped, identity._key, info=_HYBRID_INFO)
    _authenticate(opened)
    ChaCha20Poly1305(_derive(opened, salt)).decrypt(bytes(12), sealed, None)


def _authenticate(file_key: bytes) -> None:
    hmac.digest(_derive(file_key, b""), bytes(_HEADER), "sha256")


def _derive(file_key: bytes, salt: bytes) -> bytes:
    return HKDF(algorithm=SHA256(), length=32, salt=salt, info=b"payload").derive(file_key)


def main() -> None:
    """Let both take turns."""
    identity, record = HybridIdentity.generate(), secrets.token_bytes(SIZE)
    ways: dict[str, Callable[[HybridIdentity, bytes], None]] = {"ours": ours, "primitives": primitives}
    spent: dict[str, list[float]] = {name: [] for name in ways}
    for _ in range(TIMES):
        for name, way in ways.items():
            start = time.perf_counter()
            way(identity, record)
            spent[name].append(time.perf_counter() - start)
    json.dump({name: statistics.median(told) for name, told in spent.items()}, sys.stdout)


if __name__ == "__main__":
    main()
