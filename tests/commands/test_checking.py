"""The check names what is odd, late or missing, by number and entry, as cases stand now; never what they say."""

import json
from typing import Any

import invented
from cli_kit import Home

from ballerup_cli.cli.main import main
from ballerup_cli.core.cases.rules import reason
from ballerup_cli.core.cases.steps import STEPS

CPR = "0101900000"
ADULT = {"kind": "person", "age_band": "18-plus"}


def findings(home: Home, case: str) -> set[tuple[int, str, str | None]]:
    rows = json.loads(home.run("check", "--format", "json").out)
    return {(row["entry"], row["rule"], row["remedy"]) for row in rows if row["case"] == case}


def opened(home: Home, **told: Any) -> str:
    form = invented.create(**{"received": "2026-06-20T10:00", "subject": ADULT, **told})
    return home.ok("create", "--from", "-", typed=json.dumps(form)).strip()


def test_what_was_mended_meanwhile_is_no_finding_any_more(town: Home) -> None:
    case = opened(town, subject={"kind": "person", "born": "2012-01-01"})
    told = findings(town, case)
    assert (1, "notice-is-answered", "contact") in told
    assert town.write("contact", case, invented.contact("notice", "2026-06-20")).code == 0
    assert (1, "notice-is-answered", "contact") not in findings(town, case)
    assert town.write("triage", case, invented.police(decided="2026-06-21")).code == 0
    assert (3, "disclosure-is-written", "share") in findings(town, case)
    assert town.write("share", case, invented.share(date="2026-06-20")).code == 0
    assert (3, "disclosure-is-written", "share") not in findings(town, case)


def test_a_number_in_the_wrong_place_and_a_late_note_are_named_and_not_quoted(town: Home) -> None:
    case = opened(town, concern=f"Han hedder noget med {CPR}", received="2026-01-05T10:00")
    answer = town.run("check")
    assert answer.code == 3 and "ballerup redact" in answer.out
    assert CPR not in answer.out + answer.err
    told = findings(town, case)
    assert (1, "number-in-its-place", "redact") in told
    assert (1, "written-in-time", None) in told
    in_place = opened(town, subject={**ADULT, "cpr": CPR})
    assert not {rule for _, rule, _ in findings(town, in_place)} & {"number-in-its-place"}


def test_a_name_known_elsewhere_is_told_until_the_cases_are_linked(town: Home) -> None:
    named = {**ADULT, "name": "Tænkt Tænktesen"}
    first, second = opened(town, subject=named), opened(town, subject=named)
    assert (1, "person-is-new", "link") in findings(town, second)
    assert town.write("link", second, {"related": [first]}).code == 0
    assert (1, "person-is-new", "link") not in findings(town, second)
    assert (1, "person-is-new", "link") not in findings(town, first)


def test_fields_that_nobody_uses_are_listed(ready_home: Home) -> None:
    rows = json.loads(ready_home.ok("check", "--minimise", "--format", "json"))
    unused = {(row["step"], row["field"]) for row in rows if row["case"] is None}
    assert ("create", "tried") in unused and ("create", "concern") not in unused
    assert not {step for step, _ in unused} & {"share"}, "nobody ever shared, which says nothing of its fields"


def needless(home: Home, case: str) -> set[str]:
    rows = json.loads(home.ok("check", "--minimise", "--format", "json"))
    return {row["field"] for row in rows if row["case"] == case}


def test_what_a_closed_case_no_longer_needs_is_listed_until_it_is_redacted(town: Home) -> None:
    who = {"other": "citizen", "name": "Opdigtet Opdigtesen", "contact": "nabo", "wants_feedback": True}
    case = opened(town, referrer=who, subject={**ADULT, "contact": "opgang 3"})
    assert town.write("triage", case, invented.police(decided="2026-06-20")).code == 0
    assert needless(town, case) == set(), "an open case needs all it has"
    assert town.write("triage", case, invented.joint("no-basis", decided="2026-06-20")).code == 0
    assert needless(town, case) == set(), "who came has not heard how it ended"
    assert town.write("contact", case, invented.contact("feedback", "2026-06-21")).code == 0
    assert needless(town, case) == {"referrer.name", "referrer.contact"}
    for path in ("referrer.name", "referrer.contact"):
        form = {"entry": 1, "path": path, "reason": "Behøves ikke mere"}
        assert town.write("redact", case, form).code == 0
    assert needless(town, case) == set()


def test_of_a_case_that_is_another_authoritys_only_the_reference_is_needed(town: Home) -> None:
    case = opened(town, subject={**ADULT, "contact": "opgang 3"})
    assert town.write("triage", case, invented.police("blocked", decided="2026-06-20")).code == 0
    assert needless(town, case) == {"subject.contact", "concern", "observations"}
    form = {"entry": 1, "path": "subject.contact", "reason": "Behøves ikke mere"}
    assert town.write("redact", case, form).code == 0
    assert needless(town, case) == {"concern", "observations"}


def test_information_left_out_wants_its_provision_and_reason(town: Home) -> None:
    case = opened(town)
    answer = town.write("contact", case, invented.contact("exception", "2026-06-21"))
    assert answer.code == 0 and "§ 22" in answer.err
    assert (2, "silence-has-its-reason", "correct") in findings(town, case)
    for path, value in (("provision", "databeskyttelsesloven § 22"), ("reason", "Ville skade forløbet")):
        form = {"entry": 2, "path": path, "value": value, "reason": "Var glemt"}
        assert town.write("correct", case, form).code == 0
    assert not {rule for _, rule, _ in findings(town, case)} & {"silence-has-its-reason"}


def test_a_store_without_anything_odd_ends_well(home: Home) -> None:
    home.ok("init", home.store, "--as", "anna", "--no-passphrase", "--recovery-file", "rec.txt")
    answer = home.run("check")
    assert (answer.code, answer.out) == (0, "")
    assert home.run("check", "--format", "json").out == "[]\n"


def test_every_rule_is_explained_with_its_source_beside_the_rule_itself(town: Home) -> None:
    rows = json.loads(town.ok("check", "--explain", "--format", "json"))
    told = {name for step in STEPS.values() for rule in (*step.rules, *step.oddities) for name in [reason(rule).name]}
    assert {row["rule"] for row in rows} == told | {"written-in-time", "number-in-its-place", "consent-stands"}
    assert all(row["why"].endswith(".") and row["source"] and row["steps"] for row in rows)
    assert {row["remedy"] for row in rows} - {None} <= set(main.commands)
    (heard,) = [row for row in rows if row["rule"] == "party-is-heard"]
    assert (heard["effect"], heard["steps"], heard["source"]) == ("warns", ["plan"], "forvaltningsloven § 19")


def test_the_explanation_is_in_the_language_chosen_and_fits(town: Home) -> None:
    page = town.ok("--lang", "da", "check", "--explain", COLUMNS="80")
    assert "forvaltningsloven § 19" in page and "afviser" in page and max(map(len, page.splitlines())) <= 80
