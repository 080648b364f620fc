"""Derivatives of the readings of a steady film by the numbers of its TOML file.

.. code-block:: python

   found = derivatives("runs/lsmo_iv", ("V_up", "I at 20 V"), ("film.hot", "film.width"))
   found.matrix  # V/(ohm m), V/K; A/(ohm m), A/K
"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from mpi4py import MPI

import numpy as np

from mitmodels.cases.config.document import load_config
from mitmodels.cases.film import steady_config
from mitmodels.cases.film.config import SteadyConfig
from mitmodels.cases.film.device import build_solver
from mitmodels.cases.film.sensitivity.chain import Chain
from mitmodels.cases.film.sensitivity.numbers import Number, sorted_numbers
from mitmodels.cases.film.sensitivity.readings import Derivation, Derived
from mitmodels.cases.film.steady import KEPT
from mitmodels.cases.film.steady_branch import continuation, follow
from mitmodels.cases.film.steady_config import Prepared
from mitmodels.cases.registry import load_run
from mitmodels.errors import InputError, RunError
from mitmodels.solvers.film.branch import Branch
from mitmodels.solvers.film.checkpoint import stored_branch
from mitmodels.solvers.film.continuation import Continuation
from mitmodels.solvers.film.interfaces import Array
from mitmodels.solvers.runs.reading import Run


@dataclass(frozen=True, eq=False)
class Derivatives:
    """Readings and their derivatives, in SI.

    Attributes
    ----------
    numbers : tuple of Number
        By which they are derived.
    readings : tuple of Derived
    missing : dict
        Why others that were asked for have none.
    """

    numbers: tuple[Number, ...]
    readings: tuple[Derived, ...]
    missing: dict[str, str]

    @property
    def values(self) -> Array:
        """The readings, shape (readings,)."""
        return np.array([reading.value for reading in self.readings])

    @property
    def matrix(self) -> Array:
        """Derivative of each reading by each number, shape (readings, numbers)."""
        count = len(self.numbers)
        rows = [reading.by[:count] for reading in self.readings]
        return np.array(rows).reshape(len(rows), count)

    @property
    def elasticities(self) -> Array:
        """Relative change of each reading over that of each number, shape (readings, numbers).

        NaN of a reading that is 0.
        """
        scale, values = np.array([number.value for number in self.numbers]), self.values[:, None]
        return self.matrix * scale / np.where(values, values, np.nan)


def derivatives(
    source: Path | str | SteadyConfig,
    readings: Sequence[str],
    keys: Sequence[str] = (),
    comm: MPI.Comm = MPI.COMM_WORLD,
) -> Derivatives:
    """Derive readings of a steady film. Collective.

    Parameters
    ----------
    source
        Folder of a completed run, whose branch is read, or a configuration, whose branch is traced.
    readings
        Key figures of the summary, and observed quantities at a voltage of the source on the way
        up, as ``"I at 20 V"``.
    keys
        Numbers of the TOML file; all that the equations depend on if none is given.

    Raises
    ------
    InputError
        If the folder is not a completed run of a steady film, or a key is not such a number.
    RunError
        If the branch cannot be followed.
    """
    if isinstance(source, SteadyConfig):
        prepared = steady_config.prepare(source, comm)
        branch = traced(prepared)
    else:
        prepared, branch = opened(load_run(source, "film_iv"), comm)
    return derive(prepared, branch, readings, chosen(prepared.config, keys))


def derive(
    prepared: Prepared, branch: Branch, readings: Sequence[str], keys: Sequence[Number]
) -> Derivatives:
    """Derive readings of a branch. Collective."""
    newton = branch.continuation.newton
    derivation = Derivation(branch, prepared, Chain(prepared.config, keys, newton))
    found, missing = list[Derived](), dict[str, str]()
    for name in readings:
        try:
            found.append(derivation(name))
        except RunError as error:
            missing[name] = str(error)
    return Derivatives(tuple(keys), tuple(found), missing)


def chosen(config: SteadyConfig, keys: Sequence[str]) -> tuple[Number, ...]:
    """Return numbers of a configuration by their keys, all if none is given.

    Raises
    ------
    InputError
        If the equations do not depend on one.
    """
    known, others = sorted_numbers(config)
    for key in keys:
        if key not in known:
            reason = others.get(key, "it is not a number of the file")
            raise InputError(f"{key} has no derivative, {reason}: use {', '.join(known)}")
    return tuple(known[key] for key in keys) if keys else tuple(known.values())


def traced(prepared: Prepared) -> Branch:
    """Trace the branch of an experiment."""
    trace = continuation(prepared, build_solver(prepared.device))
    points = [trace.start()]
    for _ in follow(prepared, trace, points):
        pass
    return Branch(trace, tuple(points))


def opened(run: Run, comm: MPI.Comm) -> tuple[Prepared, Branch]:
    """Return the branch of a complete run of a steady film, kept or traced once more.

    Raises
    ------
    InputError
        If it is not complete.
    """
    run.check_complete()
    config = load_config(run.path / "config.resolved.toml", (), SteadyConfig)
    prepared = steady_config.prepare(config, comm)
    trace = continuation(prepared, build_solver(prepared.device))
    return prepared, _kept(run, trace) or traced(prepared)


def _kept(run: Run, trace: Continuation) -> Branch | None:
    """Branch that the run keeps in its checkpoint, None if it cannot be read."""
    try:
        points = stored_branch(run.path, KEPT, trace.newton)
    except (InputError, RunError):
        return None
    return None if points is None else Branch(trace, points)
