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
SHORTEST = ["klub-nord", "person", "Han siger, at vold er i orden.", ""]
"""The shortest lawful concern: when and by whom it was received stand there already; the last is the page of all."""


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


def drafts(home: Home) -> list[str]:
    return sorted(path.name for path in (home.path / "state").glob("*/draft-*.age"))


def newest(said: str) -> str:
    return re.findall(r"20\d\d-\d{4}", said)[-1]


@pytest.mark.parametrize("lang", ["da", "en"])
def test_the_shortest_lawful_concern_takes_no_more_than_eight_answers(town: Home, lang: str) -> None:
    assert len(SHORTEST) <= 8
    with call(town, "create", "--ask", lang=lang) as child:
        screen = answer(child, SHORTEST)
        said, code = ended(child)
    assert code == 0, said
    case = town.case(newest(said))
    assert (case["referrer"], case["concern"]) == ({"member": "klub-nord"}, "Han siger, at vold er i orden.")
    assert ("Hvad er bekymringen" in screen) == (lang == "da")
    assert all(len(line) <= 80 for line in screen.replace("\r", "").split("\n"))


def test_a_wrong_answer_at_every_prompt_leads_back_and_never_out(town: Home) -> None:
    with call(town, "create", "--ask") as child:
        answer(child, ["99", "", "nobody", "9", "2", "99", "3", "g", "-", "", "2", "", "Ord", "99", "zzz", ""])
        said, code = ended(child)
    assert code == 0, said
    assert town.case(newest(said))["subject"]["kind"] == "group"


def test_one_can_go_back_and_what_was_typed_is_offered(town: Home) -> None:
    with call(town, "create", "--ask") as child:
        screen = answer(child, ["klub-nord", "<", "", "person", "Ord", ""])
        said, code = ended(child)
    assert code == 0, said
    assert "[Klub Nord]" in screen
    assert town.case(newest(said))["referrer"] == {"member": "klub-nord"}


def test_a_code_of_a_list_is_checked_at_its_prompt(town: Home) -> None:
    with call(town, "create", "--ask") as child:
        answer(child, ["no-such-member"])
        child.expect("no member of the network has this name or code")
        answer(child, ["klub-syd", "group", "Ord", ""])
        said, code = ended(child)
    assert code == 0, said
    assert town.case(newest(said))["referrer"] == {"member": "klub-syd"}


def test_an_answer_is_changed_by_its_number_on_the_page_of_all_answers(town: Home) -> None:
    with call(town, "create", "--ask") as child:
        answer(child, [*SHORTEST[:-1], "2", "police", ""])
        said, code = ended(child)
    assert code == 0, said
    assert town.case(newest(said))["received_by"] == "police"


def test_a_call_that_breaks_off_is_kept_and_its_half_typed_line_too(town: Home) -> None:
    before = town.sealed()
    with call(town, "create", "--ask") as child:
        answer(child, ["klub-nord", "person"])
        child.expect(PROMPT.pattern)
        child.send("Han siger")
        child.expect("Han siger")
        child.sendintr()
        said, code = ended(child)
    assert code == 130 and "as draft 1" in said
    assert town.sealed() == before
    with call(town, "drafts", "continue", "1") as child:
        screen = answer(child, ["", ""])
        said, code = ended(child)
    assert code == 0, said
    assert "concern [Han siger]" in screen
    assert town.case(newest(said))["concern"] == "Han siger"
    assert not drafts(town)


def test_nobodys_words_get_into_another_ones_form(town: Home) -> None:
    """A second caller's form is a new one, and the first caller's draft stays as it was."""
    with call(town, "create", "--ask") as child:
        answer(child, ["", "relative", "group", "Den enes ord", "q"])
        assert ended(child)[1] == 130
    kept = {path: path.read_bytes() for path in (town.path / "state").glob("*/draft-*.age")}
    with call(town, "create", "--ask") as child:
        answer(child, ["what?", "n", "klub-nord", "person", "Den andens ord", ""])
        said, code = ended(child)
    assert code == 0, said
    case = town.case(newest(said))
    assert (case["concern"], case["referrer"]) == ("Den andens ord", {"member": "klub-nord"})
    assert case["subject"]["kind"] == "person"
    assert {path: path.read_bytes() for path in kept} == kept
    listed = town.ok("drafts", "--format", "json")
    assert '"number": 1' in listed and '"form": "create"' in listed
    assert "Den enes ord" in town.ok("drafts", "show", "1")
    town.ok("drafts", "throw", "1", "--yes")
    assert not drafts(town)


@pytest.mark.parametrize("how", [signal.SIGHUP, signal.SIGTERM])
def test_what_was_answered_is_kept_when_the_window_is_closed(town: Home, how: signal.Signals) -> None:
    with call(town, "create", "--ask") as child:
        answer(child, ["klub-nord"])
        child.expect(PROMPT.pattern)
        child.kill(how)
        assert ended(child)[1] == 130
    assert drafts(town) == ["draft-1-new-create.age"]


def test_optional_parts_are_opened_from_the_page(town: Home) -> None:
    with call(town, "create", "--ask") as child:
        answer(child, [*SHORTEST[:-1], "m", "observations", "Slog en dreng", "4", "", "", "", "perhaps"])
        child.expect("not understood\r\nObservations: another one")
        child.sendline("")
        answer(child, [""])
        said, code = ended(child)
    assert code == 0, said
    (seen,) = town.case(newest(said))["observations"]
    assert (seen["text"], seen["sign"]) == ("Slog en dreng", "truer")


def test_a_long_line_is_taken_whole_and_a_pasted_one_is_one_answer(town: Home) -> None:
    long = "Ord og " * 800
    with call(town, "create", "--ask") as child:
        answer(child, [*SHORTEST[:2], long + "slut"])
        child.expect("draft:", timeout=60)
        child.sendline("")
        said, code = ended(child)
    assert code == 0, said
    assert town.case(newest(said))["concern"] == long + "slut"


def test_where_lines_cannot_be_edited_a_line_too_long_is_refused_and_a_paste_is_one_answer(town: Home) -> None:
    """Without readline the terminal cuts a line of 4,096 bytes, without a word."""
    program = "import sys; sys.modules['readline'] = None; sys.argv[0] = 'ballerup'\n"
    program += "from ballerup_cli.__main__ import run; run()"
    with call(town, "-c", program, "--lang", "en", "create", "--ask", program=sys.executable) as child:
        answer(child, [*SHORTEST[:2]])
        child.expect(PROMPT.pattern)
        child.send("x" * 5000 + "\n")
        child.expect("too long for the terminal")
        child.expect("concern: ")
        child.send("første\nanden\ntredje\n")
        answer(child, [""])
        said, code = ended(child)
    assert code == 0, said
    assert town.case(newest(said))["concern"] == "første\nanden\ntredje"


def test_a_step_that_is_not_possible_is_refused_before_the_first_question(town: Home) -> None:
    with call(town, "plan", "1", "--ask") as child:
        said, code = ended(child)
    assert code == 11, said


def test_an_assessment_is_finished_by_following_the_prompts(town: Home) -> None:
    with call(town, "assess", "3", "--ask", lang="da") as child:
        answer(child, ["leder, Den Lille Enhed, Person Et", "God til fodbold", "nej", "x", "y", "z"])
        answer(child, ["4", "ja", "foregr", "Kan miste sine venner", ""])
        said, code = ended(child)
    assert code == 0, said
    case = town.case("2026-0003")
    assert (case["tier"], case["state"], case["risks"][0]["text"]) == (
        "foregribende",
        "assessed",
        "Kan miste sine venner",
    )


def test_a_group_is_not_asked_for_its_view_and_yes_or_no_is_said_in_danish(town: Home) -> None:
    with call(town, "create", "--ask") as child:
        answer(child, ["klub-nord", "group", "Ord", ""])
        number = newest(ended(child)[0])
    for step in ("clear", "accept"):
        with call(town, "triage", number, "--ask") as child:
            answer(child, [step, "Grund", *(["Lidt"] if step == "accept" else []), ""])
            if step == "clear":
                answer(child, ["n"])
            assert ended(child)[1] == 0
    with call(town, "assess", number, "--ask", lang="da") as child:
        answer(child, ["leder", "Holdet", "måske"])
        child.expect("skal være ja eller nej")
        screen = answer(child, ["ja", "foregr", "Kan miste", "Lidt", "Samlet", ""])
        assert ended(child)[1] == 0
    assert "syn" not in screen


def test_without_a_terminal_nobody_can_be_asked(town: Home) -> None:
    assert "no terminal" in town.fails(2, "create", "--ask")
