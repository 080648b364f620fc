"""What runs say to the statements of Salev et al. (2021)."""

import json
from collections.abc import Callable, Mapping
from pathlib import Path

import numpy as np
import pandas as pd
from scipy.interpolate import PchipInterpolator

from mitmodels.cases.papers import salev2021
from mitmodels.cases.papers.readings.salev2021_models import closed_form, network
from mitmodels.cases.papers.statements import CLOSED_FORM
from mitmodels.checks import FloatArray
from mitmodels.film.contact import contact_resistance
from mitmodels.film.resistivity import SwitchingResistivity
from mitmodels.solvers.runs.files import Results
from mitmodels.solvers.runs.reading import Run, load


def _film(folder: Path) -> Results:
    """What the branch of the film says of the jump, on both of its sides."""
    run = load(folder)
    iv, summary = run.iv, run.summary
    unstable = np.flatnonzero(~iv["stable"].to_numpy(dtype=bool))
    V_up = summary["V_up"]["value"]
    before, behind = iv.iloc[unstable[0] - 1], iv.iloc[unstable[-1] + 1 :]
    fold = run.events.query("event == 'jump of the up sweep'")["I [A]"].to_numpy()
    end = behind[behind["V_source [V]"] >= V_up]
    T = {n: _at(end, V_up, f"{n} [K]") for n in ("T_center", "T_edge")}
    return {
        **salev2021.results(run),
        **_law(run),
        "drop_at_jump": (float(1 - fold[1] / fold[0]), ""),
        "T_center_less_edge_before": (float(before["T_center [K]"] - before["T_edge [K]"]), "K"),
        "T_center_behind": (T["T_center"], "K"),
        "T_edge_behind": (T["T_edge"], "K"),
        "I_falls_behind": (_falls(end["I [A]"].to_numpy()), ""),
        "thickness": (run.si("geometry", "thickness"), "m"),
        "length": (run.si("geometry", "length"), "m"),
        "width": (run.si("geometry", "width"), "m"),
        "off_centre": (abs(_at(end, V_up, "barrier_position [m]")), "m"),
    }


def _falls(current: FloatArray) -> float:
    """Fraction of the steps to the least current that lead down."""
    return float((np.diff(current[: current.argmin() + 1]) < 0).mean())


def _at(rows: pd.DataFrame, V: float, column: str) -> float:
    return float(np.interp(V, rows["V_source [V]"], rows[column]))


def _law(run: Run) -> Results:
    """Resistance of the film without bias over the temperature, and what the contacts add."""
    names = ("cold", "cold_quadratic", "hot", "temperature", "width")
    film = SwitchingResistivity(*(run.si("film", name) for name in names))
    sheet = run.si("geometry", "length") / run.si("geometry", "width")
    T = np.linspace(100.0, 450.0, 351)
    square = np.asarray(film(T)) / run.si("geometry", "thickness")
    R, width = square * sheet, run.si("geometry", "width")
    contacts = np.full_like(R, run.si("contact", "resistance_width") / width)
    if "resistivity" in run.config["contact"]:
        resistivity, length = run.si("contact", "resistivity"), run.si("geometry", "pad_length")
        one = [contact_resistance(resistivity, float(each), length, width) for each in square]
        contacts += 2 * np.array(one)
    return {
        "R_hot": (float((R + contacts)[-1]), "ohm"),
        "R_falls_on_cooling": (float((np.diff(R) > 0).all()), ""),
        "T_steepest": (float(T[np.argmax(np.diff(np.log(R)))]), "K"),
        "contacts_of_R": (float(contacts[0] / (contacts + R)[0]), ""),
    }


def _moke(folder: Path) -> Results:
    table = pd.read_csv(folder / "moke" / "widths.csv").set_index("V_source [V]")
    found = json.loads((folder / "moke" / "findings.json").read_text(encoding="utf-8"))
    barrier = table[table["length above T_c [m]"] > 0]
    growing = barrier[barrier["largest amplitude"] > 0.5]["width at half depth [m]"]
    first = barrier.iloc[0]
    readings: dict[str, tuple[float | None, str]] = {
        name: (entry["value"], entry["unit"]) for name, entry in found.items()
    }
    for V, row in table.iterrows():
        readings[f"amplitude_at_{V:g}V"] = float(row["amplitude in the centre"]), ""
        readings[f"sides_at_{V:g}V"] = float(row["largest amplitude"]), ""
    return readings | {
        "across_behind": (float(first["largest amplitude across"]), ""),
        "d_moke_grows": (float((np.diff(growing) > 0).all()), ""),
    }


def _second_device(folder: Path) -> Results:
    return {**_film(folder), **_moke(folder)}


def _position(folder: Path) -> Results:
    modes = pd.read_csv(folder / "modes.csv")
    return {**_film(folder), "largest_gain": (float(modes["gain"].max()), "")}


def _drives(folder: Path) -> Results:
    """Current against voltage drive at 250 K, and the map behind the jump of the current."""
    current, voltage = load(folder), load(folder.parent / "voltage_250K")
    I_up, peak, hot = (
        current.summary[name]["value"] for name in ("I_up", "V_at_I_max", "V_nucleated")
    )
    apart = [
        _apart(current.iv, voltage.iv, V, rows)
        for V, rows in (((1.0, 0.95 * peak), (0.0, peak)), ((hot, 1.1 * hot), (0.6 * hot, np.inf)))
    ]
    kerr = json.loads((folder / "moke" / "findings.json").read_text(encoding="utf-8"))
    maps = pd.read_csv(folder.parent / "voltage_250K" / "moke" / "widths.csv")
    widths = maps["length above T_c [m]"].to_numpy()
    return {
        "drives_apart": (float(max(apart)), ""),
        "loop_over_I_up": (current.summary["hysteresis"]["value"] / I_up, ""),
        "switched_of_length": (
            current.summary["d_nucleated"]["value"] / current.si("geometry", "length"),
            "",
        ),
        "amplitude_behind": (kerr["largest_nucleated"]["value"], ""),
        "folds_of_voltage": (float((voltage.events["event"] == "fold").sum()), ""),
        "grows_at_250K": (float((np.diff(widths[widths > 0]) > 0).all()), ""),
    }


def _apart(
    a: pd.DataFrame, b: pd.DataFrame, V: tuple[float, float], rows: tuple[float, float]
) -> float:
    """Largest relative distance of two currents in a range, by monotone cubics through rows."""
    at = np.linspace(*V, 20)

    def current(iv: pd.DataFrame) -> FloatArray:
        row = iv[iv["stable"] & iv["V_source [V]"].between(*rows)]
        return np.asarray(PchipInterpolator(row["V_source [V]"], row["I [A]"])(at))

    return float(np.abs(current(a) / current(b) - 1).max())


def _points(folder: Path) -> dict[float, Run]:
    """Runs of a sweep of the temperature, in ascending temperature [K]."""
    runs = [load(path.parent) for path in folder.glob("*/run.json")]
    return dict(sorted((r.si("ambient", "temperature"), r) for r in runs))


def _value(run: Run, name: str) -> float:
    value = run.summary[name]["value"]
    return np.nan if value is None else float(value)


def _current_family(folder: Path) -> Results:
    runs = _points(folder)
    loops = {T: _value(run, "hysteresis") / _value(run, "I_up") for T, run in runs.items()}
    R = {T: _value(run, "R_switched") for T, run in runs.items()}
    return {
        "loops_to_300K": (float(sum(loops[T] > 0.01 for T in loops if T < 310)), ""),
        "loops_at_320K": (float(loops[320.0] > 0.01), ""),
        "folds_at_340K": (float((runs[340.0].events["event"] == "fold").sum()), ""),
        "R_switched_240K": (R[240.0], "ohm"),
        "R_switched_300K": (R[300.0], "ohm"),
        "R_switched_300_over_240K": (R[300.0] / R[240.0], ""),
    }


def _family(folder: Path) -> Results:
    runs = _points(folder)
    T = np.array(list(runs))
    P, V, jump = (
        np.array([_value(run, name) for run in runs.values()])
        for name in ("P_switch", "V_at_I_max", "hysteresis")
    )
    falling = np.isfinite(P)
    return {
        "curves": (float(len(runs)), ""),
        "P_60_over_100K": (P[T == 60][0] / P[T == 100][0], ""),
        "P_largest_step_above_100K": (float(np.diff(P[falling & (T >= 100)]).max()), "W"),
        "T_of_largest_V": (float(T[np.nanargmax(V)]), "K"),
        "smooth_from": (float(T[~(jump > 0)].min()), "K"),
        "temperatures_with_NDR": (float(falling[T <= 300].sum()), ""),
        "NDR_at_340K": (float(falling[T == 340][0]), ""),
    }


def _filament(folder: Path) -> Results:
    """The mirror case under a current, and under a voltage in the folder beside it."""
    run, other = load(folder), load(folder.parent / "vo2_voltage")
    s = run.summary
    iv = run.iv
    wide = iv[iv["barrier_width [m]"] > 0.99 * s["d_max"]["value"]]
    events = other.events.set_index("event")["V_source [V]"]
    return {
        "V_behind_over_before": (s["V_full"]["value"] / s["V_nucleated"]["value"], ""),
        "across_over_along": (float(wide["hot_across [m]"].iloc[0] / s["d_max"]["value"]), ""),
        "V_released_over_jump": (
            float(events["compliance released"] / events["compliance"]),
            "",
        ),
    }


READINGS: Mapping[str, Callable[[Path], Results]] = {
    CLOSED_FORM: closed_form,
    "lsmo_iv": _film,
    "lsmo_moke": _moke,
    "lsmo_50x50": _second_device,
    "lsmo_position": _position,
    "current_250K": _drives,
    "lsmo_current_family": _current_family,
    "lsmo_family": _family,
    "lsmo_network": network,
    "vo2_filament": _filament,
}
