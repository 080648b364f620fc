"""Stored fields of a run: the states of a film or of all films of a chip, the times of a cell."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyvista as pv

from mitmodels.cases.figures.style import in_amperes, in_seconds
from mitmodels.chip.footprint import Footprint
from mitmodels.errors import InputError
from mitmodels.solvers.runs.reading import Run, damaged

_METAL = re.compile(r"metal|up-fold|.+-metal")
_AT_VOLTAGE = re.compile(r"([\d.]+V)-(metal|barrier)")
_LENGTHS = ("length", "width", "pad_length")
_AT_CURRENT = re.compile(r"(I=[\d.e-]+A)-(metal|barrier)")


@dataclass(frozen=True)
class Stored:
    """Fields of one state.

    Attributes
    ----------
    name : str
        Of the state of a film, of a chip, time of a cell: ``"nucleated"``, ``"end"``, ``"1.67 s"``.
    title : str
        Name, time, voltage of the source and current.
    row : pandas.Series
        Its row in ``iv.csv`` of a cell or chip, in ``events.csv`` of a film.
    read : callable
        Returns the fields on the whole device.
    """

    name: str
    title: str
    row: "pd.Series[float]"
    read: Callable[[], pv.DataSet]


def stored_states(run: Run) -> list[Stored]:
    """Return the stored states in the order of time, or along the branch of steady states."""
    if is_cell(run):
        return _of_cell(run, run.path / "fields" / "cell.pvd")
    if is_chip(run):
        return _of_chip(run)
    return _of_film(run) if any((run.path / "fields").glob("*.vtu")) else []


def is_cell(run: Run) -> bool:
    """Return whether the stored fields are those of a cell."""
    return (run.path / "fields" / "cell.pvd").exists()


def is_chip(run: Run) -> bool:
    """Return whether a run is of several devices on one substrate."""
    return "device" in run.config


def read_fields(run: Run, name: str, folder: str = "fields") -> pv.DataSet:
    """Return the fields of a file in a folder of the run.

    Raises
    ------
    InputError
        If it is missing or damaged.
    """
    path = run.intact(f"{folder}/{name}")
    try:
        with pv.vtk_verbosity("off"), pv.VtkErrorCatcher(raise_errors=True, send_to_logging=False):
            found = pv.read(path)
    except (RuntimeError, ValueError) as error:
        raise damaged(path, str(error).partition("\n")[0]) from None
    if not found.n_cells:
        raise damaged(path, "it has no cells")
    return found


def find(states: list[Stored], name: str | None, folder: Path) -> Stored:
    """Return the state of a name, without one the last.

    Raises
    ------
    InputError
        If none has it, or there is none.
    """
    if not states:
        raise InputError(
            f"{folder}: has no stored fields: set output.fields_at, which films and cells have, "
            "and run again"
        )
    if name is None:
        return states[-1]
    for state in states:
        if state.name == name:
            return state
    known = ", ".join(state.name for state in states)
    raise InputError(f"{folder}: has no fields at {name!r}: give --at one of {known}")


def upward_sweep(run: Run) -> dict[float, str]:
    """Return the names of stored states of a film by their source voltage [V], in ascending order.

    Before the upper fold an upward sweep is on the metal state, also where a barrier is stable.
    Without states at voltages it is one of the current, with those at currents.

    Raises
    ------
    InputError
        If fewer than two source voltages, or currents, have stored fields.
    """
    stored = run.events.query("event == 'fields'")
    at = _AT_VOLTAGE if stored["detail"].map(_AT_VOLTAGE.fullmatch).any() else _AT_CURRENT
    chosen: dict[str, tuple[float, str]] = {}
    for voltage, name in zip(stored["V_source [V]"], stored["detail"], strict=True):
        match = at.fullmatch(name)
        if match and not chosen.get(match[1], (0.0, ""))[1].endswith("metal"):
            chosen[match[1]] = round(voltage, 6), name
    if len(chosen) < 2:
        raise InputError(
            f"{run.path}: has fields at {len(chosen)} source voltages, two or more are needed; "
            "list them as output.fields_at.V_source (of a source of current: I) and run again"
        )
    return dict(sorted(chosen.values()))


def _of_cell(run: Run, collection: Path) -> list[Stored]:
    run.check_intact("fields")
    iv = run.iv
    t = iv["t [s]"].to_numpy()

    def read(time: float) -> pv.DataSet:
        reader = pv.get_reader(collection)
        reader.set_active_time_value(time)
        return _whole(reader.read()[0])

    found = []
    for time in pv.get_reader(collection).time_values:
        (at,) = np.flatnonzero(np.isclose(t, time, rtol=1e-12, atol=0.0))  # but for the digits read
        row = iv.iloc[at]
        name = f"{time:.6g} s"
        found.append(Stored(name, f"{name}, {_electric(row)}", row, partial(read, time)))
    return found


def _whole(half: pv.DataSet) -> pv.UnstructuredGrid:
    """Return a cell with its mirror image, joined on the axis and nowhere else.

    On an interface there are two nodes, with the potentials on either side.
    """
    x, count = np.array(half.points), half.n_points
    r, triangles = x[:, 0], half.cells_dict[pv.CellType.TRIANGLE]
    r[np.abs(r) < 1e-9 * np.ptp(r)] = 0.0  # exactly on the axis, where both halves meet
    beside = np.flatnonzero(r)
    image = np.arange(count)
    image[beside] = count + np.arange(len(beside))
    cells = np.concatenate([triangles, image[triangles]])
    points = np.concatenate([x, x[beside] * [-1.0, 1.0, 1.0]])
    whole = pv.UnstructuredGrid({pv.CellType.TRIANGLE: cells}, points)
    for name, values in half.point_data.items():
        whole.point_data[name] = np.concatenate([values, values[beside]])
    for name, values in half.cell_data.items():
        mirrored = values * [-1.0, 1.0, 1.0] if values.ndim == 2 else values
        whole.cell_data[name] = np.concatenate([values, mirrored])
    return whole


def _of_film(run: Run) -> list[Stored]:
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
        title, read = f"{name}{time}: {_electric(row)}", partial(read_fields, run, f"{name}.vtu")
        found.append(Stored(name, title, row, read))
    return found


def _of_chip(run: Run) -> list[Stored]:
    """States that all devices have stored, each at its place on the chip."""
    iv, folders = run.iv, [run.path / "devices" / entry["name"] for entry in run.config["device"]]
    stored = ({file.stem for file in (folder / "fields").glob("*.vtu")} for folder in folders)
    common = set.intersection(*stored)
    if "t [s]" in iv:
        along = "t [s]"
        at = {name: 1e-6 * float(name[2:-2]) for name in common if re.fullmatch(r"t=.*us", name)}
    else:
        along, folds = "s", run.events.query("event == 'fold'")["s"]
        at = {f"fold-{number}": s for number, s in enumerate(folds, 1)} | {"end": iv[along].max()}
    found = []
    for name in sorted(common & at.keys(), key=at.__getitem__):
        row = iv.iloc[int((iv[along] - at[name]).abs().argmin())]
        title = in_seconds(at[name]) if along == "t [s]" else f"drive {row['drive']:.4g}"
        found.append(Stored(name, title, row, partial(_read_chip, run, name)))
    return found


def _read_chip(run: Run, name: str) -> pv.UnstructuredGrid:
    found = []
    for device in run.config["device"]:
        mesh = read_fields(run, f"{name}.vtu", f"devices/{device['name']}/fields")
        placed = footprint(device).on_chip(np.asarray(mesh.points)[:, :2])
        mesh.points = np.column_stack([placed, np.zeros(len(placed))])
        found.append(mesh)
    return pv.merge(found, merge_points=False)


def footprint(device: dict[str, Any]) -> Footprint:
    """Rectangle of a device, pads included, in a resolved configuration."""
    x, y = (float(str(entry["value"]).split()[0]) for entry in device["position"])
    lengths = {key: float(str(device["geometry"][key]["value"]).split()[0]) for key in _LENGTHS}
    length, width, pad = lengths.values()
    return Footprint(x, y, length + 2 * pad, width, device["rotation"] == 90)


def _electric(row: "pd.Series[float]") -> str:
    current = float(f"{row['I [A]']:.3g}")
    amperes = in_amperes(current) if current > 1e-12 else "below 1 pA"
    return f"{row['V_source [V]']:.4g} V, {amperes}"
