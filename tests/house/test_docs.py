"""The documentation tells of what there is: links, paths, tests, commands, options and the table of steps."""

import re
from pathlib import Path

import click
import pytest

from ballerup_cli.cli.main import main
from ballerup_cli.core.cases import prefill
from ballerup_cli.core.cases.case import NEXT_GATE
from ballerup_cli.core.cases.steps import STEPS

ROOT = Path(__file__).parents[2]
PAGES = [ROOT / "README.md", ROOT / "CHANGELOG.md", *sorted((ROOT / "docs").rglob("*.md"))]
OURS = "ballerup_cli|schemas|templates|tests|docs|cases"
UNWELCOME = re.compile(
    r"^(?:<{7}|={7}|>{7})(?: |$)|\b(TODO|FIXME|XXX|coming soon|lorem ipsum)\b"
    r"|!\[|[\U0001F300-\U0001FAFF\u2705\u26A0]",
    re.IGNORECASE | re.MULTILINE,
)


def shown(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def text_of(path: Path) -> str:
    return path.read_text(encoding="utf-8")


def code(text: str) -> list[str]:
    """Give every line that is set as code, in a block or within a sentence, but no comment and nothing printed."""
    blocks = re.findall(r"^```(\w*)\n(.*?)^```$", text, re.MULTILINE | re.DOTALL)
    lines = [
        line for kind, block in blocks for line in block.splitlines() if kind != "console" or line.startswith("$ ")
    ]
    return [
        *lines,
        *re.findall(r"`([^`\n#][^`\n]*)`", re.sub(r"^```.*?^```$", "", text, flags=re.MULTILINE | re.DOTALL)),
    ]


def options_of(command: click.Command) -> set[str]:
    return {name for option in command.params for name in (*option.opts, *option.secondary_opts)} | {"--help"}


def called_in(words: list[str]) -> click.Command:
    """The command that the words of a line call, one below another where there are groups."""
    found: click.Command = main
    for word in words:
        found = getattr(found, "commands", {}).get(word, found)
    return found


def all_of(command: click.Command) -> list[click.Command]:
    return [command, *(below for inner in getattr(command, "commands", {}).values() for below in all_of(inner))]


EVERY_OPTION = set().union(*(options_of(command) for command in all_of(main)))
pages = pytest.mark.parametrize("page", PAGES, ids=shown)


@pages
def test_every_link_leads_somewhere(page: Path) -> None:
    for target, anchor in re.findall(r"\]\((?!https?:)([^)#\s]*)(?:#([^)\s]+))?\)", text_of(page)):
        found = (page.parent / target) if target else page
        assert found.exists(), target
        headings = re.findall(r"^#+ (.*)$", text_of(found), re.MULTILINE) if anchor else []
        assert not anchor or anchor in {re.sub(r"[^\w -]", "", h.lower()).replace(" ", "-") for h in headings}, anchor


@pages
def test_every_path_and_every_test_that_is_named_is_there(page: Path) -> None:
    for path, test in re.findall(rf"`((?:{OURS})/[\w./-]*)(?:::(\w+))?`", text_of(page)):
        if not re.search("NAME|YYYY", path):
            assert (ROOT / path).exists(), path
        assert not test or f"def {test}(" in text_of(ROOT / path), test


@pages
def test_every_command_and_option_that_is_named_is_there(page: Path) -> None:
    for line in code(text_of(page)):
        for called in re.findall(r"\bballerup((?: +[^`|>;&'#]+)?)", line):
            words = called.split()
            name = next((word for word in words if word in main.commands), None)
            wanted = {word.partition("=")[0] for word in words if word.startswith("--")}
            assert wanted <= options_of(main) | options_of(called_in(words)), line
            assert name or not words or words[0].startswith(("-", "COMMAND", '"$@"')), line
        if line.startswith("--"):
            assert line.split()[0] in EVERY_OPTION, line
        if target := re.match(r"make (\w+)", line):
            assert re.search(rf"^{target[1]}:", text_of(ROOT / "Makefile"), re.MULTILINE), line


@pages
def test_nothing_is_promised_or_decorated(page: Path) -> None:
    assert not UNWELCOME.search(text_of(page))


def test_every_command_is_in_the_changelog() -> None:
    assert set(main.commands) <= {word for line in code(text_of(ROOT / "CHANGELOG.md")) for word in line.split()}


def test_the_table_of_steps_is_the_table_of_steps() -> None:
    page = text_of(ROOT / "docs" / "architecture.md")
    rows = re.findall(r"^\| `([\w-]+)` \| (.*?) \| (.*?) \| (yes|no) \|$", page, re.MULTILINE)
    flow = [*NEXT_GATE, "closed"]
    assert rows == [
        (
            step.name,
            ", ".join(state for state in flow if state in step.states) or "–",
            f"`{step.happened}`" if step.happened else "–",
            "no" if step.known is prefill.nothing else "yes",
        )
        for step in STEPS.values()
    ]


def test_every_decision_is_short_numbered_and_says_what_is_bad_about_it() -> None:
    decisions = sorted((ROOT / "docs/decisions").glob("*.md"))
    numbers = [int(path.name[:4]) for path in decisions]
    assert len({*numbers}) == len(numbers), "two decisions of one number"
    for number, path in zip(numbers, decisions, strict=True):
        text = text_of(path)
        assert text.startswith(f"# {number:04d}: ")
        assert re.findall(r"^## (.*)$", text, re.MULTILINE) == ["Context", "Options", "Decision", "Others"]
        chosen = text.partition("## Decision")[2].partition("## Others")[0]
        assert "Good, because" in chosen
        assert "Bad, because" in chosen
        assert len(text.splitlines()) <= 40
