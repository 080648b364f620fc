"""Time steps of a cell: what the drive allows, and trial steps that leave the geometry."""

from mpi4py import MPI

import numpy as np
import pytest
from ecm_cells import CU_SIO2_PT

from mitmodels.cell.circuit import CircuitCourse
from mitmodels.drive.waveform import Waveform, through
from mitmodels.meshes.ecm_stack import EcmStack
from mitmodels.solvers.cell.electrode import Dissolution
from mitmodels.solvers.cell.growth import Growth
from mitmodels.solvers.cell.heun import (
    StepControl,
    end_weight,
    fastest,
    heun_step,
    longest_driven,
    longest_stable,
)
from mitmodels.solvers.cell.meshed_cell import Cell, MeshControl
from mitmodels.solvers.cell.outline import OutlineError
from mitmodels.solvers.cell.roughness import roughening

NM = 1e-9


def small_cell(oxide: float) -> Cell:
    """Cell with a thickness of oxide [m]."""
    return Cell(
        CU_SIO2_PT,
        EcmStack(radius=8 * NM, oxide=oxide, counter=3 * NM, active=3 * NM),
        Dissolution(ratio=0.05, deepest=0.5 * NM, width=0.25 * NM, nucleus=0.2 * NM),
    )


def counted(drive: Waveform, control: StepControl) -> int:
    """Number of longest steps through a drive."""
    t, n = drive.start, 0
    while (stop := drive.next_stop(t)) is not None:
        t, n = min(t + longest_driven(drive, t, control), stop), n + 1
    return n


@pytest.mark.serial
@pytest.mark.parametrize("rate", [0.01, 1.0, 10_000.0])
def test_steps_of_a_ramp_are_of_one_voltage_whatever_its_rate(rate) -> None:
    ramp = through([(0.0, 0.0), (2 / rate, 2.0)])
    assert longest_driven(ramp, 0.0, StepControl()) == pytest.approx(0.05 / rate)
    assert counted(ramp, StepControl()) in (40, 41)
    assert counted(ramp, StepControl().refined(2)) in (80, 81)
    assert longest_driven(ramp, 0.0, StepControl(longest=1e-6)) == 1e-6


@pytest.mark.serial
@pytest.mark.parametrize("width", [1e-6, 1.0, 1e5])
def test_edges_of_a_pulse_count_as_little_as_they_last(width) -> None:
    edge = 1e-3 * width
    corners = [(0.0, 0.0), (edge, 1.0), (edge + width, 1.0), (2 * edge + width, 0.0)]
    assert counted(through(corners), StepControl()) in (7, 8)  # one, five, one but for rounding
    assert counted(through([*corners, (5 * width, 0.0)]), StepControl()) in (12, 13)


def course(cell, seed, drive, end):
    """That of a circuit without a state of its own."""
    return CircuitCourse(cell.model.circuit, drive, seed.circuit, end)


def test_step_beyond_the_cell_is_an_outline_that_is_refused() -> None:
    """At 5 V the surface would be at 1e20 m: neither a recess nor a mesh is made for it."""
    cell = small_cell(oxide=3 * NM)
    drive = through([(0.0, 5.0), (1.0, 5.0)])
    growth = Growth(cell, drive, StepControl(), MeshControl(), MPI.COMM_WORLD)
    seed = growth.seed()
    assert np.abs(seed.state.speed).max() > NM
    with pytest.raises(OutlineError, match="leaves the cell"):
        heun_step(cell, seed, course(cell, seed, drive, 1.0), 1.0, StepControl())


@pytest.mark.serial
def test_error_of_a_step_is_of_the_second_order_where_atoms_diffuse() -> None:
    """What diffuses goes as the step: counted as error, it asked for steps of picoseconds."""
    cell = small_cell(oxide=1 * NM)
    drive = through([(0.0, 3.0), (1.0, 3.0)])
    seed = Growth(cell, drive, StepControl(), MeshControl(), MPI.COMM_WORLD).seed()
    assert roughening(cell, seed) == 1.0
    dt = 1e-3 * NM / np.abs(seed.state.speed).max()
    long, short = (
        heun_step(cell, seed, course(cell, seed, drive, d), d, StepControl())[2]
        for d in (dt, dt / 10)
    )
    assert long / short == pytest.approx(100, rel=0.05)


@pytest.mark.serial
def test_steps_of_dissolution_do_not_follow_the_spacing_of_the_nodes() -> None:
    """What rounds its corners is implicit: explicit, it asked for steps of 0.01 nm."""
    cell = Cell(
        CU_SIO2_PT,
        EcmStack(radius=8 * NM, oxide=3 * NM, counter=3 * NM, active=3 * NM),
        Dissolution(ratio=0.05, deepest=0.5 * NM, width=0.25 * NM, nucleus=1.5 * NM),
    )
    drive = through([(0.0, -1.0), (1.0, -1.0)])
    body = Growth(cell, drive, StepControl(), MeshControl(), MPI.COMM_WORLD).seed()
    assert body.state.speed.max() < 0
    longest = longest_stable(cell, body, StepControl())
    assert longest == pytest.approx(StepControl().travel / fastest(body), rel=1e-12)


@pytest.mark.serial
def test_growth_under_a_ramp_is_integrated_exactly() -> None:
    """A speed that rises by a factor, whatever it is: the mean of both ends is the integral's."""
    for growth in (1e-6, 1e-3, 0.3, 3.0, -3.0, 40.0):
        ends = np.array([2.0]), np.array([2.0 * np.exp(growth)])
        weight = end_weight(*ends)
        mean = (1 - weight) * ends[0] + weight * ends[1]
        assert mean == pytest.approx(2.0 * np.expm1(growth) / growth, rel=1e-9)
    nothing = np.zeros(3), np.array([0.0, 1.0, -1.0])
    np.testing.assert_array_equal(end_weight(*nothing), 0.5)
    np.testing.assert_array_equal(end_weight(np.ones(2), np.array([0.0, -2.0])), 0.5)
