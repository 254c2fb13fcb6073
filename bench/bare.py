"""What reading a store costs at the least: the bare libraries on the same files, over all processors.

Hashing, unsealing, checking digests and signatures, parsing the YAML: nothing is compared with anything and nothing is
told, so that no program could do it faster. Run as ``python -m bench.bare STORE IDENTITY``.
"""

import base64
import hashlib
import hmac
import re
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from ruamel.yaml import YAML

from ballerup_cli.services.store.identity import open_holder
from ballerup_cli.storage.crypto.age import _HYBRID_INFO, _suite
from ballerup_cli.storage.parallel import parallel_map

_ENTRY = re.compile(
    rb'^--- # head\n((?:.*\n)*?body: "sha256:(.*)"\n)signature: "ed25519:(.*)"\n'
    rb"--- # body\n((?:.*\n)*?)(?=---|\.\.\.$)",
    re.MULTILINE,
)


class Reader:
    """Reads the files of one store with one key."""

    def __init__(self, store: Path, identity: Path) -> None:
        holder = open_holder(identity, lambda: "")
        self.store, self.key = store, holder.identity._key
        public = base64.b64decode(holder.key.public.partition(":")[2])
        self.signer = Ed25519PublicKey.from_public_bytes(public)

    def read(self, name: str) -> int:
        """Read one file; return how many signatures held."""
        data = (self.store / name).read_bytes()
        hashlib.sha256(data).hexdigest()
        text = self.unseal(data)
        for head, body, signature, told in _ENTRY.findall(text):
            if hashlib.sha256(told).hexdigest().encode() != body:
                raise ValueError(name)
            self.signer.verify(base64.b64decode(signature), b"ballerup/entry/1\n" + head)
        return sum(1 for document in _documents(text) if "signature" in document)

    def unseal(self, data: bytes) -> bytes:
        """Open an age file of one chunk."""
        header, _, rest = data.partition(b"\n--- ")
        mac, _, payload = rest.partition(b"\n")
        file_key = self.file_key(header)
        wanted = hmac.digest(_derive(file_key, b"", b"header"), header + b"\n---", "sha256")
        if not hmac.compare_digest(base64.b64decode(mac + b"="), wanted):
            raise ValueError
        key = _derive(file_key, payload[:16], b"payload")
        return ChaCha20Poly1305(key).decrypt(bytes(11) + b"\1", payload[16:], None)

    def file_key(self, header: bytes) -> bytes:
        """Return what the first stanza for this key wraps."""
        for stanza in header.split(b"\n-> ")[1:]:
            words, _, body = stanza.partition(b"\n")
            sealed = b"".join(_decode(part) for part in (words.split()[1], body.replace(b"\n", b"")))
            try:
                return bytes(_suite().decrypt(sealed, self.key, info=_HYBRID_INFO))
            except InvalidTag:
                continue
        raise ValueError


def _decode(text: bytes) -> bytes:
    return base64.b64decode(text + b"=" * (-len(text) % 4))


def _derive(file_key: bytes, salt: bytes, info: bytes) -> bytes:
    return HKDF(algorithm=SHA256(), length=32, salt=salt, info=info).derive(file_key)


def _documents(text: bytes) -> Iterator[Any]:
    found: Iterator[Any] = YAML(typ="safe", pure=False).load_all(text)
    return found


def main() -> None:
    """Read all cases of a store."""
    reader = Reader(Path(sys.argv[1]), Path(sys.argv[2]))
    names = [path.name for path in reader.store.glob("[0-9]*.age")]
    held = sum(parallel_map(reader.read, names))
    sys.stdout.write(f"{len(names)} files, {held} signatures\n")


if __name__ == "__main__":
    main()
