"""No link of a chain can be changed, moved or taken out unseen."""

from uuid import UUID

from hypothesis import given
from hypothesis import strategies as st

from logistics.policies.evidence import Link, first_break, origin, seal

START = origin(UUID(int=1))


def chain(contents):
    links, before = [], START
    for content in contents:
        links.append(Link(content, before, seal(content, before)))
        before = links[-1].hash
    return links


contents = st.lists(
    st.fixed_dictionaries({"signer": st.text(max_size=5), "quantity": st.integers()}), min_size=1, max_size=6
)


@given(contents)
def test_an_honest_chain_holds(told):
    assert first_break(chain(told), START) is None


@given(contents, st.data())
def test_any_change_is_found_where_it_was_made(told, data):
    links = chain(told)
    index = data.draw(st.integers(0, len(links) - 1))
    changed = {**links[index].content, "quantity": links[index].content["quantity"] + 1}
    links[index] = Link(changed, links[index].previous_hash, links[index].hash)
    assert first_break(links, START) == index


@given(contents.filter(lambda told: len(told) > 1))
def test_a_missing_first_link_is_found(told):
    assert first_break(chain(told)[1:], START) == 0
