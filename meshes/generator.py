"""Gmsh: started, asked for one model on rank 0, and ended; its mesh as a device on all ranks."""

import signal
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager

from mpi4py import MPI

import dolfinx
from dolfinx.io.gmsh import model_to_mesh

import gmsh
import numpy as np

from mitmodels.errors import InputError, RunError
from mitmodels.meshes.device import Device
from mitmodels.meshes.named_mesh import NamedMesh

_IN_USE = "Gmsh has another model in this process: call gmsh.finalize() before"


class MeshingError(RunError):
    """Gmsh could not mesh a geometry."""


def generated[Result](
    comm: MPI.Comm, generate: Callable[[], Result], unit: float
) -> tuple[Device, Result]:
    """Mesh a geometry with Gmsh on rank 0 and distribute it.

    Parameters
    ----------
    comm
        The ranks.
    generate
        Makes the mesh in the current model of Gmsh, in the plane, with physical names.
    unit
        Length of one unit of the model [m]; Gmsh's geometric tolerances are absolute.

    Returns
    -------
    tuple
        The device in metres, and what ``generate`` returned.

    Raises
    ------
    MeshingError
        On every rank, if Gmsh fails, or somebody else in this process is using it.
    """
    if any(comm.allgather(bool(gmsh.isInitialized()))):
        raise MeshingError(_IN_USE)
    result, message = None, None
    with _gmsh():
        if comm.rank == 0:
            try:
                result = generate()
            except Exception as error:  # Gmsh raises bare exceptions
                message = f"Gmsh cannot mesh the geometry: {error}"
        result, message = comm.bcast((result, message))
        if message is not None:
            raise MeshingError(message)
        partitioner = dolfinx.mesh.create_cell_partitioner(dolfinx.mesh.GhostMode.shared_facet, 2)
        data = model_to_mesh(gmsh.model, comm, 0, gdim=2, partitioner=partitioner)
    data.mesh.geometry.x[:] *= unit
    tags = (data.cell_tags, data.facet_tags, data.ridge_tags)
    return Device(data.mesh, tags, comm.bcast(data.physical_groups)), result


def named_parts(generate: Callable[[], None]) -> NamedMesh:
    """Mesh a geometry in the plane with Gmsh on this rank alone, and return what has a name.

    Raises
    ------
    MeshingError
        If Gmsh fails, or somebody else in this process is using it.
    """
    if gmsh.isInitialized():
        raise MeshingError(_IN_USE)
    with _gmsh():
        try:
            generate()
        except InputError:
            raise
        except Exception as error:  # Gmsh raises bare exceptions
            raise MeshingError(f"Gmsh cannot mesh the geometry: {error}") from None
        numbers, x, _ = gmsh.model.mesh.getNodes()
        order = np.argsort(numbers)
        parts = {}
        for dim, group in gmsh.model.getPhysicalGroups():
            entities = gmsh.model.getEntitiesForPhysicalGroup(dim, group)
            rows = [gmsh.model.mesh.getElements(dim, entity)[2][0] for entity in entities]
            nodes = np.searchsorted(numbers, np.concatenate(rows), sorter=order)
            parts[gmsh.model.getPhysicalName(dim, group)] = order[nodes].reshape(-1, dim + 1)
        return NamedMesh(x.reshape(-1, 3)[:, :2], parts)


def mesh_named(*parts: Mapping[str, Sequence[int]]) -> None:
    """Name regions, boundaries and points, as many as given, of the current model; mesh it."""
    gmsh.model.geo.synchronize()
    for dim, named in zip((2, 1, 0), parts, strict=False):
        for name, tags in named.items():
            gmsh.model.addPhysicalGroup(dim, tags, name=name)
    gmsh.model.mesh.generate(2)


@contextmanager
def _gmsh() -> Iterator[None]:
    """Start Gmsh with nothing in it, and end it.

    Its first start puts back the system's answers to signals, SIGTERM among them: a run could not
    write its checkpoint. Those of Python are set again, which only the main thread may do. No
    file of a user's options is read: a mesh follows from its input alone.
    """
    numbers = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGUSR1, signal.SIGPIPE)
    handlers = {number: signal.getsignal(number) for number in numbers}
    gmsh.initialize(readConfigFiles=False, interruptible=False)
    try:
        for number, handler in handlers.items():
            main = threading.current_thread() is threading.main_thread()
            if main and handler is not None:  # one that was not set by Python
                signal.signal(number, handler)
        gmsh.option.setNumber("General.Terminal", 0)
        yield
    finally:
        gmsh.finalize()
