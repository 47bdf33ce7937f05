"""What a served project sends out: its channels, with what they ask of the house."""

from collections.abc import Sequence

from habitue.channels import Deliveries, Webhooks
from habitue.run.clearing import clearance
from habitue.run.surroundings import Surroundings
from habitue.segments import Moved, TransitionLog
from habitue.server.desk import Owner
from habitue.server.figures import Gauge


class Outward:
    """The channels of a served project.

    Args:
        owner: The thread that owns the project.
        around: The time and chance.
    """

    def __init__(self, owner: Owner, around: Surroundings) -> None:
        folder = owner.watch.last.folder
        self.webhooks = Webhooks(
            owner.watch.last.channels.values(),
            log=lambda: TransitionLog.open(folder),
            store=lambda: Deliveries.open(folder),
            clearance=lambda: clearance(folder, owner.beside, lambda: owner.watch.last),
            clock=around.clock,
            random=around.random,
        )

    def tell(self, moved: Sequence[Moved]) -> None:
        """Look for what is new; called by whoever reads the log of events, and never waits."""
        if moved:
            self.webhooks.notify()

    def gauges(self) -> tuple[Gauge, ...]:
        """Figures about all channels together."""
        state = self.webhooks.state
        return (
            Gauge(
                "habitue_channel_waiting",
                "Deliveries that wait for another attempt.",
                lambda: sum(each.waiting for each in state()),
            ),
            Gauge(
                "habitue_channel_behind",
                "Changes that the slowest channel has not taken up.",
                lambda: max((each.behind for each in state()), default=0),
            ),
            Gauge(
                "habitue_channels_not_on",
                "Channels that are off, failing, paused, stopped or without a secret.",
                lambda: sum(each.state != "on" for each in state()),
            ),
        )
