"""States of a network by Newton's method against the paper's relaxation."""

import numpy as np

from mitmodels.network.branch import follow
from mitmodels.network.network import ResistorNetwork

UP = np.arange(300.0, 4801.0, 300.0)


def test_sweeps_up_and_down_are_those_of_a_patient_relaxation():
    """Every jump at its voltage, currents to 1e-6: noise and a small tolerance leave no state that
    is about to lose its stability, at which the paper's tolerance of 1e-4 K stops now and then."""
    levels, noise = np.concatenate([UP, UP[::-1]]), np.random.default_rng(1)
    chain = ResistorNetwork(100.0, columns=20, rows=1)
    T, current, width = np.full((20, 1), 100.0), [], []
    for level in levels:
        state = chain.relax(T + noise.normal(0.0, 1e-3, T.shape), level, tolerance=1e-7)
        T = state.T
        current.append(state.current)
        width.append(chain.barrier_width(T)[0])
    found = list(follow(ResistorNetwork(100.0, columns=20, rows=3), levels))
    np.testing.assert_allclose([state.current / 3 for state in found], current, rtol=1e-6)
    np.testing.assert_array_equal([chain.barrier_width(state.T).max() for state in found], width)
    up, down = np.array(width)[: UP.size] > 0, np.array(width)[: UP.size - 1 : -1] > 0
    assert UP[up].min() > UP[down].min()  # hysteresis


def test_rows_that_begin_unlike_are_all_calculated():
    """A barrier with a step of one cell, which the lattice holds."""
    network = ResistorNetwork(100.0, columns=12, rows=4)
    T, levels = np.full((12, 4), 110.0), [1500.0, 1490.0, 1480.0]
    T[4:7, :2] = T[5:8, 2:] = 500.0
    found = list(follow(network, levels, T=T))
    relaxed = list(network.sweep(levels, T=T, refine=True))
    for state, reference in zip(found, relaxed, strict=True):
        np.testing.assert_allclose(state.T, reference.T, rtol=1e-8)
        assert np.ptp(state.T, axis=1).max() > 100.0
    assert found[2].iterations < relaxed[2].iterations / 3
