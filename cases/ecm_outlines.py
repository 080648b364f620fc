"""Outlines of a filament: read from a run folder, and written for ParaView and for printing."""

from pathlib import Path

import numpy as np
import numpy.typing as npt
import pyvista as pv

from cases.runs import Run
from mitmodels.errors import InputError

Array = npt.NDArray[np.float64]
_SECTORS = 72  # of the revolved surface


def read_outlines(run: Run) -> list[Array]:
    """Return the nodes (r, z) of the outline at each row of ``iv.csv`` [nm].

    Raises
    ------
    InputError
        If the run has not ended.
    """
    path = run.path / "outlines.npz"
    if not path.exists():
        raise InputError(f"{path}: there is no such file; the run has not ended, resume it")
    with np.load(path) as file:
        return np.split(file["points"] * 1e9, np.cumsum(file["nodes"])[:-1])


def mirrored(outline: Array) -> Array:
    """Return the cross-section of a filament, from triple point to triple point."""
    left = outline[:0:-1] * [-1.0, 1.0]
    return np.concatenate((left, outline))


def write_outlines(run: Run) -> list[Path]:
    """Write ``outlines.vtp``, all outlines with their times, and ``filament.stl``, the last one.

    Both are in nanometres with z along the axis; the surface is closed at the counter electrode.
    """
    outlines, iv = read_outlines(run), run.iv
    points = np.concatenate([_in_space(outline) for outline in outlines])
    lines, first = [], 0
    for outline in outlines:
        lines.append(np.concatenate(([len(outline)], first + np.arange(len(outline)))))
        first += len(outline)
    curves = pv.PolyData(points, lines=np.concatenate(lines))
    for name in ("t [s]", "I [A]"):
        curves.cell_data[name] = iv[name].to_numpy()
    files = [run.path / "outlines.vtp", run.path / "filament.stl"]
    curves.save(files[0])
    revolved(outlines[-1]).save(files[1])
    return files


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
    return np.column_stack((outline[:, 0], np.zeros(len(outline)), outline[:, 1]))
