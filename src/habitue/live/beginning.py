"""How the live reading begins, or begins again: where it left off, with what was missed told at its true instant."""

from collections.abc import Callable, Mapping
from contextlib import ExitStack, suppress

from habitue.errors import HabitueError
from habitue.live.generation import Generation, Seeded
from habitue.live.keeping import Keeper, differences, flips
from habitue.live.poison import look_ahead, taken
from habitue.live.setting import Setting
from habitue.live.tail import Tail
from habitue.rules.history import instant_of, micros
from habitue.rules.live_transitions import Cause
from habitue.segments import Moved

_PAGE = 1_000
_PEOPLE = 1_000


def cause_of(segment: str, rules: Mapping[str, str], before: Mapping[str, str]) -> Cause:
    """Why a segment holds other people than before: its rule is another one, or the data is."""
    return "build" if segment in rules and rules[segment] == before.get(segment) else "definition"


def begin(setting: Setting, keeper: Keeper, tail: Tail) -> tuple[Generation, list[Moved]]:
    """The live reading as of the last record that was kept, and what was found to be other than it was kept.

    Everything is seeded as of an instant at which all was settled. What was read and kept after it is read again,
    and its transitions, which were kept with it, are left out. Deadlines that passed until the last instant kept are
    minded; those that were kept already are left out. What is still other comes of another rule or of other data.
    """
    # Already to ask who is in which segment takes a while.
    setting.breathe()
    now_us, newest = micros(setting.clock()), tail.newest()
    if newest < keeper.position.offset:
        keeper.rewind()
    if not keeper.position.settled_us:
        _keep_beginning(setting, keeper, newest, now_us)
    position = keeper.position
    made = setting.make(position.settled, instant_of(position.settled_us), keeper.members())
    seeded = made if isinstance(made, Seeded) else Seeded(made)
    offset = position.settled if seeded.offset is None else seeded.offset
    generation = Generation.of(seeded, setting.reading, setting.identity(), offset, setting.consents())
    with ExitStack() as opened:
        opened.callback(generation.close)
        moved = _go_on(setting, generation, seeded, keeper, tail, now_us)
        opened.pop_all()
    return generation, moved


def _go_on(
    setting: Setting, generation: Generation, seeded: Seeded, keeper: Keeper, tail: Tail, now_us: int
) -> list[Moved]:
    """Have what was seeded where the last reading ended, and keep where it is otherwise."""
    position = keeper.position
    generation.begin(seeded.persons, position.people, instant_of(position.settled_us))
    _join_again(generation, tail, position.people)
    _read_again(generation, tail, position.offset, setting.breathe)
    _mind(generation, keeper, position.clock_us, setting.breathe)

    def keep(*, is_settled: bool) -> list[Moved]:
        generation.identity.keep(generation.offset)
        return keeper.commit(
            offset=generation.offset,
            clock_us=position.clock_us,
            noticed_us=now_us,
            people=generation.identity.step,
            is_settled=is_settled,
        )

    moved = keep(is_settled=False)
    before, rules = keeper.log.rules(), setting.reading.rules_of(generation.names)
    # Asked for at once: at the first start there are as many differences as members.
    known = keeper.members()
    changed = flips(
        differences(known, generation.members()),
        was=lambda customer, segment: customer in known.get(segment, ()),
        holds=generation.holds,
        causes=lambda segment: cause_of(segment, rules, before),
        now_us=position.clock_us,
    )
    keeper.add(changed, generation.offset)
    keeper.declare({**dict.fromkeys(before, ""), **rules})
    return moved + keep(is_settled=True)


def _keep_beginning(setting: Setting, keeper: Keeper, newest: int, now_us: int) -> None:
    """Keep where the very first reading begins before anything is made: whatever stops it, what follows is told."""
    identity = setting.identity()
    try:
        people = identity.newest_step()
    finally:
        identity.close()
    keeper.commit(offset=newest, clock_us=now_us, noticed_us=now_us, people=people, is_settled=True)


def _join_again(generation: Generation, tail: Tail, people: int) -> None:
    """Join anew whom messages made one that are in what was seeded, where who is who was lost with the power.

    Nothing waits for the disk to have who is who, since the log has it.
    """
    offset = generation.identity.lost_from(people)
    while offset is not None and offset < generation.offset:
        page = tail.read(offset, min(_PAGE, generation.offset - offset))
        for record in page.records:
            with suppress(HabitueError):
                generation.join(record)
        offset = max(page.last, offset) if page.records or page.damaged else None


def _read_again(generation: Generation, tail: Tail, until: int, breathe: Callable[[], None]) -> None:
    """Records whose transitions were kept."""
    while generation.offset < until:
        breathe()
        page = tail.read(generation.offset, min(_PAGE, until - generation.offset))
        if page.last <= generation.offset:
            return
        look_ahead(generation, page.records)
        for record in page.records:
            taken(generation, record)
        generation.offset = page.last


def _mind(generation: Generation, keeper: Keeper, until_us: int, breathe: Callable[[], None]) -> None:
    """Deadlines that passed up to the last instant kept, of which some were not kept yet."""
    is_done = False
    while not is_done:
        breathe()
        swept = generation.advance(instant_of(until_us), limit=_PEOPLE)
        keeper.add(keeper.unseen(swept.transitions), generation.offset)
        is_done = swept.is_done
