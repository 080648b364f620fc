"""Numbers quoted from a paper, and the runs that they are about.

A figure or a test shows a quoted number only beside a run of the paper's device: one whose
resolved configuration has every value that the paper states of it.
"""

from collections.abc import Mapping
from math import isclose

from mitmodels.solvers.runs.reading import Run

Stated = Mapping[tuple[str, str], float]
"""Values in SI by section and key of the configuration."""


class Quoted(float):
    """Number that a paper states: a float in SI that remembers its unit and its place.

    Arithmetic gives plain floats.

    Attributes
    ----------
    unit : str
        SI unit, ``""`` for a pure number.
    where : str
        Figure, equation or section.
    """

    unit: str
    where: str

    def __new__(cls, value: float, unit: str, where: str) -> "Quoted":
        """Attach unit and place to a value in SI."""
        self = super().__new__(cls, value)
        self.unit, self.where = unit, where
        return self


def matches(run: Run, stated: Stated) -> bool:
    """Return whether a run has all values that a paper states, to 1e-6."""
    config = run.config
    return all(
        key in config.get(section, {}) and isclose(run.si(section, key), value, rel_tol=1e-6)
        for (section, key), value in stated.items()
    )
