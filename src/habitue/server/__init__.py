"""The HTTP door: events in, answers and changes out."""
