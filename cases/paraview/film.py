"""A film in ParaView: its branch, or its history, from the metal to the widest barrier.

pvpython film.py RUN [--out FOLDER]
"""

import csv
import re
import sys
from pathlib import Path

from paraview import simple as pv

sys.path.insert(0, str(Path(__file__).resolve().parent))
import stage

_METAL = re.compile(r"metal|up-fold|.+-metal")


def states(run):
    """Return the stored states in the order of time, or along the branch of steady states."""
    table = run / "events.csv"
    if not table.is_file():
        stage.refuse(f"{table}: there is no such file: give the folder of a film's run")
    with table.open(encoding="utf-8", newline="") as file:
        rows = [row for row in csv.DictReader(file) if row["event"] == "fields"]
    if not rows:
        stage.refuse(
            f"{run}: has no stored fields of a film; set output.fields_at and run again, or take "
            "cell.py for a cell"
        )
    if "t [s]" in rows[0]:
        return sorted(rows, key=lambda row: float(row["t [s]"]))
    return sorted(
        rows, key=lambda row: (not _METAL.fullmatch(row["detail"]), float(row["V_source [V]"]))
    )


def main():
    """Show the run that the command line names."""
    run, out = stage.arguments(__doc__)
    stored = states(run)
    files = [str(run / "fields" / f"{row['detail']}.vtu") for row in stored]
    reader = pv.XMLUnstructuredGridReader(FileName=files)
    device = stage.scaled(reader, 1e6, 1e6)
    texts = [
        f"{row['detail']}: {float(row['V_source [V]']):.4g} V, {1e3 * float(row['I [A]']):.3g} mA"
        for row in stored
    ]
    title = pv.PythonAnnotation(Input=device, Expression=f"{texts!r}[int(t_index)]")
    edges = stage.outlines(device, (0,))
    stage.play(stage.show(device, edges, title, ("x (um)", "y (um)"), stacked=True), out)


main()
