"""The failed lane of the log: messages that could not be taken in, sealed, and which of them name somebody.

Cost: every message of the lane is opened once, in memory only.
"""

from collections.abc import Iterator, Mapping
from typing import Final

from habitue.govern.sealing import SealBrokenError
from habitue.run.live_parts import log_path
from habitue.run.opened import Opened
from habitue.run.subjects import Names
from habitue.sources.plans import OWN
from habitue.streams import Failure, LogReader

_PAGE: Final = 1_000
_COOKIE: Final = "cookie"
_TWICE: Final[Mapping[str, str]] = {
    "userId": "user_id",
    "anonymousId": "anonymous_id",
    "previousId": "previous_id",
    "groupId": "group_id",
}
"""Messages are kept as they came where they could not be read, else as they were read."""


def failures_naming(opened: Opened, names: Names) -> Iterator[tuple[Failure, str]]:
    """The messages of the failed lane that name some people, each with what it says."""
    path = log_path(opened.project.folder)
    if not path.exists():
        return
    columns = {plan.name: _columns(plan.identifiers) for plan in opened.project.sources.collected}
    after = 0
    with LogReader(path) as reader:
        while page := reader.failures(after=after, limit=_PAGE):
            after = page[-1].number
            for failure in page:
                text = _opened(opened, failure)
                if text and names.cells_of(columns.get(failure.source, _columns({})), text):
                    yield failure, text


def _columns(identifiers: Mapping[str, tuple[str, ...]]) -> dict[str, str]:
    """The kinds of identifiers by place in a message."""
    found = {"userId": OWN, "anonymousId": _COOKIE, "traits/email": "email", "traits/phone": "phone"}
    found |= {path.replace(".", "/"): name for name, paths in identifiers.items() for path in paths}
    return found | {_TWICE[path]: name for path, name in found.items() if path in _TWICE}


def _opened(opened: Opened, failure: Failure) -> str:
    if failure.raw is None:
        return ""
    try:
        return opened.stores.vault.lane.open(failure.raw.decode("utf-8", "surrogateescape"))
    except SealBrokenError:
        return ""
