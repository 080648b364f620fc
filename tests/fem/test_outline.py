"""Outlines: geometry of the spline, resampling, motion along normals, and what is refused."""

import numpy as np
import pytest
from ecm_cells import CU_SIO2_PT
from scipy.integrate import quad
from scipy.optimize import brentq
from scipy.special import expi

from mitmodels.solvers.cell.heun import evened, heun
from mitmodels.solvers.cell.meshed_cell import Spacing
from mitmodels.solvers.cell.outline import Outline, OutlineError, ring_areas

pytestmark = pytest.mark.serial

NM = 1e-9


def rod(radius: float, height: float, edge: float) -> Outline:
    """Upright rod with a rounded edge."""
    top = np.column_stack((np.linspace(0, radius - edge, 12), np.full(12, height)))
    angle = np.linspace(0, np.pi / 2, 9)[1:]
    bend = np.column_stack(
        (radius - edge + edge * np.sin(angle), height - edge + edge * np.cos(angle))
    )
    wall = np.column_stack((np.full(24, radius), np.linspace(height - edge, 0, 25)[1:]))
    return Outline(np.concatenate((top, bend, wall)))


def test_hemisphere_has_the_normals_curvature_and_volume_of_a_sphere() -> None:
    sphere = Outline.nucleus(5 * NM, 41)
    np.testing.assert_allclose(sphere.normals, sphere.points / (5 * NM), atol=1e-12)
    np.testing.assert_allclose(sphere.curvature * 5 * NM, 1.0, rtol=2e-4)
    assert sphere.volume == pytest.approx(2 / 3 * np.pi * (5 * NM) ** 3, rel=1e-7)
    assert sphere.ring_areas.sum() == pytest.approx(2 * np.pi * (5 * NM) ** 2, rel=3e-4)


def test_ring_areas_of_a_cone_are_exact() -> None:
    cone = np.array([[0.0, 3.0], [1.0, 1.5], [2.0, 0.0]])
    assert ring_areas(cone).sum() == pytest.approx(np.pi * 2 * np.hypot(2, 3), rel=1e-14)


def sphere_growing(spacing: float) -> Outline:
    """Sphere from 0.2 to 5.2 nm at a constant speed, resampled every 5 of 100 steps."""
    outline = Outline.nucleus(0.2 * NM, 8)
    for step in range(100):
        _, outline = heun(
            outline,
            np.full(len(outline.points), NM),
            0.05,
            lambda moved: np.full(len(moved.points), NM),
        )
        if step % 5 == 4:
            wanted = np.minimum(spacing, 0.25 * outline.height)
            outline = outline.resampled(np.full(len(outline.points), wanted))
    return outline


def test_sphere_stays_a_sphere(record) -> None:
    """Also at the triple point: a one-sided normal there gives an error of 1.5e-2."""
    grown = sphere_growing(0.35 * NM)
    radii = np.linalg.norm(grown.points, axis=1) / (5.2 * NM)
    worst = np.abs(radii - 1).max()
    record("sphere, radius of all nodes", "2e-5", f"{worst:.1e}")
    assert worst < 2e-5


def test_volume_of_the_polyline_of_a_sphere_converges_at_order_2() -> None:
    errors = []
    for spacing in (0.35 * NM, 0.175 * NM, 0.0875 * NM):
        r, z = sphere_growing(spacing).points.T
        volume = np.pi / 3 * np.sum(-np.diff(z) * (r[1:] ** 2 + r[1:] * r[:-1] + r[:-1] ** 2))
        errors.append(abs(volume / (2 / 3 * np.pi * (5.2 * NM) ** 3) - 1))
    assert errors[0] < 1.4e-3
    assert 1.7 < np.log2(errors[0] / errors[1]) < 2.3
    assert 1.7 < np.log2(errors[1] / errors[2]) < 2.3


def test_nodes_that_fold_at_the_foot_leave_no_trace() -> None:
    """An overhanging wall pushes nodes towards the electrode; the spline through them winds."""
    straight = rod(2 * NM, 4 * NM, 0.5 * NM)
    fold = np.array([[2.02, 0.008], [1.9, 0.003], [1.8, 0.009]]) * NM
    folded = Outline(np.insert(straight.points, -1, fold, axis=0))
    foot = folded.resampled(np.full(len(folded.points), 0.06 * NM)).points[-4:]
    np.testing.assert_allclose(foot[:, 0], 2 * NM, rtol=1e-3)
    assert (np.diff(foot[:, 1]) < -0.03 * NM).all()


def tip_after(steps: int, end: float, law) -> float:
    """Height of the tip of a rod after some steps of a law v(z)."""
    outline = rod(2 * NM, 2 * NM, 0.5 * NM)
    for _ in range(steps):
        speed = law(outline.tip_height) * np.ones(len(outline.points))
        _, outline = heun(
            outline,
            speed,
            end / steps,
            lambda moved: law(moved.tip_height) * np.ones(len(moved.points)),
        )
    return outline.tip_height


def slab_speed(height: float) -> float:
    """Speed of a planar front at 1 V whose electrolyte, 11 nm less its height, has resistance."""

    def excess(field: float) -> float:
        front = 1.0 - field * (11 * NM - height)
        plated = -float(CU_SIO2_PT.kinetics(-front, 300.0))
        return field * float(CU_SIO2_PT.hopping(field**2, 300.0)) - plated

    field = brentq(excess, 0.0, 1.0 / (11 * NM - height), rtol=1e-14)
    current = field * float(CU_SIO2_PT.hopping(field**2, 300.0))
    return float(CU_SIO2_PT.deposit.speed(-current))


def test_planar_front_moves_as_by_quadrature(record) -> None:
    """Eight nanometres in 40 steps of Heun's method, and its order."""
    end = quad(lambda z: 1 / slab_speed(z), 2 * NM, 10 * NM, epsrel=1e-12)[0]
    errors = [abs(tip_after(n, end, slab_speed) / NM - 10) for n in (40, 80, 160)]
    order = np.log2(errors[1] / errors[2])
    record("planar front, 40 steps", "1e-4 nm, order 1.9", f"{errors[0]:.1e} nm, {order:.2f}")
    assert errors[0] < 1e-4
    assert 1.9 < order < 2.1


def test_creep_into_the_void_follows_the_exponential_integral(record) -> None:
    """Tip against the barrier W exp(z/z0): t(z) is a difference of exponential integrals."""
    z0, a, v0 = 0.0834 * NM, 0.01 * 11604.518 / 600.0, 10 * NM

    def law(z: float) -> float:
        return v0 * np.exp(-a * np.exp((z - 2 * NM) / z0))

    def time(depth: float) -> float:
        return z0 / v0 * (expi(a * np.exp(depth / z0)) - expi(a))

    error = abs(tip_after(25, time(0.2 * NM), law) - 2.2 * NM)
    record("creep into the void, 25 steps", "1e-3 nm", f"{error / NM:.1e} nm")
    assert error < 1e-3 * NM


def test_resampling_moves_no_node_it_keeps() -> None:
    before = rod(3 * NM, 10 * NM, 0.6 * NM)
    after = before.resampled(np.full(len(before.points), 0.25 * NM))
    kept = {tuple(p) for p in np.round(before.points / NM, 7)}
    new = [tuple(p) in kept for p in np.round(after.points / NM, 7)]
    assert sum(new) >= 24
    assert after.volume == pytest.approx(before.volume, rel=1e-4)
    assert after.violations(np.full(len(after.points), 0.25 * NM)) == 0


def test_profile_is_the_radius_and_constant_near_the_tip() -> None:
    outline = rod(3 * NM, 10 * NM, 0.6 * NM)
    radii = outline.profile(np.array([-1.0, 5.0, 9.0, 9.9]) * NM)
    np.testing.assert_allclose(radii, 3 * NM, rtol=1e-12)


def test_distance_to_the_polyline() -> None:
    outline = rod(3 * NM, 10 * NM, 0.6 * NM)
    points = np.array([[0.0, 11.0], [5.0, 5.0]]) * NM
    np.testing.assert_allclose(outline.distance(points), [1 * NM, 2 * NM], rtol=1e-12)


def test_stretch_makes_the_area_of_the_curve_from_that_of_the_chords(record) -> None:
    """A hemisphere of seven chords, by Simpson's rule: the chords alone miss 0.6 %."""
    outline = Outline.nucleus(1 * NM, 8)
    at_nodes, halfway = outline.stretch
    r, middle = outline.r, (outline.r[1:] + outline.r[:-1]) / 2
    weighted = at_nodes[:-1] * r[:-1] + 4 * halfway * middle + at_nodes[1:] * r[1:]
    error = abs(np.pi / 3 * outline.lengths @ weighted / (2 * np.pi * NM**2) - 1)
    record("area of a hemisphere of seven segments", "1e-4", f"{error:.1e}")
    assert error < 1e-4
    assert abs(outline.ring_areas.sum() / (2 * np.pi * NM**2) - 1) > 5e-3


def test_refined_outline_reaches_the_largest_radius() -> None:
    """A barrel with nodes on both sides of its belly, none on it."""
    angle = np.pi / 2 * np.array([0.0, 0.25, 0.5, 0.7, 0.86, 1.2, 1.5])
    barrel = np.column_stack((np.sin(angle), np.cos(angle))) * NM
    outline = Outline(barrel - barrel[-1] * [0.0, 1.0])
    for pieces in (1, 3):
        assert outline.refined(pieces)[:, 0].max() == pytest.approx(1 * NM, rel=2e-3)
    assert outline.radius < 0.98 * NM


def test_spacing_follows_gap_and_curvature_within_its_bounds() -> None:
    gap, curvature = np.array([10.0, 0.2, 0.01, 10.0]) * NM, np.array([0, 0, 0, 2.0]) / NM
    base = np.array([9.0, 9.0, 9.0, 9.0]) * NM
    wanted = Spacing().at(gap, curvature, base)
    np.testing.assert_allclose(wanted, np.array([0.35, 0.09, 0.06, 0.15]) * NM)
    np.testing.assert_allclose(Spacing().refined(2).at(gap, curvature, base), wanted / 2)
    near = Spacing().at(gap[:1], curvature[:1], np.array([0.1 * NM]))
    assert near[0] == pytest.approx(0.09 * NM)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({3: (np.nan, 1.0)}, "not finite"),
        ({3: (-1.0, 1.0)}, "leaves the quadrant"),
        ({3: (2.0, -1.0)}, "leaves the quadrant"),
        ({25: (3.5, 3.0), 35: (3.5, 7.0)}, "crosses itself"),
    ],
)
def test_an_outline_that_bounds_nothing_is_refused(change, message) -> None:
    points = rod(3 * NM, 10 * NM, 0.6 * NM).points.copy()
    for i, point in change.items():
        points[i] = np.array(point) * NM
    with pytest.raises(OutlineError, match=message):
        Outline(points).check()


def test_nodes_slide_towards_their_spacing_along_the_curve(record) -> None:
    """A hemisphere: at most as far as they may, and at last in proportion to the spacing."""
    outline = Outline.nucleus(1 * NM, 24)
    wanted = np.linspace(0.05, 0.1, 24) * NM
    slid = evened(outline, wanted, 0.01 * NM)
    assert np.abs(slid.knots - outline.knots).max() < 0.011 * NM
    for _ in range(60):
        slid = evened(slid, wanted, 0.01 * NM)
    ratio = slid.lengths / (wanted[1:] + wanted[:-1])
    off = np.abs(np.hypot(slid.r, slid.z) / NM - 1).max()
    record("hemisphere of 24 nodes that slid 61 times: off the sphere", "1e-4", f"{off:.1e}")
    assert np.ptp(ratio) / ratio.mean() < 0.01
    assert off < 1e-4
