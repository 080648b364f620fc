"""What runs say to the statements of Schindler et al. (2009)."""

import json
from collections.abc import Callable, Mapping
from pathlib import Path

import pandas as pd

from mitmodels.solvers.runs.files import Results


def _thickness(folder: Path) -> Results:
    entries = json.loads((folder / "thickness.json").read_text(encoding="utf-8"))
    points = pd.read_csv(folder / "sweep.csv").set_index("geometry.oxide [m]").loc[10e-9]
    growth = (points["t_set [s]"] - points["t_nucleation [s]"]).to_numpy()
    V = points["protocol.0.value [V]"].to_numpy()
    return {
        **{name: (entry["value"], entry["unit"]) for name, entry in entries.items()},
        "slower_at_less": (float(growth[V.argmin()] / growth[V.argmax()]), ""),
    }


READINGS: Mapping[str, Callable[[Path], Results]] = {"cell_thickness": _thickness}
