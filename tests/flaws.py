"""`make audit OSV=FILE`: what is locked, held against a copy of a list of known flaws; it needs no network.

FILE is the archive of a list for PyPI in the format OSV (Open Source Vulnerability format, ossf.github.io/osv-schema):
a zip of JSON, one flaw a file. Fetch it where there is a network, and carry it over.
"""

import json
import sys
import zipfile
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from packaging.utils import canonicalize_name
from packaging.version import InvalidVersion, Version
from supply import pins

Flaw = Mapping[str, Any]
_FIRST = Version("0.dev0")  # before any version there is: the "0" of the format


def listed(archive: Path) -> Iterator[Flaw]:
    """Give the flaws of a list that are not withdrawn.

    Raises:
        OSError, zipfile.BadZipFile, ValueError: it cannot be read as such a list.
    """
    with zipfile.ZipFile(archive) as files:
        for name in files.namelist():
            if name.endswith(".json") and not (flaw := json.loads(files.read(name))).get("withdrawn"):
                yield flaw


def of(flaws: Iterator[Flaw], locked: Mapping[str, str]) -> list[str]:
    """Return which flaws what is locked has, as lines: package, version, the flaw's name."""
    return sorted(
        f"{name} {locked[name]}: {flaw['id']}"
        for flaw in flaws
        for name in {canonicalize_name(part["package"]["name"]) for part in flaw.get("affected", ()) if _is_ours(part)}
        if name in locked and any(_has(part, name, locked[name]) for part in flaw["affected"])
    )


def _is_ours(part: Mapping[str, Any]) -> bool:
    return part.get("package", {}).get("ecosystem") == "PyPI"


def _has(part: Mapping[str, Any], name: str, version: str) -> bool:
    """Tell whether a version is affected: it is listed, or lies in a range of versions."""
    if not _is_ours(part) or canonicalize_name(part["package"]["name"]) != name:
        return False
    ranges = [told["events"] for told in part.get("ranges", ()) if told["type"] != "GIT"]
    return version in part.get("versions", ()) or any(_lies_in(events, Version(version)) for events in ranges)


def _lies_in(events: Sequence[Mapping[str, str]], version: Version) -> bool:
    """Play the events up to a version, as the format says; one that cannot be read counts as the first there is."""
    affected = False
    for event in sorted(events, key=_when):
        at = _when(event)
        if "introduced" in event:
            affected |= version >= at
        elif "fixed" in event:
            affected &= version < at
        elif "last_affected" in event:
            affected &= version <= at
    return affected


def _when(event: Mapping[str, str]) -> Version:
    said = next(iter(event.values()))
    try:
        return _FIRST if said == "0" else Version(said)
    except InvalidVersion:
        return _FIRST


def main() -> int:
    """Say which flaws there are; 1 where there is one, 2 where the list cannot be read or holds nothing."""
    try:
        flaws = [*listed(Path(sys.argv[1]))]
    except (OSError, zipfile.BadZipFile, ValueError) as problem:
        sys.stderr.write(f"{sys.argv[1]}: {problem}\n")
        return 2
    newest = max((flaw.get("modified", "") for flaw in flaws), default="")
    locked = {name: version for name, (version, _) in pins().items()}
    found = of(iter(flaws), locked)
    sys.stdout.writelines(f"{line}\n" for line in found)
    sys.stdout.write(f"{len(found)} of {len(flaws)} flaws, listed up to {newest[:10] or '?'}; {len(locked)} packages\n")
    return 2 if not flaws else int(bool(found))


if __name__ == "__main__":
    sys.exit(main())
