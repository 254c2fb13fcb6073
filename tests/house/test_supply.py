"""What is deployed is known: locked with digests, licensed, listed; and the wheel can be built again, byte for byte."""

import configparser
import json
import re

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from supply import EXTRAS, LICENCES, LOCK, MATERIALS, ROOT, licence, pins, wanted

FREE = re.compile(r"MIT|BSD|Apache|ISC|MPL|Mozilla|PSF|Python Software|LGPL|Lesser|Unlicense")
LOCKED = pins()


def test_every_line_of_the_lock_is_a_version_with_digests() -> None:
    text = LOCK.read_text()
    assert len(LOCKED) == text.count("==") > 20
    assert all(digests for _, digests in LOCKED.values())
    assert "://" not in text, "where packages come from is set on the machine, not here"


def test_the_lock_holds_all_that_setup_cfg_asks_for() -> None:
    config = configparser.ConfigParser()
    config.read(ROOT / "setup.cfg")
    lines = [config["options"]["install_requires"], *(config["options.extras_require"][extra] for extra in EXTRAS)]
    asked = [Requirement(line) for part in lines for line in part.split("\n") if line]
    assert len(asked) > 15
    for need in asked:
        assert need.specifier.contains(LOCKED[canonicalize_name(need.name)][0]), need


@pytest.mark.parametrize("name", LOCKED)
def test_what_is_locked_is_complete_and_free(name: str) -> None:
    """Whatever a package needs is locked too, so that nothing is fetched that nobody has looked at."""
    for need in wanted(name, ()):
        assert canonicalize_name(need.name) in LOCKED, need
    assert FREE.search(licence(name)), licence(name)


def test_licences_and_bill_of_materials_list_what_is_locked() -> None:
    rows = re.findall(r"^\| ([\w.-]+) \| (\S+) \| .+ \|$", LICENCES.read_text(), re.MULTILINE)
    assert dict(rows[1:]) == {name: version for name, (version, _) in LOCKED.items()}
    bill = json.loads(MATERIALS.read_text())
    listed = {part["name"]: part["version"] for part in bill["components"]}
    assert listed == {name: version for name, (version, _) in LOCKED.items()}
    refs = {part["bom-ref"] for part in bill["components"]} | {"ballerup"}
    assert {told["ref"] for told in bill["dependencies"]} == refs
    assert {needed for told in bill["dependencies"] for needed in told["dependsOn"]} == refs - {"ballerup"}
