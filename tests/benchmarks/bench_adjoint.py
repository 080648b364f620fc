"""Cost of one reading's derivatives over that of a Newton iteration, both with fresh factors."""

import time
from collections.abc import Callable
from pathlib import Path

from mpi4py import MPI

import numpy as np

from mitmodels.cases.config.document import load_config
from mitmodels.cases.film import steady_config
from mitmodels.cases.film.device import build_solver
from mitmodels.cases.film.sensitivity.chain import Chain
from mitmodels.cases.film.sensitivity.numbers import sorted_numbers
from mitmodels.cases.film.steady_branch import continuation
from mitmodels.solvers.film.adjoint.gradient import Adjoint
from mitmodels.solvers.film.adjoint.readings import Readings
from mitmodels.solvers.film.constraints import drive_at

_CASE = Path(__file__).parents[2] / "cases" / "lsmo_iv.toml"
_TIMES = 5


def _least(work: Callable[[], None]) -> float:
    """CPU time [s] of the fastest of some repetitions."""
    times = []
    for _ in range(_TIMES):
        begin = time.process_time()
        work()
        times.append(time.process_time() - begin)
    return min(times)


def test_derivatives_cost_no_more_than_two_newton_iterations() -> None:
    """By all numbers of the shipped case and by two fields."""
    overrides = ("substrate.boundary_resistance=1e-8 m2 K/W", "substrate.mount_resistance=1 K/W")
    prepared = steady_config.prepare(
        load_config(_CASE, overrides, steady_config.Config), MPI.COMM_SELF
    )
    newton = build_solver(prepared.device)
    trace = continuation(prepared, newton)
    state = newton.solve(drive_at(prepared.drive, 0.0, trace.drive_scale), newton.start, 0.0)
    held = drive_at(prepared.drive, 15.0, trace.drive_scale)
    for voltage in (6.0, 12.0, 15.0):
        held = drive_at(prepared.drive, voltage, trace.drive_scale)
        state = newton.solve(held, state.unknown, voltage)
    known, _ = sorted_numbers(prepared.config)
    chain = Chain(prepared.config, tuple(known.values()), newton)
    adjoint, read = Adjoint(newton), Readings(newton, prepared.load)

    def derive() -> None:
        newton.system.renew()
        chain(state, adjoint.derive(state, read("I", state), read("V_source", state))[0])

    def iterate() -> None:
        newton.system.renew()
        newton.linearise(state, held)
        newton.solve_linear(np.zeros_like(state.unknown), 1.0)
        newton.system.residual(state.unknown, state.voltage, held)

    derive()
    adjoint_time, newton_time = _least(derive), _least(iterate)
    print(f"{len(chain.keys)} numbers: {adjoint_time:.3f} s, Newton {newton_time:.3f} s")
    assert adjoint_time < 2 * newton_time
