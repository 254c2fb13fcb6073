"""Two dimensions at once under control: cells of the page, and nothing else."""

from itertools import product
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from towns import draw_of
from worlds import SECTORS, count, towns

from ballerup_cli.core.reports.crossing import DIMENSIONS, cross_page
from ballerup_cli.core.reports.disclosure.rounding import control


@settings(deadline=None, max_examples=30)
@given(towns(), st.sampled_from([*product(DIMENSIONS, DIMENSIONS)]))
def test_a_crossed_table_has_a_row_for_any_two_codes_and_prints_cells_of_the_page(town: Any, by: tuple[str, str]):
    page = control(count(*town), draw_of(1), SECTORS)
    if by[0] == by[1]:
        with pytest.raises(ValueError, match=by[0]):
            cross_page(page, by)
        return
    rows = cross_page(page, by)["rows"]
    assert len(rows) == len(page[f"by_{by[0]}"]) * len(page[f"by_{by[1]}"])
    tiers = {row["member"]: row["tiers"] for row in page["by_member"]}
    for row in rows:
        printed = next(value for name, value in row.items() if name not in by)
        assert printed == (tiers[row["member"]][row["tier"]] if {*by} == {"member", "tier"} else None)
