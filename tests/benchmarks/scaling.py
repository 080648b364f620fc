"""Strong and weak scaling of two films over ranks and of a study of cells over jobs.

``python scaling.py OUT [--cores 1 2 4] [--scale 1] [--launch "srun -n"] [--page docs/scaling.md]``

Strong: one problem on more and more cores. Weak: as much for each core on all of them: unknowns of
a film, whose elements become smaller, or cells of the study. A film is timed by its own log, from
the assembled film to the end of the branch, so that neither start nor compilation count; a study by
its command; the best of two counts. OUT gets `scaling.csv` and `scaling.png`, the page both.
"""

import argparse
import csv
import json
import os
import re
import shlex
import subprocess
import sys
import time
from dataclasses import dataclass
from datetime import UTC, datetime
from math import sqrt
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
DONE = re.compile(r"branch: done in ([\d.]+) s")
REPEATS = 2
SECTION = "## On more cores"
MITMODELS = (sys.executable, "-m", "mitmodels")
QUIET = {
    "output.figures": "false",
    "output.check_stability": "false",
    "output.fields_at.V_source": "[]",
}
WIDTH = 10.0  # [um] of 25 in square elements: across the film less varies


@dataclass(frozen=True)
class Film:
    """Branch of a film to a few volts; ``size`` of its elements [um] on one core."""

    title: str
    size: float
    settings: dict[str, str]
    unit = "unknowns"

    def measure(self, options, cores, amount, folder):
        """Run the branch; return its unknowns and seconds."""
        size = self.size / sqrt(amount * options.scale)
        mesh = {
            "mesh.size": f"{size:.6g} um",
            "mesh.edge_size": f"{size / 2:.6g} um",
            "mesh.cells_across": str(max(3, round(WIDTH / size))),
        }
        given = (QUIET | self.settings | mesh).items()
        words = [word for item in given for word in ("--set", "=".join(item))]
        case = ROOT / "cases/lsmo_iv.toml"
        program = (*MITMODELS, "run", case, "--out", folder, *words)
        finish([*shlex.split(options.launch), cores, *program], folder)
        unknowns = json.loads((folder / "summary.json").read_text())["unknowns"]["value"]
        return unknowns, float(DONE.search((folder / "log.txt").read_text())[1])


@dataclass(frozen=True)
class Cells:
    """A sweep of cells that differ a little, ``cells`` on one core, side by side."""

    title: str
    cells: int
    unit = "cells"

    def measure(self, options, cores, amount, folder):
        """Run the sweep; return its number of cells and seconds."""
        count = max(1, round(self.cells * amount * options.scale))
        ambients = ", ".join(f'"{300 + 0.1 * i:.1f} K"' for i in range(count))
        path = folder.with_suffix(".toml")
        path.write_text(f'base = "ecm_set"\n[sweep]\nheat.ambient = [{ambients}]\n')
        coarse = "numerics={ time = 0.5, mesh = 0.5 }"
        words = ("--set", "output.figures=false", "--set", coarse)
        begin = time.perf_counter()
        finish([*MITMODELS, "sweep", path, "--out", folder, "--jobs", cores, *words], folder)
        return count, time.perf_counter() - begin


SHEET = {
    "substrate": "{ model = 'sheet', loss = '5e5 W/(m2 K)' }",
    "geometry.pad_length": "0 um",
    "contact.thermal": "sink",
    "contact.resistance_width": "0 ohm um",
    "protocol.0.to": "3 V",
}
WORKS = (
    Film("film, local heat loss by multigrid", 0.1, SHEET),
    Film(
        "film, half-space by Fourier transforms",
        0.3,
        {"substrate.operator": "fourier", "protocol.0.to": "3 V"},
    ),
    Cells("study of cells", 2),
)


def finish(command, folder):
    """Run a command to its end."""
    done = subprocess.run([str(word) for word in command], capture_output=True, text=True)
    if done.returncode:
        sys.exit(f"error: {folder} failed. Remedy: read its log.\n{done.stderr[-500:]}")


def study(options):
    """Yield a row per work, kind and number of cores."""
    for number, work in enumerate(WORKS):
        found = {}  # on one core both kinds are the same
        for kind in ("strong", "weak"):
            for cores in options.cores:
                amount = 1 if kind == "strong" else cores
                if (cores, amount) not in found:
                    name = f"{number}-{kind}-{cores}"
                    runs = [
                        work.measure(options, cores, amount, options.out / f"{name}-{i}")
                        for i in range(REPEATS)
                    ]
                    found[cores, amount] = min(runs)
                size, seconds = found[cores, amount]
                row = {"work": work.title, "kind": kind, "cores": cores, "size": size}
                yield row | {"unit": work.unit, "seconds": f"{seconds:.4g}"}


def draw(rows, path):
    """Draw the seconds over the cores; dashed what perfect scaling would give."""
    import matplotlib as mpl

    mpl.use("agg")
    import matplotlib.pyplot as plt

    figure, axes = plt.subplots(1, 2, figsize=(8, 3.8), sharey=True, layout="constrained")
    for ax, kind in zip(axes, ("strong", "weak"), strict=True):
        for work in WORKS:
            chosen = [row for row in rows if (row["work"], row["kind"]) == (work.title, kind)]
            cores = [row["cores"] for row in chosen]
            times = [float(row["seconds"]) for row in chosen]
            (line,) = ax.loglog(cores, times, "o-", label=work.title)
            ideal = [times[0] * (cores[0] / n if kind == "strong" else 1) for n in cores]
            ax.loglog(cores, ideal, "--", color=line.get_color(), lw=0.8)
        ax.set_xticks(cores, [str(n) for n in cores])
        ax.minorticks_off()
        ax.set(title="one problem" if kind == "strong" else "as much per core", xlabel="cores")
    axes[0].set_ylabel("wall time [s]")
    axes[0].plot([], [], "k--", lw=0.8, label="perfect")
    figure.legend(*axes[0].get_legend_handles_labels(), loc="outside lower center", ncols=2)
    figure.savefig(path, dpi=150)


def write(page, rows):
    """Write the section at the end of the page, with the figure beside it."""
    draw(rows, page.parent / "figures" / "cores.png")
    head = ("work", "kind", "cores", "size", "seconds")
    table = [[*(str(row[name]) for name in head[:3]), sized(row), row["seconds"]] for row in rows]
    lines = [f"| {' | '.join(row)} |" for row in (head, ["---"] * len(head), *table)]
    text = (
        f"Measured {datetime.now(UTC):%Y-%m-%d} on {len(os.sched_getaffinity(0))} cores, load "
        f"{os.getloadavg()[1]:.1f}, by `tests/benchmarks/scaling.py`. Strong: one problem on more "
        "and more cores; weak: as much for each core on all of them. Wall time of a branch to 3 V "
        "on ranks, or of a whole study side by side, start included; the best of two."
    )
    figure = "![Wall time over the cores, strong and weak](figures/cores.png)"
    before = page.read_text().partition(SECTION)[0].rstrip("\n")
    page.write_text("\n".join([before, "", SECTION, "", text, "", figure, "", *lines, ""]))


def sized(row):
    """What a row was measured on, in words."""
    return f"{row['size']:,} {row['unit']}"


def main():
    """Run the study."""
    mpirun = Path(sys.executable).with_name("mpirun")
    count = len(os.sched_getaffinity(0))
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("out", type=Path, help="folder that must not exist")
    powers = [2**i for i in range(count.bit_length())]
    parser.add_argument("--cores", type=int, nargs="+", default=powers)
    parser.add_argument("--scale", type=float, default=1.0, help="of what is done on one core")
    parser.add_argument("--launch", default=f"{mpirun if mpirun.exists() else 'mpirun'} -n")
    parser.add_argument("--page", type=Path, help="page that gets a section")
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
    if options.page:
        write(options.page, rows)


if __name__ == "__main__":
    main()
