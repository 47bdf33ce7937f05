"""A small shop whose people are made of words that nobody shares, for proofs about what is where."""

from pathlib import Path

from bench.erasure_people import make_people, write_shop
from tests.terminal import answer

PEOPLE = make_people(12, seed=5)
ANN, BEN = PEOPLE[0], PEOPLE[4]
"""Two who have a browser as well, and rows that failed."""
WORDS = "written down by a clerk"


def built_proof_shop(folder: Path) -> Path:
    """The shop, built."""
    write_shop(folder, PEOPLE, broken=(0, 4))
    answer("build", "--project", folder)
    return folder
