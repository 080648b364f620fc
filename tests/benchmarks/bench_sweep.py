"""Twenty voltages through the negative resistance: Newton's method against alternating solves.

The alternating iteration is that of a resistor network: the potential at a given temperature, then
the temperature of its heat, of which a share is taken over. Newton's method starts from two
solutions extrapolated, the alternating iteration from the last. The problem is that of `peers`.
"""

import time
from dataclasses import dataclass

from mpi4py import MPI

import ufl
from dolfinx import fem
from dolfinx.fem.petsc import LinearProblem

import numpy as np
import pytest
from jobs import said_by
from model_problem import MUMPS, conductivity, solver, square

import mitmodels.meshes.runtime  # noqa: F401
from mitmodels.solvers.film.constraints import Drive, drive_at

VOLTAGES = np.linspace(0.2, 8.0, 20)
SHARES = (1.0, 0.5)
MOST, CLOSE = 100, 1e-8
CELLS, FINE = 50, 150


@dataclass(frozen=True)
class Swept:
    """Currents, NaN where a point failed, linear or Newton iterations, and seconds."""

    currents: np.ndarray
    iterations: int
    seconds: float

    @property
    def failed(self) -> int:
        """Number of points without a solution."""
        return int(np.isnan(self.currents).sum())


def newton_sweep(device, direct_limit: int = 10**9) -> Swept:
    """Follow the voltages with the solver of the package."""
    newton = solver(device, direct_limit)
    guess, last, currents = newton.film.fields, None, []
    begin = time.perf_counter()
    for V in VOLTAGES:
        state = newton.solve(drive_at(Drive.voltage_source(), V, V), guess, V, 30)
        guess = state.unknown if last is None else 2 * state.unknown - last
        last = state.unknown
        currents.append(state.current)
    return Swept(np.array(currents), newton.iterations, time.perf_counter() - begin)


class Alternating:
    """Potential at a given temperature and temperature of its heat, by two linear solves."""

    def __init__(self, device) -> None:
        mesh = device.mesh
        space = fem.functionspace(mesh, ("Lagrange", 1))
        self.psi, self.T, self.hot = (fem.Function(space) for _ in range(3))
        self.V = fem.Constant(mesh, 0.0)
        u, v = ufl.TrialFunction(space), ufl.TestFunction(space)
        dx = ufl.dx(mesh, metadata={"quadrature_degree": 4})
        sigma = conductivity(self.T)
        heat = sigma * ufl.inner(ufl.grad(self.psi), ufl.grad(self.psi))
        left, right = (
            fem.locate_dofs_topological(space, *device.entities(name))
            for name in ("contact_left", "contact_right")
        )
        ends = [fem.dirichletbc(value, dofs, space) for value, dofs in ((0.0, left), (1.0, right))]
        cold = [fem.dirichletbc(0.0, dofs, space) for dofs in (left, right)]
        a = sigma * ufl.inner(ufl.grad(u), ufl.grad(v)) * dx
        zero = fem.Constant(mesh, 0.0) * v * dx
        self.current = LinearProblem(
            a, zero, u=self.psi, bcs=ends, petsc_options=MUMPS, petsc_options_prefix="current_"
        )
        b = (ufl.inner(ufl.grad(u), ufl.grad(v)) + u * v) * dx
        self.heat = LinearProblem(
            b,
            self.V**2 * heat * v * dx,
            u=self.hot,
            bcs=cold,
            petsc_options=MUMPS,
            petsc_options_prefix="heat_",
        )
        self.conductance = fem.form(heat * dx)

    def solve(self, V: float, share: float) -> tuple[float, int]:
        """Iterate at a voltage; current, NaN if it does not settle, and number of rounds."""
        self.V.value, before = V, self.T.x.array.copy()
        for count in range(1, MOST + 1):
            self.current.solve()
            self.heat.solve()
            change = self.hot.x.array - self.T.x.array
            self.T.x.array[:] += share * change
            if np.abs(change).max() < CLOSE * max(1.0, np.abs(self.T.x.array).max()):
                return V * float(fem.assemble_scalar(self.conductance)), count
        self.T.x.array[:] = before
        return np.nan, MOST


def alternating_sweep(device, share: float) -> Swept:
    """Follow the voltages with alternating solves."""
    solver, begin = Alternating(device), time.perf_counter()
    found = [solver.solve(V, share) for V in VOLTAGES]
    currents = np.array([current for current, _ in found])
    return Swept(currents, sum(count for _, count in found), time.perf_counter() - begin)


NOTE = (
    f"{len(VOLTAGES)} voltages to {VOLTAGES[-1]:g} V, one core. A point has failed that does not "
    f"settle in {MOST} rounds; the currents of all others agree to 1e-6 (asserted)."
)


def test_sweep(tabulate) -> None:
    """Where the alternating iteration settles, the currents agree."""
    device = square(CELLS)
    newton_sweep(device)  # compiles
    swept = {"Newton": newton_sweep(device)} | {
        f"alternating, share {share:g}": alternating_sweep(device, share) for share in SHARES
    }
    ours, rows = swept["Newton"], []
    for name, found in swept.items():
        ratio, seconds = f"{found.seconds / ours.seconds:.1f}", f"{found.seconds:.2f}"
        rows.append((name, ratio, str(found.failed), str(found.iterations), seconds))
        settled = np.isfinite(found.currents)
        np.testing.assert_allclose(found.currents[settled], ours.currents[settled], rtol=1e-6)
    assert ours.failed == 0
    assert (np.diff(ours.currents) < 0).any()
    title = f"Through the negative resistance, {2 * (CELLS + 1) ** 2:,} unknowns"
    tabulate(title, NOTE, ("iteration", "time", "failed", "iterations", "seconds"), rows)


def test_large_sweep(tabulate) -> None:
    """The same voltages on a fine mesh, on one and two ranks."""
    rows = [(str(ranks), *said_by(__file__, ranks).split()[-3:]) for ranks in (1, 2)]
    assert float(rows[1][1]) == pytest.approx(float(rows[0][1]), rel=1e-8)
    note = "The multigrid solver, guesses extrapolated from two voltages."
    columns = ("ranks", "last current", "Newton steps", "seconds")
    tabulate(f"The same, {2 * (FINE + 1) ** 2:,} unknowns", note, columns, rows)


if __name__ == "__main__":
    newton_sweep(square(CELLS, MPI.COMM_WORLD))
    found = newton_sweep(square(FINE, MPI.COMM_WORLD), direct_limit=0)
    if MPI.COMM_WORLD.rank == 0:
        print(f"{found.currents[-1]:.12g} {found.iterations} {found.seconds:.1f}")
