"""Samples of `[sweep]`: what is drawn, what is refused, and the indices of closed forms."""

import tomllib
from pathlib import Path

import numpy as np
import pytest
from scipy import stats

from mitmodels.cases.config.document import Document
from mitmodels.cases.sweeps.indices import variance_indices
from mitmodels.cases.sweeps.points import expand
from mitmodels.errors import InputError
from mitmodels.film.barrier import AnalyticBarrier

DRAWN = 'sample = { method = "sobol", n = 1024, seed = 1, indices = true }\n'
DISTRIBUTIONS = {
    "uniform": 'from = "1 K", to = "3 K"',
    "normal": 'mean = "80 K", sigma = "5 K"',
    "lognormal": 'median = "80 K", sigma = 0.1',
}
UNIFORM = 'a = { distribution = "uniform", from = 0, to = 1 }'


def sweep(text):
    full = f"film.hot = 1\n[sweep]\n{text}"
    return expand(Document(Path("my.toml"), full, tomllib.loads(full)))


def columns(found, *keys):
    return np.array(
        [[float(str(point.values[key]).split()[0]) for point in found.points] for key in keys]
    )


@pytest.mark.parametrize("method", ["sobol", "latin"])
@pytest.mark.parametrize(
    ("name", "law"),
    [
        ("uniform", stats.uniform(1, 2)),
        ("normal", stats.norm(80, 5)),
        ("lognormal", stats.lognorm(0.1, scale=80)),
    ],
)
def test_points_follow_their_distribution_and_keep_unit_and_name(method, name, law):
    text = f'sample = {{ method = "{method}", n = 64, seed = 3 }}\n'
    text += f'film.hot = {{ distribution = "{name}", {DISTRIBUTIONS[name]} }}\n'
    found = sweep(text)
    (values,) = columns(found, "film.hot")
    even = (np.sort(law.cdf(values)) - (np.arange(64) + 0.5) / 64) * 64
    assert np.abs(even).max() < 1  # one point in every 64th
    assert all(str(point.values["film.hot"]).endswith(" K") for point in found.points)
    assert [point.name for point in found.points[:2]] == ["0000", "0001"]
    assert sweep(text) == found


def test_indices_are_those_of_ishigami(record):
    """Ishigami and Homma 1990 with a = 7, b = 0.1: exact indices."""
    one = '= { distribution = "uniform", from = -3.14159265358979, to = 3.14159265358979 }\n'
    found = sweep(DRAWN + "".join(f"{key} {one}" for key in "xyz"))
    x, y, z = columns(found, *"xyz")
    result = np.sin(x) + 7 * np.sin(y) ** 2 + 0.1 * z**4 * np.sin(x)
    V_x, V_y = (1 + 0.1 * np.pi**4 / 5) ** 2 / 2, 49 / 8
    V_xz = 8 * 0.01 * np.pi**8 / 225
    V = V_x + V_y + V_xz
    table = variance_indices("xyz", result, seed=1)
    exact = np.array([[V_x, V_y, 0], [V_x + V_xz, V_y, V_xz]]) / V
    error = np.abs(table[["first", "total"]].to_numpy().T - exact).max()
    record("indices of the function of Ishigami, n = 1024", 0.02, error)
    assert error < 0.02


def _barrier(substrate, film, transition):
    return AnalyticBarrier(2e-6, 20, 1e-4, 2e-8, substrate, film, transition, 100.0)


def _exact(means):
    """First-order and total indices of a function on a tensor grid with weights."""
    values, weights = means
    mean, square = (np.einsum("abc,a,b,c", v, *weights) for v in (values, values**2))
    first, total = [], []
    for i, axis in enumerate("abc"):
        others = [w for j, w in enumerate(weights) if j != i]
        rest = "abc".replace(axis, "")
        alone = np.einsum(f"abc,{rest[0]},{rest[1]}->{axis}", values, *others)
        without = np.einsum(f"abc,{axis}->{rest}", values, weights[i])
        first.append(weights[i] @ alone**2 - mean**2)
        total.append(square - np.einsum(f"{rest},{rest[0]},{rest[1]}", without**2, *others))
    return np.array([first, total]) / (square - mean**2)


def test_indices_of_the_analytic_barrier_are_exact(record):
    """Width at the threshold of three uncertain numbers against Gauss' quadrature."""
    found = sweep(
        DRAWN + 'loss.substrate = { distribution = "lognormal", median = "5e6 W/(m2 K)", '
        "sigma = 0.8 }\n"
        'loss.film = { distribution = "uniform", from = "1e8 W/(m2 K)", to = "5e8 W/(m2 K)" }\n'
        'channel.transition = { distribution = "normal", mean = "340 K", sigma = "20 K" }\n'
    )
    numbers = columns(found, "loss.substrate", "loss.film", "channel.transition")
    u, normal = np.polynomial.hermite_e.hermegauss(30)
    v, even = np.polynomial.legendre.leggauss(30)
    normal, even = normal / normal.sum(), even / 2
    grid = np.meshgrid(5e6 * np.exp(0.8 * u), 3e8 + 2e8 * v, 340 + 20 * u, indexing="ij")
    for which, name in enumerate(("width", "voltage")):
        exact = _exact((_barrier(*grid).threshold()[which], (normal, even, normal)))
        table = variance_indices("abc", _barrier(*numbers).threshold()[which], seed=1)
        error = np.abs(table[["first", "total"]].to_numpy().T - exact).max()
        record(f"indices of the {name} of the analytic barrier, n = 1024", 0.02, error)
        assert error < 0.02


def test_indices_leave_out_blocks_without_a_result():
    found = sweep(DRAWN.replace("1024", "64") + f"{UNIFORM}\n{UNIFORM.replace('a', 'b', 1)}")
    a, b = columns(found, "a", "b")
    result = a + 2 * b
    whole = variance_indices("ab", result, seed=1)
    result[[1, 2, 30]] = np.nan  # points of two blocks
    table = variance_indices("ab", result, seed=1)
    assert set(table["blocks"]) == {62}
    np.testing.assert_allclose(table["total"], whole["total"], atol=0.05)
    assert variance_indices("ab", np.full(len(result), np.nan), seed=1) is None


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (f"sample = 3\n{UNIFORM}", r"my.toml: sweep.sample is none: write \{ method"),
        ("sample = { n = 64 }", "sweep.sample is none"),
        ('sample = { method = "grid", n = 64 }', r'sample.method is "sobol" or "latin"'),
        ('sample = { method = "sobol", n = 60 }', "n = 60 is not a power of two.* give 64"),
        ('sample = { method = "latin", n = 1.5 }', "n = 1.5 is not a whole number from 2 on"),
        ('sample = { method = "latin", n = 9, seed = -1 }', "seed = -1 is not a whole number from"),
        ('sample = { method = "latin", n = 9, indices = 1 }', "indices is true or false"),
        ('sample = { method = "latin", n = 9, indices = true }', 'needs the method "sobol"'),
        ('sample = { method = "latin", n = 9 }', "sweep.sample has nothing to draw: declare"),
        (f'sample = {{ method = "sobol", n = 4096, indices = true }}\n{UNIFORM}', "12288 points"),
        ('sample = { method = "latin", n = 9 }\na = [1]', "sweep.a stands beside sweep.sample"),
        (
            'sample = { method = "latin", n = 9 }\none_at_a_time.a = [1]',
            "sweep.one_at_a_time.a stands beside sweep.sample and is no distr.*: leave it out, or",
        ),
        (UNIFORM, r"sweep.a is a distribution, of which nothing draws: add sample = "),
    ],
)
def test_sample_that_cannot_be_drawn_is_one_sentence(text, message):
    with pytest.raises(InputError, match=message):
        sweep(text)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ('distribution = "beta", a = 1', r"sweep.a is no distribution: write \{ distribution"),
        ('distribution = "normal", mean = 1', "is no distribution"),
        ('distribution = "normal", mean = 1, sigma = "x"', "sweep.a needs numbers"),
        ('distribution = "normal", mean = 1, sigma = 0', "sigma = 0 is not positive: leave out"),
        ('distribution = "normal", mean = "1 K", sigma = "2 V"', "sigma has the unit V: mean has"),
        ('distribution = "normal", mean = "1 K", sigma = 2', "sigma has the unit none: mean has K"),
        ('distribution = "uniform", from = 2, to = 1', "from is not below to"),
        ('distribution = "lognormal", median = "1 K", sigma = "1 K"', "the unit K: it has none"),
        ('distribution = "lognormal", median = "-1 K", sigma = 1', "median = -1 is not positive"),
    ],
)
def test_distribution_that_is_none_is_one_sentence(text, message):
    with pytest.raises(InputError, match=message):
        sweep(f'sample = {{ method = "latin", n = 9 }}\na = {{ {text} }}')
