"""Figures about every customer: declared, built in, and prepared for learning."""

from habitue.features.sessions import SESSION_EVENT, sessions
from habitue.features.spec import FeatureSpec
from habitue.features.visits import SESSION_SHAPE, visit_events

__all__ = ["SESSION_EVENT", "SESSION_SHAPE", "FeatureSpec", "sessions", "visit_events"]
