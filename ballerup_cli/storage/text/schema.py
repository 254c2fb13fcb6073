"""Values to findings: what the shipped JSON Schemas allow, said without quoting a value.

Here are the schemas and code lists as shipped, the formats they use, the check, and the settling of a form (fields
left empty count as left out). What a schema cannot say (which step is legal, what must fit the case) belongs to
``steps``; how text becomes values to ``codec``.
"""

import json
import pathlib
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime
from functools import cache, partial, reduce
from typing import Any
from zoneinfo import ZoneInfo

from ballerup_cli.core import profile
from ballerup_cli.errors import N_, Finding
from ballerup_cli.storage import computed
from ballerup_cli.storage.text.codec import Document, Path

Schema = Mapping[str, Any]

# Not by importlib.resources: importing it takes longer than all there is to read.
_SHIPPED = pathlib.Path(__file__).parents[2]


# --- what is shipped --------------------------------------------------------------------------------------------------


def resource(relative: str) -> bytes:
    """Return a file shipped with the program, such as ``schemas/create.schema.json``.

    Raises:
        FileNotFoundError: there is none of that name.
    """
    return _SHIPPED.joinpath(relative).read_bytes()


class _Spoken:
    """What the store that is open has set, oldest first: one process serves one municipality (decision 0069)."""

    sets: tuple[Mapping[str, Any], ...] = ()


def speak(sets: Iterable[Mapping[str, Any]]) -> None:
    """Take the words, codes and names of a municipality from here on: what its settings say, entry by entry."""
    body = tuple(sets)
    body = body if any(body) else ()
    if body != _Spoken.sets:
        _Spoken.sets = body
        for kept in (vocabulary, defaults, _shipped, _document, _validator, _quick):
            kept.cache_clear()


@cache
def shipped_profile() -> dict[str, Any]:
    """Return the profile that is shipped.

    Raises:
        ValueError: the shipped file is broken.
    """
    return dict(computed.decoded(resource("templates/profile.yaml")))


@cache
def vocabulary() -> dict[str, Any]:
    """Return all code lists with their labels, as the municipality has them, and the members a store starts with.

    Raises:
        ValueError: the shipped file is broken.
    """
    shipped: Mapping[str, Any] = computed.decoded(resource("schemas/vocabulary.yaml"))
    lists = profile.lists_of(shipped_profile(), _Spoken.sets)
    own: Mapping[str, Any] = {
        **shipped,
        **{name: {**terms, **_needed(shipped, name, terms)} for name, terms in lists.items()},
    }
    own = layered(own, {name: item for name, item in profile.labels_of(_Spoken.sets).items() if name in own})
    return {**profile.named(own, _names()), "pladen": profile.starters_of(shipped_profile(), _Spoken.sets)}


def _needed(shipped: Mapping[str, Any], name: str, terms: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return the codes of a list that the program itself names, where no profile has them."""
    return {code: term for code, term in shipped.get(name, {}).items() if code not in terms}


def _names() -> Mapping[str, Mapping[str, str]]:
    return profile.names_of(reduce(layered, [profile.settings_of(shipped_profile()), *map(_present, _Spoken.sets)]))


def _present(body: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return what is set; null goes back to what is shipped."""
    kept = {name: _present(value) if isinstance(value, Mapping) else value for name, value in body.items()}
    return {name: value for name, value in kept.items() if value is not None}


def layered(below: Mapping[str, Any], above: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return one mapping laid over another, at every depth."""
    maps = [
        name for name, value in above.items() if isinstance(value, Mapping) and isinstance(below.get(name), Mapping)
    ]
    return {**below, **above, **{name: layered(below[name], above[name]) for name in maps}}


@cache
def defaults() -> dict[str, Any]:
    """Return the settings as shipped, the names of the shipped profile among them.

    Raises:
        ValueError: the shipped file is broken.
    """
    shipped: Mapping[str, Any] = computed.decoded(resource("schemas/settings.yaml"))
    return dict(profile.named(layered(shipped, profile.settings_of(shipped_profile())), _names()))


@cache
def _shipped(name: str) -> Schema:
    """Return a schema with every ``$ref`` replaced by what it points to: nothing is ever looked up or fetched."""
    return inlined(_document(f"{name}.schema.json"))


@cache
def _document(name: str) -> Schema:
    if name == "vocabulary":
        lists = {key: codes for key, codes in vocabulary().items() if isinstance(codes, dict)}
        staff = [code for code, term in lists["ring"].items() if term.get("needs_parent")]
        own = {key: {"enum": [*codes], "list": key} for key, codes in lists.items()}
        return {"$defs": {**own, "staff-ring": {"enum": staff or [""]}}}
    return dict(json.loads(resource(f"schemas/{name}")))


def inlined(schema: Schema) -> Schema:
    """Return ``schema`` without references: to its own ``$defs``, to other shipped schemas, to the code lists."""

    def inline(node: Any, root: Schema) -> Any:
        if isinstance(node, list):
            return [inline(item, root) for item in node]
        if not isinstance(node, dict):
            return node
        own = {key: inline(value, root) for key, value in node.items() if key not in ("$ref", "$defs", "$id")}
        if "properties" in own:  # jsonschema forgets the path where a property is simply false
            own["properties"] = {
                name: {"not": {}} if field is False else field for name, field in own["properties"].items()
            }
        if not isinstance(node.get("$ref"), str):
            return own
        target = inline(*_target(node["$ref"], root))
        return {**own, "allOf": [target, *own.get("allOf", [])]} if own else target

    return dict(inline(schema, schema))


def _target(reference: str, root: Schema) -> tuple[Any, Schema]:
    """Return what ``reference`` points to, and the schema it stands in."""
    name, _, pointer = reference.partition("#")
    root = _document(name) if name else root
    node: Any = root
    for step in pointer.split("/")[1:]:
        node = node[step]
    return node, root


def speaking_of(name: str, path: Path) -> list[Schema]:
    """Return every part of the schema ``name`` that speaks about the place ``path``, none where there is no such field.

    Raises:
        FileNotFoundError: there is no such schema.
    """
    parts = [*_parts(_shipped(name))]
    for step in path:
        inner = [
            part["items"] if isinstance(step, int) else part["properties"][step]
            for part in parts
            if ("items" in part if isinstance(step, int) else step in part.get("properties", {}))
        ]
        parts = [part for schema in inner for part in _parts(schema)]
    return parts


def paths(name: str) -> Iterator[tuple[str, ...]]:
    """Give the path of every field of the schema ``name``, the names alone, in the order of the schema.

    Raises:
        FileNotFoundError: there is no such schema.
    """
    return dict.fromkeys(_paths([_shipped(name)], ())).__iter__()


def _paths(schemas: Sequence[Schema], above: tuple[str, ...]) -> Iterator[tuple[str, ...]]:
    parts = [part for schema in schemas for part in _parts(schema)]
    names = dict.fromkeys(name for part in parts for name in part.get("properties", {}))
    for name in names:
        inner = [part["properties"][name] for part in parts if name in part.get("properties", {})]
        yield (*above, name)
        yield from _paths(inner, (*above, name))
    for part in parts:
        if isinstance(part.get("items"), dict):
            yield from _paths([part["items"]], above)
        for code in part.get("propertyNames", {}).get("enum", ()):
            yield (*above, code)


# --- formats ----------------------------------------------------------------------------------------------------------

_ZONE = ZoneInfo("Europe/Copenhagen")
_DAY = r"(?:19|20|21)[0-9]{2}-[0-9]{2}-[0-9]{2}"
_MOMENT = re.compile(rf"{_DAY}(?:[T ](?:[01][0-9]|2[0-3]):[0-9]{{2}}(?::[0-9]{{2}})?(?:Z|[+-][0-9]{{2}}:[0-9]{{2}})?)?")


def _is_date(text: str) -> bool:
    if not re.fullmatch(_DAY, text):
        return False
    try:
        date.fromisoformat(text)
    except ValueError:
        return False
    return True


def _moment(text: str) -> str | None:
    """Return the moment as it is stored, in Danish time with its offset; None when there is no such moment."""
    if not _MOMENT.fullmatch(text):
        return None
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return None
    if not moment.tzinfo:
        moment = moment.replace(tzinfo=_ZONE)
        if moment.utcoffset() != moment.replace(fold=1).utcoffset():
            return None  # skipped or repeated when the clock is changed: which moment it is, only an offset tells
    return moment.astimezone(UTC).astimezone(_ZONE).isoformat()


def _is_cpr(text: str) -> bool:
    return _one_cpr(text) is not None


def _one_cpr(text: str) -> str | None:
    from ballerup_cli.core.same import cpr  # what is only read has its one spelling already

    return cpr(text)


_FORMATS: Mapping[str, tuple[Callable[[str], object], str]] = {
    "moment": (
        _moment,
        N_(
            "must be a date or moment that exists, such as 2026-03-02 or 2026-03-02T14:30; in the hour that the clock "
            "skips or repeats, with its offset (+01:00 or +02:00)"
        ),
    ),
    "date": (_is_date, N_("must be a date that exists, such as 2026-03-02")),
    "date-or-month": (
        lambda text: _is_date(text) or _is_date(f"{text}-01"),
        N_("must be a date or month that exists, such as 2026-03-02 or 2026-03"),
    ),
    "cpr": (_is_cpr, N_("is no possible CPR number")),
    "case": (re.compile(r"[0-9]{4}-[0-9]{4,}").fullmatch, N_("must be a case number, such as 2026-0007")),
    "path": (
        re.compile(r"[a-z_-]+(?:\.(?:[a-z_-]+|[1-9][0-9]*))*").fullmatch,
        N_("must be the path of a field, such as concern or observations.2.text"),
    ),
    "code": (re.compile(r"[a-z0-9-]+").fullmatch, N_("must be a code: small letters, digits and hyphens")),
    "text": (str.strip, N_("must not be empty")),
    "line": (lambda text: text.strip() and "\n" not in text, N_("must be one line of text")),
}


# --- check ------------------------------------------------------------------------------------------------------------


def check(name: str, value: Any) -> list[Finding]:
    """Return what is wrong with ``value`` by the schema ``name``: places, rules and codes, never a value.

    Raises:
        FileNotFoundError: there is no such schema.
    """
    return [] if _is_sound(name, value) else find_faults(_validator(name), value)


def fields(name: str) -> tuple[str, ...]:
    """Return the names of the fields of a form."""
    return tuple(_shipped(name)["properties"])


def find_faults(validator: Any, value: Any) -> list[Finding]:
    """Return one finding for each place of ``value`` that breaks a rule, sorted by path."""
    found: dict[Path, Finding] = {}
    for finding in (finding for error in validator.iter_errors(value) for finding in _findings(error, value)):
        found.setdefault(finding.path, finding)
        if len(found) == _MOST_FINDINGS:
            break
    return sorted(found.values(), key=lambda finding: [(isinstance(step, str), step) for step in finding.path])


def compiled(schema: Schema) -> Any:
    """Return a validator of a schema without references."""
    from jsonschema import Draft202012Validator, FormatChecker

    checker = FormatChecker(formats=())
    for name, (fits, _) in _FORMATS.items():
        checker.checks(name)(lambda value, fits=fits: not isinstance(value, str) or _fits(fits, value))
    return Draft202012Validator(schema, format_checker=checker)


@cache
def _validator(name: str) -> Any:
    return compiled(_shipped(name))


def _is_sound(name: str, value: Any) -> bool:
    """Tell, in a twentieth of the time, whether nothing is wrong; what is, and whether it is, says ``find_faults``."""
    try:
        return bool(_quick(name).is_valid(value))
    except ValueError:  # not from a file: half a character, or a name that is no text
        return False


@cache
def _quick(name: str) -> Any:
    from jsonschema_rs import Draft202012Validator

    formats: dict[str, Any] = {name: partial(_fits, fits) for name, (fits, _) in _FORMATS.items()}
    return Draft202012Validator(dict(_shipped(name)), formats=formats, validate_formats=True)


def _fits(fits: Callable[[str], object], text: str) -> bool:
    return bool(fits(text))


_TYPES = {
    "string": N_("must be text in quotes"),
    "boolean": N_("must be true or false, without quotes"),
    "integer": N_("must be a whole number, without quotes"),
    "array": N_("must be a list, each item on a line that begins with -"),
    "object": N_("must have fields of its own"),
}
_LIMITS = {
    "minItems": N_("at least {limit} needed here"),
    "maxItems": N_("at most {limit} allowed here"),
    "minLength": N_("must not be empty"),
    "maxLength": N_("must not be longer than {limit} signs"),
    "minimum": N_("must be at least {limit}"),
    "maximum": N_("must be at most {limit}"),
    "minProperties": N_("at least {limit} of its fields needed"),
    "uniqueItems": N_("the same stands here twice"),
    "pattern": N_("is not in the form that is asked for"),
}
_FEW = 8
_LONG = 60  # comparing spellings takes the square of their length
_MOST_FINDINGS = 50


def _findings(error: Any, root: Any) -> Iterator[Finding]:
    """Say in words of our own what jsonschema found; its own message quotes the value."""
    path, rule, limit = tuple(error.absolute_path), error.validator, error.validator_value
    if "propertyNames" in error.absolute_schema_path:
        yield _unknown_field(path, error.instance, _at(root, path), limit if rule == "enum" else [])
    elif rule == "required":
        yield from _missing(path, error.instance, limit)
    elif rule == "additionalProperties":
        yield from _unknown_fields(path, error.instance, error.schema.get("properties", {}))
    elif rule == "type":
        wanted = [limit] if isinstance(limit, str) else [name for name in limit if name != "null"]
        yield Finding(message=_TYPES[wanted[0]], path=path)
    elif rule == "enum":
        yield _unknown_code(path, error.instance, [code for code in limit if isinstance(code, str)])
    elif rule == "const":
        yield Finding(message=N_("must be {limit}"), path=path, facts={"limit": json.dumps(limit)})
    elif rule == "format":
        yield Finding(message=_FORMATS[limit][1], path=path)
    elif rule in _LIMITS:
        yield Finding(message=_LIMITS[rule], path=path, facts={"limit": limit})
    else:
        yield Finding(message=N_("not allowed here"), path=path)


def _missing(path: Path, mapping: Mapping[str, Any], wanted: Iterable[str]) -> Iterator[Finding]:
    for name in wanted:
        if name not in mapping:
            yield Finding(message=N_("missing field {field}"), path=(*path, name), facts={"field": name})


def _unknown_fields(path: Path, mapping: Mapping[str, Any], known: Iterable[str]) -> Iterator[Finding]:
    for name in mapping:
        if name not in known:
            yield _unknown_field(path, name, mapping, list(known))


def _near(word: str, known: Sequence[str], cutoff: float = 0.6) -> list[str]:
    from difflib import get_close_matches  # for a slip of the pen only

    return get_close_matches(word[:_LONG], known, n=3, cutoff=cutoff)


def _unknown_field(path: Path, name: str, mapping: Mapping[str, Any], known: Sequence[str]) -> Finding:
    """Name an unknown field only when it is a slip of the pen: people type text in that place too."""
    nearest = _near(name, known, cutoff=0.7)
    if re.fullmatch(r"[a-z_]{1,40}", name) and nearest and abs(len(name) - len(nearest[0])) <= 2:
        facts = {"field": name, "fields": ", ".join(nearest)}
        return Finding(message=N_("unknown field {field}; nearest: {fields}"), path=(*path, name), facts=facts)
    fields = known if len(known) <= _FEW else _near(name, known, cutoff=0)
    facts = {"fields": ", ".join(fields)}
    return Finding(message=N_("unknown field; nearest: {fields}"), path=(*path, list(mapping).index(name)), facts=facts)


def _unknown_code(path: Path, value: Any, codes: Sequence[str]) -> Finding:
    """Name the nearest codes; labels come near too once their letters are those of codes."""
    letters = str.maketrans({"æ": "ae", "ø": "oe", "å": "aa", " ": "-", "_": "-"})
    nearest = _near(str(value).lower().translate(letters), codes)
    if not nearest and len(codes) > _FEW:
        return Finding(message=N_("unknown code; 'ballerup form' prints them all"), path=path)
    return Finding(
        message=N_("unknown code; nearest: {codes}"), path=path, facts={"codes": ", ".join(nearest or codes)}
    )


def _at(value: Any, path: Path) -> Any:
    for step in path:
        value = value[step]
    return value


# --- place ------------------------------------------------------------------------------------------------------------


def place(document: Document, finding: Finding) -> Finding:
    """Return ``finding`` with the line and column of its path, or of the nearest field around it.

    A number in the path of a mapping stands for its n-th field: what people type as a name may be text of the record.
    """
    value = document.value
    path: Path = ()
    for step in finding.path:
        name = list(value)[step] if isinstance(value, dict) and isinstance(step, int) else step
        if (*path, name) not in document.marks:
            break
        path = (*path, name)
        value = value.get(name) if isinstance(value, dict) else value[name]
    line, column = document.marks[path]
    return replace(finding, line=line, column=column)


# --- settle -----------------------------------------------------------------------------------------------------------


def settle(name: str, value: Any) -> Any:
    """Return ``value`` without the fields that were left empty, at every depth, and with its moments in one spelling.

    Raises:
        FileNotFoundError: there is no such schema.
    """
    return _settled(value, [_shipped(name)], (), ())[0]


def settle_amended(name: str, value: Any) -> Any:
    """Return an amended form settled: the empty places that ``core.cases.amend`` leaves in a list stay where they are.

    Raises:
        FileNotFoundError: there is no such schema.
    """
    return _unshelled(settle(name, _shelled(value)))


class _Shell:
    """An item of a list that is settled as it is."""

    def __init__(self, item: Any) -> None:
        self.item = item


def _shelled(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _shelled(item) for name, item in value.items()}
    return (
        [_shelled(item) if item not in (None, {}) else _Shell(item) for item in value]
        if isinstance(value, list)
        else value
    )


def _unshelled(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _unshelled(item) for name, item in value.items()}
    if isinstance(value, list):
        return [_unshelled(item) for item in value]
    return value.item if isinstance(value, _Shell) else value


def settle_form(name: str, document: Document) -> Document:
    """Return ``document`` settled, its marks moved along; a field left empty keeps its place for what may be missing.

    What nobody typed has no mark of its own.

    Raises:
        FileNotFoundError: there is no such schema.
    """
    value, moves = _settled(document.value, [_shipped(name)], (), ())
    return Document(
        value=value, marks={new: document.marks[old] for new, old in moves.items() if old in document.marks}
    )


def _settled(value: Any, schemas: Sequence[Schema], old: Path, new: Path) -> tuple[Any, dict[Path, Path]]:
    """Return the settled value, and for each path in it the path in ``value``."""
    schemas = [part for schema in schemas for part in _parts(schema)]
    moves = {new: old}
    if isinstance(value, dict):
        fields: dict[str, Any] = {}
        for name, item in value.items():
            inner = [schema["properties"][name] for schema in schemas if name in schema.get("properties", {})]
            inner += [schema["additionalProperties"] for schema in schemas if "additionalProperties" in schema]
            kept, moved = _settled(item, inner, (*old, name), (*new, name))
            left_out = _left_out(kept, inner)
            moves |= {(*new, name): (*old, name)} if left_out else moved
            if not left_out:
                fields[name] = kept
        return fields, moves
    if isinstance(value, list):
        items: list[Any] = []
        inner = [schema["items"] for schema in schemas if "items" in schema]
        for index, item in enumerate(value):
            kept, moved = _settled(item, inner, (*old, index), (*new, len(items)))
            if not _left_out(kept, inner):
                items.append(kept)
                moves |= moved
        return items, moves
    if isinstance(value, str) and any(schema.get("format") == "moment" for schema in schemas):
        return _moment(value) or value, moves
    if isinstance(value, str) and any(schema.get("format") == "cpr" for schema in schemas):
        return _one_cpr(value) or value, moves
    return value, moves


def _left_out(value: Any, schemas: Sequence[Schema]) -> bool:
    if value is None:
        return not any("null" in schema.get("type", ()) for whole in schemas for schema in _parts(whole))
    return value in ("", [], {})


def _parts(schema: Any) -> Iterator[Schema]:
    """Yield ``schema`` and everything in it that may speak about the same value."""
    if isinstance(schema, dict):
        yield schema
        for rule in ("allOf", "anyOf", "oneOf"):
            for part in schema.get(rule, []):
                yield from _parts(part)
        for rule in ("then", "else"):
            yield from _parts(schema.get(rule))
