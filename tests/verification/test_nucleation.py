"""A filament that waits for its nucleus: in time, on ranks, behind a RESET, over the voltage."""

from dataclasses import replace

from mpi4py import MPI

import numpy as np
import pytest
from ecm_cells import CU_SIO2_PT, grow

from mitmodels.cell.nucleation import Nucleation
from mitmodels.constants import BOLTZMANN, ELEMENTARY_CHARGE
from mitmodels.drive.waveform import through
from mitmodels.meshes.ecm_stack import EcmStack
from mitmodels.solvers.cell.checkpoint import pack_growth, unpack_growth
from mitmodels.solvers.cell.electrode import Dissolution
from mitmodels.solvers.cell.growth import Growth
from mitmodels.solvers.cell.heun import StepControl
from mitmodels.solvers.cell.meshed_cell import Cell, MeshControl, Spacing

NM = 1e-9
COMM = MPI.COMM_WORLD
T = CU_SIO2_PT.ambient
LAW = Nucleation(1e-9, 0.9, 1, 0.5, charge_number=1, seed=5)
CELL = Cell(
    CU_SIO2_PT,
    EcmStack(radius=8 * NM, oxide=1.5 * NM, counter=3 * NM, active=3 * NM),
    Dissolution(ratio=0.05, deepest=0.5 * NM, width=0.25 * NM, nucleus=0.2 * NM),
    LAW,
)
STEPS = StepControl().refined(0.5)
MESH = MeshControl(spacing=Spacing().refined(0.5))
UP_DOWN_UP = through([(0.0, -0.1), (0.13, 1.2), (0.37, -1.2), (0.53, 0.4)])


def on_a_ramp(number: float, start: float, rate: float) -> float:
    """Time from the zero of a ramp on at which a number of nuclei is to be expected [s]."""
    b = LAW.steepness(T)
    return start + np.log1p(b * rate * number / LAW.rate(0.0, T)) / (b * rate)


@pytest.fixture(scope="module")
def points():
    return list(grow(CELL, UP_DOWN_UP, STEPS, MESH, COMM))


def test_nuclei_appear_where_the_closed_form_says(points, record) -> None:
    """Within the step of a ramp from a reverse voltage, and again behind a RESET."""
    found = [event.t for point in points for event in point.log if event.name == "nucleation"]
    expected = [on_a_ramp(LAW.draw(0), 0.01, 10.0), on_a_ramp(LAW.draw(1), 0.49, 10.0)]
    off = float(np.abs(np.array(found) / expected - 1).max())
    record("nuclei on a ramp and behind a RESET: time against the closed form", 1e-9, off)
    assert off < 1e-9


@pytest.mark.serial
def test_nothing_moves_without_a_nucleus(points) -> None:
    """Growth begins with it, and what is dissolved to its size waits for the next."""
    times = [point.t for point in points]
    first, second = (i for i, point in enumerate(points) if any(
        event.name == "nucleation" for event in point.log))  # fmt: skip
    assert points[first].charge == 0.0 < points[first + 1].charge
    waiting = next(i for i in range(first, second) if points[i].waiting)
    assert UP_DOWN_UP(times[waiting]) < 0
    assert len({point.charge for point in points[waiting - 1 : second]}) == 1
    assert [point.nuclei for point in points[second - 1 : second + 1]] == [1, 2]


def test_wait_goes_on_from_a_checkpoint() -> None:
    """Neither the draw nor what has been waited is lost; alone it is the same to the last bit."""
    growth = Growth(CELL, UP_DOWN_UP, STEPS, MESH, COMM)
    point = growth.advance(growth.seed())
    assert point.waiting
    assert point.expected > 0
    again = unpack_growth(COMM.bcast(pack_growth(point)), CELL, MESH, COMM)
    while point.waiting:
        point, again = growth.advance(point), growth.advance(again)
    assert again.t == (point.t if COMM.size == 1 else pytest.approx(point.t, rel=1e-12))
    assert (again.waiting, again.nuclei) == (False, point.nuclei) == (False, 1)


@pytest.mark.serial
def test_slope_of_the_set_time_where_nucleation_decides(record) -> None:
    """To a tip of 0.4 nm, which takes a second to grow and a day to wait for."""
    slow = replace(CELL, nucleation=replace(LAW, activation_energy=2.0))

    def set_time(V: float) -> float:
        hold = through([(0.0, V), (1e9, V)])
        return next(point.t for point in grow(slow, hold, STEPS, MESH, COMM)
                    if point.shape.outline.tip_height > 0.4 * NM)  # fmt: skip

    slope = np.log(set_time(0.85) / set_time(0.8)) / 0.05
    expected = -(LAW.atoms + LAW.transfer_coefficient) / (T * BOLTZMANN / ELEMENTARY_CHARGE)
    record("slope of ln t_SET where nucleation decides", "1 %", f"{slope / expected - 1:+.1e}")
    assert slope == pytest.approx(expected, rel=0.01)
