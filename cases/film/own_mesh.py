"""A film on a mesh of the user's: which parts it must have, and where."""

from dataclasses import replace
from pathlib import Path

from mpi4py import MPI

import numpy as np

from mitmodels.errors import InputError
from mitmodels.meshes.device import Device
from mitmodels.meshes.mesh_arrays import Arrays, unpack_device
from mitmodels.meshes.mesh_file import NamedMesh, read_mesh
from mitmodels.meshes.planar_channel import PlanarChannel
from mitmodels.solvers.runs.parallel import on_root

_PLACE = 1e-6  # how far off a node may be, of the length of the film


def own_device(path: Path, unit: float, channel: PlanarChannel, comm: MPI.Comm) -> Device:
    """Read the mesh of a film, check it against the channel it stands for and distribute it.

    Parameters
    ----------
    path
        File that meshio reads, with the names of `PlanarChannel.build`.
    unit
        Length of one unit of its coordinates [m].
    channel
        The geometry that the file says it has; its element sizes have no meaning here.
    comm

    Raises
    ------
    InputError
        If the file is not such a mesh.
    """
    arrays = on_root(comm, lambda: _checked(path, unit, channel))
    copies = (2, 2) if channel.domain == "quarter" else (1, 1)
    return replace(unpack_device(arrays, comm), thickness=channel.thickness, copies=copies)


def _checked(path: Path, unit: float, channel: PlanarChannel) -> Arrays:
    mesh, needed = read_mesh(path), _needed(channel)
    try:
        mesh.require(needed)
        _check_places(mesh, unit, channel)
        return mesh.pack(tuple(needed), unit)
    except InputError as error:
        raise InputError(f"{path}: {error}") from None


def _needed(channel: PlanarChannel) -> dict[str, int]:
    """Names and dimensions of the parts that the solver of a film asks for."""
    full = channel.domain == "full"
    needed = {"film": 2, "midplane": 1, "midline": 1, "contact_right": 1}
    needed |= {"centre": 0, "contact_centre": 0}
    if full:
        needed["contact_left"] = 1
    if channel.pad_length:
        needed |= {"pad_right": 2} | ({"pad_left": 2} if full else {})
    if channel.far:
        needed |= {"substrate": 2, "far": 1}
    return needed


def _check_places(mesh: NamedMesh, unit: float, channel: PlanarChannel) -> None:
    """Check what follows from the names: mirror planes, and the circle around the substrate."""
    x, y = mesh.points.T * unit
    places = {"midplane": ("at x = 0", x), "midline": ("at y = 0", y)}
    if channel.far:
        circle = f"on the circle of geometry.far = {channel.far:g} m around the origin"
        places["far"] = (circle, np.hypot(x, y) - channel.far)
    for name, (words, off) in places.items():
        worst = float(np.abs(off[np.unique(mesh.parts[name])]).max())
        if worst > _PLACE * channel.length:
            raise InputError(f'has "{name}" not {words} but up to {worst:.3g} m away')
    if channel.domain == "quarter" and min(x.min(), y.min()) < -_PLACE * channel.length:
        raise InputError('reaches beyond x = 0 or y = 0: set geometry.domain = "full"')
