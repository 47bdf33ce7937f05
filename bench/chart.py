"""The race as a picture: bars of CPU-seconds, one row per contender, as SVG without any script."""

from collections.abc import Sequence
from typing import Final
from xml.etree.ElementTree import Element, SubElement, indent, tostring

from bench.contender import entry_of
from bench.definitions import DEFINITIONS
from bench.race import Result

_COLOURS: Final = ("#0b6e99", "#3a9ec2", "#8cc7dc", "#e0b354", "#d9822b", "#8b4a2b")
_LEFT, _WIDTH, _BAR, _STEP, _TOP = 120, 560, 26, 40, 56


def draw(results: Sequence[Result], *, title: str) -> str:
    """The picture as text, ready for a file."""
    svg = picture(results, title=title)
    indent(svg)
    return tostring(svg, encoding="unicode") + "\n"


def picture(results: Sequence[Result], *, title: str) -> Element:
    """Stacked bars, one colour per definition; the longest bar fills the width.

    Args:
        results: At least one contender.
        title: Above the bars, and what a screen reader says.
    """
    height = _TOP + _STEP * len(results) + 44
    svg = Element(
        "svg",
        {
            "xmlns": "http://www.w3.org/2000/svg",
            "viewBox": f"0 0 {_LEFT + _WIDTH + 80} {height}",
            "font-family": "system-ui, sans-serif",
            "font-size": "13",
            "role": "img",
            "aria-label": title,
        },
    )
    SubElement(svg, "rect", {"width": "100%", "height": "100%", "fill": "#ffffff"})
    _text(svg, _LEFT, 24, title, weight="600")
    longest = max(each.total_cpu_s for each in results)
    for row, each in enumerate(results):
        _bar(svg, each, _TOP + row * _STEP, _WIDTH / longest)
    _legend(svg, height - 20)
    return svg


def _bar(svg: Element, result: Result, top: int, scale: float) -> None:
    _text(svg, _LEFT - 10, top + 18, entry_of(result.name).title, anchor="end")
    left = float(_LEFT)
    for definition, colour in zip(DEFINITIONS, _COLOURS, strict=True):
        width = result.laps[definition.key].cpu_s * scale
        box = {"x": f"{left:.1f}", "y": str(top), "width": f"{width:.1f}", "height": str(_BAR), "fill": colour}
        SubElement(svg, "rect", box)
        left += width
    _text(svg, left + 8, top + 18, f"{result.total_cpu_s:.1f} s")


def _legend(svg: Element, baseline: int) -> None:
    left = 20
    for definition, colour in zip(DEFINITIONS, _COLOURS, strict=True):
        SubElement(
            svg, "rect", {"x": str(left), "y": str(baseline - 10), "width": "12", "height": "12", "fill": colour}
        )
        _text(svg, left + 17, baseline, definition.name)
        left += 35 + 8 * len(definition.name)


def _text(svg: Element, left: float, baseline: int, text: str, *, anchor: str = "start", weight: str = "400") -> None:
    place = {"x": f"{left:.1f}", "y": str(baseline), "text-anchor": anchor, "font-weight": weight, "fill": "#1f2933"}
    SubElement(svg, "text", place).text = text
