"""The recovery key on paper: what is printed is the key, a stranger finds the way, and nothing of it is left about."""

import json
import re
import stat
import sys
from itertools import combinations
from pathlib import Path

import invented
import pytest
import zxingcpp
from cli_kit import WRITTEN, Home
from test_membership import newcomer, small
from test_papers import pages

from ballerup_cli.errors import BadPartsError, NoPaperError
from ballerup_cli.services.documents import documents, typeset
from ballerup_cli.services.keys import paper, splitting
from ballerup_cli.storage.crypto.age import HybridIdentity, identity_text

__all__ = ["small"]
CASE = "2026-0001"
DAY = WRITTEN.today.isoformat()


@pytest.fixture
def anna(small: Path, place: Path) -> Home:
    return Home(small).copied(place / "anna")


def recovery(home: Home) -> Path:
    return home.path / "recovery.txt"


def key(home: Home) -> str:
    return recovery(home).read_text().splitlines()[-1]


def numbered(text: str) -> list[str]:
    """The numbered lines of a page before its first heading."""
    top = re.split(r"\n-{5,}\n", text)[0]
    return re.findall(r"^ *\d+\. (.+)$", top, re.MULTILINE)


def seen(page: str) -> str:
    """What a reader of QR codes sees on a page of HTML."""
    x, _, width, side = (int(float(part)) for part in re.findall(r'viewBox="(\S+) (\S+) (\S+) (\S+)"', page)[0])
    assert x < 0 < side < width
    dark = {(int(x), int(y)) for x, y in re.findall(r"M(\d+) (\d+)h1v1h-1z", page)}
    rows = [bytes(0 if (x, y) in dark else 255 for x in range(side) for _ in range(4)) for y in range(side)]
    image = memoryview(b"".join(row for row in rows for _ in range(4))).cast("B", (4 * side, 4 * side))
    (code,) = zxingcpp.read_barcodes(image, formats=zxingcpp.BarcodeFormat.QRCode)
    return str(code.text)


def recovered(home: Home, place: Path, *held: object) -> Home:
    """Somebody at a new machine, who takes the store over."""
    stranger = Home.make(place / "stranger")
    taken = ("members", "recover", home.store, *held, "--pin", home.anchor.parent.name, "--as", "cecilie")
    stranger.ok(*taken, "--no-passphrase", "--yes")
    assert stranger.show(CASE)["case"] == CASE
    return stranger


# --- the sheet --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("language", ["da", "en"])
def test_a_stranger_who_types_what_stands_there_opens_the_store(anna: Home, place: Path, language: str) -> None:
    text = anna.ok("--lang", language, "keys", "sheet", "--recovery-file", recovery(anna))
    typed = "".join(numbered(text)).replace(" ", "")
    assert typed == key(anna)
    assert " ".join(text.split()).count(anna.anchor.parent.name) == 2
    assert f"members recover {anna.store} --recovery-file recovery.txt --pin" in " ".join(text.split())
    (place / "recovery.txt").write_text(typed + "\n")
    (place / "recovery.txt").chmod(0o600)
    recovered(anna, place, "--recovery-file", place / "recovery.txt")


@pytest.mark.parametrize("language", ["da", "en"])
def test_its_picture_is_the_key_and_it_is_one_page(anna: Home, language: str) -> None:
    made = paper.sheet(anna.workspace(), paper.held(recovery(anna), ()), language, DAY, drawn=True)
    assert seen(documents.as_html(made)) == key(anna)
    assert pages(typeset.as_pdf(made)) == 1
    assert "age -d -i recovery.txt" in documents.as_text(made)


def test_it_goes_to_no_disk_unless_told_to_and_never_into_the_store(anna: Home, tmp_path: Path) -> None:
    held = ("keys", "sheet", "--recovery-file", recovery(anna))
    anna.ok("list")  # what is worked out once
    before = anna.everything()
    assert anna.run(*held, "--format", "html").out.startswith("<!doctype html>")
    assert anna.everything() == before
    anna.fails(2, *held, "--out", anna.store / "sheet.txt")
    anna.ok(*held, "--out", tmp_path / "sheet.txt")
    assert stat.S_IMODE((tmp_path / "sheet.txt").stat().st_mode) == 0o600
    anna.fails(2, *held, "--out", tmp_path / "sheet.txt")


def test_only_the_recovery_key_of_this_store_is_printed(anna: Home) -> None:
    anna.fails(30, "keys", "sheet", "--recovery-file", anna.identity)
    old = anna.path / "old.txt"
    recovery(anna).rename(old)
    anna.ok("keys", "rotate", "--recovery", recovery(anna), "--yes")
    assert len(recovery(anna).read_text()) < 200, "short enough to be written down"
    anna.fails(30, "keys", "sheet", "--recovery-file", old)
    assert "".join(numbered(anna.ok("keys", "sheet", "--recovery-file", recovery(anna)))).replace(" ", "") == key(anna)


def test_the_key_is_told_to_nobody_but_the_paper(anna: Home, tmp_path: Path) -> None:
    answer = anna.run(
        "keys", "sheet", "--recovery-file", recovery(anna), "--format", "pdf", "--out", tmp_path / "s.pdf"
    )
    assert answer.code == 0 and key(anna)[:30] not in answer.out + answer.err
    anna.fails(2, "keys", "sheet")
    anna.fails(2, "keys", "sheet", "--recovery-file", recovery(anna), "--share", recovery(anna))


# --- split ------------------------------------------------------------------------------------------------------------


@pytest.fixture
def shares(anna: Home, tmp_path: Path) -> list[Path]:
    """The three pages, and the words of each typed into a file."""
    anna.ok("keys", "split", "--recovery-file", recovery(anna), "--out", tmp_path / "parts")
    files = sorted((tmp_path / "parts").iterdir())
    assert [file.name for file in files] == ["share-1.txt", "share-2.txt", "share-3.txt"]
    for number, file in enumerate(files, 1):
        (tmp_path / f"{number}.txt").write_text("\n".join(numbered(file.read_text())).upper())
        (tmp_path / f"{number}.txt").chmod(0o600)
    return [tmp_path / f"{number}.txt" for number in (1, 2, 3)]


def given(*shares: Path) -> list[object]:
    return [word for share in shares for word in ("--share", share)]


def test_any_two_of_three_open_the_records_and_one_does_not(anna: Home, shares: list[Path]) -> None:
    for pair in combinations(shares, 2):
        anna.ok("keys", "drill", *given(*pair))
    anna.fails(30, "keys", "drill", *given(shares[0]))
    anna.fails(30, "keys", "drill", *given(shares[0], shares[0]))


def test_two_people_with_their_parts_put_a_coordinator_in_place(anna: Home, place: Path, shares: list[Path]) -> None:
    stranger = recovered(anna, place, *given(shares[2], shares[0]))
    stranger.ok("members", "remove", "anna", "--yes")
    assert stranger.write("create", None, invented.create()).code == 0


def test_a_mistyped_word_and_a_part_of_another_key_are_no_key(anna: Home, shares: list[Path], tmp_path: Path) -> None:
    words = shares[0].read_text().split()
    shares[0].write_text(" ".join([*words[:7], "kolibri", *words[8:]]))
    anna.fails(30, "keys", "drill", *given(*shares[:2]))
    at = next(at for at in range(7, len(words) - 1) if words[at] != words[at + 1])  # drawn words may stand twice
    shares[0].write_text(" ".join([*words[:at], words[at + 1], words[at], *words[at + 2 :]]))
    anna.fails(30, "keys", "drill", *given(*shares[:2]))
    shares[0].write_bytes(b"\xff")
    anna.fails(30, "keys", "drill", *given(*shares[:2]))
    anna.ok("keys", "split", "--recovery-file", recovery(anna), "--out", tmp_path / "again")
    shares[0].write_text(" ".join(numbered((tmp_path / "again" / "share-1.txt").read_text())))
    anna.fails(30, "keys", "drill", *given(*shares[:2]))


@pytest.mark.parametrize("language", ["da", "en"])
def test_each_picture_is_its_part_and_each_part_one_page(anna: Home, language: str) -> None:
    made = [*paper.parts(anna.workspace(), paper.held(recovery(anna), ()), language, DAY, drawn=True)]
    codes = [seen(documents.as_html(page)) for page in made]
    assert [identity_text(splitting.combine(pair)) for pair in combinations(codes, 2)] == [key(anna)] * 3
    for page, code in zip(made, codes, strict=True):
        assert " ".join(numbered(documents.as_text(page))).upper() == code
        assert pages(typeset.as_pdf(page)) == 1


def test_parts_are_three_files_or_text_and_never_in_the_store(anna: Home) -> None:
    held = ("keys", "split", "--recovery-file", recovery(anna))
    assert len(re.findall(r"^Part \d of 3", anna.ok(*held), re.MULTILINE)) == 3
    anna.fails(2, *held, "--format", "pdf")
    anna.fails(2, *held, "--out", anna.store / "parts")


def test_what_another_program_of_the_standard_split_is_put_together() -> None:
    """From the test vectors of SLIP-39: 256 bits, two of three, under no passphrase of ours."""
    with pytest.raises(BadPartsError):
        splitting.combine(["duckling enlarge academic academic agency result length solution fridge kidney"])
    secret = bytes(range(32))
    parts = splitting.split(HybridIdentity(secret))
    assert {len(part.split()) for part in parts} == {33}
    assert splitting.combine(parts[1:]).secret == secret


def test_without_the_libraries_text_is_still_written(anna: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "segno", None)
    monkeypatch.setitem(sys.modules, "shamir_mnemonic", None)
    workspace, holder = anna.workspace(), paper.held(recovery(anna), ())
    assert key(anna)[-2:] in documents.as_text(paper.sheet(workspace, holder, "en", DAY, drawn=False))
    with pytest.raises(NoPaperError):
        paper.sheet(workspace, holder, "en", DAY, drawn=True)
    for call in (lambda: splitting.split(holder.identity), lambda: splitting.combine(["", ""])):
        with pytest.raises(NoPaperError):
            call()


def test_whoever_only_reads_prints_it_too_but_proves_nothing(anna: Home) -> None:
    reader = newcomer(anna, "dorte", "reader")
    assert reader.ok("keys", "sheet", "--recovery-file", recovery(anna))
    assert reader.run("keys", "drill", "--recovery-file", recovery(anna)).code == 30
    assert json.loads(anna.ok("proof", "list", "--format", "json")) == []
