"""What is published: rounded, dated, revised and named; nothing else leaves as if it were."""

import json
import re
from typing import Any

import invented
import pytest
from cli_kit import Home

YEAR = ("--from", "2026-01-01", "--to", "2026-12-31")
MONTH = ("--from", "2026-01-01", "--to", "2026-01-31")


def report(home: Home, *words: str) -> Any:
    return json.loads(home.ok("report", *words, "--format", "json"))


def take_in(home: Home, day: str, many: int) -> None:
    form = json.dumps(invented.create(received=f"2026-{day}T10:00:00+01:00", subject={"kind": "group"}))
    home.ok("create", "--from", "-", typed="\n---\n".join([form] * many))


def test_what_is_published_has_a_date_a_revision_and_names_what_it_replaces(town: Home) -> None:
    take_in(town, "01-20", 8)
    first = report(town, *MONTH, "--publish")
    assert first["published"]["revision"] == 1 and "replaces" not in first["published"]
    assert (first["scheme"], first["base"], first["controlled"]) == ("rounded", 5, True)
    assert report(town, *MONTH) == report(town, *MONTH, "--publish") == first, "nothing has changed"
    take_in(town, "01-21", 30)
    draft = report(town, *MONTH)
    assert draft["draft"] is True and draft["totals"] != first["totals"], "what is true today, not what was"
    again = report(town, *MONTH, "--publish")
    assert again["published"]["revision"] == 2
    assert again["published"]["replaces"] == {"on": first["published"]["on"], "revision": 1}
    assert "It replaces revision 1 of" in town.ok("report", *MONTH)
    assert town.run("verify").code == 0


def test_an_unpublished_page_says_draft_in_the_file_itself(town: Home) -> None:
    for form in ("table", "html", "svg"):
        assert "DRAFT" in town.ok("report", *YEAR, "--format", form)
        assert "KLADDE" in town.ok("--lang", "da", "report", *YEAR, "--format", form)
    report(town, *YEAR, "--publish")
    for form in ("table", "html"):
        page = town.ok("report", *YEAR, "--format", form)
        assert "DRAFT" not in page and "revision 1" in page


def test_a_year_after_its_half_counts_what_is_true(town: Home) -> None:
    half = ("--from", "2026-01-01", "--to", "2026-06-30")
    report(town, *half, "--publish")
    take_in(town, "03-21", 120)
    assert (
        report(town, *YEAR, "--publish")["totals"]["received"]
        == report(town, *YEAR, "--internal")["totals"]["received"]
    )


def test_the_same_count_prints_the_same_after_keys_are_renewed(town: Home) -> None:
    before = report(town, *YEAR)
    town.ok("keys", "rotate", "--yes")
    assert report(town, *YEAR) == before


def test_what_is_published_holds_no_person_and_its_key_prints_nowhere(town: Home) -> None:
    report(town, *YEAR, "--publish")
    (entry,) = town.workspace().store.entries("published")
    key = town.workspace().store.entries("settings")[0]
    assert (entry.step, sorted(entry.body)) == ("add", ["counted", "report"])
    names = {row["name"] for row in json.loads(entry.body["report"])["by_member"]}
    assert "Klub Nord" in names
    assert not any(word in entry.body["report"] for word in ("2026-0001", "anna", "jakke", key.body["key"]))


@pytest.mark.parametrize(
    "words",
    [("--internal",), ("--as-of", "2026-06-21"), ("--compare",), ("--by", "tier", "--by", "ring"), ("--years", "2")],
)
def test_only_the_whole_report_is_published(town: Home, words: tuple[str, ...]) -> None:
    assert "--publish" in town.fails(2, "report", *YEAR, "--publish", *words)
    assert "published" not in town.workspace().store.register.journals


@pytest.mark.parametrize(
    "days", [("2026-01-02", "2026-01-31"), ("2026-02-01", "2026-04-30"), ("2026-01-01", "2026-05-31")]
)
def test_only_calendar_periods_are_published_and_others_are_withheld(town: Home, days: tuple[str, str]) -> None:
    words = ("--from", days[0], "--to", days[1])
    assert "calendar month" in town.fails(2, "report", *words, "--publish")
    page = report(town, *words)
    assert page["totals"] == {"received": None, "open": None, "closed": None}
    assert "withheld" in town.run("report", *words).err
    text = town.ok("report", *words)
    assert "All counts are withheld" in text and not re.search(r"^\S.* 0$", text, re.MULTILINE)


def test_a_crossed_table_prints_cells_of_the_page_and_no_sum_of_them(town: Home) -> None:
    page = report(town, *YEAR, "--by", "member", "--by", "tier")
    tiers = {row["member"]: row["tiers"] for row in page["by_member"]}
    assert all(row["received"] == tiers[row["member"]][row["tier"]] for row in page["crossed"]["rows"])
    other = report(town, *YEAR, "--by", "ring", "--by", "tier")
    assert {row["received"] for row in other["crossed"]["rows"]} == {None}
    assert "Withheld: only levels" in town.ok("report", *YEAR, "--by", "ring", "--by", "tier")
