"""Thin wires against Dingle's exact integral; temperature coefficients."""

import numpy as np
import pytest

from mitmodels.cell.metals import Conductivity, ThinWire

DIFFUSE = {
    0.0128: 0.0125,
    0.05: 0.0462,
    0.1: 0.0873,
    0.26: 0.197,
    0.5: 0.321,
    1.0: 0.493,
    2.0: 0.675,
    5.0: 0.853,
}


NODES, WEIGHTS = np.polynomial.legendre.leggauss(400)
ANGLE, WEIGHT = (NODES + 1) * np.pi / 4, WEIGHTS * np.pi / 4  # on (0, pi/2)


def dingle(k: float) -> float:
    """Conductivity over the bulk of a wire of diameter k mean free paths with a diffuse wall."""
    t, u = np.sin(ANGLE), np.sin(ANGLE)
    along = np.exp(-k * t[:, None] / u) @ (WEIGHT * u * np.cos(ANGLE) ** 2)
    return float(1 - 12 / np.pi * (WEIGHT * np.cos(ANGLE) ** 2) @ along)


def dingle_specular(k: float, p: float) -> float:
    return (1 - p) ** 2 * sum(n * p ** (n - 1) * dingle(n * k) for n in range(1, 60))


@pytest.mark.parametrize("k", DIFFUSE)
def test_diffuse_wall_is_within_5_percent_of_the_exact_integral(k) -> None:
    exact = dingle(k)
    assert exact == pytest.approx(DIFFUSE[k], rel=3e-3)
    assert ThinWire(1.0, 0.0).ratio(k) == pytest.approx(exact, rel=0.05)


@pytest.mark.parametrize(("k", "tabulated"), [(0.05, 0.119), (0.26, 0.390), (1.0, 0.702)])
def test_half_specular_wall_is_within_13_percent(k, tabulated) -> None:
    exact = dingle_specular(k, 0.5)
    assert exact == pytest.approx(tabulated, rel=4e-3)
    assert ThinWire(1.0, 0.5).ratio(k) == pytest.approx(exact, rel=0.13)


@pytest.mark.parametrize("p", [0.0, 0.25, 0.5])
def test_limits_of_thin_and_thick_wires(p) -> None:
    wire = ThinWire(39e-9, p)
    assert wire.ratio(1e-15) == pytest.approx((1 + p) / (1 - p) * 1e-15 / 39e-9, rel=1e-6)
    assert wire.ratio(1.0) == pytest.approx(1.0, rel=1e-7)
    assert (np.diff(wire.ratio(np.geomspace(1e-11, 1e-5, 50))) > 0).all()


def test_temperature_coefficients() -> None:
    copper = Conductivity(5.96e7, 3.93e-3, 1e-7)
    assert copper(300.0) == 5.96e7
    assert copper(400.0) == pytest.approx(5.96e7 / (1 + 0.393 + 1e-3), rel=1e-14)
    assert Conductivity(1.4, -8e-4)(5000.0) == pytest.approx(1.4 / 0.05)


def test_negative_specularity_is_refused() -> None:
    with pytest.raises(ValueError, match="specularity must lie between 0 and 1"):
        ThinWire(39e-9, -0.1)
