"""Strong and weak scaling of the I-V curve of a film: `scaling.csv` and `scaling.png`.

``python scaling.py OUT [--ranks 1 2 4] [--size 0.3] [--to "3 V"] [--launch "srun -n"]``

Strong: one mesh on more and more ranks. Weak: as many unknowns per rank on all of them, the size of
the cells falls with the square root of the ranks. A run is timed by its own log, from the assembled
film to the end of the branch, so that neither start nor compilation count; the best of two counts.
"""

import argparse
import csv
import json
import os
import re
import shlex
import subprocess
import sys
from math import sqrt
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
DONE = re.compile(r"branch: done in ([\d.]+) s")
ASSEMBLED = re.compile(r"assembled after ([\d.]+) s")
REPEATS = 2


def measure(options, ranks, size, folder):
    """Run the case; return its unknowns and the seconds of set-up and of the branch."""
    assignments = {
        "mesh.size": f"{size:.6g} um",
        "mesh.edge_size": f"{size / 2:.6g} um",
        "mesh.cells_across": str(max(3, round(10 / size))),
        "protocol.0.to": options.to,
        "output.figures": "false",
        "output.check_stability": "false",
        "output.fields_at.V_source": "[]",
    }
    words = [word for item in assignments.items() for word in ("--set", "=".join(item))]
    case = ROOT / "cases/lsmo_iv.toml"
    program = [sys.executable, "-m", "mitmodels", "run", case, "--out", folder, *words]
    command = [*shlex.split(options.launch), ranks, *program]
    done = subprocess.run([str(word) for word in command], capture_output=True, text=True)
    if done.returncode:
        sys.exit(
            f"error: {ranks} ranks failed. Remedy: read {folder}/log.txt.\n{done.stderr[-500:]}"
        )
    log = (folder / "log.txt").read_text()
    unknowns = json.loads((folder / "summary.json").read_text())["unknowns"]["value"]
    return unknowns, float(ASSEMBLED.search(log)[1]), float(DONE.search(log)[1])


def study(options):
    """Yield a row per kind and number of ranks."""
    found = {}  # on one rank the mesh of both kinds is the same
    for kind in ("strong", "weak"):
        for ranks in options.ranks:
            size = options.size if kind == "strong" else options.size / sqrt(ranks)
            if (ranks, size) not in found:
                runs = [
                    measure(options, ranks, size, options.out / f"{kind}-{ranks}-{i}")
                    for i in range(REPEATS)
                ]
                found[ranks, size] = [min(column) for column in zip(*runs, strict=True)]
            unknowns, setup, branch = found[ranks, size]
            row = {"kind": kind, "ranks": ranks, "unknowns": unknowns}
            yield row | {"set-up [s]": setup, "branch [s]": branch}


def draw(rows, path):
    """Draw the seconds of both parts over the ranks; dashed what perfect scaling would give."""
    import matplotlib as mpl

    mpl.use("agg")
    import matplotlib.pyplot as plt

    figure, axes = plt.subplots(1, 2, figsize=(8, 3.4), sharey=True, layout="constrained")
    for ax, kind in zip(axes, ("strong", "weak"), strict=True):
        chosen = [row for row in rows if row["kind"] == kind]
        ranks = [row["ranks"] for row in chosen]
        for part in ("set-up [s]", "branch [s]"):
            times = [row[part] for row in chosen]
            (line,) = ax.loglog(ranks, times, "o-", label=part.removesuffix(" [s]"))
            ideal = [times[0] * (ranks[0] / n if kind == "strong" else 1) for n in ranks]
            ax.loglog(ranks, ideal, "--", color=line.get_color(), lw=0.8)
        ax.set_xticks(ranks, [str(n) for n in ranks])
        ax.minorticks_off()
        counts = [row["unknowns"] for row in chosen]
        per = "" if kind == "strong" else " per rank"
        ax.set(title=f"{kind}: {counts[0]} unknowns{per}", xlabel="MPI ranks")
    axes[0].set_ylabel("wall time [s]")
    axes[0].plot([], [], "k--", lw=0.8, label="perfect")
    axes[0].legend()
    figure.savefig(path, dpi=150)


def main():
    """Run the study."""
    mpirun = Path(sys.executable).with_name("mpirun")
    cores = len(os.sched_getaffinity(0))
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("out", type=Path, help="folder that must not exist")
    powers = [2**i for i in range(cores.bit_length())]
    parser.add_argument("--ranks", type=int, nargs="+", default=powers)
    parser.add_argument("--size", type=float, default=0.3, help="size of the cells [um]")
    parser.add_argument("--to", default="3 V", help="end of the branch")
    parser.add_argument("--launch", default=f"{mpirun if mpirun.exists() else 'mpirun'} -n")
    options = parser.parse_args()
    if options.out.exists():
        sys.exit(f"error: {options.out} exists already. Remedy: name another folder.")
    options.out.mkdir(parents=True)
    rows = []
    for row in study(options):
        rows.append(row)
        print(", ".join(f"{name} {value}" for name, value in row.items()), flush=True)
        with (options.out / "scaling.csv").open("w", newline="") as file:
            table = csv.DictWriter(file, row.keys(), lineterminator="\n")
            table.writeheader()
            table.writerows(rows)
    draw(rows, options.out / "scaling.png")


if __name__ == "__main__":
    main()
