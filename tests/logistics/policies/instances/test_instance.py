"""Instances are read as published: distances, fleets and pairs, and every fault is named with its line."""

import pytest

from logistics.policies import planner
from logistics.policies.figures import measure
from logistics.policies.instances import instance, solution
from logistics.policies.instances.text import BadInstance
from logistics.policies.problem import FOREVER
from logistics.policies.verifier import verify

CVRP = """NAME : tiny
TYPE : CVRP
DIMENSION : 4
EDGE_WEIGHT_TYPE : EUC_2D
CAPACITY : 10
NODE_COORD_SECTION
1 0 0
2 3 4
3 0 5
4 0 1.4
DEMAND_SECTION
1 0
2 4
3 6
4 1
DEPOT_SECTION
 1
 -1
EOF
"""
SOLOMON = """R000

VEHICLE
NUMBER     CAPACITY
  2         200

CUSTOMER
CUST NO.  XCOORD.   YCOORD.    DEMAND   READY TIME  DUE DATE   SERVICE   TIME

    0      35         35          0          0       230          0
    1      41         49         10        161       171         10
    2      35         17          7         50        60         10
"""
PAIRED = """NAME : pair
TYPE : PDPTW
DIMENSION : 3
VEHICLES : 1
CAPACITY : 5
EDGE_WEIGHT_TYPE : EUC_2D
NODE_COORD_SECTION
0 0 0
2 0 3
3 0 9
PICKUP_AND_DELIVERY_SECTION
0 0 0 99 0 0 0
2 -5 0 90 1 3 0
3 5 0 90 1 0 2
DEPOT_SECTION
1
-1
EOF
"""


def without(text, line):
    assert line in text
    return text.replace(line, "")


def test_distances_are_rounded_as_the_convention_says():
    told = instance.read(CVRP)
    assert told.usual == "round"
    assert told.problem("round").distances[0] == (0, 5, 5, 1)
    assert told.problem("dimacs").distances[0] == (0, 50, 50, 14)
    assert told.problem("exact").distances[1][3] == 3970  # the root of 3 squared and 2.6 squared


def test_a_fleet_that_is_not_told_is_one_vehicle_for_each_customer():
    problem = instance.read(CVRP).problem("round")
    assert len(problem.vans) == 3
    assert {van.capacity for van in problem.vans} == {(10,)}
    assert [job.load for job in problem.jobs] == [(4,), (6,), (1,)]
    assert problem.vans[0].ends_s == FOREVER


def test_solomons_table_says_the_same_in_its_own_way():
    told = instance.read(SOLOMON)
    problem = told.problem("dimacs")
    assert told.usual == "dimacs"
    assert [(job.opens_s, job.closes_s, job.service_s) for job in problem.jobs] == [
        (1610, 1710, 100),
        (500, 600, 100),
    ]
    assert {(van.capacity, van.ends_s) for van in problem.vans} == {((200,), 2300)}
    assert problem.distances[0][1] == 152  # 15.23, cut off


def test_pairs_become_hauls_from_pickup_to_delivery():
    problem = instance.read(PAIRED).problem("round")
    (haul,) = problem.hauls
    assert (haul.pickup.location, haul.delivery.location, haul.load) == (2, 1, (5,))
    plan = planner.plan(problem, seconds=0.2)
    assert verify(problem, plan) == []
    assert measure(problem, plan).distance_m == 18


def test_mixed_fleets_depots_and_limits():
    text = CVRP.replace("CAPACITY : 10\n", "VEHICLES : 2\nVEHICLES_MAX_DURATION : 30\n").replace(
        "DEPOT_SECTION\n 1\n",
        "CAPACITY_SECTION\n1 10\n2 5\nVEHICLES_FIXED_COST_SECTION\n1 7\n2 0\n"
        "VEHICLES_UNIT_DISTANCE_COST_SECTION\n1 1\n2 3\nVEHICLES_DEPOT_SECTION\n1 1\n2 2\n"
        "VEHICLES_ALLOWED_CLIENTS_SECTION\n1 3 4\n2 4\nDEPOT_SECTION\n 1\n 2\n",
    )
    problem = instance.read(text).problem("round")
    one, two = problem.vans
    assert (one.start, one.capacity, one.fixed_cost, one.cost_per_m, one.max_duration_s) == (
        0,
        (10,),
        7,
        1,
        30,
    )
    assert (two.start, two.capacity, two.fixed_cost, two.cost_per_m) == (1, (5,), 0, 3)
    assert [job.skills <= two.skills for job in problem.jobs] == [False, True]


@pytest.mark.parametrize(
    ("form", "numbers"),
    [
        ("FULL_MATRIX", "0 1 2 1 0 3 2 3 0"),
        ("LOWER_ROW", "1 2 3"),
        ("UPPER_ROW", "1 2 3"),
        ("LOWER_DIAG_ROW", "0 1 0 2 3 0"),
        ("UPPER_DIAG_ROW", "0 1 2 0 3 0"),
    ],
)
def test_explicit_matrices(form, numbers):
    text = (
        "NAME : m\nTYPE : CVRP\nDIMENSION : 3\nCAPACITY : 3\nEDGE_WEIGHT_TYPE : EXPLICIT\n"
        f"EDGE_WEIGHT_FORMAT : {form}\n"
        f"EDGE_WEIGHT_SECTION\n{numbers}\nDEMAND_SECTION\n1 0\n2 1\n3 1\nDEPOT_SECTION\n1\n-1\nEOF\n"
    )
    assert instance.read(text).problem("round").distances == ((0, 1, 2), (1, 0, 3), (2, 3, 0))


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("", "no section"),
        (without(CVRP, "DIMENSION : 4\n"), "DIMENSION"),
        (CVRP.replace("DIMENSION : 4", "DIMENSION : 5"), "4 of 5 nodes"),
        (CVRP.replace("3 0 5\n", "3 0 five\n"), "line 9: 'five'"),
        (CVRP.replace("3 0 5\n", "3 0 nan\n"), "finite"),
        (CVRP.replace("3 0 5\n", "3 0\n"), "line 9"),
        (CVRP.replace("3 6\n", "2 6\n"), "line 14"),
        (CVRP.replace("3 6\n", "3 -6\n"), "negative"),
        (CVRP.replace("2 4\n", "2 4.5\n"), "whole number"),
        (CVRP.replace("EUC_2D", "GEO"), "EDGE_WEIGHT_TYPE GEO"),
        (CVRP.replace("CAPACITY : 10", "CAPACITY : 10\nHAZARD : 3"), "HAZARD"),
        (CVRP.replace("DEPOT_SECTION", "STAND_TIME_SECTION\n1 2\nDEPOT_SECTION"), "STAND_TIME"),
        (CVRP.replace(" 1\n -1", " 9\n -1"), "no node 9"),
        (CVRP.replace("DEMAND_SECTION", "DEMAND_SECTION\n1 0\nDEMAND_SECTION"), "twice"),
        (CVRP.replace("CAPACITY : 10", "CAPACITY : 10\nVEHICLES : 1.5"), "VEHICLES"),
        (PAIRED.replace("3 5 0 90 1 0 2", "3 4 0 90 1 0 2"), "no pair"),
        (SOLOMON.replace("161       171         10", "161       171"), "line 11: 6 numbers"),
    ],
)
def test_every_fault_is_named(text, named):
    with pytest.raises(BadInstance) as caught:
        instance.read(text).problem("round")
    assert named in str(caught.value)


def test_what_is_not_known_can_be_left_out_on_purpose():
    text = CVRP.replace("CAPACITY : 10", "CAPACITY : 10\nHAZARD : 3")
    told = instance.read(text, ignore=["hazard"])
    assert told.text.ignored == ["HAZARD"]


def test_the_convention_is_the_one_under_which_the_solution_costs_what_it_says():
    told = instance.read(CVRP)
    published = solution.read("Route #1: 1 2\nRoute #2: 3\nCost 15\n")
    assert solution.convention(told, published) == "round"  # 5 + 3 + 5, and twice 1
    assert solution.convention(told, solution.read("Route #1: 1 2\nRoute #2: 3\nCost 15.9\n")) == "dimacs"
    assert solution.convention(told, solution.read("Route #1: 1 2\nRoute #2: 3\nCost 99\n")) is None


def test_a_plan_is_written_as_it_is_read():
    problem = instance.read(CVRP).problem("round")
    plan = planner.plan(problem, seconds=0.2)
    published = solution.read(solution.write(plan, "15"))
    again = published.plan(problem)
    assert measure(problem, again).cost == measure(problem, plan).cost
    assert published.cost == 15
