"""A table as a law: through its points, monotone, smooth, the same in NumPy and in UFL."""

import ufl
from ufl.algorithms.apply_derivatives import apply_derivatives

import numpy as np
import pytest

from mitmodels.cases.config.columns import read_columns
from mitmodels.cases.config.dimensions import Resistivity, Temperature
from mitmodels.film.resistivity import TabulatedResistivity

T = (80.0, 150.0, 300.0, 330.0, 350.0, 420.0)
RHO = (2e-6, 3e-6, 9e-6, 4e-5, 9e-5, 1e-4)
LAW = TabulatedResistivity(T, RHO)


def test_goes_through_the_points_and_is_monotone_between_them():
    np.testing.assert_allclose(LAW(np.array(T)), RHO, rtol=1e-14)
    assert (np.diff(LAW(np.linspace(80, 420, 5000))) > 0).all()
    assert LAW(10.0) == RHO[0]
    assert LAW(500.0) == pytest.approx(RHO[-1], rel=1e-14)


def test_derivative_is_continuous_at_the_points():
    h = 1e-4
    for inner in T[1:-1]:
        left, right = (LAW(inner) - LAW(inner - h)) / h, (LAW(inner + h) - LAW(inner)) / h
        assert left == pytest.approx(right, rel=1e-3)


def test_derivative_in_ufl_is_that_of_finite_differences():
    for t in (110.0, 190.0, 313.0, 340.0, 385.0):
        T = ufl.variable(ufl.as_ufl(t))
        slope = apply_derivatives(ufl.diff(LAW(T), T))
        assert LAW(T)(()) == pytest.approx(LAW(t), rel=1e-13)
        assert slope(()) == pytest.approx((LAW(t + 1e-3) - LAW(t - 1e-3)) / 2e-3, rel=1e-6)


@pytest.mark.parametrize(
    ("temperatures", "resistivities", "message"),
    [
        ((1.0,), (1.0,), "two or more"),
        ((1.0, 2.0), (1.0,), "there are 1 and 2"),
        ((1.0, 3.0, 2.0), (1.0, 1.0, 1.0), "2 K follows 3 K"),
        ((1.0, 2.0), (1.0, 0.0), "there is 0 ohm m"),
    ],
)
def test_what_is_no_table_is_refused(temperatures, resistivities, message):
    with pytest.raises(ValueError, match=message):
        TabulatedResistivity(temperatures, resistivities)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "the first line must name 2 columns"),
        ("T,rho\n1,2\n", "the first line must name 2 columns"),
        ("T [K],rho [ohm m]\n1\n", "1 are not 2 values"),
        ("T [K],rho [ohm m]\n300,x\n", '"x ohm m" cannot be read as a resistivity'),
        ("T [K],rho [V]\n300,1\n", '"1 V" is not a resistivity'),
        ("T [K],rho [ohm m]\n" + "1,2\n" * 201, "has 201 rows: thin it out to at most 200"),
    ],
)
def test_file_that_has_no_columns_is_refused(tmp_path, text, message):
    path = tmp_path / "rho.csv"
    path.write_text(text)
    with pytest.raises(ValueError, match=message):
        read_columns(path, (Temperature, Resistivity))
    with pytest.raises(ValueError, match="does not exist"):
        read_columns(tmp_path, (Temperature, Resistivity))
