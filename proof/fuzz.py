"""Fuzzing of whatever reads bytes from outside: container, journal, register, codec, forms, imports, keys, cards.

Whatever the bytes, a reader gives values or refuses in the way it says it does, and what it accepts it would write
just so. With atheris, which is no dependency, the search is guided by coverage (`python -m proof.fuzz TARGET RUNS
SEED`); without, bytes are changed at random from the seed. What atheris found lies in proof/corpus, a folder a
target, and every run starts from it.
"""

import importlib.util
import os
import random
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from types import FunctionType

import invented
from cli_kit import Home
from store_kit import person

from ballerup_cli.errors import BallerupError
from ballerup_cli.services.cases import importing
from ballerup_cli.services.forms import spreadsheet
from ballerup_cli.services.keys import membership
from ballerup_cli.storage.crypto import age
from ballerup_cli.storage.store import anchor, journal, register
from ballerup_cli.storage.text import codec, schema
from proof.tally import Ask, Tally

CORPUS = Path(__file__).parent / "corpus"
KEPT = 12
"""So many inputs a target stay in the corpus, the smallest ones."""
LARGEST = 8192
NASTY = (b"\n", b"\r", b"\0", b"---\n", b"...\n", b"# ", b"\xc2\x85", b"\xe2\x80\xa8", b"&a ", b"!!x ", b"9" * 40)
COLUMNS = ("Modtaget", "Henvender", "Navn", "Født", "Bekymring", "Haster")
MAPPED = {
    "dates": ["DD-MM-YYYY", "YYYY-MM-DD HH:MM"],
    "fields": {
        "received": "Modtaget",
        "referrer.member": {"column": "Henvender", "codes": {"Klub Nord": "klub-nord"}, "default": "headspace"},
        "subject.kind": {"value": "person"},
        "subject.name": "Navn",
        "subject.born": "Født",
        "concern": "Bekymring",
        "acute": "Haster",
    },
}
"""What is said of these columns where the rows of a spreadsheet are tried."""
MODULES = (age, anchor, codec, importing, journal, membership, register, schema, spreadsheet)
"""Where the search for coverage looks."""
Target = Callable[[bytes], None]


def _same(holds: bool) -> None:
    if not holds:
        raise AssertionError("what was accepted would be written otherwise")


def container(data: bytes) -> None:
    """An age file, opened with a key that fits the seeds."""
    age.unseal(data, [person("anna").identity])


def header(data: bytes) -> None:
    """The header of an age file."""
    stanzas, *_ = age.parse(data)
    _same(data.startswith(age.marshal(stanzas)))


def frame(data: bytes) -> None:
    """The plaintext of a journal."""
    _same(journal.join(journal.frame(data)) == data)


def manifest(data: bytes) -> None:
    """The plaintext of a register."""
    read = register.read(data)
    _same(read.is_newer or read.register.to_bytes() == data)


def body(data: bytes) -> None:
    """The body of an entry: what was read is written so that it reads the same."""
    value = codec.decode(data)
    _same(codec.decode(codec.encode(value)) == value)


def form(data: bytes) -> None:
    """A form that somebody hands in, checked against every schema of a step."""
    for document in codec.read_forms(data):
        for step in ("create", "triage", "assess", "plan"):
            for finding in schema.check(step, document.value):
                schema.place(document, finding)


def table(data: bytes) -> None:
    """A spreadsheet."""
    spreadsheet.read(data, "x")


def key(data: bytes) -> None:
    """An identity file."""
    age.read_identities(data)


def mapping(data: bytes) -> None:
    """What somebody says of the columns of a spreadsheet."""
    importing._sources(importing._read_map(importing.File(data=data, name="x")), COLUMNS, "x")


def rows(data: bytes) -> None:
    """A spreadsheet whose rows become forms, each checked like one that is handed in."""
    (_, names), *more = spreadsheet.read(data, "x").rows
    told = importing._read_map(importing.File(data=codec.encode(MAPPED), name="x"))
    sources = importing._sources(told, names, "x")
    for row, cells in more:
        made = importing._form(row, cells, len(names), sources, importing._patterns(told.value))
        for finding in schema.check("create", made.document.value):
            schema.place(made.document, finding)


def memory(data: bytes) -> None:
    """An anchor."""
    read = anchor.read_anchor(data)
    _same(anchor.read_anchor(read.to_bytes()) == read)


def card(data: bytes) -> None:
    """The card of somebody who is to join."""
    membership.read_card(data)


TARGETS: dict[str, Target] = {
    made.__name__: made
    for made in (container, header, frame, manifest, body, form, table, mapping, rows, memory, key, card)
}
REFUSALS: dict[str, tuple[type[Exception], ...]] = {
    "body": (ValueError,),
    "key": (ValueError,),
    "memory": (ValueError,),
}
"""What a reader may raise beside our own errors, by its docstring."""


def attempt(name: str, data: bytes) -> bool:
    """Give bytes to a target; return whether it took them. Anything but a refusal is raised."""
    try:
        TARGETS[name](data)
    except (BallerupError, *REFUSALS.get(name, ()), journal.BadJournalError, register.BadRegisterError):
        return False
    return True


def seeds(home: Home) -> dict[str, list[bytes]]:
    """Honest inputs for each target, from a store that is ready."""
    workspace = home.workspace()
    identity = workspace.store.holder.identity
    plain = {path.name: age.unseal(path.read_bytes(), [identity]) for path in home.sealed()}
    sealed = age.seal(b"plaintext", [person("anna").identity.recipient])
    forms = [codec.encode(value) for value in (invented.create(), invented.plan(), invented.assess())]
    journals = [data for name, data in plain.items() if name.startswith("2026")]
    made = {
        "container": [sealed, age.seal(b"", [person("anna").identity.recipient])],
        "header": [sealed],
        "frame": journals,
        "manifest": [plain["register.age"]],
        "body": forms,
        "form": [*forms, b'[{"concern": "x"}]', b'{"concern": "x"}\n{"concern": "y"}\n'],
        "table": [b"a;b\n1;2\n", b'"a","b"\n"1\n2",3\n'],
        "mapping": [codec.encode(MAPPED)],
        "rows": [f"{';'.join(COLUMNS)}\n02-03-2026;Klub Nord;Tænkt;2010-05-17 10:00;Noget;nej\n".encode()],
        "memory": [home.anchor.read_bytes()],
        "key": [home.identity.read_bytes()],
        "card": [
            codec.encode(
                {"name": "anna", "recipient": identity.recipient.text, "signing": workspace.store.holder.key.public}
            )
        ],
    }
    return {name: [*honest, *(path.read_bytes() for path in _kept(name))] for name, honest in made.items()}


def _kept(name: str) -> list[Path]:
    return sorted((CORPUS / name).glob("*"))


def run(ask: Ask, tally: Tally, origin: Home) -> None:
    """Try ``rounds`` inputs on each target: changed at random, and guided by coverage where atheris is here."""
    honest = seeds(origin)
    guided = importlib.util.find_spec("atheris") is not None and ask.rounds > 1000
    if not guided:
        tally.notes.append("not guided by coverage: a short run, or atheris is not installed")
    for name, inputs in honest.items():
        dice = ask.dice(name)
        for number in range(ask.rounds // 4 if guided else ask.rounds):
            data = dice.choice(inputs) if number else inputs[0]
            changed = changed_bytes(data, inputs, dice) if number else data
            try:
                taken = attempt(name, changed)
                tally.expect(taken or number > 0, name, "refuses an honest input")
                tally.count("inputs accepted" if taken else "inputs refused")
            except Exception as bug:
                tally.broke(name, number, type(bug).__name__, str(bug)[:80])
        if guided:
            _guided(ask, tally, name, inputs)
    tally.count("targets", len(honest))


def changed_bytes(data: bytes, others: list[bytes], dice: random.Random) -> bytes:
    """Change bytes in one of the ways that break parsers."""
    made = bytearray(data)
    for _ in range(dice.choice((1, 1, 2, 4, 8))):
        at, size = dice.randrange(len(made) + 1), dice.choice((1, 1, 2, 8, 64))
        way = dice.randrange(6)
        if way == 0 and at < len(made):
            made[at] ^= 1 << dice.randrange(8)
        elif way == 1:
            del made[at : at + size]
        elif way == 2:
            made[at:at] = dice.randbytes(size)
        elif way == 3:
            made[at:at] = dice.choice(NASTY)
        elif way == 4:
            other = dice.choice(others)
            start = dice.randrange(len(other) + 1)
            made[at : at + size] = other[start : start + size]
        else:
            made[at:at] = made[max(0, at - size) : at]
    return bytes(made)


# --- guided by coverage -----------------------------------------------------------------------------------------------


def _guided(ask: Ask, tally: Tally, name: str, inputs: list[bytes]) -> None:
    corpus = ask.place / f"corpus-{name}"
    corpus.mkdir()
    for number, data in enumerate(inputs):
        (corpus / f"seed-{number}").write_bytes(data)
    words = [sys.executable, "-m", "proof.fuzz", name, str(ask.rounds), str(ask.seed), str(corpus)]
    environment = {
        **os.environ,
        "PYTHONPATH": str(Path(__file__).parents[1]),
    }
    ended = subprocess.run(words, capture_output=True, text=True, check=False, env=environment, cwd=ask.place)
    tried = re.findall(r"^#(\d+)\s", ended.stderr, re.MULTILINE)
    tally.count("inputs guided by coverage", int(tried[-1]) if tried else 0)
    tally.expect(ended.returncode == 0, name, "atheris", ended.stderr[-800:])
    _keep(name, corpus)


def _keep(name: str, corpus: Path) -> None:
    """Keep a few of the inputs that reached something new: small ones."""
    found = [path for path in corpus.iterdir() if not path.name.startswith("seed-")]
    (CORPUS / name).mkdir(parents=True, exist_ok=True)
    for path in sorted(found, key=lambda path: (path.stat().st_size, path.name))[: max(0, KEPT - len(_kept(name)))]:
        if 0 < path.stat().st_size <= LARGEST // 4:
            (CORPUS / name / path.name[:16]).write_bytes(path.read_bytes())


def main() -> None:
    """Let atheris search for what breaks a target."""
    import atheris

    name, rounds, seed, corpus = sys.argv[1:]
    for module in MODULES:
        for called in [made for made in vars(module).values() if isinstance(made, FunctionType)]:
            if called.__module__ == module.__name__:
                setattr(module, called.__name__, atheris.instrument_func(called))

    def test(data: bytes) -> None:
        attempt(name, data)

    atheris.Setup([sys.argv[0], f"-runs={rounds}", f"-seed={seed}", f"-max_len={LARGEST}", corpus], test)
    atheris.Fuzz()


if __name__ == "__main__":
    main()
