"""The recess of the active electrode: its volume, its smoothness, the distance to it."""

from dataclasses import replace

import numpy as np
import pytest

from mitmodels.solvers.cell.electrode import ActiveElectrode, Dissolution, Shape
from mitmodels.solvers.cell.outline import Outline

pytestmark = pytest.mark.serial

NM = 1e-9
LAW = Dissolution(ratio=0.05, deepest=0.5 * NM, width=0.25 * NM, nucleus=0.2 * NM)
# Overhanging at the foot, dimpled at the tip, as high as the bound of the recess and above.
PROFILE = np.array(
    [[0, 10.1], [1, 10.12], [2, 10.3], [3, 10.2], [4, 9.5], [4.2, 8], [4.21, 4], [4.1, 0]]
)
FILAMENT = Outline(PROFILE * NM)


def unsmoothed(r):
    top = FILAMENT.refined(200)
    top = top[top[:, 0] >= np.maximum.accumulate(top[:, 0])]
    height = np.interp(np.abs(r), top[:, 0], top[:, 1], right=0.0)
    return np.clip(LAW.ratio * (height - LAW.nucleus), 0.0, LAW.deepest)


def test_smoothing_is_the_convolution_with_a_gaussian() -> None:
    r = np.linspace(-8, 8, 160001) * NM
    step = r[1] - r[0]
    for x in (0.0, 1.5 * NM, 4.0 * NM, 4.5 * NM):
        kernel = np.exp(-0.5 * ((x - r) / LAW.width) ** 2) / (LAW.width * np.sqrt(2 * np.pi))
        expected = np.sum(kernel * unsmoothed(r)) * step
        (depth,) = LAW.recess(FILAMENT).depth(np.array([x]))
        assert depth[0] == pytest.approx(expected, abs=1e-2 * LAW.deepest)


def test_depth_is_even_and_its_derivatives_are_those_of_the_depth() -> None:
    recess, r, h = LAW.recess(FILAMENT), np.linspace(0, 6, 50) * NM, 1e-4 * NM
    depth, first, second = recess.depth(r, derivatives=2)
    np.testing.assert_allclose(recess.depth(-r)[0], depth, rtol=1e-12, atol=1e-20)
    above, below = recess.depth(r + h)[0], recess.depth(r - h)[0]
    np.testing.assert_allclose((above - below) / (2 * h), first, atol=1e-6)
    np.testing.assert_allclose((above - 2 * depth + below) / h**2, second, atol=1e-4 / NM)


def test_surface_of_the_electrode_is_that_of_the_recess() -> None:
    """It is interpolated: to 2e-8 of the deepest recess, a millionth of the tunnel current."""
    recess, r = LAW.recess(FILAMENT), np.linspace(0, 8, 4001) * NM
    height = ActiveElectrode(10 * NM, 20 * NM, recess).height(r)
    np.testing.assert_allclose(height - 10 * NM, recess.depth(r)[0], atol=2e-8 * LAW.deepest)


def test_depth_moves_continuously_with_a_steep_wall() -> None:
    """A wall that passes a radius must not make the current jump: sampled on a grid it did."""
    depths = []
    for shift in np.linspace(0, 0.02, 21):
        points = PROFILE.copy()
        points[5:, 0] += shift
        recess = LAW.recess(Outline(points * NM))
        depths.append(recess.depth(np.array([4.0 * NM]))[0][0])
    steps = np.diff(depths)
    assert (steps > 0).all()
    assert steps.max() / steps.min() < 1.1


def test_no_dissolution_leaves_the_electrode_flat() -> None:
    recess = replace(LAW, ratio=0.0).recess(FILAMENT)
    assert (recess.depth(np.linspace(0, 6, 20) * NM)[0] == 0).all()


def test_recess_never_exceeds_its_bound() -> None:
    recess = replace(LAW, ratio=0.5).recess(FILAMENT)
    depth = recess.depth(np.linspace(0, 6, 200) * NM)[0]
    assert depth.max() == pytest.approx(LAW.deepest, rel=1e-12)
    assert (depth >= 0).all()


def test_gap_is_the_shortest_distance() -> None:
    electrode = ActiveElectrode(10 * NM, 20 * NM, LAW.recess(FILAMENT))
    r = np.linspace(0, 20, 400001) * NM
    curve = np.column_stack((r, electrode.height(r)))
    expected = np.array([np.linalg.norm(curve - p, axis=1).min() for p in FILAMENT.points])
    found, near = electrode.gap(FILAMENT.points), expected < 3 * NM
    assert near.sum() >= 5
    np.testing.assert_allclose(found[near], expected[near], atol=1e-8 * NM)
    np.testing.assert_allclose(found, expected, rtol=1e-3)


def test_gap_behind_the_surface_is_negative() -> None:
    electrode = ActiveElectrode(10 * NM, 20 * NM, LAW.recess(FILAMENT))
    assert electrode.gap(np.array([[0.0, 10.8 * NM]]))[0] < 0


def test_a_void_without_width_is_refused() -> None:
    with pytest.raises(ValueError, match=r"width of the recess must be positive, got 0.0 m"):
        replace(LAW, width=0.0)


def test_smallest_gap_lies_between_the_nodes(record) -> None:
    """However the nodes lie on the edge of a plateau: the smallest gap of the nodes jumps."""
    edge = np.linspace(0, np.pi / 2, 400)
    cap = np.column_stack((2.0 + 0.3 * np.sin(edge), 9.9 + 0.3 * np.cos(edge)))
    curve = np.concatenate(([[0.0, 10.2], [1.0, 10.2]], cap, [[2.3, 5.0], [2.3, 0.0]]))
    along = np.concatenate(([0.0], np.cumsum(np.linalg.norm(np.diff(curve, axis=0), axis=1))))
    found = []
    for shift in np.linspace(0, 1, 7):
        s = np.concatenate(
            ([0.0], 0.1 * (np.arange(1, 30) + shift), np.linspace(3.3, along[-1], 20))
        )
        points = np.column_stack([np.interp(s, along, x) for x in curve.T]) * NM
        outline = Outline(points)
        shape = Shape(outline, ActiveElectrode(10 * NM, 20 * NM, LAW.recess(outline)))
        found.append((shape.nearest[0], shape.gaps.min()))
    spread, of_nodes = np.ptp(found, axis=0) / np.mean(found, axis=0)
    record(
        "smallest gap over the places of the nodes; of the nodes",
        "5e-3; -",
        f"{spread:.1e}; {of_nodes:.1e}",
    )
    assert spread < 5e-3
    assert of_nodes > 2 * spread
