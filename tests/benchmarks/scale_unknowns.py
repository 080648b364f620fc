"""Cost from ten thousand to a million unknowns, and what a second rank saves; no time is asserted.

Every row is a job of its own, so that its memory is its own. `scaling.py` is for clusters: it times
whole runs on more and more ranks.
"""

import json
import sys
import time
from collections.abc import Callable, Sequence
from functools import partial
from math import sqrt
from typing import Any

from mpi4py import MPI

import matplotlib.pyplot as plt
import numpy as np
from films import SHIPPED, joint_set, sheet, trace
from films import continuation as follow
from jobs import said_by
from matplotlib.figure import Figure
from memory import peak, present

from mitmodels.cases.config.document import load_config
from mitmodels.cases.film.device import (
    FilmDevice,
    build_device,
    build_film,
    build_half_space,
    build_solver,
)
from mitmodels.cases.film.steady import Config
from mitmodels.solvers.film.constraints import Drive, drive_at
from mitmodels.solvers.film.newton import BorderedNewton
from mitmodels.solvers.film.substrate.local_heat_loss import LocalHeatLoss

SIZES = (10_000, 30_000, 100_000, 300_000, 1_000_000)
RANKS = 2
REPEATS = 3
COMM = MPI.COMM_WORLD
# Heat spreads over 4 um, eight elements of the coarsest mesh: none of them pins the barrier.
WIDE = ("mesh.degree=1", "film.thermal_conductivity=400 W/(m K)")
Row = dict[str, Any]
TIMES = {"busy": "CPU [s]", "wall": "wall [s]", "memory": "memory [GiB]"}
CLOCKS = (
    f"{RANKS} ranks, medians of {REPEATS}: CPU time of the busier rank, wall time, which other "
    "work on the machine lengthens, and the peak memory of both ranks, program included."
)
STATE = "A barrier 50 x 100 um2 at 20 V, from the guess of a one-dimensional film."


def barrier(x: np.ndarray) -> np.ndarray:
    """Potential and temperature of a barrier at 20 V at places along the current."""
    strip = follow(sheet(*WIDE, "mesh.size=0.125 um", comm=MPI.COMM_SELF))
    state = trace(strip, 20.0).points[-1].state
    along, first = np.unique(strip.newton.film.space.tabulate_dof_coordinates()[:, 0], True)
    return np.column_stack([np.interp(x, along, values) for values in state.fields[first].T])


def one_state(unknowns: int, direct: bool) -> Row:
    """A barrier at 20 V on the sheet, from the guess of a one-dimensional film."""
    size = sqrt(2 * 25 * 50 / unknowns)
    device = sheet(
        *WIDE,
        f"mesh.size={size:.6g} um",
        f"mesh.edge_size={size:.6g} um",
        f"mesh.cells_across={round(25 / size)}",
    )
    film = build_film(device)
    newton = BorderedNewton(film, LocalHeatLoss(film, 10**9 if direct else 0))
    guess = barrier(film.space.tabulate_dof_coordinates()[: film.owned, 0])
    cycles = counted(newton)

    def solve() -> None:
        newton.factor_at(guess, 20.0)  # lest it begins with what the repeat before has left
        newton.solve(drive_at(Drive.voltage_source(), 20.0, 20.0), guess, 20.0)

    found = measured(solve)
    steps = newton.iterations // REPEATS
    return {"unknowns": 2 * device.nodes, "steps": steps, "cycles": cycles() // REPEATS} | found


def counted(newton: BorderedNewton) -> Callable[[], int]:
    """Count the solves with the substrate's preconditioner."""
    count, solve = [0], newton.substrate.solve

    def counting(rhs: np.ndarray) -> np.ndarray:
        count[0] += 1
        return solve(rhs)

    newton.substrate.solve = counting
    return lambda: count[0]


def one_application(unknowns: int) -> Row:
    """Temperature of film and pads on a half-space under an evenly heated film."""
    device = refined(sqrt(unknowns / 490))
    film = build_film(device)
    heat = film.node_weights("film")
    begin, before = time.process_time(), present()
    operator = build_half_space(device, film)
    built = time.process_time() - begin
    row = {"unknowns": device.plan_nodes, "nodes": device.nodes, "points": operator.points}
    row |= {"set-up": built} | measured(partial(operator, heat))
    return row | {"own": (peak() - before) / 2**20}


def refined(factor: float) -> FilmDevice:
    """The mesh of `lsmo_family.toml`, in every direction so much finer."""
    return joint_set(
        f"mesh.size={1.25 / factor:.6g} um",
        f"mesh.edge_size={0.3 / factor:.6g} um",
        f"mesh.cells_across={round(10 * factor)}",
        "substrate.operator=fourier",
    )


def krylov(unknowns: int) -> Row:
    """Five Krylov iterations of a Newton step of the whole film with 1 % of disorder."""
    factor = sqrt(unknowns / 2 / 840)
    device = build_device(
        load_config(
            SHIPPED.with_name("lsmo_position.toml"),
            (
                f"mesh.size={1.25 / factor:.6g} um",
                f"mesh.edge_size={0.3 / factor:.6g} um",
                f"mesh.cells_across={round(5 * factor)}",
            ),
            Config,
        ),
        COMM,
    )
    newton = build_solver(device)
    substrate = newton.substrate

    def iterate() -> None:
        newton.factor_at(substrate.start, 4.0)
        change = newton.film.by_voltage()
        for _ in range(5):
            heat = newton.system.temperature_of_heat(change[:, 1])
            change, _ = substrate.solve(substrate.multiply(np.column_stack([change[:, 0], heat])))

    return {"unknowns": 2 * device.nodes} | measured(iterate, 1)


def measured(work: Callable[[], Any], repeats: int = REPEATS) -> Row:
    """Medians of the seconds that work takes, and the memory of all ranks [GiB]."""
    times = []
    for _ in range(repeats):
        COMM.Barrier()
        wall, busy = time.perf_counter(), time.process_time()
        work()
        times.append((time.perf_counter() - wall, time.process_time() - busy))
    wall, busy = (COMM.allreduce(float(t), MPI.MAX) for t in np.median(times, axis=0))
    return {"wall": wall, "busy": busy, "memory": COMM.allreduce(peak() / 2**30)}


KINDS = {
    "sheet": partial(one_state, direct=False),
    "direct": partial(one_state, direct=True),
    "half-space": one_application,
    "disorder": krylov,
}


def job(kind: str, unknowns: int, ranks: int | None = None) -> Row:
    """A row, measured by a job of its own; every rank applies all of the half-space."""
    ranks = ranks or (1 if kind == "half-space" else RANKS)
    return dict(json.loads(said_by(__file__, ranks, kind, unknowns).splitlines()[-1]))


def exponent(rows: Sequence[Row], cost: str) -> float:
    """Slope of the logarithm of a cost over that of the unknowns."""
    table = [(row["unknowns"], row[cost]) for row in rows]
    return float(np.polyfit(*np.log(table).T, 1)[0])


def over_sizes(tabulate, kind: str, title: str, note: str, columns: dict[str, str]) -> list[Row]:
    """Print the rows of all sizes; ``columns`` are their names and headings."""
    rows = [job(kind, unknowns) for unknowns in SIZES]
    busy, memory = exponent(rows, "busy"), exponent(rows, "memory")
    slopes = f"Exponents: CPU time {busy:.2f}, memory {memory:.2f}."
    columns = {"unknowns": "unknowns", **columns, **TIMES}
    text = [[shown(row[name]) for name in columns] for row in rows]
    tabulate(title, f"{note} {slopes} {CLOCKS}", list(columns.values()), text)
    return rows


def shown(number: float) -> str:
    """Whole numbers as they are, others to three digits."""
    return f"{number:,}" if isinstance(number, int) else f"{number:.3g}"


BEFORE = (
    "The operator before it (commit 9c233cf56b) solved for 26 to 29 modes by multigrid: on two "
    "ranks 0.175 s for 10,404 nodes of the plan, 27.7 s after 49.5 s of set-up and 14.3 GiB for "
    "840,479."
)
HALF_SPACE = {
    "nodes": "nodes of film and pads",
    "points": "grid points",
    "set-up": "set-up, CPU [s]",
    "own": "of the operator [MiB]",
}
SHEET = {"steps": "Newton steps", "cycles": "solves per state"}
COSTS = {
    "sheet": ("A state of the sheet with multigrid", STATE, SHEET),
    "direct": ("A state of the sheet with MUMPS", STATE, SHEET),
    "half-space": (
        "The half-space by Fourier transforms",
        "Temperature of film and pads, the mesh of `lsmo_family.toml` refined, for the heat of a "
        f"film; on one rank. {BEFORE}",
        HALF_SPACE,
    ),
}


def test_costs(tabulate, picture) -> None:
    """A hundred times as many unknowns need hardly more iterations, and fit into 20 GiB."""
    found = {kind: over_sizes(tabulate, kind, *texts) for kind, texts in COSTS.items()}
    figure = draw({COSTS[kind][0]: rows for kind, rows in found.items()})
    picture(figure, "scaling.png", "CPU time from ten thousand to a million unknowns")
    plt.close(figure)
    for rows in found.values():
        each = [row.get("cycles", 1) / row.get("steps", 1) for row in rows]
        assert max(each) < 1.5 * min(each)
        assert max(row["memory"] for row in rows) < 20


def draw(costs: dict[str, list[Row]]) -> Figure:
    """CPU time over the unknowns; dashed, in proportion to them."""
    figure, axes = plt.subplots(figsize=(6, 4), layout="constrained")
    for title, rows in costs.items():
        unknowns, seconds = (np.array([row[name] for row in rows]) for name in ("unknowns", "busy"))
        (line,) = axes.loglog(unknowns, seconds, "o-", label=title)
        axes.loglog(unknowns, seconds[0] / unknowns[0] * unknowns, "--", lw=0.8, c=line.get_color())
    axes.plot([], [], "k--", lw=0.8, label="in proportion")
    axes.set(xlabel="unknowns", ylabel="CPU time of the busier rank [s]")
    axes.legend()
    return figure


def test_ranks(tabulate) -> None:
    """The time of one rank and of two."""
    rows = [job("disorder", 200_000, ranks) for ranks in (1, 2)]
    columns = {"unknowns": "unknowns", **TIMES}
    wall, busy = (rows[0][clock] / rows[1][clock] for clock in ("wall", "busy"))
    note = (
        "Jacobian, its factors and five Krylov iterations of a Newton step of "
        f"`lsmo_position.toml` on a finer mesh. Two ranks are {wall:.2f} times as fast, {busy:.2f} "
        "times by the CPU time of the busier rank; the first number needs two idle cores."
    )
    title = "The whole film with disorder, on one and two ranks"
    text = [[str(i), *(shown(row[name]) for name in columns)] for i, row in enumerate(rows, 1)]
    tabulate(title, note, ["ranks", *columns.values()], text)


if __name__ == "__main__":
    found = KINDS[sys.argv[1]](int(sys.argv[2]))
    if COMM.rank == 0:
        print(json.dumps(found))
