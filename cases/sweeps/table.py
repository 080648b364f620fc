"""Results of a sweep as one table and one dataset."""

from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from mitmodels.cases.console.options import Flag
from mitmodels.cases.sweeps.folder import SweepFolder, is_sweep
from mitmodels.errors import InputError
from mitmodels.solvers.runs.dataset import plain, split_unit, write_mat, write_netcdf
from mitmodels.solvers.runs.files import write_table
from mitmodels.solvers.runs.reading import load

if TYPE_CHECKING:
    import xarray as xr


def collect(folder: Path | str, /, *, mat: Flag = False) -> list[Path]:
    """Write what a sweep or a run found into a dataset: sweep.nc with sweep.csv, run.nc.

    Parameters
    ----------
    folder
        Folder of a sweep, or run folder, finished or not.
    mat
        Write sweep.mat or run.mat for MATLAB, too.

    Returns
    -------
    list of Path
        The files, in the folder. What was collected earlier is replaced.

    Raises
    ------
    InputError
        If the folder is neither, or a file in it is damaged.
    RunError
        If the files cannot be written.
    """
    path = Path(folder)
    files: list[Path] = []
    found: xr.Dataset | xr.DataTree
    if is_sweep(path):
        points = SweepFolder.open(path)
        write_table(path / "sweep.csv", table(points))
        files.append(path / "sweep.csv")
        found, name = dataset(points), "sweep"
        groups = {name: found}
    else:
        tree, name = load(path).to_xarray(), "run"
        groups = {group: tree[group].to_dataset() for group in tree.children}
        found = tree
    files.append(write_netcdf(found, path / f"{name}.nc"))
    if mat:
        files.append(write_mat(groups, path / f"{name}.mat"))
    return files


def table(folder: SweepFolder) -> pd.DataFrame:
    """One row per point: name, state, reason, swept values and the run's summary.

    Names of columns carry the units. What a run did not find, or has not found yet, is empty.
    """
    rows = []
    for point, state in zip(folder.record["points"], folder.states(), strict=True):
        row = {"point": point["name"], "state": state.state, "reason": state.reason}
        row |= _columns(point["values"])
        row |= _columns(summary(folder, state.name))
        rows.append(row)
    return pd.DataFrame(rows)


def completed(folder: SweepFolder) -> pd.DataFrame:
    """Return the rows of `table` that belong to complete points."""
    rows = table(folder)
    return rows[rows["state"] == "completed"]


def dataset(folder: SweepFolder) -> "xr.Dataset":
    """Return the same as an array per quantity over the axes of the sweep.

    A dimension is called after the key that changes along it. Keys that change together, or one
    at a time, share the dimension of the first and are coordinates along it.
    """
    import xarray as xr

    rows, axes = table(folder), folder.record["axes"]
    dims = [axis["keys"][0] for axis in axes]
    shape = [axis["size"] for axis in axes]
    found = xr.Dataset()
    swept = {key: i for i, axis in enumerate(axes) for key in axis["keys"]}
    for column in rows.columns:
        name, unit = split_unit(column)
        values = plain(rows[column]).reshape(shape)
        if name in swept:
            along = swept[name]
            values = np.moveaxis(values, along, 0).reshape(shape[along], -1)[:, 0]
            found = found.assign_coords({name: (dims[along], values, {"units": unit})})
        else:
            found[name] = (dims, values, {"units": unit})
    return found


def summary(folder: SweepFolder, name: str) -> dict[str, Any]:
    """Key figures of a point, empty before its end and if they cannot be read."""
    with suppress(InputError):
        return load(folder.path / name).summary
    return {}


def _columns(entries: dict[str, Any]) -> dict[str, Any]:
    return {
        f"{name} [{entry['unit']}]" if entry["unit"] else name: entry["value"]
        for name, entry in entries.items()
    }
