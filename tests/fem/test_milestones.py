"""Milestones between two time points of a growing filament, without a mesh."""

from types import SimpleNamespace

import numpy as np
import pytest
from ecm_cells import CU_SIO2_PT

from mitmodels.meshes.ecm_stack import EcmStack
from mitmodels.solvers.cell.electrode import Dissolution
from mitmodels.solvers.cell.events import milestones
from mitmodels.solvers.cell.meshed_cell import Cell

pytestmark = pytest.mark.serial

NM = 1e-9
CONTACT = 0.05 * NM
CELL = Cell(
    CU_SIO2_PT,
    EcmStack(radius=20 * NM, oxide=10 * NM, counter=10 * NM, active=15 * NM),
    Dissolution(ratio=0.05, deepest=0.5 * NM, width=0.25 * NM, nucleus=0.2 * NM),
)
BEFORE = {
    "tip": 0.4 * NM,
    "gap": 9.6 * NM,
    "I": 0.5e-3,
    "T_max": 300.0,
    "speed": 10 * NM,
    "V_cell": 1.0,
    "hopping": 0.1,
    "channels": 0.1,
}


def point(t, **changes):
    values = BEFORE | changes
    speed = np.array([0.1 * NM, values["speed"]])
    return SimpleNamespace(
        t=t,
        gap=values["gap"],
        channels=values["channels"],
        shape=SimpleNamespace(outline=SimpleNamespace(tip_height=values["tip"])),
        circuit=SimpleNamespace(state=SimpleNamespace(current=values["I"])),
        state=SimpleNamespace(
            **{name: values[name] for name in ("I", "T_max", "V_cell", "hopping")}, speed=speed
        ),
    )


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({}, {}),
        ({"tip": 0.6 * NM}, {"onset": 1.5}),
        ({"tip": 20 * NM - 0.4 * NM}, {"onset": 1 + 0.1 / 19.2, "void": 1.5}),
        ({"I": 1.4e-3}, {"compliance": 1.5}),
        ({"I": 1.4e-3, "speed": 0.15 * NM}, {"compliance": 1.5, "no growth": 1.745}),
        ({"speed": 0.15 * NM}, {}),
        ({"T_max": 2 * CU_SIO2_PT.melting - 300}, {"melting": 1.5}),
        ({"gap": 0.4 * NM}, {"set": 1 + 9.1 / 9.2}),
        ({"gap": 0.04 * NM}, {"set": 1 + 9.1 / 9.56, "contact": 1.8}),
        ({"V_cell": 2.6}, {"half the barrier": 1.5}),
        ({"hopping": 0.9}, {"hopping limit": 1.5}),
        ({"channels": 1.9}, {"point contact": 1.5}),
    ],
)
def test_milestones_are_found_at_their_interpolated_time(changes, expected) -> None:
    found = milestones(point(1.0), point(2.0, **changes), CELL, CONTACT)
    assert {event.name: event.t for event in found} == pytest.approx(expected, rel=1e-3)


def test_milestones_are_reported_once() -> None:
    """What is passed already is not found again."""
    reached = {"tip": 11 * NM, "I": 1e-3, "T_max": 1400.0}
    assert milestones(point(1.0, **reached), point(2.0, **reached), CELL, CONTACT) == ()


def test_a_tip_that_falls_below_half_a_nanometre_is_dissolved() -> None:
    found = milestones(point(1.0, tip=0.6 * NM), point(2.0), CELL, CONTACT)
    assert [(event.name, event.t) for event in found] == [("dissolved", pytest.approx(1.5))]
