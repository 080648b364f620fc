"""What runs say to the statements of Chen et al. (2024)."""

import json
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd

from mitmodels.cases.papers import chen2024, salev2021
from mitmodels.cases.papers.statements import CLOSED_FORM
from mitmodels.magnetism import kittel
from mitmodels.magnetism.magnetisation import Brillouin
from mitmodels.solvers.runs.files import Results
from mitmodels.solvers.runs.reading import Run, load

_G = 2.0  # assumed: the paper gives none
_LINES_4_TO_8 = (4e9, 5e9, 6e9, 7e9, 8e9)  # [Hz] Fig. 2a


def _closed_form(_: Path) -> Results:
    law, step = Brillouin(), 1e-4
    f, H_a, M = chen2024.FREQUENCY, chen2024.H_A, chen2024.M_EFF
    slope = np.diff(kittel.resonance_field(f, np.array([M - step, M + step]), H_a, _G))
    fields = kittel.resonance_field(np.array(_LINES_4_TO_8), M, H_a, _G)
    back = kittel.fit_kittel(np.array(_LINES_4_TO_8), fields, _G)
    widths = kittel.linewidth(np.array(_LINES_4_TO_8), chen2024.DAMPING, chen2024.INHOMOGENEOUS, _G)
    line = kittel.fit_linewidth(np.array(_LINES_4_TO_8), widths, _G)
    warm = law(np.linspace(100.0, 339.0, 50))
    small = replace(salev2021.BARRIER, length=chen2024.SIZE)
    hot, cold = (
        kittel.resonance_field(f, law(T), H_a, _G)
        for T in (chen2024.TEMPERATURES["L1"], chen2024.AMBIENT)
    )
    return {
        "M_eff": (float(back.M_eff), "T"),
        "H_a": (float(back.H_a), "T"),
        "damping": (float(line.damping), ""),
        "inhomogeneous": (float(line.inhomogeneous), "T"),
        "M_eff_falls": (float((np.diff(warm) < 0).all()), ""),
        "T_curie": (law.curie_temperature, "K"),
        "field_by_M_eff": (float(slope[0] / (2 * step)), ""),
        "fields_rise_with_f": (float((np.diff(fields) > 0).all()), ""),
        "V_c_analytic": (float(small.threshold_approximate()[1]), "V"),
        "shift_to_L1": (float(hot - cold), "T"),
    }


def _resonance(folder: Path) -> Results:
    found = json.loads((folder / "fmr" / "findings.json").read_text(encoding="utf-8"))
    lines = pd.read_csv(folder / "fmr" / "lines.csv")
    single = {float(row["V [V]"]): row for _, row in lines.drop_duplicates("V [V]").iterrows()}
    run = load(folder)
    hottest = lines.groupby("V [V]")["field [T]"].max()
    below = lines[lines["V [V]"] == chen2024.BIAS]
    near = below["inferred T [K]"].between(140.0, 180.0).sum()
    cold = (below["inferred T [K]"] < 120.0).sum()
    return {
        "length": (run.si("geometry", "length"), "m"),
        "thickness": (run.si("geometry", "thickness"), "m"),
        "lines_without_bias": (float(found["lines fitted"]["0 V"]), ""),
        "residual_without_bias": (float(single[0.0]["one-line residual"]), ""),
        "residual_at_3V": (float(single[3.0]["one-line residual"]), ""),
        "first_distorted": (
            _or_none(found["first voltage with a line that is not Lorentzian [V]"]),
            "V",
        ),
        "lines_at_6V": (float(found["lines fitted"]["6 V"]), ""),
        "lines_at_11V": (float(found["lines fitted"]["11 V"]), ""),
        "maxima_at_13V": (float(found["maxima of the absorption"]["13 V"]), ""),
        "shift_at_3V": (float(hottest[3.0] - hottest[0.0]), "T"),
        "shift_6_to_11V": (float(hottest[chen2024.BIAS] - hottest[6.0]), "T"),
        "lines_beside_at_8V": (float(found["lines fitted"]["8 V"] - 1), ""),
        "first_silent": (_or_none(found["first voltage with silent film [V]"]), "V"),
        "T_L1": (found["hottest line, inferred temperature [K]"], "K"),
        "shift_L1": (found["hottest line, shift from no bias [T]"], "T"),
        "T_coldest": (found["film, lowest temperature [K]"], "K"),
        "lines_near_L2": (float(near), ""),
        "lines_of_cold_film": (float(cold), ""),
        "phases": (float(sum(phase is not None for phase in found["phases"])), ""),
        "T_spread_at_2V": (_spread(single[2.0]), "K"),
        "T_spread_at_11V": (_spread(single[chen2024.BIAS]), "K"),
    }


def _or_none(value: float | None) -> float | None:
    return None if value is None else float(value)


def _spread(row: "pd.Series[float]") -> float:
    return float(row["film T_max [K]"] - row["film T_min [K]"])


def _family(folder: Path) -> Results:
    paths = folder.glob("*/run.json")
    runs = {run.si("ambient", "temperature"): run for run in (load(path.parent) for path in paths)}
    fold = {T: _value(run, "V_up") for T, run in runs.items()}
    loop = {T: np.nan_to_num(_value(run, "hysteresis")) for T, run in runs.items()}
    return {
        "V_c_100K": (fold[100.0], "V"),
        "V_c_150K": (fold[150.0], "V"),
        "V_c_150_over_100K": (fold[150.0] / fold[100.0], ""),
        **{f"loop_{T:g}K": (float(width), "V") for T, width in loop.items()},
        **{f"drop_{T:g}K": (_drop(run), "") for T, run in runs.items()},
        **{f"bend_{T:g}K": (_bend(run), "") for T, run in runs.items()},
    }


def _value(run: Run, name: str) -> float:
    value = run.summary[name]["value"]
    return np.nan if value is None else float(value)


def _drop(run: Run) -> float:
    """How far the current falls behind its maximum, over that; 0 if it only rises."""
    return float(np.nan_to_num(1 - _value(run, "I_hold") / _value(run, "I_max")))


def _bend(run: Run) -> float:
    """Conductance at no voltage over the least one of the stable branch."""
    iv = run.iv[run.iv["stable"].to_numpy(dtype=bool)].iloc[1:]
    G = (iv["I [A]"] / iv["V_source [V]"]).to_numpy()
    return float(G[0] / G.min())


READINGS: Mapping[str, Callable[[Path], Results]] = {
    CLOSED_FORM: _closed_form,
    "lsmo_10x10": _resonance,
    "lsmo_10x10_family": _family,
}
