"""The mesh of a case as a file."""

from collections.abc import Sequence
from pathlib import Path

from mpi4py import MPI

from mitmodels.cases.config.document import read
from mitmodels.cases.console.journal import journal
from mitmodels.cases.registry import case_of
from mitmodels.errors import InputError
from mitmodels.meshes.mesh_arrays import pack_device
from mitmodels.meshes.mesh_file import write_mesh
from mitmodels.solvers.runs.parallel import on_root


def write(config: Path | str, out: Path | str, overrides: Sequence[str] = ()) -> Path:
    """Write the mesh that a run of a TOML file would begin on, with the names of its parts.

    Parameters
    ----------
    config
        The TOML file.
    out
        File that must not exist, in a format of meshio: its suffix says which.
    overrides
        ``section.key=value`` items that replace values of the file.

    Raises
    ------
    InputError
        If the input cannot be used, the case has no mesh, or the file cannot be written.
    """
    comm, path = MPI.COMM_WORLD, Path(out)
    with journal(comm):
        document = on_root(comm, lambda: read(config, overrides))
        on_root(comm, lambda: _check_target(path))
        case = case_of(document)
        prepared = case.prepared(document, comm)[1]
        if case.mesh is None:
            raise InputError(f"{document.path}: case {document.data['case']} has no mesh")
        device = case.mesh(prepared, comm)
        arrays = pack_device(device, device.mesh.geometry.x)
        on_root(comm, lambda: write_mesh(path, arrays))
    return path


def _check_target(path: Path) -> None:
    if path.exists():
        raise InputError(f"{path}: exists already; name another file with --out")
    if not path.parent.is_dir():
        raise InputError(f"{path}: its folder does not exist; name another file with --out")
