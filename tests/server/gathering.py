"""The parts of a server that take events in, opened for one project and closed together."""

from collections.abc import Callable, Collection, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass

from habitue.govern.accounts import Accounts
from habitue.govern.ledger import ConsentLedger
from habitue.govern.opening import open_vault
from habitue.run.live_parts import log_path
from habitue.run.project import Project
from habitue.run.surroundings import Surroundings
from habitue.server.figures import Figures
from habitue.server.intake import Intake
from habitue.server.telling import Teller
from habitue.server.write_keys import WriteKeys
from habitue.sources.inbox import Inbox
from habitue.streams import Committer, Limits, Log, Pace


@dataclass(frozen=True, slots=True, kw_only=True)
class Gathering:
    """What takes events in, open.

    Attributes:
        committer: Writes the log.
        intake: Takes requests in.
        keys: Knows who may send.
        figures: Counts.
    """

    committer: Committer
    intake: Intake
    keys: WriteKeys
    figures: Figures


@contextmanager
def gathering(
    current: Callable[[], Project],
    around: Surroundings,
    teller: Teller,
    *,
    pace: Pace | None = None,
    limits: Limits | None = None,
) -> Iterator[Gathering]:
    """Open what takes events in; closed at the end of the block, when all that waits is on the disk.

    Args:
        current: The project as its files declare it now.
        around: The time, chance, and where keys are kept.
        teller: Writes what happens.
        pace: How long and how much the committer waits.
        limits: How the log is cut and bounded.

    Raises:
        HabitueError: The log is another process's, or a file cannot be opened.
    """
    folder = current().folder

    def accounts() -> Accounts:
        return Accounts.open(folder, random=around.random)

    def sources() -> Collection[str]:
        return [plan.name for plan in current().sources.collected]

    with ExitStack() as opened:
        path = log_path(folder)
        path.parent.mkdir(exist_ok=True)
        figures = Figures(path, teller.unforeseen)
        keys = WriteKeys(accounts, sources, around.clock)
        opened.callback(keys.close)
        committer = opened.enter_context(Committer(Log.open(path, limits=limits), pace))
        intake = Intake(lambda: _inbox(current(), around), committer, keys, figures)
        opened.callback(intake.close)
        yield Gathering(committer=committer, intake=intake, keys=keys, figures=figures)


@contextmanager
def _inbox(project: Project, around: Surroundings) -> Iterator[Inbox]:
    """The inbox of a project, with a vault and a ledger of its own: both belong to the calling thread."""
    with (
        open_vault(project.folder, environ=around.environ, home=around.home, random=around.random) as vault,
        ConsentLedger.open(project.folder) as ledger,
    ):
        yield Inbox(project.sources, project.purposes, project.identity, vault, clock=around.clock, ledger=ledger)
