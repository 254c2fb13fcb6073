"""The national roll-up of a folder of Parquet files in engines of others, as docs/report.md says: a sum, or unknown."""

import warnings
from pathlib import Path

Place = tuple[str, str | None, str]
PLACE = ["section", "code", "count"]
SQL = """
SELECT section, code, "count", CASE WHEN count(*) = count(value) THEN sum(value) END AS value
FROM '{folder}/*.parquet' GROUP BY ALL
"""


def by_duckdb(folder: Path) -> dict[Place, int | None]:
    import duckdb

    return {tuple(place): value for *place, value in duckdb.sql(SQL.format(folder=folder)).fetchall()}


def by_dask(folder: Path) -> dict[Place, int | None]:
    from dask import dataframe

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # its own, about pandas
        files = f"{folder}/*.parquet"
        rows = dataframe.read_parquet(files, columns=[*PLACE, "value"], aggregate_files=True, blocksize="64MB")
        told = rows.groupby(PLACE, dropna=False, sort=False)["value"].agg(["size", "count", "sum"]).compute()
    sums = zip(told.index, told.itertuples(index=False), strict=True)
    return {_place(*place): int(row.sum) if row.size == row.count else None for place, row in sums}


def _place(section: str, code: object, name: str) -> Place:
    return section, code if isinstance(code, str) else None, name


ENGINES = {"duckdb": by_duckdb, "dask": by_dask}
