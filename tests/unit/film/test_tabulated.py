"""A table as a law: through its points, monotone, smooth, and what holds beyond; files of it."""

from dataclasses import replace

import numpy as np
import pytest

from mitmodels.cases.config.columns import read_columns
from mitmodels.cases.config.dimensions import Resistivity, Temperature
from mitmodels.film.resistivity import SwitchingResistivity
from mitmodels.film.table import TabulatedResistivity, in_order, smoothed

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


@pytest.mark.parametrize("beyond", ["end", "hold", "slope"])
def test_slope_is_that_of_finite_differences(beyond):
    law, h = replace(LAW, beyond=beyond), 1e-3
    for t in (60.0, 110.0, 190.0, 313.0, 340.0, 385.0, 700.0):
        assert law.slope(t) == pytest.approx((law(t + h) - law(t - h)) / 2 / h, rel=1e-6, abs=1e-18)


def test_beyond_the_points_the_law_is_held_or_goes_on_with_its_slope():
    rising, falling = replace(LAW, beyond="slope"), TabulatedResistivity(T, RHO[::-1], "slope")
    assert rising(490.0) == pytest.approx(1.1e-4, rel=1e-12)  # 1e-5 in the last 70 K
    assert falling(420.0 + 70.0) == pytest.approx(RHO[0] * np.exp(-0.5), rel=1e-12)
    assert falling(5000.0) > 0
    assert replace(LAW, beyond="hold")(490.0) == pytest.approx(RHO[-1], rel=1e-14)


def test_points_of_any_order_are_sorted_and_repeated_ones_averaged():
    given, values = np.array([300.0, 80.0, 300.0, 150.0]), np.array([4.0, 1.0, 2.0, 2.0])
    ordered, rho = in_order(given, values)
    assert ordered.tolist() == [80.0, 150.0, 300.0]
    assert rho.tolist() == [1.0, 2.0, 3.0]


def test_of_very_many_points_neighbours_are_averaged_and_the_ends_stay():
    many = np.linspace(50.0, 400.0, 100_000)
    ordered, rho = in_order(many[::-1], 1e-6 * np.exp(many[::-1] / 100))
    assert len(ordered) == 2000
    assert (ordered[0], ordered[-1]) == (50.0, 400.0)
    np.testing.assert_allclose(rho, 1e-6 * np.exp(ordered / 100), rtol=1e-6)


def test_smoothing_takes_noise_away_and_leaves_the_curve():
    """2 % of noise on 400 rows: 3 K leave 0.5 % and shift the curve of the shipped law less."""
    t = np.linspace(50.0, 420.0, 400)
    exact = SwitchingResistivity(1.3e-6, 8.2e-11, 5.3e-5, 345.0, 8.0)(t)
    noise = np.random.default_rng(1).normal(0.0, 0.02, len(t))
    found = smoothed(t, exact * (1 + noise), 3.0)
    assert np.sqrt(np.mean((found / exact - 1) ** 2)) < 0.007
    np.testing.assert_allclose(smoothed(t, exact, 3.0), exact, rtol=0.03)
    assert TabulatedResistivity(tuple(t), tuple(exact * (1 + noise))).is_noisy
    assert not TabulatedResistivity(tuple(t), tuple(exact)).is_noisy


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
        ("T [K],rho [ohm m]\n300,nan\n", '"nan ohm m" cannot be read as a resistivity'),
        ("T [K],rho [ohm m]\n300,1\n310,-1\n", '"-1 ohm m" must be greater than 0'),
        ("T [K],rho [ohm m]\n" + "1,2\n" * 5001, "has 5001 rows: thin it out to at most 5000"),
    ],
)
def test_file_that_has_no_columns_is_refused(tmp_path, text, message):
    path = tmp_path / "rho.csv"
    path.write_text(text)
    with pytest.raises(ValueError, match=message):
        read_columns(path, (Temperature, Resistivity))
    with pytest.raises(ValueError, match="cannot be read"):
        read_columns(tmp_path, (Temperature, Resistivity))


@pytest.mark.parametrize(
    "text",
    [
        "# cooling\nT [K],rho [ohm cm]\n300,1e-4\n# a pause\n100,1.5e-5\n",
        "T (K);rho (ohm cm)\n300;1e-4\n100;1,5e-5\n",
        "T [degC]\trho [ohm cm]\r\n26,85\t1e-4\r\n-173,15\t1.5e-5\r\n",
    ],
)
def test_files_as_instruments_write_them(tmp_path, text):
    path = tmp_path / "rho.csv"
    path.write_bytes(b"\xef\xbb\xbf" + text.encode())
    temperatures, resistivities = read_columns(path, (Temperature, Resistivity))
    assert temperatures == pytest.approx((300.0, 100.0), rel=1e-14)
    assert resistivities == pytest.approx((1e-6, 1.5e-7), rel=1e-14)
    assert resistivities[0].source == "rho.csv"
