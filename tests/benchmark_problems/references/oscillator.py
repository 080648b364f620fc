r"""Problem 9: a film in a circuit that oscillates, by cosines and by finite volumes.

Even along the field, the film and its capacitance obey

.. math::
    \dot T = T'' - \tfrac12 (3 - \cos \pi y/W)\, T + \sigma(T) V^2, \qquad
    C \dot V = (V_s - V)/R - I, \quad I = V \int_0^W \sigma(T)\, dy,

with T' = 0 at both ends, so that T is a series of cosines.
"""

from collections.abc import Callable

import numpy as np
from scipy.fft import dct, idct
from scipy.integrate import solve_ivp
from scipy.interpolate import CubicSpline

from references.filament import conductivity

WIDTH, SOURCE, LOAD, CAPACITANCE = 4.0, 12.0, 10.0, 0.3
LEVEL = 2.5  # voltage through which it rises once in a period
END = 40.0  # eight periods: by then the cycles are the same to 1e-9
type Diffusion = Callable[[np.ndarray], np.ndarray]


def loss(y, f=np):
    """Loss coefficient at a coordinate, with the functions of a module."""
    return (3 - f.cos(np.pi / WIDTH * y)) / 2


def centres(cells: int) -> np.ndarray:
    """Return those of equal cells, which are also the points that belong to so many cosines."""
    return WIDTH * (np.arange(cells) + 0.5) / cells


def by_cosines(T: np.ndarray) -> np.ndarray:
    """Return the second derivative of a series of cosines."""
    return idct(-((np.arange(T.size) * np.pi / WIDTH) ** 2) * dct(T))


def by_differences(T: np.ndarray) -> np.ndarray:
    """Return the fluxes into cells over their size."""
    flux = np.diff(T, prepend=T[:1], append=T[-1:])
    return np.diff(flux) * (T.size / WIDTH) ** 2


def oscillation(cells: int, diffuse: Diffusion, method: str, tolerance: float = 1e-10):
    """Return times, voltages, temperatures at y = 0 and currents of the film."""
    g = loss(centres(cells))

    def rate(_: float, state: np.ndarray) -> np.ndarray:
        T, V = state[:-1], state[-1]
        sigma = conductivity(T)
        charge = (SOURCE - V) / LOAD - V * WIDTH * sigma.mean()
        return np.append(diffuse(T) - g * T + sigma * V**2, charge / CAPACITANCE)

    cold, times = np.zeros(cells + 1), np.linspace(END - 12, END, 6001)
    found = solve_ivp(
        rate, (0, END), cold, method, t_eval=times, rtol=tolerance, atol=tolerance / 100
    )
    T, V = found.y[:-1], found.y[-1]
    series = dct(T, axis=0, norm="forward")
    side = series[0] + 2 * series[1:].sum(axis=0)
    return times, V, side, V * WIDTH * conductivity(T).mean(axis=0)


def cycle(times, voltage, temperature, current) -> dict[str, float]:
    """Return what is asked for, of the last period."""
    V = CubicSpline(times, voltage)
    rising = [t for t in V.solve(LEVEL, extrapolate=False) if V(t, 1) > 0]
    begin, end = rising[-2:]

    def extremum(values, sign: int) -> float:
        spline = CubicSpline(times, values)
        flat = spline.derivative().roots(extrapolate=False)
        return float(max(sign * spline(t) for t in flat if begin <= t <= end) * sign)

    return {
        "period": float(end - begin),
        "V_max": extremum(voltage, 1),
        "V_min": extremum(voltage, -1),
        "T_max": extremum(temperature, 1),
        "I_max": extremum(current, 1),
    }


def by_series() -> dict[str, float]:
    """Return the reference by cosines."""
    return cycle(*oscillation(48, by_cosines, "DOP853"))


def by_volumes() -> dict[str, float]:
    """Return it by finite volumes, extrapolated."""
    coarse, fine = (cycle(*oscillation(n, by_differences, "LSODA")) for n in (64, 128))
    return {name: (4 * fine[name] - coarse[name]) / 3 for name in fine}
