"""What the routes of a server need: made by whoever starts it, given to `build_app`."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from starlette.routing import BaseRoute

from habitue.server.bodies import BodyLimits
from habitue.server.figures import Figures
from habitue.server.intake import Intake
from habitue.server.routing import Gate
from habitue.server.telling import Teller
from habitue.server.write_keys import WriteKeys


@dataclass(frozen=True, slots=True, kw_only=True)
class Doors:
    """What the routes of a server need.

    Attributes:
        clock: The present time.
        random: So many bytes that nobody can guess.
        intake: Takes events in.
        keys: Knows who may send them.
        figures: Counts, and shows what was counted.
        teller: Writes what happens.
        limits: How long bodies may be and take.
        gate: Knows who asks; None where nothing can be asked.
        routes: Further routes, such as those that read.
        parts: What has to work for the server to be ready, by name, besides taking events in.
    """

    clock: Callable[[], datetime]
    random: Callable[[int], bytes]
    intake: Intake
    keys: WriteKeys
    figures: Figures
    teller: Teller
    limits: BodyLimits = field(default_factory=BodyLimits)
    gate: Gate | None = None
    routes: tuple[BaseRoute, ...] = ()
    parts: Mapping[str, Callable[[], bool]] = field(default_factory=dict)
