"""scikit-fem: the gap of the planar cell in one dimension, Newton's method with a line search."""

import numpy as np
import skfem
from references.planar_cell import ALPHA, F_0, J0, A, C, T, V, W, e, k
from scipy.sparse import csc_matrix
from scipy.sparse.linalg import spsolve
from skfem.helpers import dot, grad

NAME, VERSION = "scikit-fem", skfem.__version__
SCALE = A * e / (2 * k * T)  # of a field
FACTOR = 2 * e * C * A * F_0 * np.exp(-W / (k * T))


def ionic_current(gap: float) -> float:
    """Return the current density at a gap: unknown is the potential of the electrolyte."""
    mesh = skfem.MeshLine(np.linspace(0, gap, 9))
    basis = skfem.Basis(mesh, skfem.ElementLineP2())
    phi, ends = (
        np.full(basis.N, 0.7 * V),
        [int(np.argmin(basis.doflocs[0])), int(np.argmax(basis.doflocs[0]))],
    )
    law = skfem.LinearForm(lambda v, w: FACTOR * np.sinh(SCALE * w.g[0]) * grad(v)[0])
    slope = skfem.BilinearForm(
        lambda u, v, w: FACTOR * SCALE * np.cosh(SCALE * w.g[0]) * dot(grad(u), grad(v))
    )

    def transfer(overpotential: float, a: float) -> tuple[float, float]:
        """Current density into a metal below its electrolyte, or out of one above; and slope."""
        u = overpotential * e / (k * T)
        forward, back = J0 * np.exp(a * u), J0 * np.exp((a - 1) * u)
        return forward - back, (a * forward + (1 - a) * back) * e / (k * T)

    def residual(phi):
        g = basis.interpolate(phi).grad
        r, J = law.assemble(basis, g=g), slope.assemble(basis, g=g).tolil()
        plated, by_phi = transfer(phi[ends[0]], ALPHA)
        dissolved, by_rest = transfer(V - phi[ends[1]], 1 - ALPHA)
        r[ends[0]] += plated
        r[ends[1]] -= dissolved
        J[ends[0], ends[0]] += by_phi
        J[ends[1], ends[1]] += by_rest
        return r, csc_matrix(J), plated

    for _ in range(200):
        r, J, _ = residual(phi)
        step, share = spsolve(J, r), 1.0
        while share > 1e-6 and np.linalg.norm(residual(phi - share * step)[0]) > np.linalg.norm(r):
            share /= 2
        phi = phi - share * step
        if np.abs(step).max() < 1e-13:
            return float(residual(phi)[2])
    raise RuntimeError(f"no state at a gap of {gap} m")
