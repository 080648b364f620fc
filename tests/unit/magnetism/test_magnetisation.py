"""Magnetisation laws: calibration, limits, self-consistency, inverse."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from power_law import PowerLaw

from mitmodels.langevin import brillouin
from mitmodels.magnetism.magnetisation import Brillouin, temperature_of

LAWS = [Brillouin(), PowerLaw(), PowerLaw(inner=1.0)]


@pytest.mark.parametrize("law", LAWS)
def test_calibration_and_ends(law):
    assert law(100.0) == pytest.approx(0.96, rel=1e-14)
    np.testing.assert_array_equal(law([340.0, 400.0, 1e6]), 0.0)
    assert 0 < law(339.999999) < 1e-2
    assert law(0.0) < 1.2


@settings(deadline=None)
@given(T=st.floats(0, 340), step=st.floats(0.1, 50))
def test_laws_fall_with_temperature(T, step):
    for law in LAWS:
        assert law(T + step) <= law(T) * (1 + 1e-14)


def test_molecular_field_is_self_consistent():
    """m = B_S(3 S/(S + 1) m T_c/T) from 10 K to 1 uK below T_c."""
    law = Brillouin()
    T = np.array([10.0, 50.0, 200.0, 330.0, 339.9, 339.999999])
    m = law(T) / law(0.0)
    slope = (law.spin + 1) / (3 * law.spin)
    field = m * law.curie_temperature / (slope * T)
    np.testing.assert_allclose(brillouin(law.spin, field)[0], m, rtol=1e-12)


def test_molecular_field_near_the_curie_temperature():
    """m^2 = (10/3) (S + 1)^2/(S^2 + (S + 1)^2) (1 - T/T_c), the Landau limit."""
    law, S = Brillouin(), 1.85
    small = 1e-6
    m = law(340.0 * (1 - small)) / law(0.0)
    landau = 10 / 3 * (S + 1) ** 2 / (S**2 + (S + 1) ** 2) * small
    assert m**2 == pytest.approx(landau, rel=1e-5)


@pytest.mark.parametrize("law", LAWS)
def test_temperature_inverts_the_law(law):
    T = np.array([60.0, 100.0, 250.0, 339.0])
    np.testing.assert_allclose(temperature_of(law, law(T)), T, rtol=1e-10)
    assert temperature_of(law, 0.0) == pytest.approx(340.0, rel=1e-12)
    assert np.isnan(temperature_of(law, [2.0, -0.1])).all()


@pytest.mark.parametrize(
    ("law", "arguments", "message"),
    [
        (Brillouin, {"spin": 0.0}, "spin must be positive"),
        (
            Brillouin,
            {"curie_temperature": -1.0},
            r"curie_temperature must be positive, got -1\.0 K",
        ),
        (Brillouin, {"reference": 0.0}, r"reference must be positive, got 0\.0 T"),
        (Brillouin, {"spin": np.nan}, "spin must be finite"),
        (
            Brillouin,
            {"reference_temperature": 340.0},
            "reference_temperature must lie below",
        ),
    ],
)
def test_bad_law(law, arguments, message):
    with pytest.raises(ValueError, match=message):
        law(**arguments)


@pytest.mark.parametrize("law", LAWS)
def test_bad_temperature(law):
    with pytest.raises(ValueError, match=r"temperature must not be negative, got -1\.0 K"):
        Brillouin()(-1.0)
    with pytest.raises(ValueError, match="M_eff must be finite, got nan T"):
        temperature_of(law, np.nan)
