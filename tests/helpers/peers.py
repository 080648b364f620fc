r"""The same coupled problem by this package, bare DOLFINx, scikit-fem, NGSolve and FreeFEM.

On the unit square, with linear elements on one mesh,

.. math::
    \nabla\cdot(\sigma(T)\nabla\varphi) = 0, \qquad -\Delta T + T = \sigma(T)|\nabla\varphi|^2,
    \qquad \sigma = 0.05 + \frac{1}{1 + e^{(T - 1)/0.3}},

between contacts at 0 and 2 V that are held at T = 0. Every program starts from a linear potential
and T = 0 and takes Newton steps until the largest change is below 1e-10 of the largest value.
`bench_peers` runs them.
"""

import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from petsc4py import PETSc

import ufl
from dolfinx import fem
from dolfinx.fem.petsc import NonlinearProblem

import numpy as np
import numpy.typing as npt
import pytest
import scipy.sparse as sp
import scipy.sparse.linalg as spl
from memory import peak
from model_problem import DEGREE, MUMPS, conductivity, solver, square

from mitmodels.meshes.device import Device
from mitmodels.meshes.quality import qualities
from mitmodels.solvers.film.constraints import Drive, drive_at

V = 2.0
Array = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Answer:
    """Largest temperature, current and Newton steps; seconds in them, in assembly, before."""

    T_max: float
    current: float
    steps: int
    seconds: float
    assembly: float
    before: float


class Stopwatch:
    """Sum of the seconds in the calls of functions."""

    seconds = 0.0

    def timed(self, function: Callable[..., Any]) -> Callable[..., Any]:
        """Return the function, timed."""

        def call(*given: Any, **named: Any) -> Any:
            begin = time.perf_counter()
            found = function(*given, **named)
            self.seconds += time.perf_counter() - begin
            return found

        return call


def own(device: Device, direct_limit: int = 10**9) -> Answer:
    """Solve with the solver of the package."""
    begin = time.perf_counter()
    newton, assembly = solver(device, direct_limit), Stopwatch()
    film, start = newton.film, newton.film.fields
    for name in ("residual", "linearise", "by_voltage", "conductance", "conductance_gradient"):
        setattr(film, name, assembly.timed(getattr(film, name)))
    start[:, 0] = film.space.tabulate_dof_coordinates()[: film.owned, 0]
    start[:, 1] = 0.0
    ready = time.perf_counter()
    state = newton.solve(
        drive_at(Drive.voltage_source(), V, V), start, V, max_iterations=30, tolerance=1e-13
    )
    end = time.perf_counter()
    return Answer(
        state.reading.T_max,
        state.current,
        newton.iterations,
        end - ready,
        assembly.seconds,
        ready - begin,
    )


def own_multigrid(device: Device) -> Answer:
    """Solve with the solver of the package and algebraic multigrid."""
    return own(device, 0)


def bare(device: Device) -> Answer:
    """Solve with a script of DOLFINx alone."""
    begin, mesh = time.perf_counter(), device.mesh
    space = fem.functionspace(mesh, ("Lagrange", 1, (2,)))
    state, (w, v) = fem.Function(space), ufl.TestFunctions(space)
    phi, T = ufl.split(state)
    dx = ufl.dx(mesh, metadata={"quadrature_degree": DEGREE})
    sigma, joule = conductivity(T), conductivity(T) * ufl.inner(ufl.grad(phi), ufl.grad(phi))
    F = sigma * ufl.inner(ufl.grad(phi), ufl.grad(w)) * dx
    F += (ufl.inner(ufl.grad(T), ufl.grad(v)) + T * v - joule * v) * dx
    bcs = []
    for name, value in (("contact_left", 0.0), ("contact_right", V)):
        dim, facets = device.entities(name)
        for part, fixed in ((0, value), (1, 0.0)):
            sub = space.sub(part)
            bcs.append(fem.dirichletbc(fixed, fem.locate_dofs_topological(sub, dim, facets), sub))
    x = space.tabulate_dof_coordinates()
    state.x.array[0::2] = V * (x[:, 0] + 0.5)
    options = MUMPS | {"snes_atol": 1e-11, "snes_rtol": 0.0, "snes_stol": 0.0}
    problem = NonlinearProblem(F, state, bcs=bcs, petsc_options=options, petsc_options_prefix="p_")
    # In the order that `LocalHeatLoss` asks for; DOLFINx has forgotten its options by then.
    PETSc.Options("p_").setValue("mat_mumps_icntl_7", 4)
    power = fem.form(joule * dx)
    assembly = timed_callbacks(problem.solver)
    ready = time.perf_counter()
    problem.solve()
    end = time.perf_counter()
    I = fem.assemble_scalar(power) / V  # noqa: E741
    steps = problem.solver.getIterationNumber()
    hot = float(state.x.array[1::2].max())
    return Answer(hot, I, steps, end - ready, assembly.seconds, ready - begin)


def timed_callbacks(snes: PETSc.SNES) -> Stopwatch:
    """Time the residual and the Jacobian of a nonlinear solver."""
    assembly = Stopwatch()
    vector, (residual, given, named) = snes.getFunction()
    snes.setFunction(assembly.timed(residual), vector, given, named)
    matrix, preconditioner, (jacobian, given, named) = snes.getJacobian()
    snes.setJacobian(assembly.timed(jacobian), matrix, preconditioner, given, named)
    return assembly


def scikit_fem(device: Device) -> Answer:
    """Solve with scikit-fem and SciPy's sparse solver."""
    skfem = pytest.importorskip("skfem")
    begin, (points, cells) = time.perf_counter(), arrays(device)
    mesh = skfem.MeshTri(points.T.copy(), cells.T.copy())
    basis = skfem.Basis(mesh, skfem.ElementTriP1(), intorder=DEGREE)
    blocks, rows, power = scikit_fem_forms(skfem)
    n = len(points)
    phi, T = V * (points[:, 0] + 0.5), np.zeros(n)
    ends = np.flatnonzero(np.abs(np.abs(points[:, 0]) - 0.5) < 1e-9)
    free = np.setdiff1d(np.arange(2 * n), np.concatenate((ends, n + ends)))
    ready, assembly, steps, change = time.perf_counter(), 0.0, 0, 1.0
    while change > 1e-10:
        assembling = time.perf_counter()
        w = {"phi": basis.interpolate(phi), "T": basis.interpolate(T)}
        J = sp.bmat([[form.assemble(basis, **w) for form in row] for row in blocks], format="csc")
        F = np.concatenate([form.assemble(basis, **w) for form in rows])
        assembly += time.perf_counter() - assembling
        step = np.zeros(2 * n)
        step[free] = spl.spsolve(J[free][:, free], -F[free])
        phi, T, steps = phi + step[:n], T + step[n:], steps + 1
        change = float(np.abs(step).max())
    end = time.perf_counter()
    I = power.assemble(basis, phi=basis.interpolate(phi), T=basis.interpolate(T)) / V  # noqa: E741
    return Answer(float(T.max()), float(I), steps, end - ready, assembly, ready - begin)


def scikit_fem_forms(skfem):
    """Blocks of the Jacobian, rows of the residual, and the power."""
    from skfem.helpers import dot, grad

    def slope(T):
        f = 1 / (1 + np.exp((T - 1) / 0.3))
        return -f * (1 - f) / 0.3

    def joule(law, w):
        return law(w.T) * dot(grad(w.phi), grad(w.phi))

    conduct = skfem.BilinearForm(lambda u, v, w: conductivity(w.T) * dot(grad(u), grad(v)))
    by_T = skfem.BilinearForm(lambda u, v, w: slope(w.T) * u * dot(grad(w.phi), grad(v)))
    by_phi = skfem.BilinearForm(
        lambda u, v, w: -2 * conductivity(w.T) * dot(grad(w.phi), grad(u)) * v
    )
    heat = skfem.BilinearForm(
        lambda u, v, w: dot(grad(u), grad(v)) + u * v - joule(slope, w) * u * v
    )
    current = skfem.LinearForm(lambda v, w: conductivity(w.T) * dot(grad(w.phi), grad(v)))
    warming = skfem.LinearForm(
        lambda v, w: dot(grad(w.T), grad(v)) + w.T * v - joule(conductivity, w) * v
    )
    power = skfem.Functional(lambda w: joule(conductivity, w))
    return [[conduct, by_T], [by_phi, heat]], [current, warming], power


def ngsolve(device: Device) -> Answer:
    """Solve with NGSolve, compiled coefficient functions and its fastest direct solver here."""
    ngs = pytest.importorskip("ngsolve")
    os.environ["PATH"] = f"{Path(sys.executable).parent}:{os.environ['PATH']}"  # its compiler
    begin, (points, cells) = time.perf_counter(), arrays(device)
    mesh = ngs.Mesh(netgen_mesh(points, cells))
    scalar = ngs.H1(mesh, order=1, dirichlet="contact")
    space = scalar * scalar
    phi, T = space.TrialFunction()
    w, v = space.TestFunction()
    sigma = 0.05 + 1 / (1 + ngs.exp((T - 1) / 0.3))
    form = sigma * ngs.grad(phi) * ngs.grad(w) + ngs.grad(T) * ngs.grad(v) + T * v
    form -= sigma * ngs.grad(phi) * ngs.grad(phi) * v
    dx = ngs.dx(bonus_intorder=DEGREE)
    a = ngs.BilinearForm(space)
    a += form.Compile(realcompile=True, wait=True) * dx
    state = ngs.GridFunction(space)
    state.components[0].Set(V * (ngs.x + 0.5))
    inverse = "pardiso" if ngs.config.USE_PARDISO or ngs.config.USE_MKL else "umfpack"
    residual, step = state.vec.CreateVector(), state.vec.CreateVector()
    ready, assembly, steps, change = time.perf_counter(), 0.0, 0, 1.0
    while change > 1e-10:
        assembling = time.perf_counter()
        a.AssembleLinearization(state.vec)
        a.Apply(state.vec, residual)
        assembly += time.perf_counter() - assembling
        step.data = a.mat.Inverse(space.FreeDofs(), inverse=inverse) * residual
        state.vec.data -= step
        steps, change = steps + 1, float(np.abs(step.FV().NumPy()).max())
    end = time.perf_counter()
    hot = float(state.components[1].vec.FV().NumPy().max())
    sigma = 0.05 + 1 / (1 + ngs.exp((state.components[1] - 1) / 0.3))
    joule = sigma * ngs.grad(state.components[0]) * ngs.grad(state.components[0])
    I = ngs.Integrate(joule * dx, mesh) / V  # noqa: E741
    return Answer(hot, float(I), steps, end - ready, assembly, ready - begin)


def arrays(device: Device) -> tuple[Array, npt.NDArray[np.int64]]:
    """Points, shape (n, 2), and corners of the triangles, counter-clockwise, shape (m, 3)."""
    points = device.mesh.geometry.x[:, :2].copy()
    cells = device.mesh.geometry.dofmaps[0].astype(np.int64)
    clockwise = qualities(points, cells) < 0
    cells[clockwise] = cells[clockwise][:, ::-1]
    return points, cells


def netgen_mesh(points: Array, cells: npt.NDArray[np.int64]):
    """The same triangles in Netgen, its contacts named."""
    from netgen.meshing import Element1D, Element2D, FaceDescriptor, Mesh, MeshPoint, Pnt

    mesh = Mesh()
    mesh.dim = 2
    numbers = [mesh.Add(MeshPoint(Pnt(x, y, 0))) for x, y in points]
    mesh.Add(FaceDescriptor(surfnr=1, domin=1, bc=1))
    for corners in cells:
        mesh.Add(Element2D(1, [numbers[i] for i in corners]))
    for a, b, label in _boundary(points, cells):
        mesh.Add(Element1D([numbers[a], numbers[b]], index=label))
    mesh.SetBCName(0, "contact")
    mesh.SetBCName(1, "side")
    return mesh


def _boundary(
    points: Array, cells: npt.NDArray[np.int64]
) -> Iterator[tuple[np.int64, np.int64, int]]:
    """Edges that belong to one triangle, labelled 1 at a contact and 2 at a side."""
    edges = np.concatenate([cells[:, [i, (i + 1) % 3]] for i in range(3)])
    _, first, count = np.unique(
        np.sort(edges, axis=1), axis=0, return_index=True, return_counts=True
    )
    for a, b in edges[first[count == 1]]:
        at_contact = abs(abs(points[a, 0] + points[b, 0]) - 1) < 1e-9
        yield a, b, 1 if at_contact else 2


def freefem(device: Device) -> Answer:
    """Solve with FreeFEM and its default solver of sparse matrices, UMFPACK; it says its times."""
    points, cells = arrays(device)
    edges = list(_boundary(points, cells))
    with tempfile.TemporaryDirectory() as folder:
        mesh = Path(folder, "square.msh")
        with mesh.open("w") as file:
            file.write(f"{len(points)} {len(cells)} {len(edges)}\n")
            file.writelines(f"{x:.17g} {y:.17g} 0\n" for x, y in points)
            file.writelines(f"{a + 1} {b + 1} {c + 1} 0\n" for a, b, c in cells)
            file.writelines(f"{a + 1} {b + 1} {label}\n" for a, b, label in edges)
        words = [FREEFEM, "-nw", "-v", "0", Path(__file__).with_suffix(".edp"), mesh]
        said = subprocess.run(words, capture_output=True, text=True, check=True).stdout
    T_max, current, steps, seconds, assembly, before = said.split("answer ")[1].split()[:6]
    return Answer(
        float(T_max), float(current), int(steps), float(seconds), float(assembly), float(before)
    )


FREEFEM = shutil.which("FreeFem++")
PROGRAMS: dict[str, Callable[[Device], Answer]] = {
    "this package, MUMPS": own,
    "this package, multigrid": own_multigrid,
    "bare DOLFINx, MUMPS": bare,
    "scikit-fem, SuperLU": scikit_fem,
    "NGSolve": ngsolve,
    **({"FreeFEM, UMFPACK": freefem} if FREEFEM else {}),
}


def memory(name: str, cells: int) -> float:
    """Growth of the peak of this process [MiB] by one solution."""
    device = square(cells)
    before = peak()
    PROGRAMS[name](device)
    return (peak() - before) / 2**20
