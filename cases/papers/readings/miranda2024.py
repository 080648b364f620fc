"""What closed forms and a loop say to the statements of Miranda and Sune (2024)."""

from collections.abc import Callable, Mapping
from pathlib import Path

import numpy as np

from mitmodels.cases.papers import miranda2024
from mitmodels.cases.papers.statements import CLOSED_FORM
from mitmodels.constants import (
    CONDUCTANCE_QUANTUM,
    ELECTRON_MASS,
    ELEMENTARY_CHARGE,
    REDUCED_PLANCK,
)
from mitmodels.point_contact.memory_state import MemoryState, occupation
from mitmodels.point_contact.qpc import J01, QuantumPointContact, contact_temperatures
from mitmodels.solvers.runs.files import Results
from mitmodels.solvers.runs.reading import load

_GAP = 0.5e-9  # [m] of an example, the letter states none
_V = 0.5  # [V] likewise
_STATE = MemoryState(0.01, 0.01, 0.12, 0.12, 0.1e-9, 1e-9)  # rates of an example


def _closed_form(_: Path) -> Results:
    return {**_current(), **_memory(), **_heat()}


def _contact(
    gap: float = _GAP, radius: float = miranda2024.RADIUS, mass: float = 1.0
) -> QuantumPointContact:
    return QuantumPointContact(radius, gap, mass * ELECTRON_MASS, miranda2024.BESSEL_ZERO)


def _current() -> Results:
    contact, light = _contact(), _contact(mass=0.4)
    phi, alpha = contact.barrier_height, float(contact.alpha)
    middle = _GAP / (2 * REDUCED_PLANCK) * np.sqrt(2 * ELECTRON_MASS * ELEMENTARY_CHARGE / phi)
    aspect = 2 / (np.pi * contact.bessel_zero) * alpha * phi
    eq_8 = CONDUCTANCE_QUANTUM * float(contact.V0) * np.exp(-_GAP / contact.g0)
    steep = 2 * REDUCED_PLANCK**2 * contact.bessel_zero / (ELEMENTARY_CHARGE * np.pi)
    narrow, wide = _contact(gap=1e-13), _contact(radius=1e-6)
    high = float(contact.V0) * (np.arccosh(np.exp(_GAP / contact.g0)) + 0.5)
    slope = np.diff(contact.current_tunnelling(np.array([high, high + 1e-4])))[0] / 1e-4
    return {
        "middle_over_others": (float(middle / alpha), ""),
        "eq_6_over_exact_at_low": (_excess(contact, 0.1), ""),
        "eq_6_over_exact_at_barrier": (_excess(contact, 2 * phi), ""),
        "aspect_over_g_R": (float(aspect / (_GAP / contact.radius)), ""),
        "aspect_of_light_mass": (
            float(light.alpha) * light.barrier_height / (alpha * phi),
            "",
        ),
        "eq_8_over_eq_6": (
            float(eq_8 * np.sinh(_V / contact.V0) / contact.current_tunnelling(_V)),
            "",
        ),
        "V0_by_printed": (
            float(contact.V0) / (steep / (ELECTRON_MASS * contact.radius * _GAP)),
            "",
        ),
        "g0": (contact.g0, "m"),
        "zero": (J01, ""),
        "eq_10_over_exact": (
            float(CONDUCTANCE_QUANTUM * np.exp(-_GAP / contact.g0) / contact.conductance()),
            "",
        ),
        "collapsed": (float(narrow.conductance()) / CONDUCTANCE_QUANTUM, ""),
        "wide": (float(wide.conductance()) / CONDUCTANCE_QUANTUM, ""),
        "linear": (float(narrow.current(1.0) / narrow.current(0.1)), ""),
        "steepest_of_eq_8": (float(slope / CONDUCTANCE_QUANTUM), ""),
    }


def _excess(contact: QuantumPointContact, V: float) -> float:
    return float(contact.current_tunnelling(V) / contact.current(V))


def _memory() -> Results:
    t = np.linspace(0.0, 1.0, 9)
    gap = _STATE.gap(t, lambda _: _V, _STATE.gap_max)
    mean = 1 - _STATE.transparency(t, _V, 0.0)
    share = (gap - _STATE.gap_min) / (_STATE.gap_max - _STATE.gap_min)
    up, down = (float(_STATE.transparency(1e3, V, 0.5)) for V in (_V, -_V))
    eq_14 = occupation(1.5, 0.7, 0.3, 0.0) / occupation(1.5, 0.7, 0.3, 0.2)
    return {
        "rates_at_no_voltage": (float(max(_STATE.rates(0.0))), "1/s"),
        "gap_off_the_mean": (float(np.abs(share - mean).max()), ""),
        "potentiated": (up, ""),
        "depressed": (down, ""),
        "eq_14_over_eq_17": (float(eq_14), ""),
    }


def _heat() -> Results:
    contact = _contact()
    left, right = contact.powers(_V)
    tunnel = contact.powers_tunnelling(_V)
    alpha = float(contact.alpha) / ELEMENTARY_CHARGE  # [1/J]
    x, depth = float(contact.alpha) * _V, float(contact.alpha) * contact.barrier_height
    bracket = (x - 2) * np.exp(x / 2) + (x + 2) * np.exp(-x / 2)
    planck = 2 * np.pi * REDUCED_PLANCK
    printed = 2 * ELEMENTARY_CHARGE / (planck * alpha**2) * np.exp(-depth) * bracket
    V = np.linspace(0.05, 3.0, 60)
    drain = contact.powers(V)
    L, R = contact_temperatures(left, right, miranda2024.OUTWARD, miranda2024.ALONG, 300.0)
    mean = 300.0 + (left + right) / (2 * miranda2024.OUTWARD)
    return {
        "P_S_over_IV": (float((left + right) / (contact.current(_V) * _V)), ""),
        "P_D_over_P_S": (float((right - left) / (right + left)), ""),
        "drain_hotter": (float((drain[1] > drain[0]).all()), ""),
        "P_D_as_printed": (float(printed / (tunnel[1] - tunnel[0])), ""),
        "T_g_off": (float((L + R) / 2 - mean), "K"),
        "T_R_less_T_L": (float(R - L), "K"),
    }


def _loop(folder: Path) -> Results:
    """Currents on the way up and down at half the amplitude, of the last period."""
    run = load(folder)
    iv = run.iv
    half = 0.5 * iv["V [V]"].max()
    last = iv[
        iv["t [s]"] > iv["t [s]"].max() - _period(iv["t [s]"].to_numpy(), iv["V [V]"].to_numpy())
    ]
    V, current = last["V [V]"].to_numpy(), last["I [A]"].to_numpy()
    top = int(np.argmax(V))
    rising = float(np.interp(half, V[: top + 1], current[: top + 1]))
    falling = float(np.interp(-half, -V[top : top + top + 1], current[top : top + top + 1]))
    gap = last["gap [m]"].to_numpy()
    return {
        "loop_opens": (falling / rising, ""),
        "gap_reopens": (float(gap[-1] / gap.min()), ""),
    }


def _period(t: np.ndarray, V: np.ndarray) -> float:
    """Time between the last two upward passes of no voltage, else all of it."""
    up = np.flatnonzero((V[:-1] <= 0) & (V[1:] > 0))
    return float(t[up[-1]] - t[up[-2]]) if len(up) > 1 else float(t[-1] - t[0])


READINGS: Mapping[str, Callable[[Path], Results]] = {
    CLOSED_FORM: _closed_form,
    "qpc_loop": _loop,
}
