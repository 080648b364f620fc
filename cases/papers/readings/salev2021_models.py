"""What closed forms and the network say to the statements of Salev et al. (2021), SI 5 and 6."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd

from mitmodels.cases.papers import salev2021
from mitmodels.magnetism.kerr_map import LASER_SPOT, kerr_map
from mitmodels.magnetism.magnetisation import Brillouin
from mitmodels.network.resistance import ArmResistance
from mitmodels.solvers.runs.files import Results
from mitmodels.solvers.runs.reading import load

_MAP = 60e-6, 1e-6  # [m] length and spacing of a map in equilibrium


def closed_form(_: Path) -> Results:
    """Analytic barrier, arms of the network, map of the film without bias."""
    return {**_analytic_barrier(), **_arms(), **_equilibrium()}


def _analytic_barrier() -> Results:
    paper = salev2021.BARRIER
    (d, V), (d_near, V_near) = paper.threshold(), paper.threshold_approximate()
    literal = replace(paper, resistivity_metal=salev2021.RHO_METAL / 100)
    smaller = {
        name: replace(paper, **{name: values}).threshold()[0]
        for name, values in {
            "resistivity_ratio": np.geomspace(10.0, 1000.0, 9),
            "length": np.geomspace(1e-3, 1e-5, 9),
            "thickness": np.geomspace(100e-9, 5e-9, 9),
        }.items()
    }
    return {
        "d_c": (float(d), "m"),
        "V_th": (float(V), "V"),
        "d_c_approximate": (float(d_near), "m"),
        "V_th_approximate": (float(V_near), "V"),
        "d_c_approximate_over_exact": (float(d_near / d), ""),
        "V_th_approximate_over_exact": (float(V_near / V), ""),
        "V_th_in_ohm_cm": (float(literal.threshold_approximate()[1]), "V"),
        "d_c_nanoscale": (float(smaller["resistivity_ratio"][-1]), "m"),
        "d_at_full": (float(paper.widths(salev2021.V_FULL).physical), "m"),
        "d_below_threshold": (float(np.nan_to_num(paper.widths(0.9 * V).physical)), "m"),
        "balance": (_balance(float(d), float(V)), ""),
        "curves_apart": (_curves_apart(), ""),
        **{f"d_c_falls_with_{k}": (float((np.diff(d) < 0).all()), "") for k, d in smaller.items()},
    }


def _balance(d: float, V: float) -> float:
    """Left side of Eq. 5.3 over its largest term."""
    barrier = salev2021.BARRIER
    terms = np.array(barrier.coefficients(V)) * (d / barrier.length) ** np.arange(3, -1, -1)
    return float(abs(terms.sum()) / np.abs(terms).max())


def _curves_apart() -> float:
    """Distance of the curves of Eq. 5.5 where the first begins to exist, over its height there."""
    V = float(salev2021.BARRIER.threshold()[1]) * np.linspace(0.9, 1.1, 20001)
    first, second = salev2021.BARRIER.printed_widths(V)
    begin = int(np.argmax(np.isfinite(first)))
    return float(abs(second[begin] / first[begin] - 1))


def _arms() -> Results:
    arm, T = ArmResistance(), np.arange(0.0, 401.0)
    literal = 1 / (1 + np.exp(-salev2021.LAMBDA * (T - salev2021.CURIE_TEMPERATURE)))
    return {
        "sigmoid_as_printed": (float(np.ptp(literal)), ""),
        "T_steepest_of_network": (float(T[np.argmax(arm.derivative(T) / arm(T))]), "K"),
        "R_network_above_cap": (float(arm(450.0) / arm(400.0)), ""),
    }


def _equilibrium() -> Results:
    law, (length, spacing) = Brillouin(), _MAP
    points = int(length / spacing)
    levels = np.array([100.0, 200.0, 300.0, 350.0, 400.0])
    maps = [kerr_map(np.full(points, T), law, spacing) / float(law(100.0)) for T in levels]
    return {
        "spot": (LASER_SPOT, "m"),
        "T_curie": (law.curie_temperature, "K"),
        "equilibrium_contrast": (float(max(np.ptp(kerr) for kerr in maps)), ""),
        "equilibrium_above_T_c": (float(max(kerr.max() for kerr in maps[3:])), ""),
    }


def network(folder: Path) -> Results:
    """Temperatures along the channel at 100 K, and where the network has negative resistance."""
    run = load(folder)
    profiles = pd.read_csv(folder / "profiles.csv")
    V = {name: run.summary[f"V_{name}_at_100K"]["value"] for name in ("at_I_max", "nucleation")}
    lines = [profiles.query("`V [1]` == @v")["T [K]"].to_numpy() for v in V.values()]
    before, behind = lines
    step, middle = behind[behind > 340].max() - behind[5], len(before) // 2
    wall = behind[: middle + 1]
    P = {T: run.summary[f"P_switch_at_{T}K"]["value"] for T in (60, 100)}
    has = {T: f"I_max_at_{T}K" in run.summary for T in (60, 100, 150, 200, 250, 315, 330)}
    return {
        "T_center_less_edge_before": (float(before[middle] - before[0]), "K"),
        "T_center_behind": (float(behind.max()), "K"),
        "T_metal_behind": (float(behind[20]), "K"),
        "cells_of_wall": (
            float(((wall > behind[5] + 0.1 * step) & (wall < behind[5] + 0.9 * step)).sum()),
            "",
        ),
        "P_60_over_100K": (P[60] / P[100], ""),
        "temperatures_with_NDR": (float(sum(has[T] for T in has if T < 300)), ""),
        "NDR_above_300K": (float(has[315] or has[330]), ""),
    }
