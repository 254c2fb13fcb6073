"""A municipality's profile: the empty form, what is wrong with a filled one, the one in force, a change of it.

What a profile makes of words and settings is ``core.profile``'s; the one that is shipped stands in ``templates``.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from ballerup_cli.core.profile import AUTHORITIES, LISTS, PROFILE, Profile, settings_of
from ballerup_cli.core.shape import faults as shape_faults
from ballerup_cli.errors import N_, Finding, InvalidFormError
from ballerup_cli.services.forms import pipeline
from ballerup_cli.services.store.moment import Moment
from ballerup_cli.services.store.workspace import Workspace
from ballerup_cli.services.upkeep import settings
from ballerup_cli.storage.store.journal import Draft
from ballerup_cli.storage.text import codec, schema

_COMMENT = re.compile(r"#(da|en) (.*)")
_KEY = re.compile(r"([a-z_]+):")
_SLUG = str.maketrans({"æ": "ae", "ø": "oe", "å": "aa", " ": "-", "_": "-"})


def blank(language: str) -> str:
    """Return an empty profile, every key explained in one language."""
    lines: list[str] = []
    shipped = schema.shipped_profile()
    for text in schema.resource("templates/profile.yaml").decode().splitlines():
        comment, key = _COMMENT.fullmatch(text), _KEY.match(text)
        if comment and comment[1] == language:
            lines += [f"# {line}" for line in _broken(comment[2])]
        elif key:
            lines += [*_emptied(key[1], shipped[key[1]], ""), ""]
    return "\n".join([*lines[:-1], ""])


def _broken(text: str) -> list[str]:
    import textwrap

    return textwrap.wrap(text, 76)


def _emptied(name: str, value: Any, indent: str) -> Iterator[str]:
    """Give a key of the profile with nothing in it; a name is one text, whatever languages it has."""
    if isinstance(value, Mapping) and value and not value.keys() <= {"da", "en"}:
        yield f"{indent}{name}:"
        for inner, item in value.items():
            yield from _emptied(inner, item, f"{indent}  ")
    else:
        yield f"{indent}{name}: {'[]' if isinstance(value, list) else '{}' if value == {} else chr(34) * 2}"


def read(data: bytes, source: str = "") -> Profile:
    """Return a profile that was filled in.

    Raises:
        InvalidFormError: with the place of everything that is wrong with it.
    """
    document = pipeline.read_one(PROFILE, data, source)
    item = schema.settle(PROFILE, _listed(document.value))
    refuse(schema.check(PROFILE, item) or [*_faults(item)], document, source)
    return dict(item)


def refuse(found: Sequence[Finding], document: codec.Document, source: str) -> None:
    """Refuse a profile that something is wrong with.

    Raises:
        InvalidFormError: something is.
    """
    if found:
        placed = [schema.place(document, finding) for finding in found]
        raise InvalidFormError(findings=placed, step=PROFILE, source=source)


def _listed(item: Any) -> Any:
    """Return a profile whose lists are lists of codes with names, however short they were written."""
    if not isinstance(item, Mapping):
        return item
    return {name: _items(value) if name in LISTS else value for name, value in item.items()}


def _items(value: Any) -> Any:
    if isinstance(value, Mapping):
        return [{"code": code, "name": name} for code, name in value.items()]
    if isinstance(value, list):
        return [{"code": _slug(item), "name": item} if isinstance(item, str) else item for item in value]
    return value


def _slug(name: str) -> str:
    return re.sub(r"[^a-z0-9-]+", "", name.strip().lower().translate(_SLUG))


def _faults(body: Profile) -> Iterator[Finding]:
    network, defaults = body.get("network", {}), schema.defaults()
    lists = [(("network", name), network.get(name, [])) for name in ("rings", "members")]
    for path, items in [*lists, *(((name,), body.get(name, [])) for name in LISTS)]:
        yield from _twice(path, items)
    rings = {ring["code"] for ring in network.get("rings", ())} or {*schema.vocabulary()["ring"]}
    for at, member in enumerate(network.get("members", ())):
        if member["ring"] not in rings:
            facts = {"codes": ", ".join(sorted(rings))}
            yield Finding(
                message=N_("unknown code; nearest: {codes}"), path=("network", "members", at, "ring"), facts=facts
            )
    for name in ("clocks", "retention"):
        if name in body:
            found = shape_faults(body[name], defaults[name], list(schema.vocabulary()["unit"]))
            yield from (replace(finding, path=(name, *finding.path)) for finding in found)
    yield from _unknown_labels(body.get("labels", {}))


def _twice(path: tuple[str, ...], items: Sequence[Mapping[str, Any]]) -> Iterator[Finding]:
    codes = [item["code"] for item in items]
    for at, code in enumerate(codes):
        if code in codes[:at]:
            yield Finding(message=N_("the same stands here twice"), path=(*path, at, "code"))


def _unknown_labels(labels: Mapping[str, Mapping[str, Any]]) -> Iterator[Finding]:
    known = {name: codes for name, codes in schema.vocabulary().items() if isinstance(codes, dict)}
    for name, codes in labels.items():
        if name not in known:
            yield Finding(
                message=N_("unknown code; nearest: {codes}"), path=("labels", name), facts={"codes": ", ".join(known)}
            )
        for code in codes:
            if name in known and code not in known[name]:
                facts = {"codes": ", ".join(known[name])}
                yield Finding(message=N_("unknown code; nearest: {codes}"), path=("labels", name, code), facts=facts)


def as_form(workspace: Workspace, today: str) -> str:
    """Return the profile in force as a form that can be changed and put in force again."""
    return codec.encode(_without_empty(in_force(workspace, today))).decode()


def _without_empty(value: Any) -> Any:
    """Return a profile without what says nothing."""
    if isinstance(value, Mapping):
        kept = {name: _without_empty(item) for name, item in value.items()}
        return {name: item for name, item in kept.items() if item not in ("", {}, [])}
    return [_without_empty(item) for item in value] if isinstance(value, list) else value


def in_force(workspace: Workspace, today: str) -> dict[str, Any]:
    """Return the profile as it stands: what the store set, and what is shipped where it set nothing."""
    held, own = workspace.settings, workspace.own_settings
    lists = held[PROFILE]
    members = [
        {name: value for name, value in member.to_dict().items() if value and name in _MEMBER}
        for member in workspace.pladen.current(today)
    ]
    names = {key: held["authorities"][code] for key, code in AUTHORITIES.items()}
    network = {"name": held["authorities"]["pladen"], "rings": lists["rings"], "members": members}
    return {
        "municipality": held["municipality"],
        "code": lists["code"],
        **names,
        "network": network,
        **{name: held[name] for name in ("core_group", "contacts", "letterhead")},
        **{name: lists[name] for name in LISTS},
        **{name: own.get(name, {}) for name in ("clocks", "retention")},
        "labels": lists.get("labels", {}),
    }


_MEMBER = ("code", "name", "ring", "sector", "contact", "parent")


def change(workspace: Workspace, body: Profile, moment: Moment, source: str = "", *, agreed: bool = False) -> list[str]:
    """Put another profile in force; return the numbers of the cases whose deadlines moved.

    Codes that it leaves out are retired. Members and rings that are in use can't be left out.

    Raises:
        InvalidFormError: it leaves out what is in use.
        ManyCasesError: more existing cases would change than may without ``agreed``.
        BallerupError: the store cannot be read or written.
    """
    today = moment.today.isoformat()
    refuse([*_vanished(workspace, body, today)], codec.Document(value={}, marks={(): (1, 1)}), source)
    drafts = list(_members(workspace, body, today, moment))
    moved = settings.write(workspace, settings_of(body), moment, drafts, agreed=agreed)
    workspace.speak()
    return moved


def _vanished(workspace: Workspace, body: Profile, today: str) -> Iterator[Finding]:
    network = body.get("network", {})
    members = workspace.pladen.current(today)
    if "members" in network:
        named = {item["code"] for item in network["members"]}
        left = [member.code for member in members if member.code not in named]
        message = N_("members that are there cannot vanish: {codes}; 'ballerup pladen retire' ends a membership")
        yield from (
            [Finding(message=message, path=("network", "members"), facts={"codes": ", ".join(left)})] if left else []
        )
    rings = {ring["code"] for ring in network.get("rings", ())}
    moves = {item["code"]: item["ring"] for item in network.get("members", ())}
    used = sorted({moves.get(member.code, member.ring) for member in members} - rings) if rings else []
    message = N_("rings that members stand in cannot vanish: {codes}")
    yield from _left(message, "rings", used)


def _left(message: str, name: str, codes: Sequence[str]) -> Iterator[Finding]:
    if codes:
        yield Finding(message=message, path=("network", name), facts={"codes": ", ".join(codes)})


def _members(workspace: Workspace, body: Profile, today: str, moment: Moment) -> Iterator[Draft]:
    """Give an entry for each member that is new, or of which the profile says something else."""
    known = {member.code: member.to_dict() for member in workspace.pladen.members.values()}
    for item in body.get("network", {}).get("members", ()):
        before = known.get(item["code"])
        if before is None:
            yield Draft(step="add", at=moment.at, body={**item, "since": today})
        elif any(before[name] != value for name, value in item.items()):
            yield Draft(step="edit", at=moment.at, body=dict(item))
