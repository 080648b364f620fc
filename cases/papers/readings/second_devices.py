"""What runs and closed forms say to the statements about second devices."""

from collections.abc import Callable, Mapping
from pathlib import Path

import numpy as np
import pandas as pd
from scipy.special import ive, kve

from mitmodels.cases.papers import second_devices
from mitmodels.cases.papers.statements import CLOSED_FORM
from mitmodels.constants import CONDUCTANCE_QUANTUM
from mitmodels.solvers.runs.files import Results
from mitmodels.solvers.runs.reading import load

_SAPPHIRE = 35.0, 3.1e6  # [W/(m K), J/(m3 K)] as the record al2o3 and the case vo2_hysteresis
_HEATED = 45.0  # [K] from 295 to 340 K
_ACTIVATION = 5220.0  # [K] of the record vo2_memory


def _closed_form(_: Path) -> Results:
    return {**_sapphire(), "thermistor": (_thermistor(), "K"), **_levels(), **_hot_filament()}


def _sapphire() -> Results:
    """Surface of a half-space under an even flux, T = 2 q sqrt(t/(pi kappa c))."""
    kappa, capacity = _SAPPHIRE
    flux = float(second_devices.POWER) / float(second_devices.AREA)
    return {
        "heating": ((_HEATED / flux) ** 2 * np.pi * kappa * capacity / 4, "s"),
        "spread": (float(np.sqrt(kappa / capacity * float(second_devices.MAPPED))), "m"),
    }


def _thermistor() -> float:
    """Ambient from which on R = exp(A/T) runs away, A (T - T_b) = T^2, at the transition."""
    T = float(second_devices.TRANSITION)
    return T - T**2 / _ACTIVATION


def _levels() -> Results:
    """Conductance of open channels, and behind what makes the first one as low as measured."""
    resistance = 1 / float(second_devices.G0) - 1 / CONDUCTANCE_QUANTUM
    second = 2 * CONDUCTANCE_QUANTUM
    return {
        "first_level": (CONDUCTANCE_QUANTUM, "S"),
        "second_level": (second, "S"),
        "second_level_in_series": (1 / (1 / second + resistance), "S"),
    }


def _hot_filament() -> Results:
    """Closed forms of a filament's temperature over the exact one, for metals in oxides."""
    ratios = np.array(
        [_estimates(a, k) for a in (0.05, 0.1, 0.2, 0.5) for k in (10, 30, 100, 300, 1000)]
    )
    single = ratios.min(axis=1)
    both = 1 / (1 / ratios).sum(axis=1)
    return {
        "least_estimate": (float(single.min()), ""),
        "both_in_parallel": (float((np.abs(both - 1) / (single - 1)).max()), ""),
    }


def _estimates(aspect: float, contrast: float) -> tuple[float, float]:
    """Largest temperature by heat along, and by heat out of, a filament, over that by both.

    A cylinder, heated evenly, between electrodes at the ambient, in an endless oxide; with its
    radius over its length and its conductivity over the oxide's. By modes along it.
    """
    n = np.arange(1, 4001, 2)
    x = n * np.pi * aspect
    modes = 4 * (-1) ** (n // 2) / (n * np.pi) ** 3  # of the heat, along the filament alone
    outwards = kve(1, x) / (kve(1, x) * ive(0, x) + contrast * kve(0, x) * ive(1, x))
    exact = (modes * (1 - outwards * np.exp(-x))).sum()
    out = (modes * contrast * x * kve(0, x) / (2 * kve(1, x))).sum()
    return 1 / 8 / exact, out / exact


def _filament(folder: Path) -> Results:
    """A current up and down through a film that breaks down into a filament."""
    run = load(folder)
    turn = int(run.iv["I [A]"].argmax())
    up = run.iv.iloc[: turn + 1]
    current, V, R = (up[name].to_numpy() for name in ("I [A]", "V_device [V]", "R [ohm]"))
    top, peak = current[-1], int(V.argmax())

    def at(level: float, values: np.ndarray) -> float:
        return float(np.interp(level, current, values))

    before = peak + int((R[peak:] < 0.9 * R[0]).argmax())
    behind = before + int((R[before:] < R[before] / 4).argmax())
    density = current / up["hot_across [m]"].clip(lower=1e-9).to_numpy()
    middle = up["T_center [K]"].to_numpy()
    hot = up.iloc[-1]
    begin, end = (run.summary[name]["value"] for name in ("I_nucleated", "I_extinguished"))
    return {
        "V_behind_over_before": (at(1.05 * current[peak], V) / V[peak], ""),
        "plateau": (at(top, V) / at(top / 4, V), ""),
        "loop": (end / begin, ""),
        "density": (at(0.9 * top, density) / at(top / 4, density), ""),
        "current_at_switching": (current[behind] / current[before] - 1, ""),
        "redistributed": (middle[behind] - middle[before], "K"),
        "hot_width": (hot["hot_across [m]"] / run.si("geometry", "width"), ""),
        "hot_phase": (hot["T_max [K]"] / run.si("film", "temperature"), ""),
    }


def _capacitance(folder: Path) -> Results:
    least = pd.read_csv(folder / "hopf.csv")["C_critical [F]"].min()
    return {"least_capacitance": (float(least), "F")}


def _currents(folder: Path) -> Results:
    """Both critical currents over the ambient temperature, below that of the film's law."""
    rows = pd.read_csv(folder / "sweep.csv").set_index("ambient.temperature [K]").loc[240:300]
    up = rows["I_up [A]"]
    return {
        "two_transitions": (float((up > rows["I_down [A]"]).sum()), ""),
        "critical_current": (up[300.0] / up[240.0], ""),
    }


def _cold(folder: Path) -> Results:
    """A cold film under a current: where it jumps, and what it does far below."""
    run = load(folder)
    section = run.si("geometry", "width") * run.si("geometry", "thickness")
    I_up = run.summary["I_up"]["value"]
    rise = run.iv[: int(run.iv["I [A]"].argmax()) + 1]
    small = float(second_devices.LINEAR) * section
    T, R = (float(np.interp(small, rise["I [A]"], rise[n])) for n in ("T_max [K]", "R [ohm]"))
    return {
        "bistable": (I_up / section, "A/m^2"),
        "warming": (T - run.si("ambient", "temperature"), "K"),
        "linear": (R / rise["R [ohm]"].iloc[0], ""),
    }


def _jump(folder: Path) -> Results:
    """A film that jumps under a current, and back."""
    run = load(folder)
    names = ("R_switched", "V_at_I_max", "I_max", "I_down")
    R, V, I_max, I_down = (run.summary[name]["value"] for name in names)
    return {"R_behind_over_before": (R * I_max / V, ""), "returns": (I_down / I_max, "")}


def _neuristor(folder: Path) -> Results:
    rows = pd.read_csv(folder / "sweep.csv").set_index("protocol.0.to [V]")
    expected = {
        "rests": (4.0, "rest"),
        "spikes": (13.44, "oscillation"),
        "latches": (20.0, "latched"),
    }
    held = {name: rows["regime"][V] == regime for name, (V, regime) in expected.items()}
    period = float(rows["period [s]"][expected["spikes"][0]])
    return {"period": (period, "s"), **{name: (float(is_so), "") for name, is_so in held.items()}}


READINGS: Mapping[str, Callable[[Path], Results]] = {
    CLOSED_FORM: _closed_form,
    "vo2_filament": _filament,
    "vo2_impedance": _capacitance,
    "lsmo_current_family": _currents,
    "moreno2009": _cold,
    "jaman2023": _jump,
    "adda2022": _filament,
    "zhang2023": _neuristor,
}
