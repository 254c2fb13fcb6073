"""Publishing: a period goes out once, is reprinted as it was, and later reports are held against it."""

import json
from typing import Any

import pytest
from attack import Reader
from cli_kit import Home

JANUARY = ("--from", "2026-01-01", "--to", "2026-01-31")
YEAR = ("--from", "2026-01-01", "--to", "2026-12-31")


def report(home: Home, *words: str) -> Any:
    return json.loads(home.ok("report", *words, "--format", "json"))


def intake(day: str) -> str:
    return json.dumps(
        {
            "received": f"2026-{day}T10:00:00+01:00",
            "received_by": "municipality",
            "referrer": {"member": "hedegaardsskolen"},
            "subject": {"kind": "group", "age_band": "under-18"},
            "concern": "Der er uro ved klubben.",
        }
    )


def test_a_published_month_is_reprinted_and_the_year_held_against_it(town: Home) -> None:
    stream = "\n---\n".join([intake("01-20")] * 8 + [intake("02-20")] * 2)
    town.ok("create", "--from", "-", typed=stream)
    first = report(town, *JANUARY, "--publish")
    assert first["controlled"] is True and first["totals"]["received"] == 8
    town.ok("create", "--from", "-", typed="\n---\n".join([intake("01-21")] * 3))
    assert report(town, *JANUARY, "--internal")["totals"]["received"] == 11
    assert report(town, *JANUARY) == report(town, *JANUARY, "--publish") == first
    year = report(town, *YEAR)
    assert Reader(year, first).hidden()
    assert town.run("verify").code == 0


@pytest.mark.parametrize(
    "period", [("2026-01-02", "2026-01-31"), ("2026-02-01", "2026-04-30"), ("2026-01-01", "2026-05-31")]
)
def test_only_calendar_periods_are_published(town: Home, period: tuple[str, str]) -> None:
    refused = town.fails(2, "report", "--from", period[0], "--to", period[1], "--publish")
    assert "only a calendar month" in refused or "kun en kalendermåned" in refused


@pytest.mark.parametrize("words", [("--publish", "--internal"), ("--by", "tier"), ("--by", "tier", "--by", "tier")])
def test_what_makes_no_sense_together_is_refused(town: Home, words: tuple[str, ...]) -> None:
    town.fails(2, "report", *words)


def test_two_dimensions_are_crossed(town: Home) -> None:
    crossed = report(town, "--by", "tier", "--by", "ring", "--internal")
    assert crossed["crossed"]["by"] == ["tier", "ring"]
    assert sum(row["received"] for row in crossed["crossed"]["rows"]) == crossed["totals"]["received"]
    assert "Crossed" in town.ok("--lang", "en", "report", "--by", "tier", "--by", "ring", "--internal")
    assert "crossed" in town.ok("report", "--by", "tier", "--by", "ring", "--internal", "--format", "csv")
