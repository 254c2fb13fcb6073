"""The container: the public vectors, damage at every byte, keys as text, passphrases."""

import hashlib
import os
import zlib
from dataclasses import dataclass
from pathlib import Path

import pytest
from age_more import ArmourError, X25519Identity, unarmour
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from cryptography.hazmat.primitives.kdf.scrypt import Scrypt
from hypothesis import given
from hypothesis import strategies as st

from ballerup_cli.errors import (
    ContainerError,
    HeaderError,
    MacError,
    NoIdentityError,
    NoPostQuantumError,
    PayloadError,
    WrongKeyError,
)
from ballerup_cli.storage.crypto import age, bech32
from ballerup_cli.storage.crypto.age import (
    HybridIdentity,
    HybridRecipient,
    Identity,
    ScryptIdentity,
    ScryptRecipient,
    Stanza,
    identity_text,
    parse_identity,
    parse_recipient,
    read_identities,
    seal,
    unseal,
)

SIZES = [0, 1, 65_535, 65_536, 65_537, 200_000]
ANNA, BO, CARLA = (HybridIdentity(bytes([number]) * 32) for number in (1, 2, 3))
PHRASE = "rød grød ⛵"
QUICK = 10  # a work factor for tests

# --- the public vectors -----------------------------------------------------------------------------------------------

FAILURES = {
    "no match": WrongKeyError,
    "HMAC failure": MacError,
    "header failure": HeaderError,
    "payload failure": PayloadError,
    "armor failure": ArmourError,
}


def vector_paths() -> list[Path]:
    """AGE_VECTORS, or what 'make interop' fetched, or a folder 'vectors/age' that lies beside the checkout."""
    root = Path(__file__).parents[2]
    fetched = root / "tests/interop/node_modules/.vectors"
    places = [Path(os.environ.get("AGE_VECTORS", fetched)), fetched, *sorted(root.parent.glob("*/vectors/age"))]
    found = next((place for place in places if place.is_dir()), None)
    return sorted(found.iterdir()) if found else []


VECTORS = vector_paths()
with_vectors = pytest.mark.skipif(not VECTORS, reason="no vectors here: 'make interop' fetches them")


@dataclass
class Vector:
    expect: str
    payload: str | None
    identities: list[Identity]
    armoured: bool
    content: bytes

    @classmethod
    def read(cls, path: Path) -> "Vector":
        head, content = path.read_bytes().split(b"\n\n", 1)
        lines = [line.split(": ", 1) for line in head.decode().splitlines()]
        facts = dict(lines)
        if facts.get("compressed") == "zlib":
            content = zlib.decompress(content)
        return cls(
            expect=facts["expect"],
            payload=facts.get("payload"),
            identities=[found for key, value in lines for found in identities_of(key, value)],
            armoured=facts.get("armored") == "yes",
            content=content,
        )

    def open(self) -> bytes:
        return unseal(unarmour(self.content) if self.armoured else self.content, self.identities)


def identities_of(key: str, value: str) -> list[Identity]:
    if key == "passphrase":
        return [ScryptIdentity(passphrase=value)]
    if key == "identity":
        return [parse_identity(value) if "-PQ-" in value else X25519Identity.read(value)]
    return []


@with_vectors
def test_all_143_vectors_are_there():
    assert len(VECTORS) == 143


@with_vectors
@pytest.mark.parametrize("path", VECTORS, ids=lambda path: path.name)
def test_vector(path):
    vector = Vector.read(path)
    if vector.expect == "success":
        assert hashlib.sha256(vector.open()).hexdigest() == vector.payload
        return
    with pytest.raises(Exception) as caught:
        vector.open()
    assert type(caught.value) is FAILURES[vector.expect]
    # Nothing is released, nor hangs on the failure: not even chunks that did verify.
    assert caught.value.__cause__ is None
    assert not any(isinstance(fact, bytes) for fact in getattr(caught.value, "facts", {}).values())


# --- there and back ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("size", SIZES)
def test_bytes_come_back(size):
    plaintext = os.urandom(size)
    sealed = seal(plaintext, [ANNA.recipient])
    assert unseal(sealed, [ANNA]) == plaintext
    assert sealed != seal(plaintext, [ANNA.recipient])


@given(st.binary(max_size=300), st.integers(1, 4))
def test_every_recipient_opens_it(plaintext, count):
    identities = [HybridIdentity(bytes([number]) * 32) for number in range(count)]
    sealed = seal(plaintext, [identity.recipient for identity in identities])
    assert [unseal(sealed, [identity]) for identity in identities] == [plaintext] * count


def test_the_wrong_key_and_no_key():
    sealed = seal(b"hemmeligt", [ANNA.recipient])
    for identities in ([BO], [BO, CARLA], [ScryptIdentity(passphrase=PHRASE)], []):
        with pytest.raises(WrongKeyError, match="data: this key does not open the file"):
            unseal(sealed, identities)
    assert unseal(sealed, [BO, ANNA]) == b"hemmeligt"


stanza_words = st.lists(st.text(st.characters(min_codepoint=33, max_codepoint=126), min_size=1), min_size=1, max_size=4)
stanzas = st.builds(Stanza, words=stanza_words.map(tuple), body=st.binary(max_size=150))


@given(st.lists(stanzas.filter(lambda stanza: stanza.words[0] != "scrypt"), min_size=1, max_size=5))
def test_marshal_and_parse_are_mirrors(written):
    header = age.marshal(written)
    mac = bytes(range(32))
    assert age.parse(header + b" " + age.encode64(mac) + b"\nrest") == (written, header, mac, b"rest")


# --- damage -----------------------------------------------------------------------------------------------------------

SMALL = seal(b"hemmeligt", [ANNA.recipient])
PAYLOAD_AT = SMALL.index(b"\n---") + 1 + 48  # "--- ", 43 letters, line feed


def refused(data: bytes) -> ContainerError | WrongKeyError:
    with pytest.raises((ContainerError, WrongKeyError)) as caught:
        unseal(data, [ANNA])
    return caught.value


def test_every_flipped_bit_is_refused():
    for place in range(len(SMALL)):
        for bit in range(8):
            damaged = bytearray(SMALL)
            damaged[place] ^= 1 << bit
            failure = refused(bytes(damaged))
            if place >= PAYLOAD_AT:
                assert type(failure) is PayloadError


def test_every_cut_is_refused():
    for length in range(len(SMALL)):
        expected = HeaderError if length < PAYLOAD_AT + 16 else PayloadError
        assert type(refused(SMALL[:length])) is expected


@pytest.mark.parametrize(("size", "chunks"), [(0, 1), (1, 1), (65_536, 1), (65_537, 2), (131_072, 2), (131_073, 3)])
def test_every_chunk_of_64_kib_has_a_tag(size, chunks):
    assert len(seal(bytes(size), [ANNA.recipient])) == PAYLOAD_AT + 16 + size + 16 * chunks


@pytest.mark.parametrize("size", [0, 1, 65_536, 131_072])
def test_cuts_and_additions_at_the_edges_of_chunks_are_refused(size):
    sealed = seal(bytes(size), [ANNA.recipient])
    for more in (b"\0", bytes(16), bytes(65_552), sealed[PAYLOAD_AT + 16 :], sealed):
        assert type(refused(sealed + more)) is PayloadError
    for less in (1, 16, 17, 65_552):
        if len(sealed) - PAYLOAD_AT - 16 >= less:
            assert type(refused(sealed[:-less])) is PayloadError


def test_chunks_in_another_order_are_refused():
    sealed = seal(os.urandom(3 * 65_536), [ANNA.recipient])
    head, chunks = sealed[: PAYLOAD_AT + 16], sealed[PAYLOAD_AT + 16 :]
    first, second, third = (chunks[start : start + 65_552] for start in range(0, len(chunks), 65_552))
    for parts in ([second, first, third], [first, third], [first, second], [first, first, third]):
        assert type(refused(head + b"".join(parts))) is PayloadError


def test_a_stanza_of_any_size_reads_back():
    for size in range(150):
        (found,), header, _, _ = age.parse(age.marshal([Stanza(words=("x",), body=bytes(size))]) + MAC)
        assert found.body == bytes(size)
        assert max(map(len, header.splitlines())) <= 64


MAC = b" " + age.encode64(bytes(32)) + b"\n"


def test_no_header_is_written_that_would_not_be_read():
    empty = Stanza(words=("x",), body=b"")
    written = len(age.marshal([empty] * 2)) - len(age.marshal([empty]))
    most = ((1 << 18) - 45 - len(age.marshal([empty]))) // written + 1
    age.parse(age.marshal([empty] * most) + MAC)
    with pytest.raises(ValueError, match="cannot share"):
        age.marshal([empty] * (most + 1))


@pytest.mark.parametrize("kinds", [[], ["scrypt", "scrypt"], ["scrypt", "x"], ["x", "scrypt"]])
def test_a_passphrase_is_the_only_one_to_open_a_file(kinds):
    stanzas = [Stanza(words=(kind,), body=b"") for kind in kinds]
    with pytest.raises(ValueError, match="cannot share"):
        age.marshal(stanzas)
    told = b"".join(b"-> " + kind.encode() + b"\n\n" for kind in kinds)
    assert type(refused(b"age-encryption.org/v1\n" + told + b"---" + MAC)) is HeaderError


def test_a_stanza_has_its_words_and_its_lengths():
    """Of a hybrid key and of a passphrase: one word, one byte more or less is no stanza of its kind."""
    secret, phrase = bytes(16), ScryptRecipient(passphrase=PHRASE, work_factor=1)
    for recipient, identity in ((ANNA.recipient, ANNA), (phrase, ScryptIdentity(passphrase=PHRASE))):
        stanza = recipient.wrap(secret)
        assert identity.unwrap(stanza) == secret
        kind, told, *more = stanza.words
        for words, body in (
            ((*stanza.words, "x"), stanza.body),
            (stanza.words[:-1], stanza.body),
            (stanza.words, stanza.body + b"x"),
            (stanza.words, stanza.body[:-1]),
            ((kind, age.encode64(age.decode64(told.encode()) + b"x").decode(), *more), stanza.body),
        ):
            with pytest.raises(HeaderError):
                identity.unwrap(Stanza(words=tuple(words), body=body))


def test_a_header_without_its_end_is_refused():
    whole = seal(b"x", [ANNA.recipient])
    cut = whole.index(b"\n--- ") + 1
    assert type(refused(whole[:cut])) is HeaderError
    assert type(refused(whole[: cut + 10])) is HeaderError


def test_a_whole_chunk_and_an_empty_one_after_it_are_refused():
    """The file without the empty chunk is the one spelling there is."""
    sealed = seal(bytes(65_536), [ANNA.recipient])
    (stanza,), _, _, payload = age.parse(sealed)
    key = HKDF(algorithm=SHA256(), length=32, salt=payload[:16], info=b"payload").derive(ANNA.unwrap(stanza))
    cipher = ChaCha20Poly1305(key)
    last, first = (cipher.encrypt(bytes(11) + bytes([end]), bytes(65_536), None) for end in (1, 0))
    end = cipher.encrypt((1).to_bytes(11, "big") + b"\x01", b"", None)
    before = sealed[: -len(last)]
    assert unseal(before + last, [ANNA]) == bytes(65_536)
    assert type(refused(before + first + end)) is PayloadError


def test_recipients_cannot_be_taken_out_added_or_moved():
    found, _, mac, payload = age.parse(seal(b"hemmeligt", [ANNA.recipient, BO.recipient]))
    anna, bo = found
    for changed in ([anna], [bo, anna], [anna, bo, bo], [anna, bo, Stanza(words=("x",), body=b"")]):
        rest = b" " + age.encode64(mac) + b"\n" + payload
        assert type(refused(age.marshal(changed) + rest)) is MacError


def test_a_header_has_a_largest_size():
    mac = b"--- " + age.encode64(bytes(32)) + b"\n"
    assert type(refused(b"age-encryption.org/v1\n" + b"-> x\n\n" * 40_000 + mac)) is WrongKeyError
    assert type(refused(b"age-encryption.org/v1\n" + b"-> x\n\n" * 50_000 + mac)) is HeaderError


def test_a_failure_takes_the_name_of_the_file_from_whoever_knows_it():
    failure = refused(SMALL + b"x")
    assert str(failure) == "data: damaged or forged (the content was changed)"
    assert str(type(failure)(file="2026-0001.yaml.age")).startswith("2026-0001.yaml.age: ")
    assert failure.exit_code == 31


# --- who can share a file ---------------------------------------------------------------------------------------------


def test_a_file_has_recipients():
    with pytest.raises(ValueError, match="cannot share"):
        seal(b"", [])


def test_a_passphrase_is_the_only_recipient():
    phrase = ScryptRecipient(passphrase=PHRASE, work_factor=QUICK)
    for recipients in ([phrase, ANNA.recipient], [ANNA.recipient, phrase], [phrase, phrase]):
        with pytest.raises(ValueError, match="cannot share"):
            seal(b"", recipients)


def test_what_is_sealed_can_be_read_and_too_many_recipients_are_refused():
    assert unseal(seal(b"x", [ANNA.recipient] * 150), [ANNA]) == b"x"
    with pytest.raises(ValueError, match="cannot share"):
        seal(b"x", [ANNA.recipient] * 200)


# --- keys as text -----------------------------------------------------------------------------------------------------


@given(st.binary(min_size=32, max_size=32))
def test_keys_come_back_from_text(secret):
    identity = HybridIdentity(secret)
    assert parse_identity(identity_text(identity)).secret == secret
    assert parse_recipient(identity.recipient.text) == identity.recipient


def test_keys_look_as_the_specification_says():
    # The example of C2SP age.md.
    text = "AGE-SECRET-KEY-PQ-1XX76JRALNLXDMEW0CRK45QMCCH4X06SE84UN3VPM33W6HWDX0H3SK3ZQFR"
    public = parse_identity(text).recipient.text
    assert public.startswith(
        "age1pq1x34nzsvr0rxjsgdn8zgyhfe8j7ceq5r9rdelkjuh3y235jzxshfg87pzf5zrqtzdxz95paef6caq5aapdmwj"
    )
    assert public.endswith("tqmwze9pyyzk3tlhl53k2ykx3qheyty7saeq0d3fzv49zc0k")  # its checksum covers the rest


def test_bech32_has_one_spelling():
    # Of BIP 173, which limits lengths; age does not.
    assert bech32.decode("a", "a12uel5l") == b""
    assert bech32.encode("a", b"") == "a12uel5l"
    text = identity_text(ANNA)
    spoiled = [
        text.lower(),
        text.title(),
        text + " ",
        text[:-1],
        "AGE-SECRET-KEY-1" + text[18:],
        text.replace("PQ", "QP"),
        bech32.encode("age-secret-key-pq-", bytes(31)).upper(),
        bech32.encode("age-secret-key-pq-", bytes(33)).upper(),
        bech32.encode("age-secret-key-", bytes(32)).upper(),
        ANNA.recipient.text,
        "",
        "1",
        "æ",
        *(text[:place] + ("Q" if text[place] != "Q" else "P") + text[place + 1 :] for place in range(len(text))),
    ]
    for wrong in spoiled:
        with pytest.raises(ValueError) as caught:
            parse_identity(wrong)
        assert text[18:] not in str(caught.value)


def test_a_recipient_is_a_public_key_in_small_letters():
    text = ANNA.recipient.text
    for wrong in (text.upper(), text[:-1], text[:-1] + "b", bech32.encode("age1pq", b"\xff" * 1216), "age1pq1", ""):
        with pytest.raises(ValueError):
            parse_recipient(wrong)
    with pytest.raises(ValueError, match="not a public key"):  # shares the secret zero with everybody
        parse_recipient(bech32.encode("age1pq", ANNA.recipient.public[:-32] + bytes(32)))
    for raw in (b"", ANNA.recipient.public[:-1], ANNA.recipient.public + b"\0"):
        with pytest.raises(ValueError):
            HybridRecipient(raw)


def test_an_identity_file_has_comments_empty_lines_and_keys():
    anna, bo = identity_text(ANNA), identity_text(BO)
    assert read_identities(f"# oprettet på Infohuset\n\n{anna}\n".encode()) == [ANNA]
    assert read_identities(f"{anna}\r\n#\r\n{bo}".encode()) == [ANNA, BO]


@pytest.mark.parametrize(
    "text", ["", "# kun en note\n", "forkert\n", " {anna}\n", "{anna} \n", "{anna}\nforkert\n", "{anna}{anna}", "\xe6"]
)
def test_anything_else_is_no_identity_file(text):
    with pytest.raises(NoIdentityError, match="data: no identity there"):
        read_identities(text.format(anna=identity_text(ANNA)).encode())


def test_secrets_do_not_show():
    for shown in (repr(ANNA), repr(ScryptIdentity(passphrase=PHRASE)), repr(ScryptRecipient(passphrase=PHRASE))):
        assert PHRASE not in shown
        assert "\\x01" not in shown
    assert (repr(ANNA), repr(ANNA.recipient)) == ("HybridIdentity()", "HybridRecipient()")


def test_new_identities_differ():
    assert HybridIdentity.generate() != HybridIdentity.generate()
    assert HybridIdentity.generate().secret != bytes(32)


class _WithoutMlkem:
    """How the classes of an OpenSSL without ML-KEM answer; this build has no switch for it."""

    @staticmethod
    def from_seed_bytes(_: bytes) -> None:
        raise UnsupportedAlgorithm("ML-KEM")

    from_public_bytes = from_seed_bytes


def test_without_ml_kem_nothing_is_sealed_or_opened(monkeypatch):
    recipient = ANNA.recipient.public
    monkeypatch.setattr(age, "MLKEM768PrivateKey", _WithoutMlkem)
    monkeypatch.setattr(age, "MLKEM768PublicKey", _WithoutMlkem)
    for make in (HybridIdentity.generate, lambda: HybridRecipient(recipient)):
        with pytest.raises(NoPostQuantumError, match="post-quantum"):
            make()


# --- passphrases ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("size", SIZES)
def test_a_passphrase_opens_what_it_sealed(size):
    plaintext = os.urandom(size)
    sealed = seal(plaintext, [ScryptRecipient(passphrase=PHRASE, work_factor=QUICK)])
    assert unseal(sealed, [ANNA, ScryptIdentity(passphrase=PHRASE)]) == plaintext
    with pytest.raises(WrongKeyError):
        unseal(sealed, [ScryptIdentity(passphrase=PHRASE.upper()), ANNA])


def test_the_cost_of_new_passphrases_is_that_of_the_age_command():
    assert ScryptRecipient(passphrase=PHRASE).work_factor == 18


def test_a_file_cannot_ask_for_more_work_than_is_allowed():
    sealed = seal(b"x", [ScryptRecipient(passphrase=PHRASE, work_factor=12)])
    assert unseal(sealed, [ScryptIdentity(passphrase=PHRASE, most_work_factor=12)]) == b"x"
    with pytest.raises(HeaderError):
        unseal(sealed, [ScryptIdentity(passphrase=PHRASE, most_work_factor=11)])
    # Without the cap these would end as a wrong key, after minutes and gigabytes.
    for asked in (b"21", b"22", b"63", b"99", b"100", b"0", b"012", b"+12", b"-1"):
        with pytest.raises(HeaderError):
            unseal(sealed.replace(b" 12\n", b" " + asked + b"\n", 1), [ScryptIdentity(passphrase=PHRASE)])


def test_a_passphrase_is_stretched_as_the_format_says():
    """By another implementation of scrypt: a block size of 8, one lane, and the label before the salt."""
    stanza = ScryptRecipient(passphrase=PHRASE, work_factor=3).wrap(b"0123456789abcdef")
    kind, salt, factor = stanza.words
    assert (kind, factor, len(age.decode64(salt.encode()))) == ("scrypt", "3", 16)
    label = b"age-encryption.org/v1/scrypt" + age.decode64(salt.encode())
    key = Scrypt(salt=label, length=32, n=8, r=8, p=1).derive(PHRASE.encode())
    assert ChaCha20Poly1305(key).decrypt(bytes(12), stanza.body, None) == b"0123456789abcdef"


def test_keys_of_the_same_bytes_are_the_same():
    identity = HybridIdentity(bytes(32))
    assert identity == HybridIdentity(bytes(32)) != HybridIdentity(bytes(31) + b"1")
    assert identity.recipient == HybridRecipient(identity.recipient.public)
    assert len({identity.recipient, HybridIdentity(bytes(32)).recipient}) == 1


@pytest.mark.parametrize("factor", [1, 2])
def test_the_least_work_there_is_is_enough_to_open(factor: int):
    sealed = seal(b"x", [ScryptRecipient(passphrase=PHRASE, work_factor=factor)])
    assert unseal(sealed, [ScryptIdentity(passphrase=PHRASE, most_work_factor=factor)]) == b"x"


def test_a_passphrase_file_is_refused_when_a_bit_is_flipped():
    sealed = seal(b"x", [ScryptRecipient(passphrase=PHRASE, work_factor=1)])
    for place in range(len(sealed)):
        for bit in range(8):
            damaged = bytearray(sealed)
            damaged[place] ^= 1 << bit
            with pytest.raises((ContainerError, WrongKeyError)):
                unseal(bytes(damaged), [ScryptIdentity(passphrase=PHRASE, most_work_factor=QUICK)])
