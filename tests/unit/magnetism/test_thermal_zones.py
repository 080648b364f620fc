"""Zones or modes: plateaus are zones, one smooth hill is a well."""

import numpy as np
import pytest

from mitmodels.magnetism.dipolar import Strip
from mitmodels.magnetism.magnetisation import Brillouin
from mitmodels.magnetism.spectrum import Ferromagnet
from mitmodels.magnetism.thermal_zones import stationary_temperatures, thermal_picture

FILM = Ferromagnet(Brillouin(), H_a=0.0138, g=2.0, damping=0.0045, inhomogeneous=0.47e-3)


def distance(n):
    """Distance from the centre over the half length, at n cells."""
    return np.abs((np.arange(n) + 0.5) / n * 2 - 1)


def plateaus(x):
    return 100 + 30 * (1 + np.tanh((2 / 3 - x) / 0.03)) + 45 * (1 + np.tanh((1 / 3 - x) / 0.03))


def hill(x):
    return 250 - 150 * x**2


def picture(profile, frequencies):
    strip = Strip(profile(distance(128)), np.ones(128), 10e-6 / 128, 20e-9)
    return thermal_picture(FILM, frequencies, profile(distance(4000)), np.ones(4000), strip)


def test_plateaus_are_three_zones():
    result = picture(plateaus, (4e9, 6e9))
    assert result.verdict == "3 zones"
    assert result.phases == (3, 3)
    assert [zone.temperature for zone in result.zones] == pytest.approx([100, 160, 250], abs=3)
    assert [zone.fraction for zone in result.zones] == pytest.approx([0.33, 0.28, 0.28], abs=0.03)
    assert result.widest < 1.2
    assert result.drift < 0.2
    # Coupling leaves two of the three lines, and rotation moves them: it is no control.
    assert [len(lines) for lines in result.coupled] == [2, 2, 3]
    assert result.rotation > 1


def test_smooth_hill_is_a_well():
    result = picture(hill, (6e9,))
    assert result.verdict == "modes of one thermal well"
    assert result.phases == (None,)
    assert len(result.zones) < 3
    assert result.widest > 3
    assert [len(lines) for lines in result.coupled] == [2, 4, 4]


def test_uniform_film_has_one_temperature():
    result = picture(lambda x: np.full_like(x, 120.0), (6e9,))
    assert result.verdict == "one temperature"
    assert result.zones[0].temperature == pytest.approx(120, abs=0.1)
    assert result.zones[0].fraction == pytest.approx(1)


def test_stationary_temperatures_need_weight():
    """Film at 100 K under the pads is a zone of its own at 10 % weight, not at 2 %."""
    T = np.concatenate([250 - 90 * distance(4000) ** 2, np.full(400, 100.0)])
    for weight, count in ((0.2, 1), (1.2, 2)):
        weights = np.concatenate([np.ones(4000), np.full(400, weight)])
        assert len(stationary_temperatures(FILM, 6e9, T, weights)) == count
    assert stationary_temperatures(FILM, 6e9, [350.0, 360.0], [1.0, 1.0]) == ()


def test_nothing_resonates():
    strip = Strip(np.full(8, 350.0), np.ones(8), 1e-6, 20e-9)
    with pytest.raises(ValueError, match=r"nothing resonates at 6000000000\.0 Hz"):
        thermal_picture(FILM, [6e9], [350.0], [1.0], strip)
