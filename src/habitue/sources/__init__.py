"""Data comes in: files are read by content, typed, held against contracts, and become events, customers and items."""

from habitue.sources.lane import repair
from habitue.sources.load import LoadReport, failed, load, replay
from habitue.sources.packing import Part, find_parts
from habitue.sources.plans import SourcePlan, SourcesProject
from habitue.sources.progress import Progress
from habitue.sources.project import read_source_files
from habitue.sources.reading import list_parts, open_rows
from habitue.sources.sniff import CsvHints, Recognised, recognise

__all__ = [
    "CsvHints",
    "LoadReport",
    "Part",
    "Progress",
    "Recognised",
    "SourcePlan",
    "SourcesProject",
    "failed",
    "find_parts",
    "list_parts",
    "load",
    "open_rows",
    "read_source_files",
    "recognise",
    "repair",
    "replay",
]
