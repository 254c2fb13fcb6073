"""Drafts: each a file of its own under the lowest free number, and none is lost with a renewal of keys."""

from cli_kit import Home

from ballerup_cli.services.forms import drafts
from ballerup_cli.services.forms.drafts import Content

WORDS = Content(
    answers={("concern",): "Ord", ("risks", 0): "En"}, skipped=[("referrer", "member")], opened=[("risks", 1)], again=[]
)


def test_each_draft_has_the_lowest_free_number_and_its_own_words(town: Home) -> None:
    workspace = town.workspace()
    made = [drafts.begin(workspace, "create", None, Content(text=f"tekst {n}")) for n in (1, 2, 3)]
    drafts.drop(made[1])
    again = drafts.begin(workspace, "assess", "2026-0003", WORDS)
    assert [draft.number for draft in (*made, again)] == [1, 2, 3, 2]
    assert {draft.number: drafts.read(workspace, draft).text for draft in drafts.in_store(workspace)} == {
        1: "tekst 1",
        2: None,
        3: "tekst 3",
    }
    assert drafts.read(workspace, again) == WORDS
    drafts.drop_all(workspace, "2026-0003")
    assert [draft.number for draft in drafts.in_store(workspace)] == [1, 3]


def test_drafts_survive_new_keys_and_one_that_does_not_open_blocks_nothing(town: Home) -> None:
    kept = drafts.begin(town.workspace(), "create", None, WORDS)
    torn = drafts.begin(town.workspace(), "note", "2026-0001", WORDS)
    torn.path.write_bytes(b"torn")
    town.ok("keys", "rotate", "--yes")
    workspace = town.workspace()
    assert drafts.read(workspace, kept) == WORDS
    assert [drafts.opens(workspace, draft) for draft in drafts.in_store(workspace)] == [True, False]
    assert "does not open" in town.ok("drafts")
    assert torn.path.read_bytes() == b"torn"
