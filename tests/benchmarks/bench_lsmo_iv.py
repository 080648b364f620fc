"""Cost of a whole steady branch. Run with `make bench`; of the times only a ratio is asserted."""

import math
import time
from pathlib import Path

from mpi4py import MPI

from mitmodels.cases.config.document import load_config
from mitmodels.cases.film.device import build_device, build_solver
from mitmodels.cases.film.steady import Config
from mitmodels.solvers.film.constraints import Drive
from mitmodels.solvers.film.continuation import Continuation
from mitmodels.solvers.film.interfaces import Rejection
from mitmodels.solvers.film.points import Steps

_CASES = Path(__file__).parents[2] / "cases"
_MIDDLE = ("mesh.size=1.25 um", "mesh.edge_size=0.3 um", "mesh.cells_across=10")
_SHEET = (
    "geometry.pad_length=0 um",
    "contact.thermal=sink",
    "contact.resistance_width=0 ohm um",
    "substrate={ model = 'sheet', loss = '5e5 W/(m2 K)' }",
    "film.cold=1.38e-6 ohm m",
    "film.hot=5.5e-5 ohm m",
    "film.width=15 K",
    "film.thermal_conductivity=25 W/(m K)",
    "mesh.size=0.125 um",
    "mesh.edge_size=25 um",
    "mesh.cells_across=1",
)


def _trace(overrides: tuple[str, ...], limit: float) -> tuple[float, float, int, int, int]:
    """Time to assemble and to trace [s], unknowns, points and Newton steps."""
    config = load_config(_CASES / "lsmo_iv.toml", overrides, Config)
    begin = time.perf_counter()
    device = build_device(config, MPI.COMM_SELF)
    newton = build_solver(device)
    assembled = time.perf_counter()
    drive = Drive.voltage_source(device.contact_resistance)
    continuation = Continuation(newton, drive, Steps(), newton.film.voltage_scale)
    found = list(continuation.trace(continuation.start(), limit))
    points = sum(not isinstance(item, Rejection) for item in found)
    end = time.perf_counter()
    return assembled - begin, end - assembled, 2 * device.nodes, points, newton.iterations


def test_branch(tabulate, timed) -> None:
    """Assembly and trace of both substrates, in units of the dense factorisations too."""
    rows = []
    for name, overrides, limit in (
        ("half-space to 55 V", (), 55.0),
        ("sheet of an eighth of a wall to 30 V", _SHEET, 30.0),
    ):
        assembly, trace, unknowns, points, iterations = _trace(overrides, limit)
        numbers = (unknowns, points, iterations)
        units = timed(f"steady branch: {name}", assembly + trace)
        row = (*map(str, numbers), f"{units:.1f}", f"{assembly:.1f}", f"{trace:.1f}")
        rows.append((name, *row))
    note = "50 x 100 um2 at 100 K, one core; a unit is five LU of 1400 x 1400."
    columns = ("branch", "unknowns", "points", "Newton", "units", "set-up [s]", "trace [s]")
    tabulate("A whole steady branch", note, columns, rows)


def test_branch_on_a_substrate_whose_conductivity_depends_on_the_temperature(tabulate) -> None:
    """CPU time over that of a constant one, in turn: at most 1.3."""
    laws = {
        "constant": ("substrate.conductivity=8 W/(m K)",),
        "constant, as a power law": (
            "substrate.conductivity=8 W/(m K)",
            "substrate.conductivity_exponent=1e-12",
        ),
        "11 W/(m K) (300 K/T)^0.5": (
            "substrate.conductivity=11 W/(m K)",
            "substrate.conductivity_exponent=0.5",
        ),
    }
    best = dict.fromkeys(laws, math.inf)
    counts = {}
    for _ in range(3):
        for name, overrides in laws.items():
            begin = time.process_time()
            *_, points, iterations = _trace((*_MIDDLE, *overrides), 55.0)
            best[name] = min(best[name], time.process_time() - begin)
            counts[name] = points, iterations
    rows = [
        (name, *map(str, counts[name]), f"{spent:.2f}", f"{spent / best['constant']:.2f}")
        for name, spent in best.items()
    ]
    note = "lsmo_iv with elements of 1.25 um to 55 V, one core; least of three, with set-up."
    columns = ("conductivity", "points", "Newton", "CPU [s]", "over constant")
    tabulate("Conductivity of the substrate as a law", note, columns, rows)
    assert max(best.values()) < 1.3 * best["constant"]
