"""Equal requests are compared, and what the policies give is never unequal."""

from hypothesis import given

from orders.policies import equal_treatment, sharing_run
from orders.policies.equal_treatment import ROUNDING, UNEQUAL
from orders.policies.sharing_run import Inputs, Peg, Supply
from tests.orders.policies.test_sharing_run import inputs


@given(inputs())
def test_a_sharing_treats_equals_alike(made):
    assert all(group.is_equal for group in equal_treatment.compare(made, sharing_run.run(made)))


def test_what_nothing_explains_is_unequal():
    pegs = [Peg(key, key, 10, 0, 1, key, 1, 0, False) for key in (1, 2, 3)]
    made = Inputs("doc", 1, "proportional", "", 1, [Supply(1, 1, "", 20, pegs)], {})
    outcomes = sharing_run.run(made)
    [group] = equal_treatment.compare(made, outcomes)
    assert (group.claims, group.most - group.least, group.verdict) == (3, 1, ROUNDING)
    favoured = [outcomes[0]._replace(quantity=10), outcomes[1]._replace(quantity=4), outcomes[2]]
    [group] = equal_treatment.compare(made, favoured)
    assert group.verdict == UNEQUAL
