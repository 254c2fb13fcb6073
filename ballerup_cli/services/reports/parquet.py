"""Counts as a Parquet file, which engines for many machines read as it is: a row a count, the report's days beside it.

What the columns hold stands in docs/report.md.
"""

import io
from collections.abc import Mapping, Sequence
from typing import Any

from ballerup_cli.errors import NoParquetError

_ABOUT = ("municipality", "from", "to", "controlled")
_KIND = {b"ballerup": b"report/1"}


def as_parquet(content: Mapping[str, Any], rows: Sequence[Mapping[str, Any]]) -> bytes:
    """Write the rows of a report (``section``, ``code``, ``count``, ``value``), each with whose it is and its days.

    Raises:
        NoParquetError: the library that writes such files is not installed.
    """
    try:
        import pyarrow
        from pyarrow import parquet
    except ImportError:
        raise NoParquetError from None
    words = [pyarrow.field(name, pyarrow.string()) for name in ("municipality", "from", "to")]
    told = [pyarrow.field(name, pyarrow.string()) for name in ("section", "code", "count")]
    fields = [*words, pyarrow.field("controlled", pyarrow.bool_()), *told, pyarrow.field("value", pyarrow.float64())]
    about = {"municipality": content["municipality"], **content["period"], "controlled": content["controlled"]}
    table = pyarrow.Table.from_pylist(
        [{**{name: about[name] for name in _ABOUT}, **row} for row in rows], schema=pyarrow.schema(fields, _KIND)
    )
    file = io.BytesIO()
    parquet.write_table(table, file)
    return file.getvalue()
