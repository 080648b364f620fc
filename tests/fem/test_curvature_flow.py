"""Outlines that move by their curvature, against closed forms and quadrature."""

import itertools

import numpy as np
import pytest

from mitmodels.cell.electrochemistry import ButlerVolmer, Deposit
from mitmodels.cell.relaxation import Relaxation
from mitmodels.errors import RunError
from mitmodels.solvers.cell.curvature_flow import Relaxed, relax
from mitmodels.solvers.cell.outline import Outline

pytestmark = pytest.mark.serial
NM = 1e-9
MOBILITY = 1e-18  # [m2/s] of a speed that is proportional to the curvature


def copper(flat_area: float = np.inf) -> Relaxation:
    kinetics, deposit = ButlerVolmer(3.6e-4, 0.72, 0.3, 1, 300.0), Deposit(63.546e-3, 8960.0, 1)
    return Relaxation(kinetics, deposit, 1.79, 300.0, flat_area)


def speed_of(law: Relaxation):
    return lambda curvature, area, *_: law.speed(curvature, area)


def proportional(curvature, area, *_):
    return -MOBILITY * curvature + 0 * area


def unstable(curvature, area, *_):
    return -proportional(curvature, area) * (1 + 0.1 * np.cos(7 * np.arange(len(area))))[:, None]


def revolved(radius, height: float, nodes: int = 81) -> Outline:
    """Body with radius(z) below a lid that is an ellipse in the half-plane, half a radius high."""
    z = np.linspace(height, 0, nodes)
    top = radius(height)
    angle = np.linspace(0, np.pi / 2, 21)[:-1]
    lid = np.column_stack((top * np.sin(angle), height + top / 2 * np.cos(angle)))
    return Outline(np.concatenate((lid, np.column_stack((radius(z), z)))))


def last(states) -> Relaxed:
    *_, state = states
    return state


@pytest.mark.parametrize(
    ("radius", "flat_area"),
    [(2 * NM, np.inf), (10_000 * NM, np.inf), (2 * NM, 1256 * NM**2)],
    ids=["isolated", "linear", "in a cell"],
)
def test_sphere_shrinks_as_by_quadrature(radius, flat_area, record) -> None:
    law = copper(flat_area)
    for state in itertools.islice(
        relax(Outline.nucleus(radius, 41), speed_of(law), radius / 5, 0, 41), 2, None
    ):
        expected = law.lifetime(radius, state.outline.tip_height)
        assert state.t == pytest.approx(expected, rel=1e-3)
    if flat_area == np.inf:
        record(
            f"relaxation of a sphere of {radius / NM:g} nm against quadrature",
            1e-3,
            abs(state.t / expected - 1),
        )
        assert state.t == pytest.approx(expected, rel=1e-6)
    distance = np.linalg.norm(state.outline.points, axis=1)
    np.testing.assert_allclose(distance, distance[0], rtol=1e-6)


def test_exponent_of_spheres_in_the_linear_limit(record) -> None:
    """Attachment: 2. Herring's 4 is that of diffusion along the surface."""
    radii = np.array([1e-6, 1e-5])
    lives = [
        last(relax(Outline.nucleus(R, 21), speed_of(copper()), R / 10, 0, 21)).t for R in radii
    ]
    exponent = np.diff(np.log(lives))[0] / np.log(10)
    record("relaxation: exponent in the linear limit, outlines", "2 +- 2 %", exponent)
    assert exponent == pytest.approx(2.0, rel=0.02)


def test_wall_of_a_long_cylinder_shrinks_by_one_curvature(record) -> None:
    """R^2 = R_0^2 - 2 m t far from the lid; with both curvatures of a sphere it would be 4 m t."""
    outline = revolved(lambda z: NM + 0 * z, 12 * NM)
    *states, pinched = relax(outline, proportional, 0.5 * NM, 0.5 * NM)
    for state in states:
        expected = np.sqrt(NM**2 - 2 * MOBILITY * state.t)
        assert state.outline.r[-1] == pytest.approx(expected, rel=1e-4)
    assert state.outline.r[-1] < 0.52 * NM
    assert state.outline.tip_height > 8 * NM
    assert pinched.cut > 0.5 * state.outline.volume
    error = abs(state.outline.r[-1] / expected - 1)
    record("relaxation of the wall of a cylinder against its closed form", 1e-4, error)


def test_order_in_the_spacing(record) -> None:
    """Second, of the volume that goes through the surface of an egg and of the time it takes."""
    angle = np.linspace(0, np.pi / 2, 161)
    egg = Outline(NM * np.column_stack((1.5 * np.sin(angle), 4 * np.cos(angle))))
    errors, times = [], []
    for nodes in (16, 31, 61):
        *_, before, end = relax(egg, speed_of(copper()), 1.2 * NM, 0, nodes, 1e-6)
        lost = egg.volume - end.outline.volume
        errors.append(abs(end.released / lost - 1))
        heights = [end.outline.tip_height, before.outline.tip_height]
        times.append(np.interp(1.2 * NM, heights, [end.t, before.t]))
    of_volume = np.log2(errors[1] / errors[2])
    of_time = np.log2((times[0] - times[1]) / (times[1] - times[2]))
    record("relaxation: volume that goes through the surface, 61 nodes", 1e-3, errors[2])
    record("relaxation: order in the spacing of the outline, volume", "2 +- 0.1", of_volume)
    record("relaxation: order in the spacing of the outline, time", "2 +- 0.3", of_time)
    assert errors[2] < 1e-3
    assert of_volume == pytest.approx(2.0, abs=0.1)
    assert of_time == pytest.approx(2.0, abs=0.3)


def test_neck_loses_what_stands_on_it() -> None:
    hourglass = revolved(lambda z: NM * (0.5 + 0.1 * (z / NM - 3) ** 2), 6 * NM)
    states = list(relax(hourglass, proportional, 2 * NM, 0.2 * NM, 41))
    first = next(i for i, state in enumerate(states) if state.cut > 0)
    before, after, end = states[first - 1], states[first], states[-1]
    assert before.outline.tip_height > 5 * NM
    assert 2.5 * NM < after.outline.tip_height < 3.5 * NM
    assert after.cut > 0.5 * before.outline.volume
    assert end.outline.tip_height <= 2 * NM
    gone = states[0].outline.volume - end.outline.volume
    assert end.released + end.cut == pytest.approx(gone, rel=5e-3)


def test_flow_that_cannot_be_followed_is_refused() -> None:
    """A surface that grows where it is convex has no smooth solution."""
    with pytest.raises(RunError):
        last(relax(Outline.nucleus(NM, 21), unstable, 0.5 * NM, 0, 21))
