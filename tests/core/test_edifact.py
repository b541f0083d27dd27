"""EDIFACT is read as it was written, whatever the text; what is cut off is refused by segment."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from b2b.core import edifact
from b2b.core.edifact import UnreadableMessage
from tests.support.examples import examples

TEXT = st.text(st.characters(codec="utf-8", exclude_categories=("Cc", "Cs", "Zl", "Zp", "Zs")), max_size=12)
COMPONENTS = st.lists(TEXT, min_size=1, max_size=4)


def trimmed(components):
    while len(components) > 1 and not components[-1]:
        components = components[:-1]
    return tuple(components)


@given(st.lists(st.lists(COMPONENTS, max_size=4), min_size=1, max_size=6))
@settings(max_examples=examples(150), deadline=None)
def test_what_was_written_is_read_again(messages):
    text = edifact.written([("ABC", *elements) for elements in messages])
    found = edifact.segments(text.encode())
    assert [one.number for one in found] == list(range(1, len(messages) + 1))
    for segment, elements in zip(found, messages, strict=True):
        for at, components in enumerate(elements):
            told = [*trimmed(components), "", "", "", ""][:4]
            assert [segment.value(at, place) for place in range(4)] == told


def test_other_marks_are_taken_from_the_service_string_advice():
    [one, two] = edifact.segments(b"UNA;*.? #\r\nLIN*1*A;B?#C#\nUNS*S#")
    assert (one.tag, one.value(0), one.value(1, 1), two.value(0)) == ("LIN", "1", "B#C", "S")


@pytest.mark.parametrize(
    ("content", "code", "row"),
    [
        (b"", "empty", 1),
        (b"LIN+1'QTY+21:5", "cut_off", 2),
        (b"LIN+1'q+5'", "no_tag", 2),
        (b"UNA:::: 'LIN'", "bad_una", 1),
    ],
)
def test_what_cannot_be_read_is_refused_by_segment(content, code, row):
    with pytest.raises(UnreadableMessage) as refused:
        edifact.segments(content)
    [problem] = refused.value.problems
    assert (problem.code, problem.row) == (code, row)
    assert problem.remedy


def test_what_is_too_long_is_not_read():
    with pytest.raises(UnreadableMessage):
        edifact.segments(b"A" * (edifact.MAX_BYTES + 1))
