"""Compliance study of a metallization cell: what the SETs of a sweep say together.

A study is a sweep of ``circuit.compliance``; ``tunnel.heating`` and ``void.ratio`` may be swept
too, which gives up to three kinds of SET.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

import numpy as np
import numpy.typing as npt

from mitmodels.cases.config.layers import RENAMED, si
from mitmodels.cases.sweeps.folder import SweepFolder
from mitmodels.solvers.runs.files import Results
from mitmodels.solvers.runs.reading import Run, load

Kind = Literal["full", "without barrier heating", "without dissolution"]

_CURRENT = "circuit.compliance"


@dataclass(frozen=True)
class Study:
    """SETs of one kind in the order of their compliance.

    Attributes
    ----------
    currents : ndarray
        Compliance [A].
    runs : tuple of Run
        One for each.
    """

    currents: npt.NDArray[np.float64]
    runs: tuple[Run, ...]

    def of(self, name: str) -> npt.NDArray[np.float64]:
        """Return an entry of all summaries, NaN where a run has none."""
        values = [run.summary[name]["value"] for run in self.runs]
        return np.array([np.nan if value is None else value for value in values], dtype=float)

    def at(self, current: float) -> Run | None:
        """Return the SET at a compliance [A], if there is one."""
        found = np.flatnonzero(np.isclose(self.currents, current, rtol=1e-3, atol=0.0))
        return self.runs[found[0]] if len(found) else None


def studies(folder: SweepFolder) -> dict[Kind, Study]:
    """Return the completed SETs of a sweep by their kind; empty if it is no compliance study."""
    swept = {RENAMED.get(k, k) for axis in folder.record["axes"] for k in axis["keys"]}
    if _CURRENT not in swept or swept - {_CURRENT, "tunnel.heating", "void.ratio"}:
        return {}
    found: dict[Kind, list[tuple[float, Run]]] = {}
    for run in (load(folder.path / s.name) for s in folder.states() if s.state == "completed"):
        current = si(run.config, _CURRENT)
        assert current is not None  # it is swept
        found.setdefault(_kind(run), []).append((current, run))
    return {kind: _study(members) for kind, members in found.items()}


def _study(members: list[tuple[float, Run]]) -> Study:
    currents, runs = zip(*sorted(members, key=lambda member: member[0]), strict=True)
    return Study(np.array(currents), runs)


def _kind(run: Run) -> Kind:
    if run.si("void", "ratio") == 0.0:
        return "without dissolution"
    return "full" if run.config["tunnel"]["heating"] else "without barrier heating"


def findings(found: Mapping[Kind, Study]) -> Results:
    """Return what the SETs say together: values with their units, None where a run is missing.

    Buttberg et al., Adv. Mater. Technol. (2025) 202500837, sections 3.1 and 3.3.
    """
    full, bare = found.get("full"), found.get("without dissolution")
    said: dict[str, tuple[float | None, str]] = {}
    if full:
        said |= _of_full(full)
    if cold := found.get("without barrier heating"):
        said["I_max_without_heating"] = float(cold.of("I_max").max()), "A"
        said["rise_without_heating"] = float((cold.of("T_max") - _ambient(cold)).max()), "K"
    if bare:
        touched = np.isfinite(bare.of("I_contact"))
        first = float(bare.currents[touched][0]) if touched.any() else None
        said["least_compliance_with_contact"] = first, "A"
        said["I_contact"] = bare.runs[-1].summary["I_contact"]["value"], "A"
    return said


def _of_full(full: Study) -> Results:
    taper, product = full.of("radius_20_over_80"), full.of("R_LRS") * full.currents
    return {
        "tip_radius_1nA_to_10nA": (_ratio(full, "tip_radius", 1e-9, 1e-8, -1.0), ""),
        "tip_radius_10nA_to_1mA": (_ratio(full, "tip_radius", 1e-8, 1e-3), ""),
        "smallest_V_LRS": (float(product.min()), "V"),
        "largest_V_LRS": (float(product.max()), "V"),
        "radius_20_over_80_least_compliance": (float(taper[0]), ""),
        "radius_20_over_80_largest_compliance": (float(taper[-1]), ""),
        **_heating(full),
    }


def _heating(full: Study) -> Results:
    """How the largest temperature depends on the compliance from 1 uA on."""
    T = full.of("T_max")
    hot = full.currents > 0.99e-6
    found: dict[str, tuple[float | None, str]] = {
        "T_max": (float(T.max()), "K"),
        "T_max_rises": (float((np.diff(T) > 0).all()), ""),
    }
    if hot.sum() > 2:
        logarithm = np.log10(full.currents[hot])
        bends = np.diff(np.diff(T[hot]) / np.diff(logarithm))
        power = np.polyfit(logarithm, np.log10(T[hot] - _ambient(full)), 1)[0]
        found["T_max_convex"] = float((bends > 0).all()), ""
        found["power_of_rise"] = float(power), ""
    return found


def _ratio(study: Study, name: str, low: float, high: float, offset: float = 0.0) -> float | None:
    a, b = study.at(low), study.at(high)
    if a is None or b is None:
        return None
    return float(b.summary[name]["value"] / a.summary[name]["value"] + offset)


def _ambient(study: Study) -> float:
    return study.runs[0].si("heat", "ambient")
