"""The profile of a municipality: its names, network, lists of codes and lengths, as words and settings of the program.

A profile is written into the settings: names and lengths as settings of their own, the lists below ``profile``. Codes
are never removed: those of an older profile stay lawful and are retired. The municipality whose plan is shipped is one
profile among others, and nothing of it stands elsewhere.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

Profile = Mapping[str, Any]
Terms = dict[str, dict[str, Any]]

AUTHORITIES = {
    "unit": "unit",
    "centre": "centre",
    "committee": "committee",
    "council": "council",
    "police": "police",
    "cooperation": "cooperation",
    "national_centre": "national-centre",
    "child_services": "child-services",
}
"""The names of a profile that are authorities of the settings, by the code they have there."""

LISTS = {"dimensions": "dimension", "measures": "measure", "functions": "function"}
"""The lists of a profile, by their name in the vocabulary; rings are the fourth."""

LANGUAGES = ("da", "en")
PROFILE = "profile"
_DEFAULTS = {"measures": {"catalogue": "none"}}


def both(name: Any) -> dict[str, str]:
    """Return a name in both languages; one that is given once is the same in both."""
    given = name if isinstance(name, Mapping) else dict.fromkeys(LANGUAGES, name)
    return {language: str(given.get(language) or next(iter(given.values()))) for language in LANGUAGES}


def settings_of(profile: Profile) -> dict[str, Any]:
    """Return what a profile sets: its names and lengths, and below ``profile`` its lists."""
    network = profile.get("network", {})
    names = {code: both(profile[key]) for key, code in AUTHORITIES.items() if profile.get(key)}
    names |= {"pladen": both(network["name"])} if network.get("name") else {}
    plain = {key: profile[key] for key in ("municipality", "contacts", "letterhead", "core_group") if key in profile}
    lengths = {key: profile[key] for key in ("clocks", "retention") if profile.get(key)}
    lists = {key: profile[key] for key in (*LISTS, "labels", "code") if profile.get(key)}
    lists |= {key: network[key] for key in ("rings", "members") if network.get(key)}
    found = {**plain, "authorities": names, **lengths, PROFILE: lists}
    return {key: value for key, value in found.items() if value not in ({}, [])}


def profile_of(lists: Mapping[str, Any]) -> dict[str, Any]:
    """Return the lists that the settings keep as the profile they came from, whose names are settings of their own."""
    body = {key: value for key, value in lists.items() if key not in ("rings", "members")}
    network = {key: lists[key] for key in ("rings", "members") if key in lists}
    return {"municipality": "-", **body, **({"network": network} if network else {})}


def members_of(profile: Profile, shipped: Profile) -> list[Mapping[str, Any]]:
    """Return the members a new store begins with: none that is shipped where the profile has rings of its own."""
    network = profile.get("network", {})
    return list(network.get("members", [] if network.get("rings") else shipped["network"]["members"]))


def lists_of(shipped: Profile, sets: Sequence[Mapping[str, Any]]) -> dict[str, Terms]:
    """Return the code lists that are in force: those of the newest profile, older codes after them, retired."""
    first = {**shipped, "rings": shipped["network"]["rings"]}
    profiles = [body.get(PROFILE) or {} for body in sets]
    found = {}
    for key, name in (*LISTS.items(), ("rings", "ring")):
        body = [profile[key] for profile in profiles if profile.get(key)]
        body = body if profiles and profiles[0].get(key) else [first[key], *body]
        found[name] = _terms(key, body)
    return found


def starters_of(shipped: Profile, sets: Sequence[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    """Return the members that a profile names: those of the shipped one where no other has rings of its own."""
    profiles = [body.get(PROFILE) or {} for body in sets]
    named = [profile["members"] for profile in profiles if profile.get("members")]
    own = any(profile.get("rings") for profile in profiles)
    return list(named[-1] if named else [] if own else shipped["network"]["members"])


def labels_of(sets: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """Return the labels that profiles give to codes of other lists, by list and code."""
    found: dict[str, Any] = {}
    for body in sets:
        for name, labels in ((body.get(PROFILE) or {}).get("labels") or {}).items():
            found[name] = {**found.get(name, {}), **{code: both(label) for code, label in labels.items()}}
    return found


def names_of(settings: Mapping[str, Any]) -> dict[str, dict[str, str]]:
    """Return the names that stand in texts as ``{name}``, in both languages."""
    names = {code.replace("-", "_"): both(item) for code, item in settings["authorities"].items()}
    return {**names, "municipality": both(settings["municipality"])}


def named(texts: Any, names: Mapping[str, Mapping[str, str]], language: str = "") -> Any:
    """Return texts with names put in; below ``da`` and ``en`` each in its language."""
    if isinstance(texts, Mapping):
        return {key: named(value, names, key if key in LANGUAGES else language) for key, value in texts.items()}
    if isinstance(texts, list):
        return [named(text, names, language) for text in texts]
    if isinstance(texts, str) and language and "{" in texts:
        for name, words in names.items():
            texts = texts.replace(f"{{{name}}}", words[language])
    return texts


def _terms(key: str, body: Sequence[Iterable[Mapping[str, Any]]]) -> Terms:
    older: Terms = {}
    for items in body[:-1]:
        older |= {item["code"]: {**_term(key, item), "retired": True} for item in items}
    newest = {item["code"]: _term(key, item) for item in body[-1]}
    return newest | {code: term for code, term in older.items() if code not in newest}


def _term(key: str, item: Mapping[str, Any]) -> dict[str, Any]:
    term = {
        **_DEFAULTS.get(key, {}),
        **{name: value for name, value in item.items() if name not in ("code", "name", "role")},
    }
    role = item.get("role", [])
    roles = role if isinstance(role, Mapping) else dict.fromkeys(LANGUAGES, role)
    lines = {language: [text] if isinstance(text, str) else [*text] for language, text in roles.items()}
    return {**both(item["name"]), **term, **({"roles": lines} if key == "rings" else {})}
