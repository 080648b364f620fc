"""Results of a sweep as one table and one dataset."""

from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any
from uuid import uuid4

import numpy as np
import pandas as pd

from mitmodels.cases.sweeps.folder import SweepFolder
from mitmodels.errors import InputError
from mitmodels.solvers.runs.files import replace, writing
from mitmodels.solvers.runs.reading import load

if TYPE_CHECKING:
    import xarray as xr


def collect(folder: Path | str, /) -> tuple[Path, Path]:
    """Write what a sweep found into one table, sweep.csv, and one dataset, sweep.nc.

    Parameters
    ----------
    folder
        Folder of a sweep, finished or not.

    Returns
    -------
    tuple of Path
        Both files.

    Raises
    ------
    InputError
        If the folder is not that of a sweep.
    RunError
        If the files cannot be written.
    """
    points = SweepFolder.open(Path(folder))
    csv, netcdf = points.path / "sweep.csv", points.path / "sweep.nc"
    replace(csv, table(points).to_csv(index=False, lineterminator="\n"))
    partial = netcdf.with_name(f".{netcdf.name}.{uuid4().hex}")
    with writing(netcdf):
        try:
            dataset(points).to_netcdf(partial, engine="netcdf4")
            partial.replace(netcdf)
        finally:
            partial.unlink(missing_ok=True)
    return csv, netcdf


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
        name, _, unit = column.removesuffix("]").partition(" [")
        values = _plain(rows[column]).reshape(shape)
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


def _plain(column: "pd.Series[Any]") -> Any:
    if pd.api.types.is_numeric_dtype(column):
        return column.to_numpy()
    return column.fillna("").astype(str).to_numpy(dtype=object)
