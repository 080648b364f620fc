"""Grids on disk for ParaView: a .vtu for each state, which says what it is, and .pvd indices."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from html import escape, unescape
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from mitmodels.solvers.runs.files import replace
from mitmodels.solvers.runs.reading import damaged

Columns = Mapping[str, npt.NDArray[Any]]


@dataclass(frozen=True, eq=False)
class Grid:
    """Triangles, and lines beside them, in the plane, with fields on nodes and on cells.

    Attributes
    ----------
    points : ndarray, shape (n, 2)
        Coordinates [m].
    triangles : ndarray, shape (k, 3)
    nodal, cellwise : mapping
        Fields by name and unit; of cells those of the triangles come first.
    lines : ndarray, shape (l, 2)
    """

    points: npt.NDArray[np.float64]
    triangles: npt.NDArray[np.int64]
    nodal: Columns
    cellwise: Columns
    lines: npt.NDArray[np.int64] = field(default_factory=lambda: np.empty((0, 2), dtype=np.int64))


def write_grid(path: Path, grid: Grid, about: Mapping[str, float | str]) -> None:
    """Write a grid with what it is about, such as ``{"I [A]": 0.01}``, as field data. For rank 0.

    Raises
    ------
    RunError
        If the disk does not take it.
    """
    import pyvista as pv  # only here: it loads VTK
    from vtkmodules.vtkIOXML import vtkXMLUnstructuredGridWriter

    cells = {pv.CellType.TRIANGLE: grid.triangles, pv.CellType.LINE: grid.lines}
    flat = np.column_stack([grid.points, np.zeros(len(grid.points))])
    made = pv.UnstructuredGrid({kind: rows for kind, rows in cells.items() if len(rows)}, flat)
    for name, values in grid.nodal.items():
        made.point_data[name] = values
    for name, values in grid.cellwise.items():
        made.cell_data[name] = values
    for name, value in about.items():
        made.field_data[name] = [value]
    writer = vtkXMLUnstructuredGridWriter()
    writer.SetInputData(made)
    writer.SetDataModeToBinary()
    writer.WriteToOutputStringOn()  # VTK itself says nothing of a full disk, or crashes
    writer.Write()
    replace(path, writer.GetOutputString())


def write_collection(path: Path, times: Mapping[str, float]) -> None:
    """Write a ParaView index from ``{file: time}``. For rank 0."""
    lines = [
        f'    <DataSet timestep="{time!r}" file="{escape(file)}"/>' for file, time in times.items()
    ]
    body = "\n".join(lines)
    text = (
        '<?xml version="1.0"?>\n<VTKFile type="Collection" version="0.1">\n  <Collection>\n'
        f"{body}\n  </Collection>\n</VTKFile>\n"
    )
    replace(path, text)


def read_collection(path: Path) -> dict[str, float]:
    """Return ``{file: time}`` of an index, nothing if there is none.

    Raises
    ------
    InputError
        If it cannot be read.
    """
    try:
        text = path.read_text(encoding="utf-8") if path.exists() else ""
        found = re.findall(r'timestep="([^"]*)" file="([^"]*)"', text)
        return {unescape(file): float(time) for time, file in found}
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) else "it is not an index of ParaView"
        raise damaged(path, reason) from None
