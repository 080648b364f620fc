"""Stored fields along a line and at a place."""

from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Literal

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyvista as pv
from cyclopts import Parameter

from mitmodels.cases.config.dimensions import Position
from mitmodels.cases.console.options import number
from mitmodels.cases.figures.stored_states import Stored, find, is_cell, is_chip, stored_states
from mitmodels.errors import InputError
from mitmodels.solvers.runs.files import check_new_file, write_table
from mitmodels.solvers.runs.reading import Run, load

_POINTS = 1001  # of a line
_INSET = 1e-9  # of a line's length, so that rounding leaves both ends in the device

Coordinate = Annotated[str, Parameter(allow_leading_hyphen=True)]
Names = Annotated[Sequence[str], Parameter(consume_multiple=True, negative=())]


def profile(
    folder: Path | str,
    /,
    *,
    along: Literal["midline", "axis"] | None = None,
    at: Names = (),
    out: Path | str | None = None,
) -> Path:
    """Write the stored fields along a film's mid-line or a cell's axis into a CSV file.

    Parameters
    ----------
    folder
        Run folder.
    along
        ``midline`` of a film, along the current at y = 0, or ``axis`` of a cell. Default: that
        of the two which the device has.
    at
        Names of states of a film, ``nucleated full``, or times of a cell, ``"1.67 s"``. Default:
        all that are stored.
    out
        File to write, which must not exist. Default: profile.csv in the folder.

    Returns
    -------
    Path
        The file: one line per state and position.

    Raises
    ------
    InputError
        If it is not a run folder, has not these fields or not this line, or the file exists.
    RunError
        If the file cannot be written.
    """
    run = load(folder)
    if is_chip(run):
        raise InputError(f"{run.path}: is a chip, which has no one mid-line: `mitmodels probe` it")
    path = Path(out) if out is not None else run.path / "profile.csv"
    check_new_file(path)
    states = _stored(run)
    chosen = [find(states, name, run.path) for name in at] or states
    device, has, names = ("a cell", "axis", "rz") if is_cell(run) else ("a film", "midline", "xy")
    if along not in (None, has):
        raise InputError(f"--along {along}: {run.path} is of {device}: give {has}")
    found = pd.concat([_along(state, names) for state in chosen])
    write_table(path, found)
    return path


def probe(folder: Path | str, x: Coordinate, y: Coordinate, /) -> pd.DataFrame:
    """Print the stored fields at a place, as CSV.

    Parameters
    ----------
    folder
        Run folder.
    x
        Along the current of a film from its middle, or radius of a cell, such as "3 um".
    y
        Across the current from the middle, or height above the oxide's lower side.

    Returns
    -------
    DataFrame
        One line per stored state.

    Raises
    ------
    InputError
        If it is not a run folder, has no fields, or the place is not in the device.
    """
    run = load(folder)
    place = np.array([[number("X", x, Position), number("Y", y, Position), 0.0]])
    rows = []
    for state in _stored(run):
        mesh = state.read()
        values, inside = _sample(mesh, place, "rz" if is_cell(run) else "xy")
        if not inside[0]:
            left, right, bottom, top = mesh.bounds[:4]
            raise InputError(
                f"{x}, {y}: is not in the device, which goes from {left:.4g} m, {bottom:.4g} m "
                f"to {right:.4g} m, {top:.4g} m: give a place in it"
            )
        rows.append(values.assign(state=state.name))
    found = pd.concat(rows, ignore_index=True)
    return found[["state", *(name for name in found if name != "state")]]


def _stored(run: Run) -> list[Stored]:
    """Return the stored states, of which there must be one."""
    states = stored_states(run)
    find(states, None, run.path)
    return states


def _along(state: Stored, names: str) -> pd.DataFrame:
    """Return the fields of a state along the line in the middle; outside there are none."""
    mesh = state.read()
    axis = max(names.find("z"), 0)
    low, high = mesh.bounds[2 * axis : 2 * axis + 2]
    inset = _INSET * (high - low)
    s = np.linspace(low + inset, high - inset, _POINTS)
    points = np.zeros((_POINTS, 3))
    points[:, axis] = s
    values, inside = _sample(mesh, points, names)
    values.insert(0, f"{names[axis]} [m]", s)
    values.insert(0, "state", state.name)
    return values[inside]


def _sample(
    mesh: pv.DataSet, points: npt.NDArray[np.float64], names: str
) -> tuple[pd.DataFrame, npt.NDArray[np.bool_]]:
    """Return the fields at points, shape (n, 3), and which of those are in the device.

    Components of a vector are called by the names of the coordinates, ``"xy"`` or ``"rz"``.
    """
    found = pv.PolyData(points).sample(mesh)
    columns = {}
    for field in (*mesh.point_data, *mesh.cell_data):
        quantity, _, unit = field.partition(" [")
        values = np.asarray(found[field])
        if unit and values.ndim == 1:
            columns[field] = values
        elif unit:
            for i, name in enumerate(names):
                columns[f"{quantity} {name} [{unit}"] = values[:, i]
    return pd.DataFrame(columns), np.asarray(found["vtkValidPointMask"]) > 0
