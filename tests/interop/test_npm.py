"""Files of ours open in another implementation, the npm package ``age-encryption``, and its files open here."""

import base64
import json
import os
import subprocess
from pathlib import Path

import pytest

from ballerup_cli.storage.crypto.age import (
    HybridIdentity,
    ScryptIdentity,
    ScryptRecipient,
    identity_text,
    parse_identity,
    parse_recipient,
    seal,
    unseal,
)

HERE = Path(__file__).parent
# 'make interop' has just installed it, so there its absence is a failure.
pytestmark = pytest.mark.skipif(
    "INTEROP" not in os.environ and not (HERE / "node_modules/age-encryption").is_dir(),
    reason="the npm package is not installed: 'make interop' does it",
)
PLAINTEXTS = [os.urandom(size) for size in (0, 1, 65_535, 65_536, 65_537, 131_072, 200_000)]
PHRASE = "rød grød med fløde"


def npm(*jobs: dict[str, object]) -> list[str | None]:
    done = subprocess.run(
        ["node", "age.mjs"], input=json.dumps(jobs), cwd=HERE, capture_output=True, check=True, text=True
    )
    return json.loads(done.stdout)


def spell(raw: bytes) -> str:
    return base64.b64encode(raw).decode()


def test_keys_are_written_alike():
    ours = HybridIdentity.generate()
    public, theirs = npm({"kind": "recipient", "identity": identity_text(ours)}, {"kind": "generate"})
    assert public == ours.recipient.text
    assert identity_text(parse_identity(theirs)) == theirs
    assert npm({"kind": "recipient", "identity": theirs}) == [parse_identity(theirs).recipient.text]


def test_our_files_open_there():
    anna, bo = HybridIdentity.generate(), HybridIdentity.generate()
    jobs = [
        {
            "kind": "open",
            "sealed": spell(seal(plaintext, [anna.recipient, bo.recipient])),
            "identity": identity_text(who),
        }
        for plaintext in PLAINTEXTS
        for who in (anna, bo)
    ]
    assert npm(*jobs) == [spell(plaintext) for plaintext in PLAINTEXTS for _ in (anna, bo)]


def test_their_files_open_here():
    theirs, other = npm({"kind": "generate"}, {"kind": "generate"})
    identities = [parse_identity(theirs), parse_identity(other)]
    recipients = [identity.recipient.text for identity in identities]
    assert [parse_recipient(text) for text in recipients] == [identity.recipient for identity in identities]
    sealed = npm(*({"kind": "seal", "plaintext": spell(each), "recipients": recipients} for each in PLAINTEXTS))
    for identity in identities:
        assert [unseal(base64.b64decode(each), [identity]) for each in sealed] == PLAINTEXTS


def test_our_passphrase_files_open_there():
    recipient = ScryptRecipient(passphrase=PHRASE, work_factor=10)
    sealed = [spell(seal(plaintext, [recipient])) for plaintext in PLAINTEXTS]
    assert npm(*({"kind": "open", "sealed": each, "passphrase": PHRASE} for each in sealed)) == [
        spell(plaintext) for plaintext in PLAINTEXTS
    ]
    # As an identity file is written: with the usual cost.
    usual = spell(seal(b"x", [ScryptRecipient(passphrase=PHRASE)]))
    assert npm({"kind": "open", "sealed": usual, "passphrase": PHRASE}) == [spell(b"x")]


def test_their_passphrase_files_open_here():
    sealed = npm(*({"kind": "seal", "plaintext": spell(each), "passphrase": PHRASE} for each in PLAINTEXTS))
    identity = ScryptIdentity(passphrase=PHRASE)
    assert [unseal(base64.b64decode(each), [identity]) for each in sealed] == PLAINTEXTS


def test_the_other_implementation_tells_when_it_cannot_open():
    sealed = seal(b"x", [HybridIdentity.generate().recipient])
    stranger = identity_text(HybridIdentity.generate())
    assert npm({"kind": "open", "sealed": spell(sealed), "identity": stranger}) == [None]
