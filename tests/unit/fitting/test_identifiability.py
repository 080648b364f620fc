"""What a Jacobian says of the parameters, on models whose answer is known."""

import numpy as np
import pytest

from mitmodels.fitting.identifiability import UNKNOWN, identifiability

T = np.linspace(0.0, 1.0, 21)[:, None]


def test_standard_errors_are_those_of_the_normal_matrix():
    J = np.hstack([np.ones_like(T), T, T**2]) * 40
    found = identifiability(("a", "b", "c"), J)
    covariance = np.linalg.inv(J.T @ J)
    np.testing.assert_allclose(found.together, np.sqrt(np.diag(covariance)), rtol=1e-12)
    np.testing.assert_allclose(found.alone, 1 / np.sqrt(np.diag(J.T @ J)), rtol=1e-12)
    assert found.determined == (True, True, True)
    assert found.sentences() == []


def test_a_sum_is_determined_and_its_parts_are_not():
    """y = (a + b) t + c: the data see the sum of a and b only."""
    found = identifiability(("a", "b", "c"), np.hstack([T, T, np.ones_like(T)]) * 40)
    assert found.determined == (False, False, True)
    assert (found.alone < UNKNOWN).all()
    assert (found.together[:2] > 1e12).all()
    np.testing.assert_allclose(np.abs(found.combinations[2]), [0.5**0.5, 0.5**0.5, 0], atol=1e-12)
    (sentence,) = found.sentences()
    assert sentence == (
        "not identifiable together: a up 0.71, b down 0.71 of their intervals hardly change the "
        "data"
    )


def test_what_no_datum_depends_on_is_named_alone():
    found = identifiability(("a", "b"), np.hstack([T, 1e-3 * T**2]) * 40)
    assert found.sentences() == ["b is not identifiable: the data hardly depend on it"]


def test_more_parameters_than_data():
    """Two numbers determine two combinations of four parameters at most."""
    J = np.array([[50.0, 40.0, 0.0, 0.0], [0.0, 0.0, 30.0, 50.0]])
    found = identifiability(("a", "b", "c", "d"), J)
    assert (found.singular_values[2:] == 0).all()
    assert found.determined == (False,) * 4
    assert len(found.sentences()) == 2


def test_the_limit_is_an_even_distribution_on_the_interval():
    for factor, determined in ((1.01, True), (0.99, False)):
        found = identifiability(("a",), np.array([[factor / UNKNOWN]]))
        assert found.determined == (determined,)


def test_wrong_shape_is_refused():
    with pytest.raises(ValueError, match=r"the Jacobian \(1, 2\) needs a column for each of 1"):
        identifiability(("a",), [[1.0, 2.0]])
