"""Smooth curves through computed points."""

import numpy as np
import pytest
from scipy.interpolate import Akima1DInterpolator

from mitmodels.cases.figures.curves import makima

pytestmark = pytest.mark.serial


@pytest.mark.parametrize("count", [3, 4, 30])
def test_curve_is_that_of_scipy(count):
    """Flat pieces too, where the weights vanish."""
    random = np.random.default_rng(count)
    x, y = np.cumsum(random.uniform(0.1, 1.0, count)), random.normal(size=(count, 2))
    y[count // 2 :, 1] = 0.0
    at = np.linspace(x[0], x[-1], 500)
    expected = Akima1DInterpolator(x, y, method="makima")(at)
    np.testing.assert_allclose(makima(x, y, at), expected, atol=1e-14)
