"""States between the points of a branch, its folds, and what a source meets that sweeps it."""

from types import SimpleNamespace

import numpy as np
import pytest

from mitmodels.cases.compact.film.states import between, folds, swept

pytestmark = pytest.mark.serial


def point(s, hottest, slope):
    """A point at s of V = s^3 - s, I = s^2, with two nodes, one of which has the temperature."""
    fields = np.array([[0.0, 300.0], [0.0, hottest]])
    state = SimpleNamespace(voltage=s**3 - s, current=s**2, fields=fields)
    tangents = {"dV": 3 * s**2 - 1, "d_current": 2 * s, "dT": np.array([0.0, slope])}
    return SimpleNamespace(s=s, state=state, **tangents)


def test_cubics_join_the_points():
    found = between([point(s, 400 + 50 * s, 50.0) for s in (0.0, 0.7, 1.5)])
    s = (found.hottest - 400) / 50
    assert len(s) == 33
    assert found.voltage == pytest.approx(s**3 - s, abs=1e-12)
    assert found.current == pytest.approx(s**2, abs=1e-12)
    assert (found.position == found.hottest).all()


def test_states_are_told_apart_by_the_path_of_a_temperature_that_falls():
    """By 20 K up and 10 K down: 430 at the end, where the temperature is 410."""
    points = [point(0.0, 400.0, 0.0), point(1.0, 420.0, 0.0), point(2.0, 410.0, 0.0)]
    found = between(points)
    assert (np.diff(found.position) > 0).all()
    assert found.position[-1] == pytest.approx(430.0)
    assert found.hottest[-1] == pytest.approx(410.0)


def test_source_jumps_at_the_folds():
    """V = 3 + s^3 - 3 s has its maximum 5 at s = -1 and its minimum 1 at s = 1."""
    s = np.linspace(-2.1, 2.5, 4601)
    drive = 3 + s**3 - 3 * s
    assert folds(drive) == pytest.approx((5.0, 1.0), abs=1e-5)
    assert folds(s) == (None, None)
    at = np.array([4.9, 5.1])
    up, down = (swept(drive, s, at, upward) for upward in (True, False))
    below, above = (
        [
            x
            for root in np.roots([1, 0, -3, 3 - V])
            if abs((x := root.real) ** 3 - 3 * x + 3 - V) < 1e-6
        ]
        for V in at
    )
    assert up == pytest.approx([min(below), max(above)], abs=1e-3)
    assert down == pytest.approx([max(below), max(above)], abs=1e-3)
