"""Destroying records in the vault's tables: keys, names and cards go, and names are buried."""

from collections.abc import Sequence
from dataclasses import dataclass
from sqlite3 import Connection

from habitue.govern.graves import Graves
from habitue.govern.person_keys import ask
from habitue.govern.vault_tables import record_id


@dataclass(frozen=True, slots=True, kw_only=True)
class Erased:
    """What an erasure took out of the vault.

    Attributes:
        records: Ids of the records that were there and are gone.
        keys: Keys destroyed: one for each record.
        names: Names of own identifiers removed.
        carried: Pairs of record and carried name removed.
        cards: Cards removed.
        graves: Names newly buried.
    """

    records: tuple[str, ...]
    keys: int
    names: int
    carried: int
    cards: int
    graves: int


def erase_records(connection: Connection, graves: Graves, numbers: Sequence[int], erased_us: int) -> Erased:
    """Take records out of every table, inside a transaction; what is unknown is passed over."""
    run = connection.execute
    ask(connection, numbers)
    known = run("SELECT r.record, r.name FROM asked AS a JOIN records AS r ON r.record = a.record").fetchall()
    left = run(
        """
        SELECT DISTINCT c.name FROM asked AS a JOIN carried AS c ON c.record = a.record
        WHERE NOT EXISTS (SELECT 1 FROM carried AS o WHERE o.name = c.name
                          AND NOT EXISTS (SELECT 1 FROM asked AS b WHERE b.record = o.record))
          AND NOT EXISTS (SELECT 1 FROM names AS o WHERE o.name = c.name
                          AND NOT EXISTS (SELECT 1 FROM asked AS b WHERE b.record = o.record))
        """
    ).fetchall()
    names = sorted({name for _, name in known} | {name for (name,) in left})
    dug = graves.dig(names, erased_us)
    gone = connection.executemany("DELETE FROM names WHERE name = ?", [(name,) for _, name in known])
    erased = Erased(
        records=tuple(record_id(record) for record, _ in known),
        names=max(0, gone.rowcount),
        carried=run("DELETE FROM carried WHERE record IN (SELECT record FROM asked)").rowcount,
        cards=run("DELETE FROM cards WHERE record IN (SELECT record FROM asked)").rowcount,
        keys=run("DELETE FROM records WHERE record IN (SELECT record FROM asked)").rowcount,
        graves=dug,
    )
    run("DELETE FROM asked")
    return erased
