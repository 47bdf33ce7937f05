"""How what arrived live grows old: after a build, messages go that no rule of retention keeps any longer.

A message stays as long as the events it became may: the longest of the rules for events. What customers said of
themselves in messages that go, their cards remember for as long as the customers stay. Who entered and left a segment
while events came in stays as long as the rule for transitions says; who is inside one stays known.
"""

from datetime import datetime, timedelta

from habitue.config import state_folder
from habitue.govern.audit import AuditAction, AuditEntry
from habitue.govern.spec import DataClass
from habitue.run.live_parts import log_path
from habitue.run.opened import Opened
from habitue.run.project import Project
from habitue.run.projecting import Projector
from habitue.segments.transitions import TRANSITIONS_FILE, TransitionLog
from habitue.state.sqlite import to_us


def oldest_kept(project: Project, now: datetime) -> datetime | None:
    """The instant before which messages go; None where a rule for events at large is missing, and so all stay."""
    rules = [each for each in project.retention.values() if each.events or each.data is DataClass.EVENTS]
    if not any(each.data is DataClass.EVENTS for each in rules):
        return None
    return now - timedelta(microseconds=max(each.keep_us for each in rules))


def retire_log(opened: Opened, now: datetime) -> int:
    """Take messages out of the log that are too old; how many. Their events left the tables in the build before."""
    limit = oldest_kept(opened.project, now)
    if limit is None or not log_path(opened.project.folder).exists():
        return 0
    gone, is_done = 0, False
    while not is_done:
        removed = opened.live.write_log(lambda log: log.retire(to_us(limit)))
        gone, is_done = gone + removed.records, removed.is_done
    if gone:
        Projector(opened).remember()
    return gone


def retire_transitions(opened: Opened, now: datetime) -> int:
    """Take out who entered and left longer ago than the rule for transitions keeps; how many times that was."""
    spec = next((each for each in opened.project.retention.values() if each.data is DataClass.TRANSITIONS), None)
    if spec is None or not (state_folder(opened.project.folder) / TRANSITIONS_FILE).exists():
        return 0
    limit_us, gone = to_us(now) - spec.keep_us, 0
    with TransitionLog.open(opened.project.folder) as log:
        while removed := log.retire(limit_us):
            gone += removed
    if gone:
        about = f"{spec.retention}: {gone} rows of {DataClass.TRANSITIONS.value}"
        entry = AuditEntry(at=now, actor="build", action=AuditAction.RETENTION, about=about, purpose=spec.purpose)
        opened.stores.audit.append(entry)
    return gone
