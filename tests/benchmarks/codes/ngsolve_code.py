"""NGSolve: elements of third order, symbolic forms, Newton's method bordered by a condition."""

import ngsolve as ngs
import ngsolve.solvers
import numpy as np
import scipy.sparse as sp
from ngsolve.meshes import MakeStructured2DMesh, MakeStructured3DMesh
from scipy.sparse.linalg import spsolve

from codes.drivers import Block, Kind, Setup

NAME, VERSION = "NGSolve", ngs.__version__
ORDER = 3


class Coupled:
    """Potential V psi and temperature T, the fields of ``state``; ``V`` is the voltage."""

    def __init__(self, setup: Setup) -> None:
        self.setup, lines = setup, (setup.x, setup.y)

        cells = (len(v) - 1 for v in lines)
        self.mesh = MakeStructured2DMesh(True, *cells, mapping=onto(*lines))
        ends = "left|right"
        scalar = ngs.H1(self.mesh, order=ORDER, dirichlet=ends)
        self.space = scalar * (scalar if setup.cooled else ngs.H1(self.mesh, order=ORDER))
        weight = 2 * np.pi * ngs.x if setup.axisymmetric else 1.0
        (psi, T), (w, v) = self.space.TnT()
        self.V, grad = ngs.Parameter(0.0), ngs.grad
        joule = setup.law(T, ngs) * grad(psi) * grad(psi)
        form = setup.law(T, ngs) * grad(psi) * grad(w) + grad(T) * grad(v) + setup.loss * T * v
        dx = ngs.dx(bonus_intorder=4)
        self.form = ngs.BilinearForm(self.space)
        self.form += weight * (form - self.V**2 * joule * v) * dx
        self.state = ngs.GridFunction(self.space)
        p, t = self.state.components
        sigma, square = setup.law(t, ngs), grad(p) * grad(p)
        self.joule, self.dx = weight * sigma * square, dx
        self.heated = ngs.LinearForm(self.joule * v * dx)
        change = 2 * sigma * grad(p) * grad(w) + setup.slope(t, ngs) * square * v
        self.change = ngs.LinearForm(weight * change * dx)
        self.free = np.append(np.array(list(self.space.FreeDofs())), True)
        self.begin(lambda x, *_: 0 * x, 1e-3)
        x, y = (setup.x[0] + setup.x[-1]) / 2, setup.y[0]
        away = [abs(v.point[0] - x) + abs(v.point[1] - y) for v in self.mesh.vertices]
        self.dof = self.space.Range(1).start + int(np.argmin(away))  # vertices come first
        if setup.bend:
            bent = ngs.GridFunction(ngs.VectorH1(self.mesh, order=ORDER))
            r, z = setup.bend(ngs.x, ngs.y, ngs)
            bent.Set(ngs.CoefficientFunction((r - ngs.x, z - ngs.y)))
            self.mesh.SetDeformation(bent)

    def begin(self, temperature, voltage: float) -> None:
        ends = self.setup.x[[0, -1]]
        self.state.components[0].Set((ngs.x - ends[0]) / (ends[1] - ends[0]))
        self.state.components[1].Set(temperature(ngs.x, ngs.y, ngs))
        self.V.Set(voltage)

    def middle(self) -> float:
        return float(self.state.vec[self.dof])

    def solve(self, kind: Kind, value: float) -> tuple[float, float]:
        u = self.state.vec.FV().NumPy()
        residual = self.state.vec.CreateVector()
        for _ in range(60):
            V = self.V.Get()
            self.form.AssembleLinearization(self.state.vec)
            self.form.Apply(self.state.vec, residual)
            self.heated.Assemble()
            self.change.Assemble()
            G = ngs.Integrate(self.joule * self.dx, self.mesh)
            row, last, c = np.zeros(len(u)), 1.0, V - value
            if kind == "current":
                row, last, c = V * self.change.vec.FV().NumPy(), G, V * G - value
            if kind == "temperature":
                row[self.dof], last, c = 1.0, 0.0, u[self.dof] - value
            rows, columns, values = self.form.mat.COO()
            J = sp.csr_matrix((values, (rows, columns)), (len(u), len(u)))
            by_V = -2 * V * self.heated.vec.FV().NumPy()
            whole = sp.bmat([[J, by_V[:, None]], [row[None], [[last]]]], format="csr")
            step, right = np.zeros(len(u) + 1), np.append(residual.FV().NumPy(), c)
            step[self.free] = spsolve(whole[self.free][:, self.free].tocsc(), right[self.free])
            u -= step[:-1]
            self.V.Set(V - step[-1])
            if np.abs(step).max() < 1e-10 * max(1.0, abs(V)):
                return self.V.Get(), self.V.Get() * ngs.Integrate(self.joule * self.dx, self.mesh)
        raise RuntimeError(f"no state with {kind} {value}")


def onto(*lines: np.ndarray):
    """Map from the unit square or cube onto lines of a mesh."""
    even = [np.linspace(0, 1, len(each)) for each in lines]
    return lambda *at: tuple(float(np.interp(*each)) for each in zip(at, even, lines, strict=True))


def heat(block: Block, places: list[tuple[float, float]]) -> tuple[list[float], float]:
    """Temperatures of a block, in elements of third order."""
    lines = block.x, block.x, np.sort(block.z)
    cells = [len(each) - 1 for each in lines]
    mesh = MakeStructured3DMesh(True, *cells, mapping=onto(*lines))
    held = "front|right|bottom" if block.far else "bottom"
    space = ngs.H1(mesh, order=ORDER, dirichlet=held)
    u, v = space.TnT()
    form = ngs.BilinearForm(ngs.grad(u) * ngs.grad(v) * ngs.dx)
    solver = ngs.Preconditioner(form, "bddc")
    form.Assemble()
    inside, top = ngs.IfPos(0.5 - ngs.x, 1, 0) * ngs.IfPos(0.5 - ngs.y, 1, 0), ngs.ds("top")
    load, T = ngs.LinearForm(inside * v * top).Assemble(), ngs.GridFunction(space)
    if block.far:
        T.Set(block.far(ngs.x, ngs.y, ngs.z), definedon=mesh.Boundaries(held))
    ngs.solvers.BVP(bf=form, lf=load, gf=T, pre=solver, tol=1e-10, maxsteps=500, print=False)
    return [T(mesh(x, y, 0.0)) for x, y in places], 4 * ngs.Integrate(inside * T * top, mesh)
