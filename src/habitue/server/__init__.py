"""The HTTP door: events in, answers and changes out.

Nothing is gathered here: whoever asks a running server loads little; whoever is one imports `habitue.server.serving`.
"""

__all__: list[str] = []
