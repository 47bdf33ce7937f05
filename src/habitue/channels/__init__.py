"""Out: signed webhooks, and what became of each delivery."""
