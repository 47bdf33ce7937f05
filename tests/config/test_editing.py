"""What editing promises: one document says something else, and every other line of the file is as it was."""

from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from habitue.config.editing import NotEditableError, add_document, change_document, remove_document
from habitue.config.text import parse

FILE = """# What we look at.

# Those who left.
segment: left
label: "Gone: for now"  # shown in lists
rule: |
  did('A')
  and did('B')
description: They were here.
# between
--- # the next
segment: came
# why
rule: >-
  did('C')
purpose: ads   # for
...
"""
TEXTS = st.text(
    st.characters(min_codepoint=32, max_codepoint=0x2FF, exclude_categories=["Cc", "Zl", "Zp"]), min_size=1, max_size=30
).filter(lambda text: text.strip() == text)


def documents(text: str) -> list[object]:
    trees, faults = parse(text, "file.yaml")
    assert faults == []
    return [tree.value for tree in trees]


def test_only_the_lines_of_what_changes_change() -> None:
    made = change_document(FILE, "segment", "left", {"label": "Left", "purpose": "mail", "description": ""})
    assert made == FILE.replace('"Gone: for now"', "Left").replace("description: They were here.\n", "purpose: mail\n")


def test_a_block_becomes_one_line_and_its_neighbours_stay() -> None:
    made = change_document(FILE, "segment", "came", {"rule": "did('D') and not did('E')"})
    assert made == FILE.replace(">-\n  did('C')", "did('D') and not did('E')")


@settings(max_examples=40)
@given(TEXTS, TEXTS, st.sampled_from(["left", "came"]))
def test_whatever_is_written_is_read_back_and_the_other_document_stays(rule: str, label: str, name: str) -> None:
    before = documents(FILE)
    made = change_document(FILE, "segment", name, {"rule": rule, "label": label})
    after = documents(made)
    at = 0 if name == "left" else 1
    assert after[1 - at] == before[1 - at]
    was = before[at]
    assert isinstance(was, dict)
    assert after[at] == was | {"rule": rule, "label": label}
    comments = [line for line in FILE.splitlines() if line.lstrip().startswith("#")]
    assert [line for line in made.splitlines() if line in comments] == comments
    again = change_document(made, "segment", name, {"rule": rule, "label": label})
    assert again == made


@settings(max_examples=25)
@given(st.lists(st.sampled_from("abcdef"), unique=True, max_size=5), TEXTS)
def test_documents_are_added_and_removed_one_by_one(names: list[str], rule: str) -> None:
    text = ""
    for name in names:
        text = add_document(text, {"segment": name, "rule": rule, "label": ""})
    assert documents(text) == [{"segment": name, "rule": rule} for name in names]
    for name, _ in pairwise([*names, ""]):
        text = remove_document(text, "segment", name)
    assert text == ""


def test_what_stands_on_top_of_a_file_stays_when_its_first_document_goes() -> None:
    made = remove_document(FILE, "segment", "left")
    assert made.startswith("# What we look at.\n\nsegment: came\n# why\n")
    assert remove_document(FILE, "segment", "came").endswith("# between\n")


@pytest.mark.parametrize(
    "text",
    [
        "{segment: a, rule: b}\n",
        "segment: a\nrule: &x b\nlabel: *x\n",
        "segment: a\nrule: b\ntags: [c]\n",
        "segment: b\n",
        "segment: [\n",
    ],
)
def test_what_cannot_be_edited_safely_is_left_alone(text: str) -> None:
    with pytest.raises(NotEditableError):
        change_document(text, "segment", "a", {"rule": "c"})


def test_what_cannot_stand_in_a_file_is_refused() -> None:
    with pytest.raises(NotEditableError):
        change_document(FILE, "segment", "left", {"label": "a\ud800"})
