"""Numbers quoted from a paper, and the runs that they are about.

A figure or a test shows a quoted number only beside a run of the paper's device: one whose
resolved configuration has every value that the paper states of it.
"""

from collections.abc import Mapping
from math import isclose

from mitmodels.cases.config.quantity import Quantity
from mitmodels.solvers.runs.reading import Run

Stated = Mapping[tuple[str, str], float]
"""Values in SI by section and key of the configuration."""


def quoted(value: float, unit: str, where: str) -> Quantity:
    """Return a number in SI that a paper states in a figure, an equation or a section."""
    return Quantity(value, unit, f"{value:g} {unit}".rstrip(), where, "measured")


def matches(run: Run, stated: Stated) -> bool:
    """Return whether a run has all values that a paper states, to 1e-6."""
    config = run.config
    return all(
        key in config.get(section, {}) and isclose(run.si(section, key), value, rel_tol=1e-6)
        for (section, key), value in stated.items()
    )
