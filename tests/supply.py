"""`make lock`: from requirements.lock, the list of licences and the bill of materials (CycloneDX) of what is deployed.

The lock itself is written by uv from setup.cfg, with every digest. This module only reads it and what is installed.
"""

import json
import re
import sys
from importlib import metadata
from pathlib import Path
from typing import Any

from packaging.markers import default_environment
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).parent.parent
LOCK = ROOT / "requirements.lock"
LICENCES = ROOT / "docs" / "licences.md"
MATERIALS = ROOT / "docs" / "sbom.json"
EXTRAS = ("charts", "docx", "paper", "pdf", "xlsx")
"""What is deployed beside the program itself: charts, documents as DOCX or PDF, the recovery key on paper, sheets."""
_PIN = re.compile(r"^([\w.-]+)==(\S+) \\\n((?: +--hash=sha256:[0-9a-f]{64}(?: \\)?\n)+)", re.MULTILINE)


def pins(text: str = "") -> dict[str, tuple[str, list[str]]]:
    """Return what is locked: by name the version and the digests of its files."""
    found = _PIN.findall(text or LOCK.read_text())
    return {name: (version, re.findall("[0-9a-f]{64}", digests)) for name, version, digests in found}


def wanted(name: str = "ballerup", extras: tuple[str, ...] = EXTRAS) -> list[Requirement]:
    """Return what a package that is installed needs here, with these extras."""
    made = [Requirement(line) for line in metadata.requires(name) or ()]
    places = [{**default_environment(), "extra": extra} for extra in ("", *extras)]
    return [need for need in made if need.marker is None or any(need.marker.evaluate(place) for place in places)]


def licence(name: str) -> str:
    """Return the licence that a package that is installed names, as short as it says it."""
    told = metadata.metadata(name)
    classified = [line.rpartition(" :: ")[2] for line in told.get_all("Classifier") or () if line.startswith("License")]
    said = str(told.get("License-Expression") or "; ".join(classified) or told.get("License") or "")
    return said.splitlines()[0] if said else "not named"


def licences() -> str:
    """Return the page that lists the licences."""
    rows = "".join(f"| {name} | {version} | {licence(name)} |\n" for name, (version, _) in pins().items())
    return (
        "# Licences of what is deployed\n\nWritten by `make lock`: the packages of `requirements.lock` and the licence "
        "that each names.\nballerup itself is under the MPL-2.0.\n\n"
        f"| package | version | licence |\n|---|---|---|\n{rows}"
    )


def materials() -> dict[str, Any]:
    """Return the bill of materials, by the CycloneDX specification 1.6."""
    return {
        "bomFormat": "CycloneDX",
        "specVersion": "1.6",
        "version": 1,
        "metadata": {"component": {"type": "application", "bom-ref": "ballerup", "name": "ballerup"}},
        "components": [
            {
                "type": "library",
                "bom-ref": f"pkg:pypi/{name}@{version}",
                "name": name,
                "version": version,
                "purl": f"pkg:pypi/{name}@{version}",
                "licenses": [{"license": {"name": licence(name)}}],
            }
            for name, (version, _) in pins().items()
        ],
        "dependencies": [
            {"ref": "ballerup", "dependsOn": _refs("ballerup", EXTRAS)},
            *({"ref": f"pkg:pypi/{name}@{pin[0]}", "dependsOn": _refs(name, ())} for name, pin in pins().items()),
        ],
    }


def _refs(name: str, extras: tuple[str, ...]) -> list[str]:
    locked, names = pins(), {canonicalize_name(need.name) for need in wanted(name, extras)}
    return sorted(f"pkg:pypi/{needed}@{locked[needed][0]}" for needed in names if needed in locked)


if __name__ == "__main__":
    LICENCES.write_text(licences())
    MATERIALS.write_text(json.dumps(materials(), indent=1) + "\n")
    sys.stdout.write(f"{len(pins())} packages\n")
