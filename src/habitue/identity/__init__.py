"""Who is who: identifiers, links between records, and the persons they make."""
