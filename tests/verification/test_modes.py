"""Gains of small perturbations: one at the folds, and shapes by their symmetry."""

import numpy as np
import pytest
from films import COARSE, continuation, joint_set, trace

from mitmodels.cases.film.small_signal.modes import Shapes
from mitmodels.solvers.film.small_signal.stability import leading_modes

pytestmark = pytest.mark.serial
WHOLE = ("mesh.size=4 um", "mesh.edge_size=2 um", "mesh.cells_across=3", "geometry.domain=full")


def test_gain_passes_one_at_the_folds(record):
    """The first one, symmetric, of the quarter: below one where the branch is stable."""
    branch = trace(continuation(joint_set(*COARSE)), 18.0)
    newton, drive = branch.continuation.newton, branch.continuation.drive

    def gain(point):
        return leading_modes(newton, point.state, drive)[0].gain.real

    folds = [gain(fold) for fold in branch.folds]
    record("half-space: gain at up-fold and down-fold - 1", 1e-3, f"{np.array(folds) - 1}")
    np.testing.assert_allclose(folds, 1.0, atol=1e-3)
    middles = [(stable, gain(points[len(points) // 2])) for stable, points in branch.segments()]
    assert [stable for stable, _ in middles] == [True, False, True]
    assert all((value < 1) == stable for stable, value in middles)


def test_drift_of_the_barrier_is_odd_and_its_gain_is_near_one(record):
    """On the full film: modes of all four symmetries; even ones are those of the quarter."""
    gains = {}
    for name, mesh in (("full", WHOLE), ("quarter", (*WHOLE[:3], "geometry.domain=quarter"))):
        branch = trace(continuation(joint_set(*mesh)), 22.0)
        newton, drive = branch.continuation.newton, branch.continuation.drive
        shapes = Shapes(newton, 4e-6)
        modes = [
            shapes.row(mode)
            for mode in leading_modes(newton, branch.land(22.0)[-1].state, drive, 6)
        ]
        gains[name] = modes
    drift = gains["full"][0]
    record("half-space, coarse, 22 V: gain and x-parity of the drift", "odd", str(drift))
    assert drift["parity_x"] < -0.95
    assert drift["parity_y"] > 0.95
    assert drift["gain"] == pytest.approx(1.0, abs=0.05)
    even = [m["gain"] for m in gains["full"] if m["parity_x"] > 0.9 and m["across"] < 0.5]
    alone = [mode["gain"] for mode in gains["quarter"]]
    assert even[0] == pytest.approx(alone[0], abs=0.02)
    across = [mode for mode in gains["full"] if mode["across"] > 0.5]
    assert all(mode["gain"] < 1 for mode in across)
