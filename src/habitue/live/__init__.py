"""The live reading: events in, people enter and leave segments on time."""
