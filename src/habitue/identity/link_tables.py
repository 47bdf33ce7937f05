"""The tables of the link store: records, links as facts, who each record was, and marks."""

from typing import Final

from habitue.state.sqlite import Format

IDENTITY: Final = Format(
    application=0x48424944,
    version=1,
    statements=(
        "PRAGMA application_id = 1212303684",
        "PRAGMA user_version = 1",
        """
        CREATE TABLE records (
            number INTEGER PRIMARY KEY, record_id TEXT NOT NULL UNIQUE, first_us INTEGER NOT NULL
        )
        """,
        """
        CREATE TABLE links (
            fact INTEGER PRIMARY KEY AUTOINCREMENT,
            left_record INTEGER NOT NULL,
            right_record INTEGER NOT NULL CHECK (left_record < right_record),
            rule TEXT NOT NULL,
            state TEXT NOT NULL CHECK (state IN ('link', 'review', 'withdrawn', 'always', 'never')),
            weight REAL NOT NULL,
            model TEXT NOT NULL,
            decided_us INTEGER NOT NULL,
            decided_by TEXT NOT NULL,
            act INTEGER NOT NULL
        )
        """,
        "CREATE INDEX links_of_pair ON links (left_record, right_record, rule, fact)",
        "CREATE INDEX links_of_right ON links (right_record, left_record)",
        "CREATE INDEX links_decided ON links (act) WHERE rule = 'decision'",
        """
        CREATE TRIGGER links_are_facts BEFORE UPDATE ON links BEGIN
            SELECT raise(ABORT, 'links are only ever added');
        END
        """,
        """
        CREATE VIEW current_links AS
        SELECT max(fact) AS fact, left_record, right_record, rule, state, weight, model, decided_us, decided_by
        FROM links GROUP BY left_record, right_record, rule
        """,
        """
        CREATE TABLE persons (
            step INTEGER PRIMARY KEY AUTOINCREMENT, record INTEGER NOT NULL, person TEXT NOT NULL,
            since_us INTEGER NOT NULL
        )
        """,
        "CREATE INDEX persons_of_record ON persons (record, step, person)",
        "CREATE INDEX persons_by_person ON persons (person, record)",
        """
        CREATE VIEW current_persons AS
        SELECT max(step) AS step, record, person, since_us FROM persons GROUP BY record
        """,
        "CREATE TABLE facts (name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID",
        "CREATE TABLE models (version TEXT PRIMARY KEY, body TEXT NOT NULL, made_us INTEGER NOT NULL) WITHOUT ROWID",
    ),
)
