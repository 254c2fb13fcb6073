"""Both languages are complete, say the same, and never fail; nothing printed is obeyed by a terminal."""

import os
import pty
import re
import string
import subprocess
import sys

import click
import pytest
from babel.messages.catalog import Catalog
from babel.messages.mofile import read_mo
from catalogue import PO, read, texts, updated
from hypothesis import given
from hypothesis import strategies as st

from ballerup_cli import errors
from ballerup_cli.cli.ui import params, terminal, text
from ballerup_cli.cli.ui.hints import hint_for
from ballerup_cli.errors import BallerupError, Finding

ERRORS = [kind for kind in vars(errors).values() if isinstance(kind, type) and issubclass(kind, BallerupError)]


@pytest.fixture(autouse=True)
def english():
    text.set_language("en")
    yield
    text.set_language("en")


@pytest.fixture(scope="module")
def catalogue() -> Catalog:
    return read()


def variants(message) -> list[tuple[str, str]]:
    """Pairs of English and Danish, the plural too."""
    english = [message.id] if isinstance(message.id, str) else list(message.id)
    danish = [message.string] if isinstance(message.string, str) else list(message.string)
    return list(zip(english, danish, strict=True))


# --- the catalogue ----------------------------------------------------------------------------------------------------


def test_the_catalogue_has_every_text_of_the_sources_and_no_other(catalogue):
    wanted = {text if isinstance(text, str) else text[0] for text, _file in texts()}
    known = {message.id if isinstance(message.id, str) else message.id[0] for message in catalogue if message.id}
    assert sorted(wanted - known) == [], "run 'make messages' and translate"
    assert sorted(known - wanted) == [], "run 'make messages'"
    assert not catalogue.obsolete


def entries(catalogue: Catalog) -> list[tuple[object, object]]:
    parts = [(message.id, message.string) for message in catalogue if message.id]
    return [tuple(part if isinstance(part, str) else tuple(part) for part in pair) for pair in parts]


def test_the_files_are_what_make_messages_writes(catalogue):
    assert entries(catalogue) == entries(updated(catalogue))
    with PO.with_suffix(".mo").open("rb") as file:
        assert sorted(entries(read_mo(file)), key=str) == sorted(entries(catalogue), key=str)


def test_every_text_is_translated_and_none_is_a_guess(catalogue):
    messages = [message for message in catalogue if message.id]
    assert [message.id for message in messages if message.fuzzy] == []
    assert [english for message in messages for english, danish in variants(message) if not danish.strip()] == []


def test_both_languages_have_the_same_facts_and_they_are_plain_names(catalogue):
    def facts(template: str) -> set[tuple[str, str, str | None]]:
        return {(name, spec, how) for _text, name, spec, how in string.Formatter().parse(template) if name is not None}

    for message in catalogue:
        for english, danish in variants(message) if message.id else ():
            both = facts(english) | facts(danish)
            assert facts(danish) - facts(english) == set(), english
            assert facts(english) == facts(danish) or not isinstance(message.id, str), english
            assert all(re.fullmatch(r"[a-z_]+", name) and not spec and not how for name, spec, how in both), english


def test_both_languages_end_alike(catalogue):
    for message in catalogue:
        for english, danish in variants(message) if message.id else ():
            marks = [text[-1] if text[-1] in ".:;?!…" else "" for text in (english, danish)]
            assert marks[0] == marks[1], english
            assert (english[0].isspace(), english[-1].isspace()) == (danish[0].isspace(), danish[-1].isspace()), english


@pytest.mark.parametrize("kind", ERRORS, ids=lambda kind: kind.__name__)
def test_messages_are_lower_case_without_a_full_stop_in_both_languages(kind):
    for code in text.LANGUAGES:
        text.set_language(code)
        for template in (kind.message, hint_for(kind)):
            said = text._(template)
            first = re.sub(r"^\{[a-z]+\}: ", "", said)[:1]
            assert not said.endswith(".") and not first.isupper(), said


# --- the choice of a language -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("option", "environ", "config", "chosen"),
    [
        (None, {}, None, "da"),
        ("en", {"BALLERUP_LANG": "da"}, "da", "en"),
        (None, {"BALLERUP_LANG": "en"}, "da", "en"),
        (None, {"LANG": "da_DK.UTF-8"}, "en", "en"),
        (None, {"LANG": "en_GB.UTF-8"}, None, "en"),
        (None, {"LANG": "en_GB.UTF-8", "LC_MESSAGES": "da_DK"}, None, "da"),
        (None, {"LANG": "da_DK", "LC_ALL": "en_US.UTF-8"}, None, "en"),
        (None, {"LANG": "en_US.UTF-8", "LC_ALL": "C"}, None, "da"),
        (None, {"LANG": "C.UTF-8"}, None, "da"),
        (None, {"LANG": "POSIX"}, None, "da"),
        (None, {"LANG": "en"}, None, "en"),
        (None, {"LC_ALL": "", "LANG": "en_US"}, None, "en"),
        (None, {"LANG": "sv_SE.UTF-8"}, None, "da"),
        ("klingon", {"BALLERUP_LANG": "en"}, None, "en"),
    ],
)
def test_the_language_is_chosen_in_this_order(option, environ, config, chosen):
    assert text.choose_language(option, environ, config) == chosen


def test_the_option_is_found_before_click_reads_it():
    assert text.lang_in(["--store", "x", "--lang", "en", "show"]) == "en"
    assert text.lang_in(["create", "--lang=en", "--lang", "da"]) == "en"
    assert text.lang_in(["create", "--", "--lang", "en"]) is None
    assert text.lang_in(["--lang"]) == ""
    assert text.lang_in([]) is None


# --- words for errors and findings ------------------------------------------------------------------------------------


@pytest.mark.parametrize("code", text.LANGUAGES)
@pytest.mark.parametrize("kind", ERRORS, ids=lambda kind: kind.__name__)
def test_an_error_without_its_facts_still_has_words(kind, code):
    text.set_language(code)
    bare = kind.__new__(kind)
    bare.facts = {}
    message, hint = text.describe(bare)
    assert message and "{" not in message + hint


def test_facts_are_put_in_and_lists_are_joined():
    error = errors.UnknownCaseError(case="2026-0007", nearest=("2026-0006", "2026-0008"))
    assert text.describe(error) == ("no such case: 2026-0007", "nearest numbers: 2026-0006, 2026-0008")
    text.set_language("da")
    assert text.describe(error) == ("ingen sag har nummeret 2026-0007", "nærmeste numre: 2026-0006, 2026-0008")


def test_a_hint_that_lacks_its_fact_is_left_out():
    assert text.describe(errors.UnknownCaseError(case="2026-0007", nearest=()))[1] == ""
    assert text.describe(errors.InvalidFormError(findings=[]))[1] == ""


def test_a_reason_is_translated_and_other_facts_are_not():
    text.set_language("da")
    error = errors.DiskError(path="No space left on device", reason="No space left on device")
    assert text.describe(error)[0].startswith("No space left on device: ")
    assert "der er ikke mere plads på disken" in text.describe(error)[0]


def test_a_finding_has_words_too_and_braces_in_its_facts_are_only_text():
    finding = Finding(message="odd {thing}", facts={"thing": "{x}"})
    assert text.describe(finding) == ("odd {x}", "")


def test_a_finding_names_its_field_and_counts_items_as_people_do():
    assert text.describe(Finding(message="odd", path=("observations", 0, "sign")))[0] == "observations 1 sign: odd"


def test_one_and_many():
    one, many = "one thing to mend; save and close when done, close unchanged to give up", "{count}"
    assert text.plural(one, many, 1) == one
    assert text.plural(one, many, 2) == "2"
    text.set_language("da")
    assert text.plural(one, many, 2).startswith("2 ting skal rettes")


# --- the terminal -----------------------------------------------------------------------------------------------------


def test_escape_sequences_and_turned_text_become_visible():
    assert terminal.clean("\x1b[2J\r\x07") == "␛[2J␍␇"
    assert terminal.clean("\x9b31m\x7f") == "<9B>31m␡"
    assert terminal.clean("a\u202eb\u2066c\u200e\u061c") == "a<U+202E>b<U+2066>c<U+200E><U+061C>"
    assert terminal.clean("half \udcff") == "half <U+DCFF>"
    assert terminal.clean("ÆØÅ æøå – “ord” 👩‍🎓\nنام") == "ÆØÅ æøå – “ord” 👩‍🎓\nنام"
    assert terminal.clean("a\nb\tc", keep="") == "a␊b␉c"


@given(st.text())
def test_cleaned_text_is_clean_and_can_be_written(dirty):
    cleaned = terminal.clean(dirty)
    assert terminal.clean(cleaned) == cleaned
    assert cleaned.replace("\n", "").isascii() is False or cleaned.replace("\n", "").isprintable() or not cleaned
    cleaned.encode()


def test_an_error_goes_to_stderr_with_its_places_and_no_colour(capsys):
    findings = [Finding(message="odd", line=3, column=5), Finding(message="bad", line=4), Finding(message="no \x1b")]
    terminal.fail(errors.InvalidFormError(findings=findings, step="create", source="concern.yaml"))
    out, err = capsys.readouterr()
    assert out == ""
    assert err.splitlines() == [
        "concern.yaml:3:5: odd",
        "concern.yaml:4:1: bad",
        "concern.yaml: no ␛",
        "ballerup: error: the form is not valid; findings: 3",
        "ballerup: hint: 'ballerup form create' prints an empty form with every field explained",
    ]


def test_a_warning_is_one_line(capsys):
    terminal.warn(Finding(message="odd\nbut lawful"), "a.yaml")
    assert capsys.readouterr().err == "ballerup: warning: a.yaml: odd␊but lawful\n"


def test_results_end_with_one_newline_and_nothing_prints_nothing(capsys):
    terminal.put("a\tb\x1b\n\n")
    terminal.put("")
    assert capsys.readouterr().out == "a\tb␛\n"


QUESTIONS = """
import os, sys
if os.environ.get("TERMINAL"):
    os.close(os.open(os.environ["TERMINAL"], os.O_RDWR))  # makes it the terminal of this session
from ballerup_cli.cli.ui import terminal
from ballerup_cli.errors import NoTerminalError
try:
    print([terminal.confirm("sure?"), terminal.confirm("sure?"), terminal.new_passphrase("passphrase:")])
except NoTerminalError:
    print("nobody")
"""


def test_questions_are_asked_on_the_terminal_and_a_passphrase_is_not_shown():
    outside, inside = pty.openpty()
    asking = subprocess.Popen(
        [sys.executable, "-c", QUESTIONS],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        env={**os.environ, "TERMINAL": os.ttyname(inside)},
        start_new_session=True,
        text=True,
    )
    shown = b""
    answers = [
        (b"sure?", "ja"),
        (b"sure?", ""),
        (b"phrase:", "sesam"),
        (b"again:", "nej"),
        (b"phrase:", ""),
        (b"phrase:", "sesam"),
        (b"again:", "sesam"),
    ]
    for question, answer in answers:
        fresh = b""
        while question not in fresh:
            fresh += os.read(outside, 1024)
        shown += fresh
        os.write(outside, answer.encode() + b"\n")
    out, _err = asking.communicate(timeout=20)
    os.close(inside)
    os.close(outside)
    assert out == "[True, False, 'sesam']\n"
    assert b"sesam" not in shown


def test_without_a_terminal_nobody_is_asked():
    command = [sys.executable, "-c", QUESTIONS]
    done = subprocess.run(command, input="ja\n" * 9, capture_output=True, text=True, start_new_session=True, check=True)
    assert (done.stdout, done.stderr) == ("nobody\n", "")


# --- click in two languages -------------------------------------------------------------------------------------------


@params.group(help="Options", invoke_without_command=True)
@click.pass_context
def root(ctx):
    if ctx.invoked_subcommand is None:
        click.echo(root.overview(ctx))


@root.command(help="CASE", section="NUMBER", example="ballerup show 7\nballerup show 2026-7")
@params.argument("case", type=params.CaseParam())
@params.option(
    "--as-of", type=params.DateParam(), metavar="DATE", help="required", default="2026-01-01", show_default=True
)
@params.option("--format", type=click.Choice(["table", "json"]))
@params.option("--within", type=click.IntRange(1, 9), metavar="DAYS")
@params.option("--names", is_flag=True)
def show(case, as_of, **_rest):
    click.echo(f"{case} {as_of.isoformat()}")


@root.command(section="NUMBER")
def due():
    """Nothing."""


def run(*arguments: str) -> str:
    result = root.main(list(arguments), prog_name="ballerup", standalone_mode=False)
    assert result in (None, 0)
    return ""


def refused(*arguments: str) -> tuple[str, str]:
    with pytest.raises(click.UsageError) as problem:
        root.main(list(arguments), prog_name="ballerup", standalone_mode=False)
    return params.explain(problem.value)


def test_help_is_danish_in_danish(capsys):
    text.set_language("da")
    run("show", "--help")
    assert capsys.readouterr().out == (
        "Brug: ballerup show [VALG] SAG\n"
        "\n"
        "  SAG\n"
        "\n"
        "Valg:\n"
        "  --as-of DATO           skal angives  [standard: 2026-01-01]\n"
        "  --format [table|json]\n"
        "  --within DAGE\n"
        "  --names\n"
        "  --help                 vis denne hjælp\n"
        "\n"
        "Eksempel:\n"
        "  ballerup show 7\n"
        "  ballerup show 2026-7\n"
    )


def test_help_of_a_group_is_in_sections_and_the_overview_is_short(capsys):
    run("--help")
    assert "Usage: ballerup [OPTIONS] [COMMAND] [ARGS]...\n" in capsys.readouterr().out
    run()
    assert "NUMBER  show due\n" in capsys.readouterr().out


@pytest.mark.parametrize("number", ["7", "2026-7", "2026-0007"])
def test_a_case_number_passes_as_it_was_typed(number, capsys):
    run("show", number, "--as-of", "2026-02-28")
    assert capsys.readouterr().out == f"{number} 2026-02-28\n"


CANARY = "Kanariefugl"


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["show", CANARY], "CASE: a case number looks like 7, 2026-7 or 2026-0007"),
        (["show", "26-7"], "CASE: a case number looks like 7, 2026-7 or 2026-0007"),
        (["show", "٧"], "CASE: a case number looks like 7, 2026-7 or 2026-0007"),
        (["show", "7", CANARY], "too many arguments; content comes from a form, never from arguments"),
        (["show"], "CASE: missing"),
        (["show", "7", "--as-of", "2026-02-30"], "--as-of: a date looks like 2026-03-20"),
        (["show", "7", "--as-of", "20260220"], "--as-of: a date looks like 2026-03-20"),
        (["show", "7", "--format", CANARY], "--format: choose one of table, json"),
        (["show", "7", "--within", CANARY], "--within: a whole number from 1 to 9"),
        (["show", "7", "--within", "10"], "--within: a whole number from 1 to 9"),
        (["show", "7", "--within"], "--within: a value is missing"),
        (["show", "7", f"--names={CANARY}"], "--names: takes no value"),
        (["show", "7", f"--{CANARY}"], "no such option"),
        (["show", "7", "--witin", "1"], "no such option; did you mean --within?"),
        ([CANARY], "no such command"),
        (["shwo"], "no such command; did you mean show?"),
    ],
)
def test_complaints_are_ours_in_both_languages_and_repeat_no_argument(arguments, message):
    assert refused(*arguments)[0] == message
    text.set_language("da")
    danish, hint = refused(*arguments)
    assert danish != message and CANARY not in danish + hint
    assert hint.startswith("'ballerup") and hint.endswith("--help' viser hvordan")


def test_danish_has_one_word_for_a_passphrase_and_no_english_placeholder() -> None:
    danish = " ".join(str(message.string) for message in read() if message.id)
    other = r"\badgangs(?!sætning(?:en|ens)?\b)\w*|\bkodeord\w*|\b(?-i:DIR|FILE)\b"
    assert re.findall(other, danish, re.IGNORECASE) == []
