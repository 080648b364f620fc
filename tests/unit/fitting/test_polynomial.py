"""Polynomial surrogates: what they reproduce, and what they say they are off by."""

import numpy as np
import pytest

from mitmodels.fitting.polynomial import Patchwork, fit_polynomial

RNG = np.random.default_rng(1)


def cubic(z):
    x, y = z.T
    values = np.column_stack([1 + x - 2 * y * x**2, y**2, np.full(len(z), 3.0)])
    zero = np.zeros_like(x)
    by_x = np.column_stack([1 - 4 * x * y, zero, zero])
    by_y = np.column_stack([-2 * x**2, 2 * y, zero])
    return values, np.stack([by_x, by_y], axis=1)


def test_polynomial_of_its_degree_is_exact_with_its_derivatives():
    z = RNG.uniform(-1, 1, (20, 2))
    found = fit_polynomial(z, cubic(z)[0])
    other = RNG.uniform(-1, 1, (50, 2))
    values, slopes = cubic(other)
    np.testing.assert_allclose(found(other), values, atol=1e-12)
    np.testing.assert_allclose(found.slopes(other), slopes, atol=1e-11)
    assert found.error.max() < 1e-12
    assert found.degrees.min() >= 0
    assert found.degrees[0] >= 3


def test_derivatives_take_the_place_of_points():
    z = RNG.uniform(-1, 1, (8, 2))
    other = RNG.uniform(-1, 1, (50, 2))
    values, slopes = cubic(z)
    assert fit_polynomial(z, values).error[0] > 0.1
    found = fit_polynomial(z, values, slopes)
    np.testing.assert_allclose(found(other), cubic(other)[0], atol=1e-10)


@pytest.mark.parametrize("with_slopes", [False, True])
def test_error_is_that_of_leaving_out_one_sample_after_the_other(with_slopes):
    z = RNG.uniform(-1, 1, (7, 1))
    values, slopes = np.exp(3 * z), 3 * np.exp(3 * z)[:, None]
    found = fit_polynomial(z, values, slopes if with_slopes else None)
    degree = int(found.degrees[0])
    off = []
    for i in range(7):
        left = np.arange(7) != i
        basis = np.vander(z[left, 0], degree + 1, increasing=True)
        right = values[left, 0]
        if with_slopes:
            lower = np.pad(basis[:, :-1] * np.arange(1, degree + 1), ((0, 0), (1, 0)))
            basis, right = np.concatenate([basis, lower]), np.append(right, slopes[left, 0, 0])
        coefficients = np.linalg.lstsq(basis, right, rcond=None)[0]
        off.append(z[i, 0] ** np.arange(degree + 1) @ coefficients - values[i, 0])
    assert found.error[0] == pytest.approx(np.sqrt(np.mean(np.square(off))), rel=1e-6)


def test_noise_is_the_error():
    z = RNG.uniform(-1, 1, (200, 2))
    found = fit_polynomial(z, cubic(z)[0] + 0.1 * RNG.standard_normal((200, 3)))
    np.testing.assert_allclose(found.error, 0.1, rtol=0.2)


def test_outputs_without_a_value_somewhere_have_a_polynomial_of_the_others():
    z = RNG.uniform(-1, 1, (30, 2))
    z = z[np.argsort(z[:, 0])]
    values = cubic(z)[0]
    values[:10, 1], values[:26, 2] = np.nan, np.nan
    found = Patchwork.fit(z, values)
    other = np.array([[-0.9, 0.0], [0.9, 0.0]])
    expected = cubic(other)[0]
    expected[0, 1], expected[:, 2] = np.nan, np.nan
    np.testing.assert_allclose(found(other), expected, atol=1e-11)
    assert found.known.tolist() == [30, 20, 4]
    assert np.isnan(found.error).tolist() == [False, False, True]
    assert Patchwork.fit(z, np.empty((30, 0)))(other).shape == (2, 0)
