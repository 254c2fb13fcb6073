"""Counts as one Parquet data set, which engines for many machines read as it is: a row a count, with whose it is.

What the columns hold stands in docs/report.md.
"""

import io
from collections.abc import Iterable, Mapping
from typing import Any

from ballerup_cli.errors import NoParquetError

_KIND = {b"ballerup": b"report/2"}
_TEXT = ("municipality_code", "municipality", "from", "to")


def as_parquet(rows: Iterable[Mapping[str, Any]]) -> bytes:
    """Write the rows of one report, or of many, as one file.

    Raises:
        NoParquetError: the library that writes such files is not installed.
    """
    try:
        import pyarrow
        from pyarrow import parquet
    except ImportError:
        raise NoParquetError from None
    words = [pyarrow.field(name, pyarrow.string()) for name in _TEXT]
    out = [pyarrow.field("revision", pyarrow.int32()), pyarrow.field("published", pyarrow.string())]
    place = [pyarrow.field(name, pyarrow.string()) for name in ("section", "code", "count")]
    ends = [pyarrow.field("controlled", pyarrow.bool_()), *place, pyarrow.field("value", pyarrow.float64())]
    table = pyarrow.Table.from_pylist(list(rows), schema=pyarrow.schema([*words, *out, *ends], _KIND))
    file = io.BytesIO()
    parquet.write_table(table, file)
    return file.getvalue()
