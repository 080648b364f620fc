"""``sample`` of a ``[sweep]``: points drawn from declared distributions.

.. code-block:: toml

   [sweep]
   sample = { method = "sobol", n = 64, seed = 1, indices = true }
   channel.length = { distribution = "uniform", from = "95 um", to = "105 um" }
   loss.film = { distribution = "normal", mean = "3e8 W/(m2 K)", sigma = "3e7 W/(m2 K)" }
   loss.substrate = { distribution = "lognormal", median = "5e6 W/(m2 K)", sigma = 0.2 }

With ``indices`` the points are those of Saltelli et al., Comput. Phys. Commun. 181, 259 (2010):
two independent samples of ``n`` points, and the first with one key after the other from the second.
"""

import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from mitmodels.checks import FloatArray
from mitmodels.errors import InputError

_NUMBER = re.compile(r"\s*([+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?)\s*(.*?)\s*")
# The smallest step of Sobol's sequence: beyond its half a normal distribution has no value.
_EDGE = 2.0**-31
_KEYS = {
    "uniform": ("from", "to"),
    "normal": ("mean", "sigma"),
    "lognormal": ("median", "sigma"),
}
DISTRIBUTION = (
    'write { distribution = "uniform", from = "60 K", to = "100 K" }, '
    '{ distribution = "normal", mean = "80 K", sigma = "5 K" } or '
    '{ distribution = "lognormal", median = "80 K", sigma = 0.1 }'
)
"""How a distribution is written, for the end of a sentence."""


@dataclass(frozen=True)
class Distribution:
    """Distribution of one key.

    Attributes
    ----------
    name : {"uniform", "normal", "lognormal"}
    first, second : float
        Both ends; mean and standard deviation; or median, and standard deviation of the logarithm.
    unit : str
        Of the values as the file gives them.
    """

    name: str
    first: float
    second: float
    unit: str

    def values(self, u: FloatArray) -> list[str | float]:
        """Values of the key where its cumulative probability is u."""
        from scipy.special import ndtri  # only here: a check has no use for it

        a, b = self.first, self.second
        u = np.clip(u, _EDGE, 1 - _EDGE)
        if self.name == "uniform":
            found = a + (b - a) * u
        elif self.name == "normal":
            found = a + b * ndtri(u)
        else:
            found = a * np.exp(b * ndtri(u))
        texts = [f"{value:.12g}" for value in found]
        return [f"{text} {self.unit}" if self.unit else float(text) for text in texts]


@dataclass(frozen=True)
class Sample:
    """How points are drawn.

    Attributes
    ----------
    method : {"sobol", "latin"}
    n : int
        Points, or those of each of both samples that indices need.
    seed : int
    indices : bool
        Whether the points are those that variance-based indices need.
    """

    method: str
    n: int
    seed: int = 0
    indices: bool = False

    @property
    def record(self) -> dict[str, Any]:
        """As it stands in the folder of a sweep."""
        return asdict(self)

    def points(self, count: int) -> FloatArray:
        """Points in the unit cube of ``count`` dimensions, shape (points, count)."""
        if self.indices:
            from SALib.sample import sobol  # only here: it loads pandas and Matplotlib

            names = [str(i) for i in range(count)]
            problem = {"num_vars": count, "names": names, "bounds": [[0.0, 1.0]] * count}
            drawn = sobol.sample(problem, self.n, calc_second_order=False, seed=self.seed)
            return np.asarray(drawn, dtype=float)
        from scipy.stats import qmc  # only here: it takes longer than all else of a check

        kind = qmc.Sobol if self.method == "sobol" else qmc.LatinHypercube
        return np.asarray(kind(count, rng=self.seed).random(self.n))


def read_sample(table: Any, origin: str) -> Sample:
    """Return the sample that a table declares.

    Raises
    ------
    InputError
        If it is none.
    """
    subject = f"{origin}: sweep.sample"
    if not isinstance(table, dict) or not {"method", "n"} <= table.keys() <= _FIELDS:
        raise InputError(f'{subject} is none: write {{ method = "sobol", n = 64, seed = 1 }}')
    sample = Sample(**table)
    if sample.method not in ("sobol", "latin"):
        raise InputError(f'{subject}.method is "sobol" or "latin": give one of them')
    if not _is_whole(sample.n, least=2):
        raise InputError(f"{subject}.n = {sample.n} is not a whole number from 2 on: give 64")
    if sample.method == "sobol" and sample.n & (sample.n - 1):
        power = 1 << sample.n.bit_length()
        raise InputError(
            f'{subject}.n = {sample.n} is not a power of two, which "sobol" needs: give {power}'
        )
    if not _is_whole(sample.seed, least=0):
        raise InputError(f"{subject}.seed = {sample.seed} is not a whole number from 0 on: give 1")
    if not isinstance(sample.indices, bool):
        raise InputError(f"{subject}.indices is true or false: give one of them")
    if sample.indices and sample.method != "sobol":
        raise InputError(f'{subject}.indices needs the method "sobol": give that')
    return sample


_FIELDS = set(Sample.__dataclass_fields__)


def is_distribution(entry: Any) -> bool:
    """Whether an entry of a sweep declares a distribution."""
    return isinstance(entry, dict) and "distribution" in entry


def read_distribution(table: Any, subject: str) -> Distribution:
    """Return the distribution that a table declares; the sentence of an error begins with it.

    Raises
    ------
    InputError
        If it is none.
    """
    keys = _KEYS.get(str(table["distribution"])) if is_distribution(table) else None
    if keys is None or table.keys() != {"distribution", *keys}:
        raise InputError(f"{subject} is no distribution: {DISTRIBUTION}")
    first, second = (split(table[key]) for key in keys)
    if first is None or second is None:
        raise InputError(f"{subject} needs numbers: {DISTRIBUTION}")
    name = table["distribution"]
    unit = "" if name == "lognormal" else first[1]
    if second[1] != unit:
        expected = f"{keys[0]} has {first[1] or 'none'}" if unit == first[1] else "it has none"
        raise InputError(f"{subject}.{keys[1]} has the unit {second[1] or 'none'}: {expected}")
    _check_numbers(Distribution(name, first[0], second[0], first[1]), subject)
    return Distribution(name, first[0], second[0], first[1])


def _check_numbers(found: Distribution, subject: str) -> None:
    a, b = found.first, found.second
    if found.name == "uniform" and not a < b:
        raise InputError(f"{subject}: from is not below to: give the lower end first")
    if found.name != "uniform" and not b > 0:
        raise InputError(f"{subject}.sigma = {b:g} is not positive: leave out what is certain")
    if found.name == "lognormal" and not a > 0:
        raise InputError(f"{subject}.median = {a:g} is not positive: give another distribution")


def draw(sample: Sample, given: Mapping[str, Distribution]) -> tuple[dict[str, Any], ...]:
    """Return what each point puts at each key."""
    u = sample.points(len(given)).T
    columns = [each.values(column) for each, column in zip(given.values(), u, strict=True)]
    return tuple(dict(zip(given, row, strict=True)) for row in zip(*columns, strict=True))


def split(given: Any) -> tuple[float, str] | None:
    """Number and unit of a value, None if it is none."""
    match = _NUMBER.fullmatch(str(given)) if not isinstance(given, bool) else None
    return (float(match[1]), match[2]) if match else None


def _is_whole(number: Any, least: int) -> bool:
    return isinstance(number, int) and not isinstance(number, bool) and number >= least
