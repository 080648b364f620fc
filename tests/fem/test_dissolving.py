"""Outlines that recede: a numerical term that rounds them, the nucleus, and thin necks."""

import numpy as np
import pytest

from mitmodels.solvers.cell.heun import heun, rounded, rounding_decay
from mitmodels.solvers.cell.nucleus import outside, stump
from mitmodels.solvers.cell.outline import Outline

pytestmark = pytest.mark.serial

NM = 1e-9


def frustum(foot: float, top: float, height: float) -> Outline:
    """Upright body from a foot radius to a top radius, flat on top [m]."""
    lid = np.column_stack((np.linspace(0, top, 11), np.full(11, height)))
    wall = np.column_stack((np.linspace(top, foot, 31)[1:], np.linspace(height, 0, 31)[1:]))
    return Outline(np.concatenate((lid, wall)))


def test_mean_curvature_of_a_sphere() -> None:
    sphere = Outline.nucleus(5 * NM, 41)
    np.testing.assert_allclose(sphere.mean_curvature * 5 * NM, 2.0, rtol=2e-4)


def test_rounding_gives_back_the_volume_that_it_takes() -> None:
    body = frustum(2 * NM, 1 * NM, 4 * NM)
    speed = -NM * (1 + body.z / (4 * NM))
    change = rounded(speed, body, 0.05 * NM) - speed
    taken = np.abs(change) @ body.ring_areas
    assert abs(change @ body.ring_areas) < 1e-12 * taken
    edge = int(np.argmax(body.mean_curvature))
    assert edge == 10
    assert change[edge] < 0.1 * speed[edge]


def test_implicit_rounding_gives_back_what_it_takes_and_damps_whatever_the_step() -> None:
    body = frustum(2 * NM, 1 * NM, 4 * NM)
    speed = np.where(body.z > 1 * NM, -NM * (1 + body.z / (4 * NM)), NM)
    decay = rounding_decay(speed, body, 0.05 * NM)
    scale = np.abs(decay) * body.ring_areas[:, None]
    assert np.abs(body.ring_areas @ decay).max() < 1e-12 * scale.max()
    assert np.linalg.eigvals(decay).real.min() > -1e-9 * np.abs(decay).max()
    assert (decay[speed > 0] == 0.0).all()


def test_rounding_leaves_growth_alone() -> None:
    body = frustum(2 * NM, 1 * NM, 4 * NM)
    speed = np.where(body.z > 2 * NM, NM, -NM)
    change = rounded(speed, body, 0.05 * NM) - speed
    assert (change[body.z > 2 * NM] == 0.0).all()
    assert np.abs(change).max() > 0.0
    assert (rounded(np.abs(speed), body, 0.05 * NM) == np.abs(speed)).all()


def test_sphere_shrinks_at_its_speed_down_to_the_nucleus() -> None:
    """A sphere has one curvature: rounding moves nothing. Below the nucleus nothing dissolves."""
    outline = Outline.nucleus(2 * NM, 21)

    def speed(now: Outline) -> np.ndarray:
        return rounded(np.full(len(now.points), -NM), now, 0.05 * NM)

    for _ in range(100):
        outline = outside(heun(outline, speed(outline), 0.01, speed, 0.2 * NM)[1], 0.2 * NM)
    np.testing.assert_allclose(np.linalg.norm(outline.points, axis=1), 1.0 * NM, rtol=3e-4)
    outline = Outline.nucleus(1 * NM, 8)
    for _ in range(100):
        outline = outside(heun(outline, speed(outline), 0.01, speed, 0.2 * NM)[1], 0.2 * NM)
    np.testing.assert_allclose(np.linalg.norm(outline.points, axis=1), 0.2 * NM, rtol=1e-12)


def test_neck_cuts_off_what_stands_on_it() -> None:
    """An hourglass of 2 nm in radius whose waist at 3 nm is 0.05 nm thin."""
    z = np.linspace(6, 0, 61)
    r = np.minimum(0.05 + np.abs(z - 3), 2.0)
    lid = np.column_stack((np.linspace(0, 2, 11)[:-1], np.full(10, 6.0)))
    hourglass = Outline(np.concatenate((lid, np.column_stack((r, z)))) * NM)
    rest = stump(hourglass, 0.1 * NM)
    assert rest is not None
    assert rest.height == pytest.approx(3.0 * NM, abs=0.11 * NM)
    assert rest.volume == pytest.approx(hourglass.volume / 2, rel=0.02)
    rest.check()


def test_neck_in_a_crater_is_cut_below_its_rim() -> None:
    """A stem thinned to 0.05 nm at 0.2 nm, in a foot whose rim stands 0.6 nm high."""
    stem = [(0, 4), (0.5, 3.9), (0.5, 1.0), (0.2, 0.5), (0.05, 0.2)]
    foot = [(0.3, 0.25), (0.7, 0.6), (1.0, 0.5), (1.2, 0.0)]
    rest = stump(Outline(np.array([*stem, *foot]) * NM), 0.1 * NM)
    assert rest is not None
    assert rest.tip_height == pytest.approx(0.3 * NM)
    assert rest.height == pytest.approx(0.6 * NM)
    rest.check()


@pytest.mark.parametrize("outline", [Outline.nucleus(0.2 * NM, 8), frustum(NM, NM, 5 * NM)])
def test_what_has_no_neck_is_not_cut(outline) -> None:
    assert stump(outline, 0.1 * NM) is None
