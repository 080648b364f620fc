"""scikit-fem: quadratic elements over the width, in time by an implicit method of SciPy."""

import numpy as np
import skfem
from references.filament import conductivity
from references.oscillator import CAPACITANCE, END, LOAD, SOURCE, WIDTH, loss
from scipy.integrate import solve_ivp
from scipy.sparse.linalg import splu
from skfem.helpers import dot, grad

NAME, VERSION = "scikit-fem", skfem.__version__


def oscillation() -> tuple[np.ndarray, ...]:
    """Return times, voltages, temperatures at y = 0 and currents of the film."""
    mesh = skfem.MeshLine(np.linspace(0, WIDTH, 33))
    basis = skfem.Basis(mesh, skfem.ElementLineP2(), intorder=6)
    mass = splu(skfem.BilinearForm(lambda u, v, _: u * v).assemble(basis).tocsc())
    lost = skfem.BilinearForm(lambda u, v, w: dot(grad(u), grad(v)) + loss(w.x[0]) * u * v)
    lost = lost.assemble(basis)
    conduct = skfem.LinearForm(lambda v, w: conductivity(w.T) * v)

    def conducted(T: np.ndarray) -> np.ndarray:
        """Conductance at each node."""
        return conduct.assemble(basis, T=basis.interpolate(T))

    def rate(_: float, state: np.ndarray) -> np.ndarray:
        T, V = state[:-1], state[-1]
        conductance = conducted(T)
        charge = (SOURCE - V) / LOAD - V * conductance.sum()
        heat = mass.solve(conductance * V**2 - lost @ T)
        return np.append(heat, charge / CAPACITANCE)

    times = np.linspace(END - 12, END, 4001)
    cold = np.zeros(basis.N + 1)
    found = solve_ivp(rate, (0, END), cold, "LSODA", t_eval=times, rtol=1e-7, atol=1e-9)
    side = int(np.argmin(basis.doflocs[0]))
    current = [V * conducted(T).sum() for T, V in zip(found.y[:-1].T, found.y[-1], strict=True)]
    return times, found.y[-1], found.y[side], np.array(current)
