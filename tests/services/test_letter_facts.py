"""A letter is a function of facts: change a fact of a case, and the sentence about it changes, or it does not leave."""

import copy
from collections.abc import Mapping
from typing import Any

import invented
import pytest
from cli_kit import Home
from invented import contact, create, joint, police, share

from ballerup_cli.core.cases.case import Case
from ballerup_cli.errors import LetterLacksError, LetterUnfitError
from ballerup_cli.services.documents import documents, letters, papers
from ballerup_cli.services.documents.letter_facts import Ask
from ballerup_cli.services.documents.letters import ELEMENTS, LETTERS
from ballerup_cli.services.store.workspace import Workspace
from ballerup_cli.storage.text import schema

TODAY = "2026-06-22"
CONTACTS = {
    "contacts": {"phone": "00 00 00 00", "email": "", "dpo": {"name": "", "email": "dpo@example.org", "phone": ""}}
}
PERSON = {"kind": "person", "name": "Rørspurv Opdigtet", "born": "2012-05-17", "contact": "Prøvevej 1"}
GUARDIANS = [{"name": "Mor Opdigtet", "contact": "Prøvevej 1"}, {"name": "Far Opdigtet", "custody": False}]
CHILD = create(subject={**PERSON, "guardians": GUARDIANS}, referrer={"other": "citizen", "wants_feedback": True})
GROWN = create(subject={**PERSON, "born": "2001-05-17"}, referrer={"other": "relative"})
SELF = create(subject={**PERSON, "born": "2001-05-17"}, referrer={"other": "self"})
GROUP = create(subject={"kind": "group", "age_band": "18-plus"})
SCHOOL = create(subject=PERSON, referrer={"member": "klub-nord", "wants_feedback": True})
ORDINARY = invented.plan(invented.measure(provision="almen indsats"))
REASONED = invented.plan(invented.measure(reason="Der er brug for en voksen at tale med"))


@pytest.fixture
def workspace(ready_home: Home) -> Workspace:
    """A workspace of one's own whose settings say how to reach us."""
    made = ready_home.workspace()
    set_to(made, CONTACTS)
    return made


def set_to(workspace: Workspace, told: Mapping[str, Any]) -> None:
    vars(workspace)["settings"] = schema.layered(copy.deepcopy(dict(workspace.settings)), told)


def letter(workspace: Workspace, name: str, case: Case, today: str = TODAY, **ask: Any) -> str:
    """What the letter says, on one line; refused as it would be refused."""
    steps = papers.PAPERS[name].steps
    entry = [entry for entry in case.entries if entry.step in steps][-1]
    told = papers.facts(workspace, name, case, entry, "da", today, ask=Ask(**ask))
    letters.require(name, case, told)
    english = papers.facts(workspace, name, case, entry, "en", today, ask=Ask(**ask))
    assert documents.compose(name, "en", english)
    return " ".join(documents.as_text(documents.compose(name, "da", told), 200).split())


def opened(form: Mapping[str, Any], *more: tuple[str, Any]) -> Case:
    return invented.case(("create", form), *more)


# --- recipients -------------------------------------------------------------------------------------------------------

CLEARED = ("triage", police())
ACCEPTED = ("triage", joint())
NOBODY = "Der står ikke i sagen, at andre har fået oplysninger fra den"
UNIT = {"outcome": "handed-over", "handed_to": "Opdigtet Ungeenhed"}


@pytest.mark.parametrize(
    ("more", "named"),
    [
        ([], NOBODY),
        ([CLEARED], "Københavns Vestegns Politi, Sektionen for antiradikalisering: politiets og den fælles"),
        ([("share", share(party={"organisation": "Opdigtet Klinik"}))], "Opdigtet Klinik: videregivelse, første gang"),
        ([("share", share(direction="refused", party={"organisation": "Opdigtet Klinik"}))], NOBODY),
        ([("share", share(direction="received", party={"organisation": "Opdigtet Klinik"}))], NOBODY),
        ([("close", invented.close(**UNIT))], "Opdigtet Ungeenhed: sagen er overdraget, første gang 20.06.2026"),
        ([("close", invented.close("handed-over"))], "anden myndighed: sagen er overdraget"),
        ([CLEARED, ("triage", joint("elsewhere", closing=UNIT))], "Opdigtet Ungeenhed: sagen er overdraget"),
        ([("close", invented.close("police-takes-over"))], "Politi, Sektionen for antiradikalisering: sagen er"),
        ([("contact", contact("notice", "2026-03-04"))], "Børne- og Ungerådgivningen: underretning, første gang 04.03"),
        ([("contact", contact("conversation", "2026-03-04", **{"with": "police"}))], "kontakt om sagen, første gang"),
        ([CLEARED, ACCEPTED, ("assess", invented.assess())], "SSP: deltog i drøftelse"),
        ([CLEARED, ("triage", joint(participants=[{"organisation": "Opdigtet Bo"}]))], "Opdigtet Bo: deltog i"),
        (
            [
                *invented.BEFORE["assessed"][1:],
                ("plan", invented.plan(team=[{"function": "uu", "organisation": "Opdigtet UU"}])),
            ],
            "Opdigtet UU: med i teamet",
        ),
        (
            [*invented.BEFORE["assessed"][1:], ("plan", invented.plan(invented.measure(delivered_by="klub-nord")))],
            "Klub Nord: udfører eller beslutter",
        ),
        (
            [*invented.BEFORE["planned"][1:], ("follow-up", invented.follow_up(participants=[{"function": "uu"}]))],
            "uddannelsesvejleder",
        ),
    ],
)
def test_whoever_the_record_says_was_told_is_named_and_nobody_else(
    workspace: Workspace, more: list[Any], named: str
) -> None:
    page = letter(workspace, "information", opened(CHILD, *more))
    assert named in page
    assert (NOBODY in page) == (named == NOBODY)


def test_an_intake_that_says_a_notice_was_sent_by_us_was_told_to_child_services(workspace: Workspace) -> None:
    notice = {"status": "sent", "by": "us", "at": "2026-03-03T09:00:00+01:00"}
    assert "Børne- og Ungerådgivningen: underretning" in letter(
        workspace, "information", opened(CHILD | {"notice": notice})
    )
    by_them = opened(CHILD | {"notice": {**notice, "by": "referrer"}})
    assert NOBODY in letter(workspace, "information", by_them)


def test_whom_we_expect_to_tell_is_said_until_they_are_told(workspace: Workspace) -> None:
    soon = "regner vi med, at disse også får oplysninger"
    assert soon in letter(workspace, "information", opened(GROWN))
    assert soon not in letter(workspace, "information", opened(GROWN, CLEARED))
    set_to(workspace, {"core_group": [{"function": "ssp", "organisation": "Opdigtet SSP"}]})
    assert "Opdigtet SSP" in letter(workspace, "information", opened(GROWN, CLEARED, ACCEPTED))
    ended = opened(GROWN, CLEARED, ("triage", joint("no-basis")))
    assert soon not in letter(workspace, "information", ended)


# --- age, voice, article, sources -------------------------------------------------------------------------------------


def test_the_age_is_that_of_today_and_a_grown_up_has_no_guardian(workspace: Workspace) -> None:
    case = opened(CHILD)
    then = letter(workspace, "information", case)
    assert "oplysninger om dit barn" in then and "Til: Mor Opdigtet" in then and "Far Opdigtet" not in then
    grown = letter(workspace, "information", case, today="2033-05-18")
    assert "oplysninger om dig" in grown and "barn" not in grown and "Til: Rørspurv Opdigtet" in grown
    assert "fyldt 10 år" not in grown and "fylder 18" not in grown
    with pytest.raises(LetterUnfitError):
        letter(workspace, "information", case, today="2033-05-18", to="guardians")


def test_from_ten_years_a_child_is_a_party_and_younger_it_is_not(workspace: Workspace) -> None:
    older = letter(workspace, "information", opened(CHILD))
    assert "Barnet er fyldt 10 år og har selv disse rettigheder" in older and "barnets lov § 3" in older
    young = create(subject={**PERSON, "born": "2017-05-17"})
    assert "fyldt 10 år" not in letter(workspace, "information", opened(young))
    assert "Du er fyldt 10 år" in letter(workspace, "information", opened(CHILD), to="subject")


def test_who_came_himself_is_told_by_article_13_and_is_a_source(workspace: Workspace) -> None:
    own, others = letter(workspace, "information", opened(SELF)), letter(workspace, "information", opened(GROWN))
    assert "artikel 13" in own and "artikel 14" not in own and "- dig selv" in own
    assert "artikel 14" in others and "artikel 13" not in others and "dig selv" not in others
    assert "Hvem der henvendte sig, oplyser vi ikke her" in others and "Hvem der henvendte sig" not in own
    heard = opened(GROWN, ("contact", contact("conversation", "2026-03-05", **{"with": "subject"})))
    assert "- dig selv" in letter(workspace, "information", heard)


@pytest.mark.parametrize(
    ("form", "words"),
    [
        (create(subject=PERSON, referrer={"member": "klub-nord"}), "fagfolk, der møder borgere"),
        (create(subject=PERSON, referrer={"other": "relative"}), "en privatperson"),
        (create(subject=PERSON, referrer={"other": "anonymous"}), "en henvendelse uden navn"),
        (create(subject=PERSON, referrer={"other": "authority"}), "en anden myndighed"),
        (create(subject=PERSON, referrer={"other": "police"}, received_by="police"), "- politiet"),
        (create(subject=PERSON, observations=[{"text": "Set", "source": "online"}]), "åbent på nettet"),
    ],
)
def test_the_source_is_told_by_its_category(workspace: Workspace, form: Any, words: str) -> None:
    page = letter(workspace, "information", opened(form))
    assert words in page and "Klub Nord" not in page


def test_only_what_is_there_is_said_to_be_there(workspace: Workspace) -> None:
    bare = create(subject={"kind": "person", "age_band": "18-plus"}, observations=[])
    page = letter(workspace, "information", opened(bare))
    assert "CPR-nummer" not in page and "set eller hørt" not in page and "handleplan" not in page.split("Hvor de")[0]
    full = create(subject={**PERSON, "cpr": "1705120000"})
    page = letter(workspace, "information", opened(full, *invented.BEFORE["planned"][1:]))
    assert "- CPR-nummer" in page and "- en handleplan" in page and "- en samlet vurdering" in page


# --- state and retention ----------------------------------------------------------------------------------------------


def test_the_state_and_how_long_it_is_kept_are_those_of_the_case(workspace: Workspace) -> None:
    page = letter(workspace, "information", opened(GROWN))
    assert "Vi er ved at se på, om der er brug for hjælp" in page
    assert "lukkes den uden handleplan: 6 måneder" in page and "22.12.2026" in page
    child = letter(workspace, "information", opened(CHILD))
    assert "uden handleplan: 3 måneder" in child and "22.09.2026" in child and "barnet fylder 18 år" in child
    closed = letter(workspace, "information", opened(GROWN, CLEARED, ("triage", joint("no-basis"))))
    assert "Sagen blev lukket den 10.03.2026" in closed
    assert "gemmes i 6 måneder, efter at den blev lukket. Den 10.09.2026 foreslås den slettet" in closed
    ended = invented.BEFORE["closed"][1:]
    done = letter(workspace, "information", opened(GROWN, *ended))
    assert "gemmes i 2 år" in done and "20.06.2028" in done and "beslutter, om den skal slettes" in done
    young = letter(workspace, "information", invented.case(*invented.BEFORE["closed"]))
    assert "højst i 2 år" in young and "fylder 18 år, den 17.05.2028" in young and "20.06.2028" not in young
    for rule in workspace.settings["retention"].values():
        assert rule["label"]["da"] not in done + closed + page, "a rule's label is no answer"


def test_an_extension_is_said_with_its_day(workspace: Workspace) -> None:
    case = invented.case(*invented.BEFORE["closed"], ("extend", invented.extend(until="2029-01-31")))
    page = letter(workspace, "information", case)
    assert "gemmes til den 31.01.2029" in page and "20.06.2028" not in page


def test_what_the_police_took_over_is_not_called_social_work(workspace: Workspace) -> None:
    page = letter(workspace, "information", opened(GROWN, ("triage", police("blocked"))))
    assert "Politiet har overtaget den" in page and "ikke efterforskning" not in page
    assert "ikke efterforskning" in letter(workspace, "information", opened(GROWN))


# --- receipt and feedback ---------------------------------------------------------------------------------------------


def test_a_receipt_says_what_became_of_the_notice(workspace: Workspace) -> None:
    assert "bliver derfor også behandlet som en underretning" in letter(workspace, "receipt", opened(CHILD))
    assert "Ring eller skriv til den kommunale infohustovholder" in letter(workspace, "receipt", opened(CHILD))
    sent = opened(CHILD, ("contact", contact("notice", "2026-03-04")))
    assert "den er sendt den 04.03.2026" in letter(workspace, "receipt", sent)
    assert "§ 137" not in letter(workspace, "receipt", opened(GROWN))
    assert "ser på den" not in letter(workspace, "receipt", opened(GROWN, ("close", invented.close("other"))))


@pytest.mark.parametrize(
    ("name", "case"),
    [
        ("receipt", opened(CHILD | {"notice": {"status": "not-needed", "reason": "Er ikke barn"}})),
        ("receipt", opened(create(subject=PERSON, referrer={"other": "anonymous"}))),
        ("feedback", opened(CHILD)),
        ("feedback", opened(create(referrer={"other": "anonymous"}), ("close", invented.close("other")))),
        (
            "feedback",
            opened(create(referrer={"other": "citizen", "wants_feedback": False}), ("close", invented.close("other"))),
        ),
        ("invitation", opened(GROWN)),
        ("invitation", opened(GROWN, CLEARED)),
        ("invitation", invented.case(*invented.BEFORE["closed"])),
        ("consent", invented.case(*invented.BEFORE["closed"])),
        ("consent", opened(GROUP)),
        ("information", opened(GROUP)),
        ("hearing", invented.case(*invented.BEFORE["assessed"])),
        ("hearing", invented.case(*invented.BEFORE["planned"])),
        ("decision", opened(GROWN, *invented.BEFORE["assessed"][1:], ("plan", ORDINARY))),
    ],
)  # fmt: skip
def test_a_letter_that_would_not_be_true_is_refused_with_the_reason(
    workspace: Workspace, name: str, case: Case
) -> None:
    with pytest.raises(LetterUnfitError) as refused:
        letter(workspace, name, case)
    assert refused.value.exit_code == 11 and refused.value.facts["reason"]


def test_feedback_tells_a_professional_what_was_started_and_nobody_else(workspace: Workspace) -> None:
    ended = ("close", invented.close("other"))
    assert "ikke sat en analyse" in letter(workspace, "feedback", opened(SCHOOL, ended))
    done = [*invented.BEFORE["planned"][1:], ("close", invented.close())]
    page = letter(workspace, "feedback", opened(SCHOOL, *done))
    assert "undersøgt sagen nærmere" in page and "besluttet indsatser" in page and "sat indsatser i gang" not in page
    begun = [*invented.BEFORE["planned"][1:], ("follow-up", invented.follow_up()), ("close", invented.close())]
    assert "Der er sat indsatser i gang" in letter(workspace, "feedback", opened(SCHOOL, *begun))
    assert "fagperson" not in letter(workspace, "feedback", opened(CHILD, ended))


def test_names_of_others_in_words_of_peoples_own_are_shown_to_the_sender_by_their_place(workspace: Workspace) -> None:
    named = create(
        subject=PERSON, referrer={"other": "citizen", "name": "Lærke Opdigtet"}, concern="Laerke  opdigtet så det"
    )
    case = opened(named)
    told = papers.facts(workspace, "access", case, case.entries[0], "da", TODAY)
    found = [one for one in letters.warnings(case, "access", told) if "entry" in one.facts]
    assert [(one.facts["entry"], one.facts["field"]) for one in found] == [(1, "concern")]
    child = opened(CHILD)
    told = papers.facts(workspace, "information", child, child.entries[0], "da", TODAY)
    assert list(letters.warnings(child, "information", told)) == []


def test_a_letter_to_guardians_says_whom_it_is_about(workspace: Workspace) -> None:
    assert "Brevet handler om Rørspurv Opdigtet" in letter(workspace, "information", opened(CHILD))
    assert "Brevet handler om" not in letter(workspace, "information", opened(GROWN))
    by_number = create(subject={"kind": "person", "name": "Rørspurv Opdigtet", "cpr": "1705010000"})
    assert "oplysninger om dig" in letter(workspace, "information", opened(by_number))


# --- consent, hearing, decision ---------------------------------------------------------------------------------------


def test_a_consent_is_signed_by_whom_it_is_about_once_grown(workspace: Workspace) -> None:
    case = opened(CHILD)
    then, grown = letter(workspace, "consent", case), letter(workspace, "consent", case, today="2033-05-18")
    assert "mit barn" in then and "Forældremyndighedsindehaver, Mor Opdigtet" in then
    assert "hjælpe mig" in grown and "barn" not in grown and "Forældre" not in grown


def test_a_hearing_is_about_the_plan_that_is_not_decided_and_has_a_deadline(workspace: Workspace) -> None:
    case = opened(CHILD, *invented.BEFORE["assessed"][1:])
    page = letter(workspace, "hearing", case, draft=REASONED)
    assert "kontaktpersonsordninger" in page and "§ 32" in page and "senest den 06.07.2026" in page
    assert "Truede to drenge" in page
    refuted = [("note", invented.note(checked=[{"observation": 1, "status": "refuted"}]))]
    assert "Truede to drenge" not in letter(workspace, "hearing", opened(CHILD, *invented.BEFORE["assessed"][1:], *refuted), draft=REASONED)  # noqa: E501  # fmt: skip


def test_a_decision_gives_a_reason_for_each_measure_and_how_to_complain(workspace: Workspace) -> None:
    before = (("create", CHILD), *invented.BEFORE["assessed"][1:])
    page = letter(workspace, "decision", invented.case(*before, ("plan", REASONED)))
    assert "Begrundelse: Der er brug for en voksen at tale med" in page and "Ankestyrelsen" in page and "4 uger" in page
    assert "kan selv klage" in page and "01.04.2026" in page
    with pytest.raises(LetterLacksError) as lacking:
        letter(workspace, "decision", invented.case(*before, ("plan", invented.plan())))
    assert lacking.value.facts["missing"] == ["measures.1.reason"]
    polices = invented.measure(reason="x", authority="Københavns Vestegns Politi, Sektionen for antiradikalisering")
    with pytest.raises(LetterUnfitError):
        letter(workspace, "decision", invented.case(*before, ("plan", invented.plan(polices))))
    heard = REASONED | {"hearing": {"status": "exempt", "provision": "forvaltningslovens § 19, stk. 2, nr. 1"}}
    page = letter(workspace, "decision", invented.case(*before, ("plan", heard)))
    assert "ikke hørt før afgørelsen: forvaltningslovens § 19, stk. 2" in page


def test_an_invitation_names_only_a_meeting_that_lies_ahead(workspace: Workspace) -> None:
    assert "Dag: ____" in letter(workspace, "invitation", opened(GROWN, CLEARED, ACCEPTED))


# --- what must be there -----------------------------------------------------------------------------------------------

EMPTY: dict[str, Any] = {
    "controller": {"municipality": ""},
    "telephone": {"contacts": {"phone": ""}},
    "officer": {"contacts": {"dpo": {"email": ""}}},
    "purposes": {"letters": {"purposes": {"da": "", "en": ""}}},
    "basis": {"letters": {"basis": {"da": "", "en": ""}}},
    "basis-special": {"letters": {"basis_special": {"da": "", "en": ""}}},
    "basis-offences": {"letters": {"basis_offences": {"da": "", "en": ""}}},
    "complaint": {"letters": {"supervision": {"da": "", "en": ""}}},
    "appeal": {"letters": {"appeals": {"da": "", "en": ""}}},
    "deadline": {"letters": {"hearing_days": 0}},
    "sentence": {"sentences": {"feedback": {"da": "", "en": ""}}},
}
FITTING: dict[str, tuple[Case, dict[str, Any]]] = {
    "information": (opened(CHILD), {}),
    "receipt": (opened(CHILD), {}),
    "feedback": (opened(CHILD, ("close", invented.close("other"))), {}),
    "invitation": (opened(CHILD, CLEARED, ACCEPTED), {}),
    "consent": (opened(CHILD), {}),
    "hearing": (opened(CHILD, *invented.BEFORE["assessed"][1:]), {"draft": REASONED}),
    "decision": (opened(CHILD, *invented.BEFORE["assessed"][1:], ("plan", REASONED)), {}),
    "answer": (opened(CHILD, *invented.request()), {}),
}


def test_every_letter_and_every_element_is_tried() -> None:
    assert FITTING.keys() == LETTERS.keys()
    told_by_case = {"sources", "retention", "measures", "reasons"}
    assert ELEMENTS.keys() == EMPTY.keys() | told_by_case
    assert {name for one in LETTERS.values() for name in one.elements} == ELEMENTS.keys()


@pytest.mark.parametrize(
    ("name", "element"),
    [(one.name, element) for one in LETTERS.values() for element in one.elements if element in EMPTY],
)
def test_a_letter_that_lacks_what_it_must_say_is_refused_and_names_the_setting(
    workspace: Workspace, name: str, element: str
) -> None:
    case, ask = FITTING[name]
    assert letter(workspace, name, case, **ask)
    set_to(workspace, EMPTY[element])
    with pytest.raises(LetterLacksError) as lacking:
        letter(workspace, name, case, **ask)
    (path,) = lacking.value.facts["missing"]
    first = next(iter(EMPTY[element]))
    assert path.startswith(first) and lacking.value.exit_code == 12


def test_an_answer_tells_what_is_withheld_of_no_entry_and_who_was_informed_on_no_day(workspace: Workspace) -> None:
    opening, _, (step, answer) = invented.request(told=[{"organisation": "Opdigtet Klinik"}])
    withheld = {"decision": "withheld", "provision": "§ 22", "reason": "Andres forhold"}
    decided = ("request-decide", {"number": "R2026-001", "decisions": [withheld]})
    page = letter(workspace, "answer", opened(CHILD, opening, decided, (step, answer)))
    assert "- § 22. Andres forhold" in page and "- Opdigtet Klinik Hvis du vil klage" in page


@pytest.mark.parametrize("name", LETTERS)
def test_what_is_set_stands_in_the_letter_and_each_is_from_us(workspace: Workspace, name: str) -> None:
    case, ask = FITTING[name]
    set_to(workspace, {"municipality": "Opdigtet Kommune", "letterhead": "Prøvevej 1, 0000 Prøveby"})
    page = letter(workspace, name, case, **ask)
    assert "Opdigtet Kommune" in page
    assert "Prøvevej 1, 0000 Prøveby" in page or name == "invitation"
    assert "00 00 00 00" in page
    assert "Ballerup Kommune" not in page
