"""What a server tells of its work: JSON lines that name routes, codes and places in the program, and never a value."""

import traceback
from collections.abc import Callable
from datetime import datetime
from typing import Final, TextIO, cast

import msgspec
import structlog
from structlog.typing import EventDict, FilteringBoundLogger

_OURS: Final = "habitue"


class Teller:
    """Writes JSON lines, each with the time, a level and what happened; for any thread.

    Args:
        stream: Where they go, standard error as a rule.
        clock: The present time.
    """

    def __init__(self, stream: TextIO, clock: Callable[[], datetime]) -> None:
        def timed(_logger: object, level: str, event: EventDict) -> EventDict:
            said = {"event": event.pop("event"), **event}
            return {"at": clock().isoformat(timespec="milliseconds"), "level": level, **said}

        self._log = cast(
            "FilteringBoundLogger",
            structlog.wrap_logger(
                structlog.WriteLogger(stream),
                processors=[timed, structlog.processors.JSONRenderer(serializer=_json)],
                wrapper_class=structlog.make_filtering_bound_logger("info"),
                cache_logger_on_first_use=True,
            ),
        )

    def info(self, event: str, **facts: str | float | bool) -> None:
        """Tell of something that is as it should be.

        Args:
            event: What happened, in a few words.
            facts: Names, codes and numbers; nothing personal.
        """
        self._log.info(event, **facts)

    def warn(self, event: str, **facts: str | float | bool) -> None:
        """Tell of something that somebody should look at."""
        self._log.warning(event, **facts)

    def unforeseen(self, error: BaseException) -> None:
        """Tell of an error that nobody foresaw: its kind and place, not what it says, which may be personal."""
        self._log.error("unforeseen", kind=type(error).__name__, places=places_of(error))


def places_of(error: BaseException) -> list[str]:
    """Where an error arose, as `file:line function`, innermost last; only of this program, and the very last."""
    frames = traceback.extract_tb(error.__traceback__)
    named = [(f"{_short(each.filename)}:{each.lineno} {each.name}", each.filename) for each in frames]
    return [name for place, (name, file) in enumerate(named) if _OURS in file or place == len(named) - 1][-12:]


def _short(file: str) -> str:
    return "/".join(file.replace("\\", "/").split("/")[-3:])


def _json(value: object, **_: object) -> str:
    return msgspec.json.encode(value, enc_hook=str).decode()
