"""Out: signed webhooks, and what became of each delivery."""

from habitue.channels.clearance import Clearance, OpenClearance
from habitue.channels.deliveries import Deliveries, Delivery, DeliveryState, Progress
from habitue.channels.retries import Pace
from habitue.channels.spec import ChannelSpec, read_channels
from habitue.channels.standing import ChannelState
from habitue.channels.webhooks import Network, Webhooks

__all__ = [
    "ChannelSpec",
    "ChannelState",
    "Clearance",
    "Deliveries",
    "Delivery",
    "DeliveryState",
    "Network",
    "OpenClearance",
    "Pace",
    "Progress",
    "Webhooks",
    "read_channels",
]
