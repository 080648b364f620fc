"""The paper's experiment, a voltage sweep up and down: resistor network against film.

The network relaxes explicitly at every voltage from the state before, as the paper has it, and all
of its 50 x 100 cells are calculated. The film is the sheet model on a mesh of at least as many
nodes, a quarter of the channel as in all cases that are symmetric; its branch is traced once,
through both jumps, and both sweeps are read off it.
"""

import time
from collections.abc import Callable, Iterable

from mpi4py import MPI

import numpy as np
from films import sheet

from mitmodels.cases.film.device import build_solver
from mitmodels.network.branch import follow
from mitmodels.network.network import NetworkState, ResistorNetwork
from mitmodels.solvers.film.constraints import Drive
from mitmodels.solvers.film.continuation import Continuation
from mitmodels.solvers.film.interfaces import Rejection
from mitmodels.solvers.film.points import Steps

COLUMNS, ROWS = 100, 50
UP = np.concatenate((np.arange(500.0, 12001.0, 100.0), np.arange(15e3, 110e3 + 1, 2500.0)))
GRID = ("mesh.size=0.25 um", "mesh.edge_size=0.25 um", "mesh.cells_across=24", "mesh.degree=1")


def network(
    solve: Callable[[ResistorNetwork, np.ndarray], Iterable[NetworkState]], rows: int = ROWS
) -> tuple[str, ...]:
    """Row of the network: cells, states, iterations and seconds of both sweeps."""
    begin = time.perf_counter()
    states = list(solve(ResistorNetwork(100.0, COLUMNS, rows), np.concatenate((UP, UP[::-1]))))
    seconds = time.perf_counter() - begin
    iterations = sum(state.iterations for state in states)
    return (str(COLUMNS * rows), str(len(states)), str(iterations), f"{seconds:.1f}")


def relaxed(network: ResistorNetwork, levels: np.ndarray) -> Iterable[NetworkState]:
    return network.sweep(levels)


def film() -> tuple[str, ...]:
    """Row of the film: nodes, points, Newton steps and seconds of its branch to 30 V."""
    begin = time.perf_counter()
    device = sheet(*GRID, comm=MPI.COMM_SELF)
    newton = build_solver(device)
    branch = Continuation(newton, Drive.voltage_source(), Steps(), newton.film.voltage_scale)
    found = list(branch.trace(branch.start(), 30.0))
    points = [item for item in found if not isinstance(item, Rejection)]
    seconds = time.perf_counter() - begin
    assert device.nodes >= COLUMNS * ROWS
    assert sum(point.kind == "fold" for point in points) == 2
    return (str(device.nodes), str(len(points)), str(newton.iterations), f"{seconds:.1f}")


def test_network(tabulate, timed) -> None:
    film()  # compiles
    rows = [
        ("film, steady branch", *film()),
        ("resistor network, up and down", *network(relaxed)),
        ("one row of it", *network(relaxed, rows=1)),
        ("resistor network, up and down, newton", *network(follow)),
    ]
    for name, *_, seconds in rows:
        timed(name.replace(",", ":"), float(seconds))
    ratio = float(rows[1][-1]) / float(rows[0][-1])
    note = (
        f"100 K, one core. The film is {ratio:.1f} times faster than the relaxation; set-up and "
        "mesh are counted. Newton's method calculates one of rows that are alike; most of its "
        "iterations are relaxation behind the jumps."
    )
    columns = ("model", "nodes", "states", "iterations", "seconds")
    tabulate("Resistor network and film", note, columns, rows)
