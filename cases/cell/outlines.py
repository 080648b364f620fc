"""Outlines of a filament: read from a run folder, and written for ParaView and for printing."""

import errno
import os
from collections.abc import Mapping, Sequence
from itertools import pairwise
from pathlib import Path
from zipfile import BadZipFile

import numpy as np
import numpy.typing as npt
import pyvista as pv

from mitmodels.errors import InputError
from mitmodels.solvers.runs.files import writing
from mitmodels.solvers.runs.reading import Run, damaged

Array = npt.NDArray[np.float64]
_NM = 1e-9
_SECTORS = 72  # of the revolved surface


def read_outlines(run: Run) -> list[Array]:
    """Return the nodes (r, z) of the outline at each row of ``iv.csv`` [nm].

    Raises
    ------
    InputError
        If the run has not ended, or the file is damaged.
    """
    path = run.path / "outlines.npz"
    if not path.exists():
        raise InputError(f"{path}: there is no such file; the run has not ended, resume it")
    run.intact(path.name)
    try:
        with np.load(path) as file:
            return np.split(file["points"] * 1e9, np.cumsum(file["nodes"])[:-1])
    except (EOFError, KeyError, OSError, ValueError, BadZipFile) as error:
        raise damaged(path, str(error)) from None


def mirrored(outline: Array) -> Array:
    """Return the cross-section of a filament, from triple point to triple point."""
    left = outline[:0:-1] * [-1.0, 1.0]
    return np.concatenate((left, outline))


def write_outlines(
    folder: Path, outlines: list[Array], columns: Mapping[str, Sequence[float]]
) -> None:
    """Write ``outlines.vtp``, all outlines with their times, and ``filament.stl``, the last one.

    Both lie over the fields: in metres, the axis along y. The surface is closed at the counter
    electrode.

    Parameters
    ----------
    folder : Path
    outlines : list of ndarray, shape (n, 2)
        Nodes (r, z) [nm].
    columns : mapping
        Numbers of each outline by name.

    Raises
    ------
    RunError
        If the disk does not take them.
    """
    points = np.concatenate([_in_space(outline) for outline in outlines])
    first = np.cumsum([0, *map(len, outlines)])
    lines = [np.concatenate(([b - a], np.arange(a, b))) for a, b in pairwise(first)]
    curves = pv.PolyData(points, lines=np.concatenate(lines))
    for name, values in columns.items():
        curves.cell_data[name] = np.asarray(values)
    solid = revolved(outlines[-1]).rotate_x(-90.0).scale(_NM)
    for name, surface in {"outlines.vtp": curves, "filament.stl": solid}.items():
        with writing(folder / name):
            surface.save(folder / name)
            if not (folder / name).exists():  # VTK takes back what a full disk does not hold
                raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


def revolved(outline: Array) -> pv.PolyData:
    """Return the closed surface of a filament as triangles: tip, rings of points, foot."""
    angle = np.arange(_SECTORS) * 2 * np.pi / _SECTORS
    r, z = outline[1:].T
    rings = np.stack(
        (np.outer(r, np.cos(angle)), np.outer(r, np.sin(angle)), np.outer(z, np.ones(_SECTORS))),
        axis=-1,
    )
    points = np.concatenate(([[0.0, 0.0, outline[0, 1]]], rings.reshape(-1, 3), [[0.0, 0.0, 0.0]]))
    number = 1 + np.arange(len(r) * _SECTORS).reshape(len(r), _SECTORS)
    beside = np.roll(number, -1, axis=1)
    tip, foot = np.zeros(_SECTORS, int), np.full(_SECTORS, len(points) - 1)
    walls = (
        (number[:-1], number[1:], beside[:-1]),
        (beside[:-1], number[1:], beside[1:]),
        (tip, number[0], beside[0]),
        (foot, beside[-1], number[-1]),
    )
    triangles = [np.stack(corners, axis=-1).reshape(-1, 3) for corners in walls]
    return pv.PolyData.from_regular_faces(points, np.concatenate(triangles))


def _in_space(outline: Array) -> Array:
    return np.column_stack((outline * _NM, np.zeros(len(outline))))
