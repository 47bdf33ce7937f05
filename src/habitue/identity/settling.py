"""From stored links to persons: what would change, and making it so; only what a change can touch is decided anew."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

import numpy as np

from habitue.identity.clustering import Refusal, cluster, pairs_inside, renumbered
from habitue.identity.edges import Edges, Facts, Ints
from habitue.identity.ledger import People, StoredPeople, assign, persons_of
from habitue.identity.links import DECISION, MATCHED, Links, LinkState
from habitue.identity.persons import NewId, name_parts
from habitue.identity.rules import Guards

FactsOf = Callable[[Sequence[str]], Facts]


@dataclass(frozen=True, slots=True, kw_only=True)
class Graph:
    """What holds between some records now.

    Attributes:
        records: Their numbers, rising.
        edges: Links between them.
        never: Pairs that are not one person.
    """

    records: Ints
    edges: Edges
    never: tuple[tuple[int, int], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """A record that is another person now.

    Attributes:
        record: Its id.
        before: The person it was.
        after: The person it is.
    """

    record: str
    before: str
    after: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What settling changes, or would change.

    Attributes:
        changes: Records that are another person, by id.
        merged: For each person that takes in others: its id, then theirs.
        split: For each person that is divided: its id, then those of all its parts.
        refused: Links that guards refused, by falling weight; ends are record ids.
        records: How many records were decided anew.
    """

    changes: tuple[Change, ...]
    merged: tuple[tuple[str, ...], ...]
    split: tuple[tuple[str, ...], ...]
    refused: tuple[tuple[str, str, Refusal], ...]
    records: int


def no_facts(records: Sequence[str]) -> Facts:
    """Nothing is known that keeps records apart."""
    return Facts.none(len(records))


def read_graph(links: Links, touched: Iterable[int] | None = None) -> Graph:
    """What holds now between all records that have links, or between those that a change can touch.

    Args:
        links: The link store.
        touched: Records where something changed, by number; None for all.
    """
    if touched is None:
        rows = links.connection.execute(
            """
            SELECT left_record, right_record, rule, state, weight FROM current_links
            WHERE state IN ('link', 'always', 'never')
            """
        ).fetchall()
        held = links.connection.execute(
            """
            SELECT record FROM persons
            UNION SELECT r.number FROM persons AS p JOIN records AS r ON r.record_id = p.person
            """
        ).fetchall()
        return graph_of(rows, (record for (record,) in held))
    reach = reach_of(links, touched)
    links.choose(reach)
    rows = links.connection.execute(
        """
        SELECT l.left_record, l.right_record, l.rule, l.state, l.weight
        FROM temp.chosen AS c CROSS JOIN links AS l ON l.left_record = c.number
        WHERE l.state IN ('link', 'always', 'never') AND l.fact = (
            SELECT max(n.fact) FROM links AS n
            WHERE n.left_record = l.left_record AND n.right_record = l.right_record AND n.rule = l.rule
        )
        """
    ).fetchall()
    return graph_of(rows, reach)


def reach_of(links: Links, touched: Iterable[int]) -> set[int]:
    """Records that any link, past or present, or a common person connects with the touched ones."""
    reach = set(touched)
    while True:
        links.choose(reach)
        rows = links.connection.execute(
            """
            WITH RECURSIVE reach(number) AS (
                SELECT number FROM temp.chosen
                UNION SELECT l.right_record FROM reach AS r CROSS JOIN links AS l ON l.left_record = r.number
                    AND l.state <> 'review' AND l.state <> 'never'
                UNION SELECT l.left_record FROM reach AS r CROSS JOIN links AS l ON l.right_record = r.number
                    AND l.state <> 'review' AND l.state <> 'never'
            )
            SELECT number FROM reach
            """
        ).fetchall()
        linked = {number for (number,) in rows}
        together = set(persons_of(links, linked).values())
        links.connection.execute("DELETE FROM temp.named")
        links.connection.executemany("INSERT OR IGNORE INTO temp.named VALUES (?)", ((name,) for name in together))
        rows = links.connection.execute(
            "SELECT DISTINCT p.record FROM temp.named AS n CROSS JOIN persons AS p ON p.person = n.record_id"
        ).fetchall()
        wider = linked | {record for (record,) in rows} | set(links.numbers(together).values())
        if wider == reach:
            return reach
        reach = wider


def graph_of(rows: Sequence[tuple[int, int, str, str, float]], others: Iterable[int]) -> Graph:
    """What facts that hold now say of records: ends, rule, what it says and how strongly; and of some others."""
    never = tuple((left, right) for left, right, _, state, _ in rows if state == LinkState.NEVER)
    links = [row for row in rows if row[3] != LinkState.NEVER]
    several = []
    for matched in (False, True):
        some = [row for row in links if (row[2] == MATCHED) is matched]
        several.append(
            Edges.of([row[0] for row in some], [row[1] for row in some], [row[4] for row in some], matched=matched)
        )
    edges = Edges.joined(several)
    ends = np.concatenate([edges.left, edges.right, np.fromiter(others, dtype=np.int64)])
    return Graph(records=np.unique(ends).astype(np.int64), edges=edges, never=never)


def propose(
    people: People, graph: Graph, *, guards: Guards, facts_of: FactsOf, new_id: NewId
) -> tuple[Outcome, dict[int, str]]:
    """What settling a graph would change; nothing is written.

    Args:
        people: Who records are and were.
        graph: Links between records, as stored or as they would be.
        guards: What is refused.
        facts_of: What is known of records that keeps them apart, by record ids; read from the vault, in memory only.
        new_id: Makes an id of a person that nobody ever had.

    Returns:
        What would change, and the new person of each record that changes, by number.
    """
    ids = people.record_ids(graph.records.tolist())
    numbers = np.array(sorted(ids), dtype=np.int64)
    names = [ids[number] for number in numbers.tolist()]
    clustering = cluster(
        len(numbers),
        renumbered(graph.edges, numbers),
        facts=facts_of(names),
        guards=guards,
        never=pairs_inside(graph.never, numbers),
    )
    parts: dict[int, list[int]] = {}
    for number, oldest in zip(numbers.tolist(), clustering.oldest.tolist(), strict=True):
        parts.setdefault(oldest, []).append(number)
    current = people.persons_of(numbers.tolist())
    changed = _changed(list(parts.values()), current)
    after = _named(people, changed, current, ids, new_id)
    moved = {record: person for record, person in after.items() if person != current[record]}
    refused = tuple((names[each.left], names[each.right], each) for each in clustering.refused)
    return _outcome(moved, current, ids, refused, after), moved


def _changed(parts: Sequence[list[int]], current: Mapping[int, str]) -> list[list[int]]:
    """The parts that are not exactly the records of one present person."""
    sizes: dict[str, int] = {}
    for person in current.values():
        sizes[person] = sizes.get(person, 0) + 1
    return [
        part for part in parts if len({current[record] for record in part}) > 1 or sizes[current[part[0]]] != len(part)
    ]


def _named(
    people: People, parts: Sequence[list[int]], current: Mapping[int, str], own: Mapping[int, str], new_id: NewId
) -> dict[int, str]:
    records = [record for part in parts for record in part]
    past = people.before(records)
    candidates = {own[record] for record in records} | {person for persons in past.values() for person in persons}
    candidates |= {current[record] for record in records}
    names = name_parts(
        parts,
        current=current,
        before=past,
        own=own,
        taken=people.taken(candidates, records) if records else (),
        new_id=new_id,
    )
    return {record: name for part, name in zip(parts, names, strict=True) for record in part}


def _outcome(
    moved: Mapping[int, str],
    current: Mapping[int, str],
    ids: Mapping[int, str],
    refused: tuple[tuple[str, str, Refusal], ...],
    after: Mapping[int, str],
) -> Outcome:
    into: dict[str, set[str]] = {}
    out_of: dict[str, set[str]] = {}
    for record, person in after.items():
        into.setdefault(person, set()).add(current[record])
        out_of.setdefault(current[record], set()).add(person)
    changes = [Change(record=ids[each], before=current[each], after=person) for each, person in moved.items()]
    return Outcome(
        changes=tuple(sorted(changes, key=lambda change: change.record)),
        merged=tuple(
            (person, *sorted(origins - {person})) for person, origins in sorted(into.items()) if len(origins) > 1
        ),
        split=tuple((person, *sorted(parts)) for person, parts in sorted(out_of.items()) if len(parts) > 1),
        refused=refused,
        records=len(current),
    )


def settle(
    links: Links,
    *,
    guards: Guards,
    facts_of: FactsOf = no_facts,
    new_id: NewId,
    now: datetime,
    touched: Iterable[int] | None = None,
) -> Outcome:
    """Make persons what the stored links say.

    Args:
        links: The link store.
        guards: What is refused.
        facts_of: What is known of records that keeps them apart, by record ids.
        new_id: Makes an id of a person that nobody ever had.
        now: The present time, aware.
        touched: Records where something changed, by number: only what links connect with them is decided anew. None
            decides everything.
    """
    with links.transaction():
        graph = read_graph(links, touched)
        outcome, moved = propose(StoredPeople(links), graph, guards=guards, facts_of=facts_of, new_id=new_id)
        assign(links, moved, now=now)
    return outcome


def decision_pairs(links: Links, records: Iterable[int]) -> list[tuple[int, int, int, LinkState]]:
    """Somebody's decisions that hold now about some records: its number, both records, what it says; oldest first."""
    chosen = set(records)
    links.choose(chosen)
    rows = links.connection.execute(
        """
        SELECT l.act, l.left_record, l.right_record, l.state
        FROM temp.chosen AS c CROSS JOIN links AS l ON l.left_record = c.number
        WHERE l.rule = ?1 AND l.fact = (
            SELECT max(n.fact) FROM links AS n
            WHERE n.left_record = l.left_record AND n.right_record = l.right_record AND n.rule = ?1
        ) ORDER BY l.fact
        """,
        (DECISION,),
    ).fetchall()
    return [(act, left, right, LinkState(state)) for act, left, right, state in rows if right in chosen]
