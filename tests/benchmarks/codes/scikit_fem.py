"""scikit-fem: quadratic elements, Newton's method bordered by a condition."""

import numpy as np
import scipy.sparse as sp
import skfem
from scipy.sparse.linalg import spsolve
from skfem.helpers import dot, grad

from codes.drivers import Block, Kind, Setup

NAME, VERSION = "scikit-fem", skfem.__version__


class Coupled:
    """Potential V psi and temperature T; z = (psi, T, V) is the last state."""

    def __init__(self, setup: Setup) -> None:
        self.setup, x, y = setup, setup.x, setup.y
        mesh = skfem.MeshQuad.init_tensor(x, y)
        flat = skfem.Basis(mesh, skfem.ElementQuad2())
        self.at = flat.doflocs
        if setup.bend:
            mesh = skfem.MeshQuad2.from_mesh(mesh)
            mesh = skfem.MeshQuad2(np.array(setup.bend(*mesh.doflocs)), mesh.t)
        self.basis = skfem.Basis(mesh, skfem.ElementQuad2(), intorder=6)
        self.n = self.basis.N
        self.ends = [np.isclose(self.at[0], end) for end in x[[0, -1]]]
        held = np.flatnonzero(self.ends[0] | self.ends[1])
        held = np.concatenate((held, self.n + held)) if setup.cooled else held
        self.free = np.setdiff1d(np.arange(2 * self.n + 1), held)
        centre = np.array([[(x[0] + x[-1]) / 2], [y[0]]])
        self.dof = self.n + int(np.abs(self.at - centre).sum(axis=0).argmin())
        self.begin(lambda x, *_: 0 * x, 1e-3)

    def begin(self, temperature, voltage: float) -> None:
        x = self.at[0]
        self.z = np.concatenate(((x - x.min()) / np.ptp(x), temperature(*self.at, np), [voltage]))

    def middle(self) -> float:
        return float(self.z[self.dof])

    def assembled(self):
        """Residual, Jacobian, its column of the voltage, power at 1 V and its derivatives."""
        psi, T, V = self.z[: self.n], self.z[self.n : -1], self.z[-1]
        law, slope, loss = self.setup.law, self.setup.slope, self.setup.loss
        w = {"p": self.basis.interpolate(psi), "T": self.basis.interpolate(T)}

        def m(w):
            return 2 * np.pi * w.x[0] if self.setup.axisymmetric else 1.0

        def two(form):
            return skfem.BilinearForm(form).assemble(self.basis, **w)

        def one(form):
            return skfem.LinearForm(form).assemble(self.basis, **w)

        conduct = two(lambda u, v, w: m(w) * law(w.T) * dot(grad(u), grad(v)))
        by_T = two(lambda u, v, w: m(w) * slope(w.T) * u * dot(grad(w.p), grad(v)))
        heat = two(lambda u, v, w: m(w) * (dot(grad(u), grad(v)) + loss * u * v))
        heating = two(lambda u, v, w: m(w) * slope(w.T) * dot(grad(w.p), grad(w.p)) * u * v)
        by_psi = two(lambda u, v, w: 2 * m(w) * law(w.T) * dot(grad(w.p), grad(u)) * v)
        power = one(lambda v, w: m(w) * law(w.T) * dot(grad(w.p), grad(w.p)) * v)
        power_T = one(lambda v, w: m(w) * slope(w.T) * dot(grad(w.p), grad(w.p)) * v)
        residual = np.concatenate((conduct @ psi, heat @ T - V**2 * power))
        jacobian = sp.bmat([[conduct, by_T], [-(V**2) * by_psi, heat - V**2 * heating]])
        by_V = np.concatenate((np.zeros(self.n), -2 * V * power))
        return residual, jacobian, by_V, power.sum(), np.concatenate((2 * conduct @ psi, power_T))

    def solve(self, kind: Kind, value: float) -> tuple[float, float]:
        for _ in range(60):
            residual, J, by_V, G, change = self.assembled()
            V = self.z[-1]
            row, last, c = np.zeros(2 * self.n), 1.0, V - value
            if kind == "current":
                row, last, c = V * change, G, V * G - value
            if kind == "temperature":
                row[self.dof], last, c = 1.0, 0.0, self.z[self.dof] - value
            whole = sp.bmat([[J, by_V[:, None]], [row[None], [[last]]]], format="csr")
            step, right = np.zeros_like(self.z), np.append(residual, c)[self.free]
            step[self.free] = spsolve(whole[self.free][:, self.free].tocsc(), right)
            self.z -= step
            if np.abs(step).max() < 1e-10 * max(1.0, abs(self.z[-1])):
                return float(self.z[-1]), float(self.z[-1] * self.assembled()[3])
        raise RuntimeError(f"no state with {kind} {value}")


def heat(block: Block, places: list[tuple[float, float]]) -> tuple[list[float], float]:
    """Temperatures of a block, in quadratic elements."""
    mesh = skfem.MeshHex.init_tensor(block.x, block.x, np.sort(block.z))
    basis = skfem.Basis(mesh, skfem.ElementHex2(), intorder=4)
    heated = mesh.facets_satisfying(lambda at: (at[2] == 0) & (at[0] < 0.5) & (at[1] < 0.5), True)
    top = skfem.FacetBasis(mesh, skfem.ElementHex2(), facets=heated)
    load = skfem.LinearForm(lambda v, _: 1.0 * v).assemble(top)
    matrix = skfem.BilinearForm(lambda u, v, _: dot(grad(u), grad(v))).assemble(basis)
    at, edge = basis.doflocs, block.x[-1]
    held = np.isclose(at[2], block.z[-1])
    T = np.zeros(basis.N)
    if block.far:
        held |= np.isclose(at[0], edge) | np.isclose(at[1], edge)
        T[held] = block.far(*at[:, held])
    reduced = skfem.condense(matrix, load, x=T, D=np.flatnonzero(held))
    T = skfem.solve(*reduced, solver=skfem.solver_iter_pcg(rtol=1e-9))
    vertices = [np.abs(at - np.array([[x], [y], [0.0]])).sum(axis=0).argmin() for x, y in places]
    return [float(T[i]) for i in vertices], float(4 * load @ T)
