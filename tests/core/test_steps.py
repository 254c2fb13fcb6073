"""The table of steps: what is legal when, what a form must not say, and what is odd."""

from typing import Any

import pytest
from invented import (
    BEFORE,
    CONFIRM,
    REOPEN,
    UNDO,
    assess,
    case,
    case_in,
    close,
    contact,
    context,
    correct,
    create,
    entries,
    extend,
    follow_up,
    hand_over,
    joint,
    link,
    measure,
    moment,
    note,
    pladen,
    plan,
    police,
    redact,
    request,
    restrict,
    share,
    shield,
)

from ballerup_cli.core.cases.case import NEXT_GATE, Case
from ballerup_cli.core.cases.checks import explained, look_back
from ballerup_cli.core.cases.steps import STEPS, breaches, fold, oddities, permit, possible
from ballerup_cli.core.entry import Body
from ballerup_cli.errors import Finding, IllegalStepError, RestrictedError, WrongGateError
from ballerup_cli.storage.text import schema

LEGAL: dict[str, dict[str, tuple[Body, str]]] = {
    "": {"create": (create(), "received")},
    "received": {"triage": (police(), "screened"), "close": (close(), "closed")},
    "screened": {"triage": (joint(), "accepted"), "close": (close(), "closed")},
    "accepted": {"assess": (assess(), "assessed"), "close": (close(), "closed")},
    "assessed": {"plan": (plan(), "planned"), "close": (close(), "closed")},
    "planned": {"plan": (plan(), "planned"), "follow-up": (follow_up(), "planned"), "close": (close(), "closed")},
    "closed": {"reopen": (REOPEN, "planned"), "extend": (extend(), "closed"), "confirm": (CONFIRM, "closed")},
}
"""Every legal step but those of `ANYWHERE`, which are legal in every state a case can have, and where it leads."""

ANYWHERE = ("note", "contact", "share", "correct", "undo", "restrict", "shield", "redact", "link", "hand-over")

QUIET = ("request-open", "request-decide", "request-answer")
"""Steps that are legal in every state too, and that no command has the name of."""

FORMS: dict[str, Body] = {
    **dict(request()),
    "create": create(),
    "triage": police(),
    "assess": assess(),
    "plan": plan(),
    "follow-up": follow_up(),
    "close": close(),
    "reopen": REOPEN,
    "extend": extend(),
    "confirm": CONFIRM,
    "note": note(),
    "contact": contact("conversation", "2026-04-01"),
    "share": share(),
    "correct": correct(),
    "undo": UNDO,
    "restrict": restrict(),
    "shield": shield("anna"),
    "redact": redact(),
    "link": link(),
    "hand-over": hand_over(),
}


def in_state(state: str) -> Case | None:
    return case_in(state) if state else None


def paths(findings: list[Finding]) -> list[tuple[str | int, ...]]:
    return [finding.path for finding in findings]


def messages(findings: list[Finding]) -> list[str]:
    return [finding.message.format(**finding.facts) for finding in findings]


def test_the_table_has_the_steps_of_the_vocabulary_and_every_step_a_schema():
    assert tuple(STEPS) == tuple(step for step in schema.vocabulary()["step"] if step != "restored")
    for name, form in FORMS.items():
        assert schema.check(name, form) == []


WORK = ("triage", "assess", "plan", "follow-up", "share", "close")


@pytest.mark.parametrize("state", [state for state in LEGAL if state])
def test_a_restricted_case_is_kept_and_not_worked_on(state: str):
    """GDPR art. 18: what keeps the record in order goes on, and nothing else."""
    before = fold("2026-0001", entries((*BEFORE.get(state, ()), ("restrict", restrict()))))
    for name, (form, _) in {**LEGAL[state], **{name: (FORMS[name], state) for name in ANYWHERE}}.items():
        if name not in WORK:
            permit(name, before, form)
            continue
        with pytest.raises(RestrictedError):
            permit(name, before, form)


@pytest.mark.parametrize("state", LEGAL)
@pytest.mark.parametrize("name", STEPS)
def test_every_step_in_every_state_is_legal_or_refused(name: str, state: str):
    before = in_state(state)
    anywhere = name in (*ANYWHERE, *QUIET) and state
    if name not in LEGAL[state] and not anywhere:
        with pytest.raises(IllegalStepError) as refused:
            permit(name, before, FORMS[name])
        expected = {*LEGAL[state], *(ANYWHERE if state else ())}
        assert set(refused.value.facts["possible"]) == expected
        assert refused.value.facts["state"] == state
        assert refused.value.facts["step"] == name
        return
    form, after = (FORMS[name], state) if anywhere else LEGAL[state][name]
    if name == "undo":
        after = case(*BEFORE[state][:-1]).state or "received"  # what brought it there is undone, but no intake
    permit(name, before, form)
    assert fold("2026-0001", entries((*BEFORE.get(state, ()), (name, form)))).state == after


@pytest.mark.parametrize(("state", "form"), [("received", joint()), ("screened", police())])
def test_a_triage_takes_the_next_gate_and_no_other(state: str, form: Body):
    with pytest.raises(WrongGateError) as refused:
        permit("triage", case_in(state), form)
    assert refused.value.exit_code == 11
    assert str(refused.value).endswith(f"while the case is {state}")
    assert refused.value.facts["next"] == NEXT_GATE[state]


def test_a_form_without_its_gate_yet_is_permitted_by_state_alone():
    permit("triage", case_in("received"), {})


def test_a_step_nobody_knows_is_illegal():
    with pytest.raises(IllegalStepError):
        permit("applaud", case_in("received"), {})


def test_reading_an_illegal_order_names_the_entry():
    with pytest.raises(IllegalStepError) as refused:
        fold("2026-0001", entries((("create", create()), ("assess", assess()))))
    assert refused.value.facts["entry"] == 2


def test_possible_steps_come_in_the_order_of_the_table():
    assert possible(None) == ("create",)
    assert possible(case_in("planned")) == ("plan", "follow-up", "close", *ANYWHERE)


def test_an_assessment_is_made_again_only_after_gate_c_was_reopened():
    closed = case_in("accepted", ("assess", assess(grounds=False)))
    assert closed.closing is not None and closed.closing["gate"] == "assessment"
    again = case_in("accepted", ("assess", assess(grounds=False)), ("reopen", REOPEN), ("assess", assess()))
    assert again.state == "assessed" and len(again.written("assess")) == 2


# --- What a form must not say -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("field", ["referrer", "place"])
def test_a_code_that_no_member_has_is_refused_with_the_nearest(field: str):
    found = breaches("create", None, create(**{field: {"member": "klubnord"}}), context())
    assert paths(found) == [(field, "member")]
    assert "klub-nord" in messages(found)[0]
    assert "klubnord" not in messages(found)[0]


def test_a_member_that_has_left_is_refused_and_never_proposed():
    left = context(pladen=pladen({"code": "klub-nord", "until": "2026-03-02"}))
    found = breaches("create", None, create(), left)
    assert paths(found) == [("referrer", "member")]
    assert "klub-nord" not in messages(found)[0] and "klub-syd" in messages(found)[0]


def test_a_concern_counts_for_who_was_a_member_when_it_came_whenever_it_is_typed():
    left = context(pladen=pladen({"code": "klub-nord", "until": "2026-03-03"}))
    assert breaches("create", None, create(place={"member": "klub-nord"}), left) == []
    assert case(("create", create())).intake["referrer"]["member"] == "klub-nord"


def test_a_member_that_leaves_tomorrow_may_still_refer():
    leaving = context(pladen=pladen({"code": "klub-nord", "until": "2026-07-01"}))
    assert breaches("create", None, create(), leaving) == []


def test_only_observations_the_case_has_can_be_checked():
    found = breaches("note", case_in("received"), note(checked=[{"observation": 3, "status": "refuted"}]), context())
    assert paths(found) == [("checked", 0, "observation")]
    assert messages(found) == ["the case has no such number; it has 2 of them"]


def test_a_refuted_observation_cannot_be_cited_in_an_assessment():
    refuted = case_in("accepted", ("note", note(checked=[{"observation": 1, "status": "refuted"}])))
    assert paths(breaches("assess", refuted, assess(observations=[2, 1]), context())) == [("observations", 1)]
    assert breaches("assess", refuted, assess(observations=[2]), context()) == []


def test_the_assessment_itself_can_refute_or_restore_what_it_cites():
    refuted = case_in("accepted", ("note", note(checked=[{"observation": 1, "status": "refuted"}])))
    restored = assess(observations=[1], checked=[{"observation": 1, "status": "confirmed"}])
    assert breaches("assess", refuted, restored, context()) == []
    refuting = assess(observations=[1], checked=[{"observation": 1, "status": "refuted"}])
    assert paths(breaches("assess", case_in("accepted"), refuting, context())) == [("observations", 0)]


def test_an_assessment_cites_known_and_new_observations_only():
    form = assess(observations=[{"text": "Taler roligt om det"}, 3, 4])
    assert paths(breaches("assess", case_in("accepted"), form, context())) == [("observations", 2)]


def test_a_group_has_no_view_of_its_own():
    group = case(("create", create(subject={"kind": "group"})), *BEFORE["accepted"][1:])
    form = assess(view_of_subject={"text": "Vi er bare venner"})
    assert paths(breaches("assess", group, form, context())) == [("view_of_subject",)]
    assert oddities("assess", group, assess(), context()) == []


@pytest.mark.parametrize(
    ("coordinator", "refused"),
    [
        ({"name": "Vibe Eksempel", "function": "ssp"}, False),
        ({"function": "ssp"}, False),
        ({"name": "Holger Prøve", "function": "ssp"}, True),
        ({"name": "Vibe Eksempel", "function": "leder"}, True),
    ],
)
def test_another_coordinator_needs_a_reason(coordinator: Body, refused: bool):
    form = plan(coordinator=coordinator)
    found = paths(breaches("plan", case_in("planned"), form, context()))
    assert found == ([("coordinator_reason",)] if refused else [])
    assert breaches("plan", case_in("planned"), {**form, "coordinator_reason": "Barsel"}, context()) == []
    assert breaches("plan", case_in("assessed"), form, context()) == []


def test_a_follow_up_speaks_of_each_known_measure_once():
    form = follow_up(*({"number": number, "status": "ongoing"} for number in (1, 2, 1)))
    found = breaches("follow-up", case_in("planned"), form, context())
    assert paths(found) == [("measures", 1, "number"), ("measures", 2, "number")]


@pytest.mark.parametrize(("tier", "refused"), [("forebyggende", False), ("foregribende", False), ("indgribende", True)])
def test_raising_the_level_of_effort_needs_proportionality(tier: str, refused: bool):
    form = follow_up(tier=tier, tier_reason="Nyt billede")
    found = paths(breaches("follow-up", case_in("planned"), form, context()))
    assert found == ([("proportionality",)] if refused else [])
    assert breaches("follow-up", case_in("planned"), {**form, "proportionality": "Mindre rækker ikke"}, context()) == []


def test_answers_refer_to_numbers_the_case_has():
    answers = [
        {"observation": 2, "answer": "addressed"},
        {"observation": 3, "answer": "addressed"},
        {"risk": 2, "answer": "stands"},
        {"measure": 1, "answer": "addressed"},
    ]
    found = breaches("close", case_in("planned"), close(answers=answers), context())
    assert paths(found) == [("answers", 1, "observation"), ("answers", 2, "risk")]


def test_a_closing_inside_another_step_is_held_to_the_same_rules():
    closing = {"outcome": "unfounded", "answers": [{"observation": 9, "answer": "refuted"}]}
    found = breaches("triage", case_in("screened"), joint("no-basis", closing=closing), context())
    assert paths(found) == [("closing", "answers", 0, "observation"), ("closing", "outcome")]


def test_unfounded_needs_the_core_of_the_concern_refuted_and_not_every_remark():
    assert paths(breaches("close", case_in("screened"), close("unfounded"), context())) == [("outcome",)]
    answered = close("unfounded", answers=[{"observation": 1, "answer": "refuted"}])
    assert breaches("close", case_in("screened"), answered, context()) == []
    checked = case_in("screened", ("note", note(checked=[{"observation": 1, "status": "refuted"}])))
    assert breaches("close", checked, close("unfounded"), context()) == []


def test_unfounded_without_any_observation_is_refused():
    bare = case(("create", {name: value for name, value in create().items() if name != "observations"}))
    assert paths(breaches("close", bare, close("unfounded"), context())) == [("outcome",)]


def test_nothing_goes_to_a_network_or_to_a_member_that_is_no_party():
    here = context(networks=("Infohus Netværk",))
    planned = case_in(
        "assessed", ("plan", plan(measure(delivered_by="Klub Nord"), team=[{"organisation": "headspace"}]))
    )

    def refused(state: Case, **changed: Any) -> list[tuple[str | int, ...]]:
        return paths(breaches("share", state, share(**changed), here))

    network = {"organisation": "INFOHUS netværk"}
    assert refused(planned) == refused(planned, direction="refused", party=network) == []
    assert refused(planned, party=network) == [("party", "organisation")]
    for code, party in (("klub-nord", True), ("headspace", True), ("klub-syd", False), ("klub-nordpol", False)):
        told = {"organisation": "Et medlem", "member": code}
        assert refused(planned, party=told) == ([] if party else [("party", "member")])
        assert refused(case_in("screened"), party=told) == [("party", "member")]


def test_a_third_extension_needs_a_second_person():
    for before, body, needed in ((1, {}, False), (2, {}, True), (3, {}, True), (2, {"second_person": "bo"}, False)):
        extended = case_in("closed", *[("extend", extend())] * before)
        found = paths(breaches("extend", extended, extend(**body), context()))
        assert found == ([("second_person",)] if needed else [])


@pytest.mark.parametrize("step", ["correct", "redact"])
@pytest.mark.parametrize(
    ("entry", "path", "refused"),
    [
        *((2, path, True) for path in ("for", "for.1", "shielded")),
        *((1, path, True) for path in ("shield", "shield.for", "shield.for.1")),
        *((2, "reason", False), (1, "shield.reason", False), (1, "concern", False)),
    ],
)
def test_whom_a_case_is_shielded_for_is_no_word_to_put_right(step: str, entry: int, path: str, refused: bool):
    told = {"for": ["anna", "bo"], "reason": "En kollegas familie"}
    shielded = case(("create", create(shield=told)), ("shield", shield("anna")))
    body = {"entry": entry, "path": path, "reason": "Forkert"} | ({"value": "bo"} if step == "correct" else {})
    assert paths(breaches(step, shielded, body, context())) == ([("path",)] if refused else [])


@pytest.mark.parametrize("step", ["correct", "redact"])
@pytest.mark.parametrize(
    ("entry", "path", "refused"),
    [
        (1, "concern", []),
        (2, "text", []),
        (3, "text", [("entry",)]),
        (2, "text.1", [("path",)]),
        (1, "text", [("path",)]),
    ],
)
def test_only_what_was_written_is_put_right(step: str, entry: int, path: str, refused: list[Any]):
    body = {"entry": entry, "path": path, "reason": "Forkert"}
    assert paths(breaches(step, case_in("received", ("note", note())), body, context())) == refused


def test_a_redaction_is_not_redacted():
    known = case_in("received", ("redact", redact()))
    assert paths(breaches("redact", known, redact(entry=2, path="reason"), context())) == [("entry",)]
    assert breaches("redact", known, redact(path="concern"), context()) == []


def test_who_is_shielded_from_or_cannot_answer_is_told():
    me = context(me="anna", coordinators=("anna", "bo"), openers=("anna", "bo", "rita"))
    received = case_in("received")

    def odd(before: Case | None, step: str, body: Body) -> list[str]:
        return [
            told for told in messages(oddities(step, before, body, me)) if "open this case" in told or "it any" in told
        ]

    mine, theirs = "you do not open this case any more", "who answers for the case does not open it any more"
    assert odd(received, "shield", shield("anna", "rita")) == odd(received, "shield", shield()) == []
    assert odd(received, "shield", shield("bo")) == [mine]
    assert odd(None, "create", create(shield={"for": ["bo"], "reason": "x"})) == [mine]
    assert odd(case_in("received", ("hand-over", hand_over())), "shield", shield("anna")) == [theirs]
    assert odd(case_in("received", ("hand-over", hand_over())), "shield", shield("rita")) == [mine, theirs]
    assert oddities("shield", received, shield("bo"), context()) == []


# --- What is odd but lawful -------------------------------------------------------------------------------------------


def test_an_ordinary_walk_is_neither_refused_nor_odd():
    sent = {"notice": {"status": "sent", "by": "us"}}
    heard = {"view_of_subject": {"text": "Jeg vil gerne spille bold"}}
    answered = [("contact", contact(about, "2026-03-03")) for about in ("notice-assessed", "receipt")]
    both = [{"function": "politi"}, {"function": "infohustovholder"}]
    forms = (
        create(**sent),
        share(),
        police(),
        joint(participants=both),
        assess(**heard),
        plan(),
        follow_up(),
        close("no-basis"),
    )
    answers = [{"observation": 1, "answer": "addressed"}, {"observation": 2, "answer": "stands"}]
    answers += [{"risk": 1, "answer": "addressed"}, {"measure": 1, "answer": "addressed"}]
    walk = zip(("create", "share", "triage", "triage", "assess", "plan", "follow-up", "close"), forms, strict=True)
    written: list[tuple[str, Body]] = []
    for name, form in walk:
        written += answered if name == "close" else []
        form = {**form, "answers": answers} if name == "close" else form
        before = case(*written) if written else None
        permit(name, before, form)
        assert breaches(name, before, form, context()) == []
        assert oddities(name, before, form, context()) == []
        written.append((name, form))


@pytest.mark.parametrize(
    ("name", "state", "field", "before", "future"),
    [
        ("triage", "received", "decided", "2026-03-01", "2026-07-01"),
        ("plan", "planned", "decided", "2026-03-01", "2026-07-01"),
        ("follow-up", "planned", "held", "2026-03-01", "2026-07-01"),
        ("contact", "closed", "at", moment("2026-03-01"), moment("2026-07-01")),
        ("note", "closed", "when", moment("2026-03-01"), moment("2026-07-01")),
    ],
)
def test_days_before_receipt_and_after_today_are_odd(name: str, state: str, field: str, before: str, future: str):
    def odd(day: str) -> list[str]:
        return [
            m for m in messages(oddities(name, case_in(state), {**FORMS[name], field: day}, context())) if "dated" in m
        ]

    assert odd(before) == ["dated before the concern was received"]
    assert odd(future) == ["dated in the future"]
    assert odd(future.replace("07-01", "06-30")) == odd(before.replace("03-01", "03-02")) == []


def test_a_concern_received_in_the_future_is_odd():
    found = oddities("create", None, create(received=moment("2026-07-01"), subject=ADULT), context())
    assert messages(found) == ["dated in the future"]


ADULT = {"kind": "person", "born": "1990-01-01"}


@pytest.mark.parametrize(
    ("subject", "notice", "odd"),
    [
        ({"kind": "person", "born": "2010-05-17"}, {}, True),
        ({"kind": "person"}, {}, True),
        ({"kind": "person"}, {"notice": {"status": "not-needed"}}, False),
        (ADULT, {}, False),
        (ADULT, {"notice": {"status": "pending"}}, True),
    ],
)
def test_an_unanswered_notice_is_brought_up(subject: Body, notice: Body, odd: bool):
    found = oddities("create", None, create(subject=subject, **notice), context())
    assert paths(found) == ([("notice", "status")] if odd else [])


@pytest.mark.parametrize(("subject", "odd"), [({"kind": "person"}, True), (ADULT, False)])
def test_gate_a_asks_for_the_notice_of_a_child_again(subject: Body, odd: bool):
    received = case(("create", create(subject=subject, notice={"status": "not-needed"})), ("share", share()))
    for name, form in (("triage", police("blocked")), ("close", close("police-takes-over"))):
        assert bool(oddities(name, received, form, context())) == odd
    answered = [("contact", contact(about, "2026-03-03")) for about in ("notice", "notice-assessed", "receipt")]
    sent = case(("create", create(subject=subject)), *answered, ("share", share()))
    assert oddities("triage", sent, police("blocked"), context()) == []


def test_a_name_known_from_another_case_is_told_by_number():
    form = create(subject={**ADULT, "name": "Aage Opdigtet"})
    known = {("name", "aage opdigtet"): ("2025-0007", "2026-0003"), ("born", "1999 01 01"): ("2026-0002",)}
    found = oddities("create", None, form, context(earlier=known))
    assert messages(found) == ["the same name is known from 2025-0007, 2026-0003"]
    assert paths(found) == [("subject", "name")]


def test_each_earlier_case_is_told_once_by_the_surest_sign_and_a_linked_one_not_at_all():
    subject = {**ADULT, "name": "Aage  OPDIGTET", "cpr": "010190-0000"}
    known = {
        ("cpr", "0101900000"): ("2026-0003",),
        ("name", "aage opdigtet"): ("2026-0003", "2026-0004", "2026-0005"),
        ("born", subject["born"].replace("-", " ")): ("2026-0004", "2026-0006"),
    }
    there = context(earlier=known, has_case={"2026-0005"}.__contains__)
    found = oddities("create", None, create(subject=subject, related=["2026-0005"]), there)
    assert messages(found) == [
        "the same CPR number is known from 2026-0003",
        "the same name is known from 2026-0004",
        "the same date of birth is known from 2026-0006",
    ]


def test_a_related_case_that_is_not_there_is_odd_in_a_concern_and_refused_in_a_link():
    there = context(has_case={"2026-0001", "2026-0003"}.__contains__)
    assert paths(breaches("link", case_in("received"), link("2026-0003"), context())) == [("related", 0)]
    odd = oddities("create", None, create(subject=ADULT, related=["2026-0003", "2026-0009"]), there)
    assert paths(odd) == [("related", 1)]
    found = breaches("link", case_in("received"), link("2026-0003", "2026-0009", "2026-0001"), there)
    assert [(finding.path, finding.message) for finding in found] == [
        (("related", 1), "no such case"),
        (("related", 2), "this is the case itself"),
    ]


def test_a_case_is_handed_to_another_coordinator_only():
    there = context(coordinators=("anna", "bo"))
    assert breaches("hand-over", case_in("received"), hand_over(), there) == []
    assert messages(breaches("hand-over", case_in("received"), hand_over(to="anna"), there)) == [
        "answers for the case already"
    ]
    assert messages(breaches("hand-over", case_in("received"), hand_over(to="carl"), there)) == [
        "no coordinator of this store; there are: anna, bo"
    ]
    handed = case_in("received", ("hand-over", hand_over()))
    assert handed.responsible == "bo"
    assert breaches("hand-over", handed, hand_over(to="anna"), there) == []


def test_the_first_disclosure_to_the_police_is_brought_up_until_it_is_written():
    found = oddities("triage", case_in("received"), police(), context())
    assert [finding.facts for finding in found] == [{"step": "share", "case": "2026-0001"}]
    assert oddities("triage", case_in("received", ("share", share())), police(), context()) == []
    by_police = case(("create", create(received_by="police")))
    assert oddities("triage", by_police, police(), context()) == []


def test_an_age_band_against_the_date_of_birth_is_odd():
    form = create(subject={**ADULT, "age_band": "under-18"})
    assert paths(oddities("create", None, form, context())) == [("subject", "age_band")]


def test_an_assessment_without_the_person_s_view_is_odd():
    assert paths(oddities("assess", case_in("accepted"), assess(), context())) == [("view_of_subject",)]


@pytest.mark.parametrize(
    ("changed", "path"),
    [
        ({"measures": [measure("mentor")]}, ("measures", 0, "measure")),
        ({"measures": [measure(ends="2026-04-14")]}, ("measures", 0, "ends")),
        ({"measures": [measure("doegnophold")]}, ("hearing",)),
        ({"measures": [measure("doegnophold")], "hearing": {"status": "pending"}}, ("hearing",)),
        ({"follow_up": "2026-03-31"}, ("follow_up",)),
        ({"evaluation": "2026-03-31"}, ("evaluation",)),
    ],
)
def test_odd_plans(changed: dict[str, Any], path: tuple[str | int, ...]):
    assert paths(oddities("plan", case_in("assessed"), plan(**changed), context())) == [path]


def test_the_next_day_may_be_the_day_it_was_agreed():
    form = plan(follow_up="2026-04-01", evaluation="2026-04-01")
    assert oddities("plan", case_in("assessed"), form, context()) == []


def test_a_measure_may_end_on_the_day_it_starts():
    assert oddities("plan", case_in("assessed"), plan(measure(ends="2026-04-15")), context()) == []


def test_silence_without_a_reason_is_odd_and_without_a_provision_refused():
    silent = contact("exception", "2026-04-01")
    assert paths(oddities("contact", case_in("screened"), silent, context())) == [("reason",)]
    assert schema.check("contact", {name: silent[name] for name in ("at", "with", "about")}) != []
    named = {**silent, "provision": "§ 22", "reason": "Efterforskning"}
    assert oddities("contact", case_in("screened"), named, context()) == []
    assert oddities("contact", case_in("screened"), contact("conversation", "2026-04-01"), context()) == []


def test_a_hearing_or_its_exception_settles_an_intrusive_measure():
    for status in ("held", "exempt", "not-needed"):
        form = plan(measure("doegnophold"), hearing={"status": status, "provision": "§ 19, stk. 2"})
        assert oddities("plan", case_in("assessed"), form, context()) == []


def test_a_hearing_is_left_out_by_a_provision_only():
    told = {"hearing": {"status": "exempt"}}
    assert paths(breaches("plan", case_in("assessed"), plan(**told), context())) == [("hearing", "provision")]
    told["hearing"]["provision"] = "forvaltningsloven § 19, stk. 2"
    assert breaches("plan", case_in("assessed"), plan(**told), context()) == []


def test_a_party_that_cannot_be_in_the_cooperation_it_names_is_warned_of():
    def odd(basis: str, organisation: str, **more: str) -> list[tuple[str | int, ...]]:
        form = share(basis=basis, party={"organisation": organisation, **more})
        return paths(oddities("share", case_in("planned"), form, context()))

    assert odd("rpl-115-psp", "Klubben", member="klub-nord") == odd("rpl-115-ksp-a", "KLUB  NORD") == [("basis",)]
    assert odd("rpl-115-ssp", "Klubben", member="klub-nord") == odd("consent", "Klub Nord") == []
    assert odd("rpl-115-ssp", "Headspace", member="headspace") == [("basis",)]
    assert odd("rpl-115-psp", "Københavns Vestegns Politi") == []


def test_a_follow_up_that_sets_an_earlier_day_or_fewer_sessions_is_odd():
    held = case_in("planned", ("follow-up", follow_up({"number": 1, "status": "ongoing", "sessions_held": 4})))
    form = follow_up({"number": 1, "status": "ongoing", "sessions_held": 3}, held="2026-06-15", next="2026-06-14")
    found = paths(oddities("follow-up", held, form, context()))
    assert found == [("next",), ("measures", 0, "sessions_held")]
    assert oddities("follow-up", held, {**follow_up(), "next": None, "reason": "Slut"}, context()) == []


@pytest.mark.parametrize(("until", "odd"), [("2026-06-29", True), ("2026-06-30", True), ("2026-07-01", False)])
def test_an_extension_that_has_run_out_is_odd(until: str, odd: bool):
    found = oddities("extend", case_in("closed"), extend(until=until), context())
    assert paths(found) == ([("until",)] if odd else [])


BOTH = [{"function": "infohustovholder"}, {"organisation": "Københavns Vestegns Politi"}]


NETWORKS = ("Infohus Netværk", "Ballerup-Pladen")
SPELLINGS = [
    "Infohus Netværk", "infohus  netværk ", "INFOHUS-NETVÆRK", "Infohus Netvaerk", "Infohusnetværket",
    "Infohus\u00adNetværk",
    "Infohus Netværk Vestegnen", "mødet i Infohus\u2013Netværket", "In\u200bfohus Netv\u00e6rk", "Ballerup Pladen",
    "hele Ballerup-Pladen", "Pladen", "BALLERUP\u2011PLADEN",
]  # fmt: skip


@pytest.mark.parametrize("name", SPELLINGS)
def test_a_protected_network_is_known_in_every_spelling(name: str):
    known = context(networks=NETWORKS)
    party = {"organisation": name}
    assert paths(breaches("share", case_in("screened"), share(party=party), known)) == [("party", "organisation")]
    assert breaches("share", case_in("screened"), share(party=party, direction="refused"), known) == []
    form = close("handed-over", handed_to=name)
    assert paths(breaches("close", case_in("screened"), form, known)) == [("handed_to",)]
    for allowed in ("Klub Nord", "Infohus Kommune", "Ballerup Kommune"):
        assert breaches("share", case_in("screened"), share(party={"organisation": allowed}), known) == []


def test_the_same_coordinator_in_another_spelling_is_no_change():
    planned = case_in("assessed", ("plan", plan(coordinator={"name": "Åse Prøvesen", "function": "ssp"})))
    for name in ("A\u030ase Pr\u00f8vesen", "aase  prøvesen", "Åse\u00a0Prøvesen"):
        assert breaches("plan", planned, plan(coordinator={"name": name, "function": "SSP"}), context()) == []
    other = plan(coordinator={"name": "Åse Testesen", "function": "ssp"})
    assert paths(breaches("plan", planned, other, context())) == [("coordinator_reason",)]


@pytest.mark.parametrize(
    ("subject", "odd"),
    [
        ({"cpr": "010190-1234"}, False),
        ({"cpr": "010190-1234", "born": "1990-01-01"}, False),
        ({"cpr": "010190-1234", "born": "2012-03-12"}, True),
        ({"cpr": "310290-1234"}, True),
        ({"cpr": "010190-ABCD", "born": "2012-03-12"}, False),
    ],
)
def test_a_cpr_number_that_tells_another_birthday_is_odd(subject: Body, odd: bool):
    found = oddities("create", None, create(subject={"kind": "person", **subject}), context())
    assert (("subject", "cpr") in paths(found)) == odd


def test_who_is_grown_at_the_plan_owes_no_childs_plan_and_gets_hints_for_grown_ups():
    young = create(subject={"kind": "person", "born": "2008-03-25"})  # 17 at receipt, 18 at the plan of 1 April
    before = (("create", young), ("triage", police()), ("triage", joint()), ("assess", assess()))
    assert "catalogue" not in str(oddities("plan", case(*before), plan(measure("mentor")), context()))
    assert case(*before).under_18 and not case(*before).under_18_on("2026-04-01")


@pytest.mark.parametrize(
    ("name", "state", "form", "missing"),
    [
        ("triage", "received", police(participants=[{"function": "ssp"}]), 1),
        ("triage", "received", police(participants=[{"function": "politi"}]), 0),
        ("triage", "received", police(), 0),
        ("triage", "screened", joint(), 2),
        ("triage", "screened", joint(participants=BOTH[:1]), 1),
        ("triage", "screened", joint(participants=[{"function": "vagthavende ved Vestegnens POLITI"}]), 1),
        ("triage", "screened", joint(participants=BOTH), 0),
        ("assess", "accepted", assess(participants=[{"role": "invited", "function": "ssp"}]), 1),
        ("assess", "accepted", assess(), 0),
        ("plan", "assessed", plan(decided_by=[{"function": "klubmedarbejder"}, {"function": "ssp"}]), 1),
        ("plan", "assessed", plan(decided_by=[{"function": "klubmedarbejder"}, {"function": "leder"}]), 0),
        ("plan", "assessed", plan(decided_by=[{"function": "teamchef i jobcentret"}]), 0),
    ],
)
def test_who_decided_is_held_against_the_plan(name: str, state: str, form: Body, missing: int):
    found = oddities(name, case_in(state), form, context())
    assert len([odd for odd in found if odd.path in (("participants",), ("decided_by",))]) == missing


NOT_NEEDED = ("contact", contact("notice-not-needed", "2026-03-03"))


def test_closing_a_planned_case_brings_up_everything_without_an_answer():
    planned, form = case_in("planned", NOT_NEEDED), close(answers=[{"observation": 2, "answer": "stands"}])
    found = oddities("close", planned, form, context())
    assert messages(found) == ["no answer for observation 1", "no answer for risk 1", "no answer for measure 1"]
    assert oddities("close", case_in("assessed", NOT_NEEDED), close(), context()) == []


@pytest.mark.parametrize(
    ("name", "state", "form"),
    [
        ("triage", "screened", joint("no-basis", participants=BOTH)),
        ("assess", "accepted", {**assess(grounds=False), "view_of_subject": {"text": "Lad mig være"}}),
        ("close", "received", close("other")),
    ],
)
def test_closing_without_what_is_owed_to_a_child_says_which_clocks_run_on(name: str, state: str, form: Body):
    (found,) = oddities(name, case_in(state), form, context())
    assert found.facts["clocks"] == ("child-assessment", "receipt", "notice")
    assert oddities(name, case_in(state, NOT_NEEDED), form, context()) == []


@pytest.mark.parametrize("outcome", ["deceased", "entered-in-error"])
def test_nothing_is_owed_where_nobody_is_there(outcome: str):
    assert oddities("close", case_in("received"), close(outcome), context()) == []


@pytest.mark.parametrize(
    ("about", "whom", "settles"),
    [
        *[("information", whom, whom in ("subject", "guardians")) for whom in ("subject", "guardians", "other")],
        *[("notice", whom, whom == "child-services") for whom in ("child-services", "subject", "guardians")],
        *[("receipt", whom, whom == "referrer") for whom in ("referrer", "subject", "police")],
        ("conversation", "other", True),
    ],
)
def test_a_contact_with_somebody_else_settles_nothing(about: str, whom: str, settles: bool):
    form = contact(about, "2026-03-03", **{"with": whom})
    found = oddities("contact", case_in("screened"), form, context())
    assert paths(found) == ([] if settles else [("with",)])


def test_no_finding_holds_a_word_of_the_form():
    canary = "Solsortekvarteret"
    form = create(concern=canary, referrer={"member": canary.lower()}, subject={"kind": "person", "name": canary})
    found = breaches("create", None, form, context()) + oddities("create", None, form, context())
    assert found and canary.lower() not in "".join(messages(found)).lower()


def test_nothing_is_answered_twice_at_a_closing():
    twice = close(answers=[{"observation": 1, "answer": "stands"}, {"observation": 1, "answer": "addressed"}])
    assert paths(breaches("close", case_in("planned"), twice, context())) == [("answers", 1, "observation")]


def test_the_police_gate_asks_for_no_proportionality():
    found = schema.check("triage", police("accept"))
    assert [finding.path for finding in found] == [("outcome",)]


# --- Looking back -----------------------------------------------------------------------------------------------------


def looked_back(known: Case, late_days: int = 10) -> list[tuple[int, str]]:
    return [(odd.entry, odd.rule) for odd in look_back(known, context(), late_days)]


def test_a_case_closed_without_its_answers_is_found_at_its_closing():
    heard = create(notice={"status": "not-needed"})
    walk = [("create", heard), ("share", share()), *BEFORE["planned"][1:], ("close", close())]
    assert [entry for entry, rule in looked_back(case(*walk)) if rule == "all-is-answered"] == [7] * 3


@pytest.mark.parametrize(("day", "late"), [("2026-06-16", True), ("2026-06-17", False), ("2026-06-21", False)])
def test_a_note_is_late_once_it_waited_longer_than_it_may(day: str, late: bool):
    """All of the case is written on 21 June; a note may wait four days."""
    found = looked_back(case_in("received", ("note", note(when=moment(day)))), late_days=4)
    assert ((2, "written-in-time") in found) == late


def test_a_cpr_number_stands_in_its_field_only():
    subject = {"kind": "person", "cpr": "010190-0000"}
    rule = "number-in-its-place"
    assert (1, rule) not in looked_back(case(("create", create(subject=subject))))
    for text in ("010190-0000", "Han er 0101900000.", "nr. 010190 0000"):
        assert (1, rule) in looked_back(case(("create", create(subject=subject, concern=text))))
    assert (1, rule) not in looked_back(case(("create", create(concern="Sag 20101900000 og 991990-0000"))))


def test_every_rule_says_in_one_line_what_it_is_for():
    told = [why for why, _, _ in explained()]
    assert len(told) > 20
    for why in told:
        assert why.words and "\n" not in why.words and "  " not in why.words and why.source
    assert "The core is what the concern came with" not in "".join(why.words for why in told)
