"""scikit-fem: the electrolyte of problem 8 on quadratic elements, Newton's with a line search."""

import numpy as np
import skfem
from references.planar_cell import ALPHA, F_0, J0, A, C, T, V, W, e, k
from scipy.sparse import diags
from scipy.sparse.linalg import spsolve
from skfem.helpers import dot, grad

from codes.growing import Shell

NAME, VERSION = "scikit-fem", skfem.__version__
SCALE = A * e / (2 * k * T)  # of a field
FACTOR = 2 * e * C * A * F_0 * np.exp(-W / (k * T))


def transfer(overpotential, a: float):
    """Return the current density of a reaction and its derivative."""
    u = overpotential * e / (k * T)
    forward, back = J0 * np.exp(a * u), J0 * np.exp((a - 1) * u)
    return forward - back, (a * forward + (1 - a) * back) * e / (k * T)


def conduction(v, w):
    """Return the weak form of Mott and Gurney's law."""
    size = np.sqrt(dot(grad(w.phi), grad(w.phi)))
    return 2 * np.pi * w.x[0] * FACTOR * np.sinh(SCALE * size) / size * dot(grad(w.phi), grad(v))


def derivative(u, v, w):
    """Return its derivative."""
    size = np.sqrt(dot(grad(w.phi), grad(w.phi)))
    secant = np.sinh(SCALE * size) / size
    along = dot(grad(w.phi), grad(u)) * dot(grad(w.phi), grad(v)) / size**2
    change = (SCALE * np.cosh(SCALE * size) - secant) * along
    return 2 * np.pi * w.x[0] * FACTOR * (secant * dot(grad(u), grad(v)) + change)


class Growing:
    """The electrolyte between outline and electrode; the last potential is a guess."""

    def __init__(self, shell: Shell) -> None:
        self.shell = shell
        flat = skfem.MeshQuad.init_tensor(np.linspace(0, 1, shell.layers + 1), shell.lines)
        self.flat, u = flat, skfem.Basis(flat, skfem.ElementQuad2()).doflocs[0]
        self.phi = V * (0.3 + 0.1 * u)
        nodes = np.flatnonzero(flat.p[0] == 0)
        self.nodes = nodes[np.argsort(flat.p[1, nodes])]
        self.ends = [flat.facets_satisfying(lambda x, at=at: x[0] == at, True) for at in (0, 1)]

    def density(self, outline: np.ndarray, voltage: float) -> np.ndarray:
        """Return the current density [A/m2] of plating at the nodes of an outline."""
        mesh = skfem.MeshQuad(self.shell.between(outline, *self.flat.p).T, self.flat.t)
        element = skfem.ElementQuad2()
        basis = skfem.Basis(mesh, element, intorder=5)
        first, last = (skfem.FacetBasis(mesh, element, facets=f, intorder=5) for f in self.ends)

        def reaction(face, phi, part):
            def law(w):
                plated = transfer(w.phi, ALPHA)
                dissolved = transfer(voltage - w.phi, 1 - ALPHA)
                J = plated[part] if face is first else (-1) ** (part + 1) * dissolved[part]
                return 2 * np.pi * w.x[0] * J

            if part:
                form = skfem.BilinearForm(lambda u, v, w: law(w) * u * v)
            else:
                form = skfem.LinearForm(lambda v, w: law(w) * v)
            return form.assemble(face, phi=face.interpolate(phi))

        def residual(phi):
            bulk = skfem.LinearForm(conduction).assemble(basis, phi=basis.interpolate(phi))
            return bulk + reaction(first, phi, 0) + reaction(last, phi, 0)

        phi = self.phi
        for _ in range(200):
            r = residual(phi)
            J = skfem.BilinearForm(derivative).assemble(basis, phi=basis.interpolate(phi))
            J = J + reaction(first, phi, 1) + reaction(last, phi, 1)
            scale = diags(1 / J.diagonal())
            step, share = spsolve((scale @ J).tocsc(), scale @ r), 1.0
            norm = np.linalg.norm(scale @ r)
            while share > 1e-6 and np.linalg.norm(scale @ residual(phi - share * step)) > norm:
                share /= 2
            phi = phi - share * step
            if np.abs(step).max() < 1e-11:
                self.phi = phi
                return transfer(phi[basis.nodal_dofs[0, self.nodes]], ALPHA)[0]
        raise RuntimeError(f"no state at {voltage} V")
