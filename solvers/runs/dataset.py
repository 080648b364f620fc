"""A run as one dataset: a group for each table and one for the key quantities, with units."""

import re
from pathlib import Path
from typing import TYPE_CHECKING, Any
from uuid import uuid4

import numpy as np
import pandas as pd

from mitmodels.solvers.runs.files import writing

if TYPE_CHECKING:
    import xarray as xr

    from mitmodels.solvers.runs.reading import Run

_SAID = ("status", "start", "end", "commit", "host", "python")


def dataset(run: "Run") -> "xr.DataTree":
    """Return the tables of a run, along ``point``, and its ``summary``, as groups.

    Every variable has its ``units``; a key quantity without a value is NaN and has the ``reason``.
    The attributes of the whole are status, version and the resolved configuration.
    """
    import xarray as xr  # only here: it takes long to load

    groups = {name: _of_table(run.table(name)) for name in run.tables}
    found = xr.DataTree.from_dict({f"/{name}": group for name, group in groups.items()})
    found["summary"] = xr.DataTree(_of_summary(run.summary))
    found.attrs = {name: str(run.record[name]) for name in _SAID if run.record.get(name)}
    text = run.intact("config.resolved.toml").read_text(encoding="utf-8")
    found.attrs |= {"title": run.path.resolve().name, "case": run.config["case"], "config": text}
    return found


def write_netcdf(found: "xr.Dataset | xr.DataTree", path: Path) -> Path:
    """Write a dataset into a file, all of it or nothing."""
    partial = path.with_name(f".{path.name}.{uuid4().hex}")
    with writing(path):
        try:
            found.to_netcdf(partial, engine="netcdf4")
            partial.replace(path)
        finally:
            partial.unlink(missing_ok=True)
    return path


def write_mat(groups: "dict[str, xr.Dataset]", path: Path) -> Path:
    """Write datasets as structures for MATLAB, ``iv.V_source``, and ``units.iv.V_source``."""
    from scipy.io import savemat  # only here: few want it

    content: dict[str, Any] = {"units": {}}
    for group, found in groups.items():
        names = {str(name): re.sub(r"\W", "_", str(name)) for name in found.variables}
        content[group] = {names[name]: _for_matlab(found[name].to_numpy()) for name in names}
        units = {names[name]: found[name].attrs.get("units", "") for name in names}
        content["units"][group] = units
    partial = path.with_name(f".{path.name}.{uuid4().hex}")
    with writing(path):
        try:
            with partial.open("wb") as file:
                savemat(file, content, long_field_names=True, oned_as="column")
            partial.replace(path)
        finally:
            partial.unlink(missing_ok=True)
    return path


def split_unit(column: str) -> tuple[str, str]:
    """Return name and unit of a column, ``""`` without one."""
    name, _, unit = column.removesuffix("]").partition(" [")
    return name, unit


def plain(column: "pd.Series[Any]") -> Any:
    """Return a column as numbers or texts; what is empty in a column of texts is the empty one."""
    if pd.api.types.is_numeric_dtype(column):
        return column.to_numpy()
    return column.fillna("").astype(str).to_numpy(dtype=object)


def _of_table(table: pd.DataFrame) -> "xr.Dataset":
    import xarray as xr

    variables = {}
    for column in table:
        name, unit = split_unit(str(column))
        variables[name] = ("point", plain(table[column]), {"units": unit})
    found = xr.Dataset(variables)
    return found.set_coords("t") if "t" in found else found


def _of_summary(summary: dict[str, Any]) -> "xr.Dataset":
    import xarray as xr

    variables = {}
    for name, entry in summary.items():
        said = {"units": entry["unit"]}
        said |= {key: entry[key] for key in ("reason", "beyond") if entry.get(key)}
        value = np.nan if entry["value"] is None else entry["value"]
        variables[name] = ((), value, said)
    return xr.Dataset(variables)


def _for_matlab(values: Any) -> Any:
    """Return an array as MATLAB takes it: texts of a row as a cell array."""
    return values.astype(object) if values.ndim and values.dtype.kind in "OU" else values
