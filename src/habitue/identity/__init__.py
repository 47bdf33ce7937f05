"""Who is who: identifiers, links between records as stored facts, and the persons they make.

Nothing is gathered here: whoever takes messages in needs the rules and no more.
"""

__all__: list[str] = []
