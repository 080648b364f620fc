"""The mesh of a case as a file."""

from pathlib import Path

from mpi4py import MPI

from mitmodels.cases.config.document import read
from mitmodels.cases.console.journal import journal
from mitmodels.cases.console.options import Input, Overrides
from mitmodels.cases.registry import case_of
from mitmodels.errors import InputError
from mitmodels.meshes.mesh_arrays import pack_device
from mitmodels.meshes.mesh_file import write_mesh
from mitmodels.solvers.runs.files import check_new
from mitmodels.solvers.runs.parallel import on_root


def mesh(config: Input, /, out: Path | str, *, overrides: Overrides = ()) -> Path:
    """Write the mesh that a run begins on, with the names of its regions and boundaries.

    Parameters
    ----------
    config
        TOML file, or the name of a shipped case. In Python also the content of such a file.
    out
        Mesh to write, which must not exist: .msh, .vtu, .inp or another format of meshio.
    overrides
        Value that replaces one of the file, as section.key=value; section.key= takes it out. May be
        repeated.

    Returns
    -------
    Path
        The mesh.

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
    check_new(path)
    if not path.parent.is_dir():
        raise InputError(f"{path}: its folder does not exist; name another file with --out")
