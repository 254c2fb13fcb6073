"""`--ask` on a terminal: a call taken down question by question, with a way back, and no way out by mistake."""

import re
import signal
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

import pexpect
import pytest
from cli_kit import PROGRAM, Home

PROMPT = re.compile(r"[^\n]*[:\]…] $")
SHORTEST = ["", "", "klub-nord", "", "person", "Han siger, at vold er i orden.", "", ""]
"""The shortest lawful concern: when and by whom it was received stand there already."""


@contextmanager
def call(home: Home, *words: str, lang: str = "en", program: str = "") -> Iterator["pexpect.spawn[str]"]:
    """Call the program, or another one with these words, on a terminal."""
    child = pexpect.spawn(
        program or str(PROGRAM),
        [*words] if program else ["--lang", lang, *words],
        env=home.environ() | {"TERM": "xterm", "COLUMNS": "80"},
        cwd=str(home.work),
        encoding="utf-8",
        dimensions=(40, 80),
        timeout=20,
    )
    try:
        yield child
    finally:
        child.close(force=True)


def answer(child: "pexpect.spawn[str]", answers: Sequence[str]) -> str:
    """Give the answers one by one, each when its prompt stands there; return what the screen said."""
    screen = ""
    for told in answers:
        child.expect(PROMPT.pattern)
        screen += child.before + child.after
        child.sendline(told)
    return screen


def ended(child: "pexpect.spawn[str]") -> tuple[str, int | None]:
    child.expect(pexpect.EOF)
    child.close()
    return child.before, child.exitstatus


pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="needs a pseudo terminal of Linux")


@pytest.mark.parametrize("lang", ["da", "en"])
def test_the_shortest_lawful_concern_takes_fewer_than_twelve_answers(town: Home, lang: str) -> None:
    assert len(SHORTEST) < 12
    with call(town, "create", "--ask", lang=lang) as child:
        screen = answer(child, SHORTEST)
        said, code = ended(child)
    assert code == 0, said
    number = re.search(r"2026-\d{4}|20\d\d-\d{4}", said[said.rindex("\n20") :])
    assert number, said
    case = town.case(number[0])
    assert (case["referrer"], case["concern"]) == ({"member": "klub-nord"}, "Han siger, at vold er i orden.")
    assert ("Hvornår kom bekymringen" in screen) == (lang == "da")
    assert ("When did the concern" in screen) == (lang == "en")


def test_a_wrong_answer_at_every_prompt_leads_back_and_never_out(town: Home) -> None:
    wrong = ["31 February", "nobody", "Not A Code", "somebody", "99", None, "zzz"]
    with call(town, "create", "--ask") as child:
        for bad, good in zip(wrong, [*SHORTEST[:5], *SHORTEST[5:7]], strict=False):
            if bad is not None:
                answer(child, [bad])
            answer(child, [good, ""] if bad is None else [good])
        said, code = ended(child)
    assert code == 0, said


def test_what_is_needed_cannot_be_skipped_and_numbers_choose(town: Home) -> None:
    with call(town, "create", "--ask") as child:
        screen = answer(child, ["2026-03-02", "", "", "1", "", "1", "", "", "Ord", "", ""])
        said, code = ended(child)
    assert code == 0, said
    assert "this one is needed" in screen
    number = re.findall(r"2026-\d{4}", said)[-1]
    assert town.case(number)["referrer"] == {"other": "self"}


def test_one_can_go_back_and_answer_otherwise(town: Home) -> None:
    with call(town, "create", "--ask") as child:
        answer(child, ["", "police", "<", "municipality", *SHORTEST[2:]])
        said, code = ended(child)
    assert code == 0, said
    assert town.case(re.findall(r"20\d\d-\d{4}", said)[-1])["received_by"] == "municipality"


def test_what_the_rules_refuse_leads_back_to_its_question(town: Home) -> None:
    with call(town, "create", "--ask") as child:
        answer(child, ["", "", "no-such-member", "", "person", "Ord", "", ""])
        child.expect("no member of the network has this code")
        answer(child, ["klub-syd", "", "person", "Ord", "", ""])
        said, code = ended(child)
    assert code == 0, said
    assert town.case(re.findall(r"20\d\d-\d{4}", said)[-1])["referrer"] == {"member": "klub-syd"}


def test_a_call_that_breaks_off_is_kept_and_goes_on_in_the_editor_or_by_questions(town: Home) -> None:
    before = town.sealed()
    with call(town, "create", "--ask") as child:
        answer(child, ["", "", "klub-nord"])
        child.expect(PROMPT.pattern)
        child.sendintr()
        said, code = ended(child)
    assert code == 130 and "the text is kept, sealed" in said
    assert town.sealed() == before
    with call(town, "create", "--ask") as child:
        screen = answer(child, ["", "", "", "", "person", "Ord", "", ""])
        said, code = ended(child)
    assert code == 0, said
    assert "member [klub-nord]" in screen
    assert not list((town.path / "state").rglob("draft-*"))


@pytest.mark.parametrize("how", [signal.SIGHUP, signal.SIGTERM])
def test_what_was_answered_is_kept_when_the_window_is_closed(town: Home, how: signal.Signals) -> None:
    with call(town, "create", "--ask") as child:
        answer(child, ["2026-03-02"])
        child.kill(how)
        assert ended(child)[1] == 130
    assert [path.name for path in (town.path / "state").glob("*/draft-*.age")] == ["draft-new-create.age"]


def test_optional_parts_are_chosen_from_a_menu(town: Home) -> None:
    with call(town, "create", "--ask") as child:
        answer(child, [*SHORTEST[:7], "observations", "y", "Slog en dreng", "", "4", "", "", ""])
        answer(child, ["", ""])
        said, code = ended(child)
    assert code == 0, said
    (seen,) = town.case(re.findall(r"20\d\d-\d{4}", said)[-1])["observations"]
    assert (seen["text"], seen["sign"]) == ("Slog en dreng", "truer")


def test_without_a_terminal_nobody_can_be_asked(town: Home) -> None:
    assert "no terminal" in town.fails(2, "create", "--ask")
