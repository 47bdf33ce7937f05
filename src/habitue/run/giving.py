"""Where data of people was given to: whoever is erased later, these have to be told."""

from habitue.govern.requests import PrivacyJournal
from habitue.run.opened import Opened


def note_given(opened: Opened, *, kind: str, target: str, what: str) -> None:
    """Note that data of people leaves the project.

    Args:
        opened: The open project.
        kind: How: `export`, `publish`, `webhook`.
        target: To where: a file's name, a host; no personal data.
        what: What: a segment, a table.
    """
    with PrivacyJournal.open(opened.project.folder) as journal:
        journal.give(kind, target, what, now=opened.around.clock())
