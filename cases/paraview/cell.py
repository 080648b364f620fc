"""A metallization cell in ParaView: the filament grows in the mirrored cross-section.

pvpython cell.py RUN [--out FOLDER]
"""

import sys
from pathlib import Path

from paraview import simple as pv

sys.path.insert(0, str(Path(__file__).resolve().parent))
import stage

_FILAMENT, _OXIDE = 1, 2


def main():
    """Show the run that the command line names."""
    run, out = stage.arguments(__doc__)
    collection = run / "fields" / "cell.pvd"
    if not collection.is_file():
        stage.refuse(
            f"{collection}: there is no such file: give the run of a cell with output.fields_at"
        )
    reader = pv.PVDReader(FileName=str(collection))
    halves = [stage.scaled(reader, sign * 1e9, 1e9) for sign in (1.0, -1.0)]
    device = pv.AppendDatasets(Input=halves)
    title = pv.PythonAnnotation(Input=device, Expression="'%.6g s' % time_value")
    edges = stage.outlines(device, (_FILAMENT, _OXIDE))
    stage.play(stage.show(device, edges, title, ("r (nm)", "z (nm)"), stacked=False), out)


main()
