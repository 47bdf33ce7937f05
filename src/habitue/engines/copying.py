"""A program of its own: copies every table of a DuckDB file into a new one; it knows nothing of what it copies.

It is run as a file and imports little, because an erasure waits for it.
"""

import sys
from pathlib import Path

import duckdb
from sqlglot import expressions as exp


def copy_tables(path: str, fresh: str) -> None:
    """Copy every table of a warehouse into a new file.

    Args:
        path: The file; its log is written into it first.
        fresh: Where the new one is to be.
    """
    duckdb.connect(path).close()
    con = duckdb.connect(":memory:", config={"autoinstall_known_extensions": False, "threads": 1})
    try:
        con.execute(_attach(path, "old", read_only=True))
        con.execute(_attach(fresh, "fresh", read_only=False))
        con.execute("COPY FROM DATABASE old TO fresh")
        con.execute("CHECKPOINT fresh")
        con.execute("DETACH fresh")
    finally:
        con.close()
    Path(fresh).chmod(Path(path).stat().st_mode & 0o777)


def _attach(path: str, name: str, *, read_only: bool) -> str:
    options = [exp.AttachOption(this=exp.Var(this="READ_ONLY"))] if read_only else []
    what = exp.Alias(this=exp.Literal.string(path), alias=exp.to_identifier(name))
    return exp.Attach(this=what, expressions=options).sql("duckdb")


if __name__ == "__main__":
    copy_tables(*sys.argv[1:3])
