"""The live reading: events in, people enter and leave segments on time."""

from habitue.live.consents import LiveConsents
from habitue.live.generation import Make, Seeded
from habitue.live.identity import LiveIdentity
from habitue.live.loop import Loop
from habitue.live.reading import Reading
from habitue.live.setting import Pace, Setting
from habitue.live.state import LiveState, Phase

__all__ = ["LiveConsents", "LiveIdentity", "LiveState", "Loop", "Make", "Pace", "Phase", "Reading", "Seeded", "Setting"]
