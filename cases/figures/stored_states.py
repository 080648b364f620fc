"""What fields a run has stored: the states of a film, the instants of a cell."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import numpy as np
import pandas as pd
import pyvista as pv

from mitmodels.cases.figures.style import in_amperes, in_seconds
from mitmodels.errors import InputError
from mitmodels.solvers.runs.reading import Run

_METAL = re.compile(r"metal|up-fold|.+-metal")


@dataclass(frozen=True)
class Stored:
    """Fields of one state.

    Attributes
    ----------
    name : str
        Of the state of a film, time of a cell: ``"nucleated"``, ``"1.67 s"``.
    title : str
        Name, time, voltage of the source and current.
    row : pandas.Series
        What ``iv.csv`` of a cell or ``events.csv`` of a film says of it.
    read : callable
        Returns the fields on the whole device.
    """

    name: str
    title: str
    row: "pd.Series[float]"
    read: Callable[[], pv.DataSet]


def stored_states(run: Run) -> list[Stored]:
    """Return what is stored in the order of time, or along the branch of steady states.

    Raises
    ------
    InputError
        If nothing is.
    """
    cell = run.path / "fields" / "cell.pvd"
    if cell.exists():
        return _instants(run, cell)
    if not any((run.path / "fields").glob("*.vtu")):
        raise InputError(
            f"{run.path}: has no stored fields: set output.fields_at, which films and cells have, "
            "and run again"
        )
    return _states(run)


def find(states: list[Stored], name: str | None, folder: Path) -> Stored:
    """Return the state of a name, without one the last.

    Raises
    ------
    InputError
        If none has it.
    """
    if name is None:
        return states[-1]
    for state in states:
        if state.name == name:
            return state
    known = ", ".join(state.name for state in states)
    raise InputError(f"{folder}: has no fields at {name!r}: give --at one of {known}")


def _instants(run: Run, collection: Path) -> list[Stored]:
    iv = run.iv
    t = iv["t [s]"].to_numpy()

    def read(time: float) -> pv.DataSet:
        reader = pv.get_reader(collection)
        reader.set_active_time_value(time)
        half = reader.read()[0]
        r = half.points[:, 0]
        r[np.abs(r) < 1e-9 * np.ptp(r)] = 0.0  # exactly on the axis, where both halves meet
        other = half.copy()
        other.points[:, 0] *= -1.0
        return half.merge(other, merge_points=True)

    found = []
    for time in pv.get_reader(collection).time_values:
        row = iv.iloc[int(np.argmin(np.abs(t - time)))]
        name = f"{time:.6g} s"
        found.append(Stored(name, f"{name}, {_electric(row)}", row, partial(read, time)))
    return found


def _states(run: Run) -> list[Stored]:
    events = run.events.query("event == 'fields'")
    names = events["detail"].astype(str)
    if "t [s]" in events:
        order = ["t [s]"]
    else:
        events = events.assign(barrier=~names.str.fullmatch(_METAL))
        order = ["barrier", "V_source [V]"]
    found = []
    for _, row in events.sort_values(order, kind="stable").iterrows():
        name = str(row["detail"])
        time = f", {in_seconds(row['t [s]'])}" if "t [s]" in row else ""
        file = run.path / "fields" / f"{name}.vtu"
        found.append(Stored(name, f"{name}{time}: {_electric(row)}", row, partial(pv.read, file)))
    return found


def _electric(row: "pd.Series[float]") -> str:
    current = float(f"{row['I [A]']:.3g}")
    amperes = in_amperes(current) if current > 1e-12 else "below 1 pA"
    return f"{row['V_source [V]']:.4g} V, {amperes}"
