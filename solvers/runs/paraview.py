"""ParaView index of a series of field files (.pvd)."""

from collections.abc import Mapping
from pathlib import Path
from xml.sax.saxutils import quoteattr

from mitmodels.solvers.runs.files import replace


def write_collection(path: Path, times: Mapping[str, float]) -> None:
    """Write a ParaView index from ``{file: time}``. For rank 0.

    Raises
    ------
    RunError
        If the disk does not take it.
    """
    lines = [
        f'    <DataSet timestep="{time!r}" file={quoteattr(file)}/>' for file, time in times.items()
    ]
    body = "\n".join(lines)
    text = (
        '<?xml version="1.0"?>\n<VTKFile type="Collection" version="0.1">\n  <Collection>\n'
        f"{body}\n  </Collection>\n</VTKFile>\n"
    )
    replace(path, text)
