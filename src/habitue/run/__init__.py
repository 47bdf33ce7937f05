"""The batch conductor: reads a project, builds it, and answers for it.

Nothing is gathered here: whoever takes messages in needs what a project declares of them, and no more.
"""

__all__: list[str] = []
