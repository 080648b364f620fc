"""Growth against a surface energy: the critical radius, and steps that are stable with any."""

from dataclasses import replace

from mpi4py import MPI

import numpy as np
import pytest
from ecm_cells import CU_SIO2_PT, grow
from scipy.optimize import brentq

from mitmodels.drive.waveform import through
from mitmodels.meshes.ecm_stack import EcmStack
from mitmodels.solvers.cell.curvature_flow import surface_curvature
from mitmodels.solvers.cell.electrode import Dissolution
from mitmodels.solvers.cell.heun import DAMPING, StepControl, heun
from mitmodels.solvers.cell.meshed_cell import Cell, MeshControl, MeshedCell, Spacing
from mitmodels.solvers.cell.outline import Outline
from mitmodels.solvers.cell.roughness import curvature_decay

pytestmark = pytest.mark.serial

NM = 1e-9
COARSE = MeshControl(spacing=Spacing().refined(0.5))


def cell(surface_energy: float, nucleus: float = 0.2 * NM) -> Cell:
    return Cell(
        replace(CU_SIO2_PT, surface_energy=surface_energy),
        EcmStack(radius=8 * NM, oxide=10 * NM, counter=3 * NM, active=3 * NM),
        Dissolution(ratio=0.05, deepest=0.5 * NM, width=0.25 * NM, nucleus=nucleus),
    )


def test_sphere_of_critical_radius_neither_grows_nor_shrinks(record) -> None:
    """The ionic current changes sign where r = 2 gamma Omega/(z e V), and all nodes rest there."""
    r, copper = 1 * NM, cell(1.79)
    shape = copper.shape(Outline.nucleus(r, 10))
    meshed = MeshedCell(copper, shape, COARSE, MPI.COMM_WORLD)
    expected = 2 * 1.79 * 63.546e-3 / 8960 / 96485.33 / r
    V = brentq(
        lambda V: meshed.evaluate(shape, V).I_ion, 0.98 * expected, 1.03 * expected, xtol=1e-7
    )
    resting = np.abs(meshed.evaluate(shape, V).speed).max()
    shrinks, grows = (meshed.evaluate(shape, x * V).speed for x in (0.99, 1.01))
    record("critical radius, by 2 gamma Omega/(z e eta)", "0.5 %", f"{expected / V - 1:.1e}")
    assert abs(expected / V - 1) < 5e-3
    assert shrinks.max() < 0 < grows.min()
    assert resting < 1e-3 * min(-shrinks.max(), grows.min())


def test_surface_energy_that_is_next_to_none_leaves_the_speed_as_it_is(record) -> None:
    """1e-10 J/m2 goes through all that a surface energy does, none through nothing of it."""
    shape, speeds = cell(0.0).shape(Outline.nucleus(1 * NM, 10)), []
    for energy in (0.0, 1e-10):
        meshed = MeshedCell(cell(energy), shape, COARSE, MPI.COMM_WORLD)
        speeds.append(meshed.evaluate(shape, 1.0).speed)
    error = np.abs(speeds[1] / speeds[0] - 1).max()
    record("speed with a surface energy of 1e-10 J/m2, by that without", "1e-8", f"{error:.1e}")
    assert error < 1e-8


def test_seed_waits_for_the_voltage_at_which_it_grows() -> None:
    """And not for the end of a step of 0.05 V."""
    copper = cell(0.5, nucleus=0.5 * NM)
    assert copper.critical_voltage == pytest.approx(0.147, rel=3e-3)
    ramp = through([(0.0, 0.0), (0.3, 0.3)])
    points = grow(copper, ramp, StepControl().refined(0.5), COARSE, MPI.COMM_WORLD)
    points = list(points)
    held = [p for p in points if p.charge == 0.0]
    assert held[-1].state.V_source == pytest.approx(copper.critical_voltage, rel=1e-5)
    assert points[-1].charge > 0.0
    assert points[-1].shape.outline.volume > held[-1].shape.outline.volume


def flow(outline: Outline, mobility: float, dt: float, steps: int, damping: float) -> Outline:
    """Outline that shrinks by its curvature alone."""
    for _ in range(steps):
        each = np.full(len(outline.points), mobility)
        damped = np.linalg.inv(np.eye(len(each)) + damping * dt * curvature_decay(outline, each))

        def speed(now: Outline) -> np.ndarray:
            return -mobility * surface_curvature(now)

        _, outline = heun(outline, speed(outline), dt, speed, 0.0, damped)
    return outline


def test_steps_are_of_the_second_order(record) -> None:
    """Of the tip of half an ellipsoid, whose curvature differs along it."""
    start = Outline(Outline.nucleus(2 * NM, 17).points * [1.0, 1.5])
    tips = [flow(start, 1e-18, 0.2 / n, n, DAMPING).tip_height for n in (8, 16, 32)]
    rate = np.log2((tips[0] - tips[1]) / (tips[1] - tips[2]))
    record("ellipsoid that shrinks by its curvature, order", "2", f"{rate:.2f}")
    assert rate == pytest.approx(2, abs=0.3)


@pytest.mark.parametrize("damping", [DAMPING, 0.0])
def test_ripple_decays_in_a_step_twenty_times_too_long_for_an_explicit_method(damping) -> None:
    """And grows without the damping."""
    sphere, mobility = Outline.nucleus(2 * NM, 33), 1e-18
    ripple = 1e-4 * NM * (-1.0) ** np.arange(33)
    rough = sphere.displaced(ripple[:, None] * sphere.directions)
    stable = sphere.lengths[0] ** 2 / (2 * mobility)
    end = flow(rough, mobility, 20 * stable, 1, damping)
    left = np.ptp(np.linalg.norm(end.points, axis=1))
    assert (left < 2e-4 * NM) == (damping > 0)
