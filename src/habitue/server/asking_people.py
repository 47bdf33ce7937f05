"""Asking for the people behind a figure: which page of them, how soon, and with which rule."""

from typing import Final

from starlette.requests import Request
from starlette.responses import Response

from habitue.run.people_pages import MOST_ON_A_PAGE, Page
from habitue.server.asking import LONGEST_FIGURES_S, Question, desk_of, json_answer, text, whole, written, yes
from habitue.server.routing import Parameter, access_of
from habitue.server.superseding import while_there

_LIMIT: Final = Parameter(name="limit", about="How many at most.", kind="integer", least=1, most=MOST_ON_A_PAGE)
PAGE: Final = (
    Parameter(name="cursor", about="`next_cursor` of the page before."),
    _LIMIT,
    Parameter(name="rule", about="Whether the rule of a segment of them is wanted too.", kind="boolean"),
    Parameter(
        name="soon",
        about="Whether the first are wanted as soon as some are found: `total` may be null then, and the page shorter.",
        kind="boolean",
    ),
)


def page_asked(request: Request, *, usual: int = 100) -> Page:
    """Which page of people somebody asks for.

    Args:
        request: Who asks.
        usual: How many are on a page where nobody says.
    """
    return Page(
        after=text(request, "cursor") or "",
        limit=whole(request, _LIMIT, usual=usual),
        with_rule=yes(request, "rule"),
        soon=yes(request, "soon"),
    )


async def peopled(request: Request, question: Question, page: Page) -> Response:
    """What a question for the people behind a figure is answered, as long as whoever asked waits for it.

    Args:
        request: Who asks.
        question: What is asked.
        page: Which of them; the first of them soon are found among some, all others may take as long as the figure.
    """
    soon = page.soon and not page.with_rule
    access = access_of(request)
    answer = desk_of(request).readers.read(
        lambda workspace: written(question(workspace, access)),
        seconds=None if soon else LONGEST_FIGURES_S,
        is_long=not soon,
        is_look=soon,
    )
    return json_answer(await while_there(request, answer))
