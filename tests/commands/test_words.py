"""The commands in Danish: aliases, labels and days in options, and no wrong word met with a command that destroys."""

import json

import click
import pytest
from cli_kit import Home

from ballerup_cli.cli.main import main
from ballerup_cli.cli.ui.aliases import _ALIASES, DESTROYING, command_of
from ballerup_cli.cli.ui.params import explain


def names(group: click.Group) -> set[str]:
    inner = [names(each) for each in group.commands.values() if isinstance(each, click.Group)]
    return set(group.commands).union(*inner)


def test_every_danish_word_stands_for_a_command_and_hides_none() -> None:
    assert {command_of(word) for word in _ALIASES} <= names(main)
    assert not set(_ALIASES) & names(main)
    assert command_of("opfølg") == command_of("OPFOELG") == "follow-up"


def test_a_wrong_word_is_never_met_with_a_command_that_destroys() -> None:
    assert names(main) >= DESTROYING
    for word in ("edit", "remov", "eras", "delete", "redac", "retir"):
        with pytest.raises(click.NoSuchCommand) as caught:
            main.resolve_command(click.Context(main), [word])
        said = explain(caught.value)[0].partition(";")[2].replace(",", " ").replace("?", " ").split()
        assert not DESTROYING & set(said), said


def test_options_take_labels_days_and_names_as_they_are_printed(ready_home: Home) -> None:
    def listed(*words: str) -> list[str]:
        return [row["case"] for row in json.loads(ready_home.ok(*words, "--format", "json"))]

    assert listed("liste", "--state", "lukket") == listed("list", "--state", "closed") != []
    assert listed("list", "--member", "Klub Nord") == listed("list", "--member", "klub-nord") != []
    still = listed("list", "--open")
    assert sorted([*still, *listed("list", "--state", "closed")]) == listed("list")
    assert listed("--today", "1.1.2020", "list", "--overdue") == []
    assert set(listed("--today", "1.7.2026", "list", "--overdue", "--open")) <= set(still)
    assert "Brug: ballerup create" in ready_home.ok("--lang", "da", "hjælp", "opret")
