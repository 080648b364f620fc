"""Prediction of ferromagnetic resonance from the run folder of a film: tables and figures."""

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyvista as pv
from pydantic import TypeAdapter

from mitmodels.cases.figures.stored_states import read_fields, upward_sweep
from mitmodels.cases.figures.style import save, styled
from mitmodels.cases.film.laws.film import FilmLaw
from mitmodels.cases.magnetism import fmr_figures
from mitmodels.cases.magnetism.fmr import (
    DISTORTED,
    BiasPoint,
    FilmState,
    Measurement,
    calibrate,
    evidence,
    predict,
)
from mitmodels.cases.papers import chen2024
from mitmodels.cases.papers.quoted import matches
from mitmodels.cases.registry import load_run
from mitmodels.checks import FloatArray
from mitmodels.errors import InputError
from mitmodels.solvers.runs.files import create_folder, write_table
from mitmodels.solvers.runs.reading import Run

_MIDLINE_CELLS = 256
# Triangles are cut into the square of this number: the wall of a barrier is a continuum of lines.
_CUTS = 8
_COLUMNS = (
    "V [V]",
    "line",
    "field [T]",
    "half width [T]",
    "inferred T [K]",
    "film T_min [K]",
    "film T_max [K]",
    "silent share",
    "one-line residual",
)


def fmr(
    folder: Path | str, /, out: Path | str | None = None, *, pad_weight: float = 0.0
) -> list[Path]:
    """Predict the ferromagnetic resonance from the stored temperature fields of a film run.

    Parameters
    ----------
    folder
        Run folder with fields at several source voltages.
    out
        Folder for tables, results and figures, which must not exist. Default: fmr/ in the run.
    pad_weight
        Fraction of the rf signal that film under the pads gives, 0 to 1, if the contact is ideal;
        one with a resistivity has its current under them in the fields.

    Returns
    -------
    list of Path
        The files.

    Raises
    ------
    InputError
        If the run is of another case, fewer than two source voltages have stored fields, the
        folder exists, or the weight is not a fraction or given where the current under the pads
        is known.
    """
    run = load_run(folder, "film_iv")
    if not 0 <= pad_weight <= 1:
        raise InputError(
            f"--pad-weight {pad_weight:g}: is not a fraction: give a number from 0 to 1"
        )
    if pad_weight and _has_region(run):
        raise InputError(
            f"--pad-weight {pad_weight:g}: the contact of this run has a resistivity, so that its "
            "fields show the current under the pads: leave the weight out"
        )
    out = Path(out or run.path / "fmr")
    states = film_states(run)
    length, thickness = (run.si("geometry", key) for key in ("length", "thickness"))
    weight = None if _has_region(run) else pad_weight
    measurement = Measurement(length, thickness, pad_weight=weight)
    create_folder(out)
    calibration = calibrate(measurement, states[0])
    points = [predict(measurement, state) for state in states]
    _write_lines(out / "lines.csv", points)
    quoted = matches(run, chen2024.DEVICE)
    results = _results(measurement, states, points, quoted)
    (out / "findings.json").write_text(json.dumps(results, indent=2) + "\n", encoding="utf-8")
    with styled():
        figures = {
            "fig_2a_signals": fmr_figures.zero_bias_signals(measurement, calibration),
            "fig_2c_widths": fmr_figures.widths(measurement, calibration),
            "fig_2d_kittel": fmr_figures.kittel(measurement, calibration),
            "fig_3a_signals": fmr_figures.bias_signals(measurement, points, quoted),
            "fig_3b_lines": fmr_figures.lines(measurement, points, quoted),
            "fig_3c_temperature": fmr_figures.field_against_temperature(
                measurement, points, quoted
            ),
        }
        files = [save(figure, out / f"{name}.png") for name, figure in figures.items()]
    return [out / "lines.csv", out / "findings.json", *files]


def film_states(run: Run) -> list[FilmState]:
    """States of an upward sweep in ascending voltage, the unbiased film first.

    Raises
    ------
    InputError
        If fewer than two source voltages have stored fields.
    """
    film: Any = TypeAdapter(FilmLaw).validate_python(run.config["film"])
    law = film.resistivity()
    biased = [_state(run, law, voltage, name) for voltage, name in upward_sweep(run).items()]
    return [_unbiased(run, law, biased[0]), *biased]


def _has_region(run: Run) -> bool:
    """Whether film under the pads carries a current in the fields."""
    given = "resistivity" in run.config.get("contact", {})
    return given and run.si("contact", "resistivity") > 0


def _state(run: Run, law: Callable[[Any], Any], voltage: float, name: str) -> FilmState:
    mesh = read_fields(run, f"{name}.vtu")
    corners = np.asarray(mesh["temperature [K]"], dtype=float)[
        mesh.cells_dict[pv.CellType.TRIANGLE]
    ]
    sized = mesh.compute_cell_sizes(length=False, volume=False)
    thickness, half = run.si("geometry", "thickness"), run.si("geometry", "length") / 2
    current = np.linalg.norm(mesh["current density [A/m2]"], axis=1) * thickness
    centres = _sub_triangles(_CUTS)
    temperature = (corners @ centres.T).ravel()
    inset = half / _MIDLINE_CELLS
    line = mesh.sample_over_line(
        (inset - half, 0, 0), (half - inset, 0, 0), resolution=_MIDLINE_CELLS - 1
    )
    return FilmState(
        voltage=voltage,
        temperature=temperature,
        area=np.repeat(np.asarray(sized["Area"], dtype=float) / len(centres), len(centres)),
        current_density=np.repeat(current, len(centres)),
        sheet_resistance=law(temperature) / thickness,
        under_pad=np.repeat(np.asarray(mesh["region"]) != 0, len(centres)),
        midline=np.asarray(line["temperature [K]"], dtype=float),
    )


def _sub_triangles(cuts: int) -> FloatArray:
    """Barycentric coordinates of the centres of cuts^2 equal triangles, shape (cuts^2, 3)."""
    i, j = np.mgrid[:cuts, :cuts]
    upright, inverted = i + j < cuts, i + j < cuts - 1
    first = np.concatenate([i[upright] + 1 / 3, i[inverted] + 2 / 3]) / cuts
    second = np.concatenate([j[upright] + 1 / 3, j[inverted] + 2 / 3]) / cuts
    return np.column_stack([first, second, 1 - first - second])


def _unbiased(run: Run, law: Callable[[Any], Any], state: FilmState) -> FilmState:
    """Film at the ambient temperature, its current distributed as in the state of least bias."""
    ambient, thickness = run.si("ambient", "temperature"), run.si("geometry", "thickness")
    temperature = np.full_like(state.temperature, ambient)
    even = np.where(state.under_pad, 0.0, 1.0)
    return replace(
        state,
        voltage=0.0,
        temperature=temperature,
        current_density=state.current_density if _has_region(run) else even,
        sheet_resistance=law(temperature) / thickness,
        midline=np.full_like(state.midline, ambient),
    )


def _write_lines(path: Path, points: list[BiasPoint]) -> None:
    rows = [
        (p.voltage, i, line.field, line.hwhm, T, *p.true_range, p.silent, p.one_line_residual)
        for p in points
        for i, (line, T) in enumerate(zip(p.lines.lines, p.inferred, strict=True), 1)
    ]
    write_table(path, pd.DataFrame(rows, columns=_COLUMNS))


def _results(
    measurement: Measurement, states: list[FilmState], points: list[BiasPoint], quoted: bool
) -> dict[str, object]:
    """Return what the fields predict, in the paper's device beside what was measured.

    Lines and zones are those of one bias: the paper's, elsewhere the last without silent film.
    """
    if quoted:
        at = min(range(len(points)), key=lambda i: abs(points[i].voltage - chen2024.BIAS))
    else:
        at = max((i for i, point in enumerate(points) if not point.silent), default=-1)
    found = evidence(measurement, states[at])
    hottest = points[at].lines.lines[-1]
    silent = next((point for point in points if point.silent > 0), None)
    distorted = (point.voltage for point in points if point.one_line_residual > DISTORTED)
    return {
        "voltage [V]": points[at].voltage,
        "lines fitted": {f"{point.voltage:g} V": len(point.lines.lines) for point in points},
        "maxima of the absorption": {f"{point.voltage:g} V": len(point.maxima) for point in points},
        "hottest line [T]": hottest.field,
        "hottest line, shift from no bias [T]": hottest.field - points[0].lines.lines[0].field,
        "hottest line, inferred temperature [K]": float(points[at].inferred[-1]),
        "film, highest temperature [K]": points[at].true_range[1],
        "film, lowest temperature [K]": points[at].true_range[0],
        "first voltage with a line that is not Lorentzian [V]": next(distorted, None),
        "first voltage with silent film [V]": silent and silent.voltage,
        "silent share of the weight there": silent.silent if silent else 0.0,
        "zones [K]": [zone.temperature for zone in found.zones],
        "phases": found.phases,
        "drift over half width": found.drift,
        "rotation over half width": found.rotation,
        "verdict": found.verdict,
        **(_measured(measurement) if quoted else {}),
    }


def _measured(measurement: Measurement) -> dict[str, object]:
    """Return what the paper states of the same quantities."""
    film, f = measurement.ferromagnet, measurement.frequency
    hot, cold = (float(film.resonance_field(f, chen2024.TEMPERATURES[n])) for n in ("L1", "L3"))
    return {
        "lines measured from 6 V to the critical voltage": int(chen2024.LINES_BELOW),
        "lines measured above it": int(chen2024.LINES_ABOVE),
        "hottest line, shift measured by its quoted temperature [T]": hot - cold,
        "first such voltage, measured [V]": float(chen2024.V_DISTORTED),
    }
