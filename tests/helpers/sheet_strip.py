"""The film on a local heat loss in one dimension, by finite differences: an independent solution.

With the current I and lengths in units of the heat-spreading length, half of the film obeys
T'' = T - T0 - a R(T), a = I^2 / (g W^2), with T' = 0 in the centre and T = T0 at the contact. The
temperature of the centre numbers the states; the voltage is I times the integral of R.
"""

import numpy as np
import scipy.sparse as sp
from scipy.optimize import minimize_scalar
from scipy.sparse.linalg import spsolve

T0, LOSS, WIDTH, HALF_LENGTH = 100.0, 5e5, 50e-6, 50.0
UNIT = 1e-6  # [m] the heat-spreading length


def sheet_resistance(T):
    f = 1 / (1 + np.exp(-(T - 345) / 15))
    return ((1 - f) * (138 + 8.2e-3 * T**2) + f * 5500) / 2


def state(T_center, guess):
    """Unknowns (T at the nodes, a), and the voltage [V]."""
    n = len(guess) - 2
    h = HALF_LENGTH / n
    laplacian = sp.diags([1.0, -2.0, 1.0], [-1, 0, 1], shape=(n + 1, n + 1)).tolil()
    laplacian[0, 1], laplacian[n, :] = 2.0, 0.0
    laplacian = laplacian.tocsr() / h**2
    inside = np.ones(n + 1)
    inside[n] = 0.0
    pick = sp.csr_matrix(([1.0], ([0], [0])), shape=(1, n + 1))
    z = guess.copy()
    for _ in range(30):
        T, a = z[:-1], z[-1]
        R = sheet_resistance(T)
        slope = (sheet_resistance(T + 1e-4) - sheet_resistance(T - 1e-4)) / 2e-4
        residual = T - T0 - inside * a * R - laplacian @ T
        diagonal = sp.diags(1 - inside * a * slope)
        matrix = sp.bmat([[diagonal - laplacian, -(inside * R)[:, None]], [pick, None]], "csc")
        step = spsolve(matrix, -np.append(residual, T[0] - T_center))
        z += step
        if np.abs(step[:-1]).max() < 1e-8:
            integral = h * UNIT * (R.sum() - (R[0] + R[-1]) / 2)
            return z, 2 * np.sqrt(a * LOSS) * integral
    raise RuntimeError(f"no state with {T_center} K in the centre")


def folds(intervals):
    """Voltages [V] at which the film switches up and down."""
    x = np.linspace(0, HALF_LENGTH, intervals + 1)
    z = np.append(T0 + 50 * (1 - np.exp(x - HALF_LENGTH)), 50 / sheet_resistance(150.0))
    levels, states, voltages = np.arange(150.0, 500.0, 2.0), [], []
    for level in levels:
        z, V = state(level, z)
        states.append(z)
        voltages.append(V)
    up = int(np.argmax(voltages))
    down = up + int(np.argmin(voltages[up:]))

    def extremum(i, sign):
        bounds = (levels[i - 1], levels[i + 1])
        best = minimize_scalar(lambda T: -sign * state(T, states[i])[1], bounds=bounds)
        return -sign * best.fun

    return extremum(up, 1), extremum(down, -1)
