"""Table of a volatile switch for array simulators: what pulses switch a film, and for how long.

A film is switched while its hottest temperature is above a value. The columns bear the names that
the devices of NeuroSim have (``writePulseWidth``, ``maxConductance``, ...); what fades by itself
has a ``retention`` in place of a pulse that takes it back.
"""

import math
from functools import partial

import numpy as np

from mitmodels.checks import FloatArray
from mitmodels.compact.film import FilmModel
from mitmodels.compact.table import Table

_LONGEST = 100.0  # times of the slowest stage, after which a pulse no longer switches
_ERROR = 1e-4
_COLUMNS = (
    "writePulseWidth [s]",
    "writeEnergy [J]",
    "conductanceBefore [S]",
    "conductanceAfter [S]",
    "retention [s]",
)


def volatile_switch(
    model: FilmModel, amplitudes: FloatArray, by_voltage: bool, hot: float
) -> Table | None:
    """Pulses from rest that switch a film, by their amplitude [V or A].

    The width is the shortest that switches; conductance behind it and retention without a bias are
    those of pulses twice as long. Amplitudes that do not switch are left out.

    Parameters
    ----------
    model : FilmModel
    amplitudes : ndarray
        Of an ideal source, rising.
    by_voltage : bool
        Whether the source imposes the voltage.
    hot : float
        Temperature above which the film counts as switched [K].

    Returns
    -------
    Table or None
        None if fewer than two of the amplitudes switch it.
    """
    rows = {float(a): _switched(model, float(a), by_voltage, hot) for a in amplitudes}
    found = {a: row for a, row in rows.items() if row is not None}
    if len(found) < 2:
        return None
    name = "writeVoltage [V]" if by_voltage else "writeCurrent [A]"
    return Table(np.array(list(found)), np.array(list(found.values())), name, _COLUMNS)


def _switched(
    model: FilmModel, amplitude: float, by_voltage: bool, hot: float
) -> tuple[float, ...] | None:
    from scipy.integrate import solve_ivp  # only here: it takes longer than the rest

    times, count = np.array(model.times), len(model.times)

    def hottest(state: FloatArray) -> float:
        return model.ambient + float(state[:count].sum())

    def rates(_: float, state: FloatArray) -> FloatArray:
        T = hottest(state)
        heat, taken = model.under(amplitude, by_voltage, T)
        resistances = np.array([stage(T) for stage in model.stages])
        return np.append((resistances * heat - state[:count]) / times, taken)

    def excess(_: float, state: FloatArray) -> float:
        return hottest(state) - hot

    excess.terminal = True  # type: ignore[attr-defined]
    error = _ERROR * (hot - model.ambient)
    longest, rest = _LONGEST * model.slowest, np.zeros(count + 1)
    solve = partial(solve_ivp, rates, method="LSODA", rtol=_ERROR, atol=[*[error] * count, np.inf])
    up = solve((0.0, longest), rest, events=excess)
    if not up.t_events[0].size:
        return None
    width, state = float(up.t[-1]), up.y[:, -1]
    end = solve((0.0, width), state).y[:, -1]
    before, after = (math.exp(model.log_conductance(T)) for T in (model.ambient, hottest(end)))
    return width, float(state[-1]), before, after, _fading(times, end[:count], hot - model.ambient)


def _fading(times: FloatArray, rises: FloatArray, hot: float) -> float:
    """Time in which rises that decay come down to a value together [s]."""
    from scipy.optimize import brentq  # only here: it takes longer than the rest

    def excess(exponent: float) -> float:
        return float((rises * np.exp(-(10**exponent) / times)).sum()) - hot

    if rises.sum() <= hot:
        return 0.0
    low, high = math.log10(times[0]) - 6, math.log10(times[-1]) + 3
    return float(10 ** brentq(excess, low, high))
