"""What runs say to the statements of Buttberg et al. (2025)."""

import json
from collections.abc import Callable, Mapping
from pathlib import Path

import numpy as np
import pandas as pd
import pyvista as pv

from mitmodels.cases.papers import buttberg2025
from mitmodels.cases.papers.statements import CLOSED_FORM
from mitmodels.cell.electrochemistry import GrowthBarrier
from mitmodels.cell.tunnelling import TunnelBarrier
from mitmodels.constants import CONDUCTANCE_QUANTUM, ELEMENTARY_CHARGE
from mitmodels.solvers.runs.files import Results
from mitmodels.solvers.runs.reading import Run, load

_FAR = 5e-9  # [m] gap at which Simmons' law is its leading term
_WIRE, _SPECULARITY, _FREE_PATH = 10e-9, 0.5, 39e-9  # a filament of copper [m]


def _closed_form(_: Path) -> Results:
    x = _SPECULARITY * _WIRE / _FREE_PATH
    return {
        "sondheimer_as_printed": ((1 + x) / (1 - x), ""),
        "compliance_as_printed": (1 - float(np.exp(1.0)), ""),
        "contact_resistance": (1 / CONDUCTANCE_QUANTUM, "ohm"),
    }


def _laws(run: Run) -> Results:
    """What the laws of a cell say, with the prefactor that the paper prints."""
    eV = ELEMENTARY_CHARGE
    height, fermi = (run.si("tunnel", name) / eV for name in ("height", "fermi_energy"))
    printed = TunnelBarrier(height, run.si("tunnel", "mass_ratio"), 0.5, fermi)
    W, W_void = (run.si("barrier", name) / eV for name in ("mechanical", "void"))
    lengths = (run.si("barrier", f"{name}_length") for name in ("mechanical", "void"))
    barrier = GrowthBarrier(W, next(lengths), W_void, next(lengths))
    return {
        "simmons_over_printed": (_simmons(printed, _FAR) / float(printed.simmons(_FAR)), ""),
        "mechanical_on_axis": (float(barrier(0.0, -_FAR)), "eV"),
        "void_at_interface": (float(barrier(0.0, 0.0)), "eV"),
        "receiving_at_1V": (
            float(printed.receiving_fraction(1.0, run.si("void", "nucleus"))),
            "",
        ),
    }


def _simmons(barrier: TunnelBarrier, gap: float) -> float:
    """Conductance per area [S/m2] of Simmons' equation for intermediate voltages at no voltage."""
    exponent = 2 * barrier.decay * gap
    scale = 2 * float(barrier.simmons(gap))  # of the prefactor 1
    return scale * (1 - 2 / exponent)


def _set(folder: Path) -> Results:
    run = load(folder)
    iv, t = run.iv, {n: run.summary[f"t_{n}"]["value"] for n in ("onset", "void", "compliance")}
    rising = iv[iv["t [s]"] <= t["compliance"]]
    T = buttberg2025.results(run)["T_at_100uA"][0]
    last, oxide = iv.iloc[-1], run.si("geometry", "oxide")
    at = {n: iv.iloc[int(np.argmax(iv["t [s]"] >= time))] for n, time in t.items()}
    round_ = {n: float(r["tip_height [m]"] / r["tip_radius [m]"]) for n, r in at.items()}
    stop = iv[iv["t [s]"] >= buttberg2025.TIMES_LAST]
    return {
        **buttberg2025.results(run),
        **_laws(run),
        **{f"log10_t_{n}": (float(np.log10(time)), "") for n, time in t.items()},
        "rise_at_100uA": (float(T - iv["T_max [K]"].iloc[0]) if T else None, "K"),
        "cools_by": (float(iv["T_max [K]"].max() - last["T_max [K]"]), "K"),
        "gap_off_axis": (float(last["gap_radius [m]"] / iv["tip_radius [m]"].max()), ""),
        **{
            f"slope_{n}": (buttberg2025.decades_per_volt(rising, *ends), "1/V")
            for n, ends in buttberg2025.REGIMES.items()
        },
        **_speeds_of_closing(rising),
        "linear_in_B": (_linearity(rising, *buttberg2025.REGIMES["B"]), ""),
        "onset_of_C": (_end_of_b(rising), "A"),
        "into_the_void": (float(iv["tip_height [m]"].max()) - oxide, "m"),
        "aspect_at_onset": (round_["onset"], ""),
        "aspect_at_void": (round_["void"], ""),
        "growth_behind_lambda": (_growth(stop), ""),
        "R_tunnelling": (run.summary["R_LRS"]["value"], "ohm"),
        "kappa_depends_on_T": (
            float(not isinstance(run.config["filament"]["thermal_conductivity"], dict)),
            "",
        ),
        "void_ratio": (run.si("void", "ratio"), ""),
        "nucleus": (run.si("void", "nucleus"), "m"),
        "oxide": (oxide, "m"),
        "receiving_share": (1 - run.si("tunnel", "filament_share"), ""),
    }


def _speeds_of_closing(iv: pd.DataFrame) -> Results:
    """Mean speed at which the gap closes in a regime over that in the one before."""
    speed = {}
    for name, (low, high) in buttberg2025.REGIMES.items():
        first, *_, last = iv[iv["I [A]"].between(low, high)][["t [s]", "gap [m]"]].to_numpy()
        speed[name] = (first[1] - last[1]) / (last[0] - first[0])
    return {
        "slower_in_B": (speed["B"] / speed["A"], ""),
        "faster_in_C": (speed["C"] / speed["B"], ""),
    }


def _linearity(iv: pd.DataFrame, low: float, high: float) -> float:
    """Coefficient of determination of a straight line of the current over the voltage."""
    window = iv[iv["I [A]"].between(low, high)]
    return float(np.corrcoef(window["V_source [V]"], window["I [A]"])[0, 1] ** 2)


def _end_of_b(iv: pd.DataFrame) -> float:
    """Current above 1 uA from which on d log I/dV is twice its least value [A]."""
    rows = iv[iv["I [A]"] > buttberg2025.REGIMES["B"][0]]
    V, current = rows["V_source [V]"].to_numpy(), rows["I [A]"].to_numpy()
    slope = np.diff(np.log(current)) / np.diff(V)
    least = int(np.argmin(slope))
    return float(current[least + int(np.argmax(slope[least:] > 2 * slope[least]))])


def _growth(iv: pd.DataFrame) -> float:
    """Relative growth of the volume from the first row to the last."""
    volume = iv["volume [m3]"].to_numpy()
    return float(volume[-1] / volume[0] - 1)


def _json(path: Path) -> Results:
    entries = json.loads(path.read_text(encoding="utf-8"))
    return {name: (entry["value"], entry["unit"]) for name, entry in entries.items()}


def _compliance(folder: Path) -> Results:
    runs = {}
    for path in folder.glob("compliance=*,heating=true,ratio=0.05/run.json"):
        run = load(path.parent)
        runs[run.si("circuit", "compliance")] = run
    full = [runs[current] for current in sorted(runs)]
    current = np.array(sorted(runs))
    radius, R = (
        np.array([run.summary[name]["value"] for run in full]) for name in ("tip_radius", "R_LRS")
    )
    constant = current <= 1.01 * buttberg2025.I_SIDE_GROWTH
    return {
        **_json(folder / "study.json"),
        "tip_radius_to_100nA": (float(radius[constant][-1] / radius[0] - 1), ""),
        "power_of_R": (float(np.polyfit(np.log(current), np.log(R), 1)[0]), ""),
        "R_falls": (float((np.diff(R) < 0).all()), ""),
        "drop_at_3.5uA": (_drop(full[-1], buttberg2025.I_DROP), "V"),
    }


def _drop(run: Run, current: float) -> float:
    """Largest potential of counter electrode and filament at the first state from a current on."""
    iv, reader = run.iv, pv.get_reader(run.path / "fields" / "cell.pvd")
    for time in reader.time_values:
        if np.interp(time, iv["t [s]"], iv["I [A]"]) >= 0.999 * current:
            reader.set_active_time_value(time)
            cell = reader.read()[0].point_data_to_cell_data()
            metal = np.asarray(cell.cell_data["region"]).round() <= 1
            return float(np.asarray(cell.cell_data["potential [V]"])[metal].max())
    raise KeyError(f"{run.path}: no fields at {current:g} A")


def _relaxation(folder: Path) -> Results:
    return _json(folder / "findings.json")


def _reset(folder: Path) -> Results:
    """Voltages of RESET in the order of falling resistance, the weakest filament first."""
    runs = sorted((load(p.parent) for p in folder.glob("*/run.json")), key=_compliance_of)
    opened, gone = (
        np.abs([run.summary[name]["value"] or np.nan for run in runs])
        for name in ("V_open", "V_dissolved")
    )
    return {
        "dissolution_rises": (float((np.diff(gone) > 0).all()), ""),
        "opening_rises": (float((np.diff(opened) > 0).all()), ""),
    }


def _compliance_of(run: Run) -> float:
    return run.si("circuit", "compliance")


def _sensitivity(folder: Path) -> Results:
    """Largest temperature with the filament's heat conductivity as it is, and reduced."""
    runs = {run.si("filament", "thermal_conductivity"): run for run in _runs(folder)}
    low, bulk = (runs[kappa].summary["T_max"]["value"] for kappa in (min(runs), max(runs)))
    return {"hotter_by": (float(low - bulk), "K")}


def _runs(folder: Path) -> list[Run]:
    return [load(path.parent) for path in folder.glob("*/run.json")]


READINGS: Mapping[str, Callable[[Path], Results]] = {
    CLOSED_FORM: _closed_form,
    "ecm_set": _set,
    "ecm_compliance": _compliance,
    "ecm_relaxation": _relaxation,
    "ecm_reset": _reset,
    "ecm_sensitivity": _sensitivity,
}
