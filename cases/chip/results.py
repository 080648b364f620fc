"""Folders of the devices of a chip, and the thermal resistances between them."""

from collections.abc import Sequence
from itertools import combinations
from typing import Any

import numpy as np

from mitmodels.cases.chip.prepared import PreparedChip
from mitmodels.chip.kernel import even_rectangles, steady_kernel
from mitmodels.solvers.film.interfaces import Array
from mitmodels.solvers.runs.files import writing
from mitmodels.solvers.runs.folder import RunFolder
from mitmodels.solvers.runs.parallel import on_root

CROSSTALK = {
    "first": "",
    "second": "",
    "distance": "m",
    "gap": "m",
    "R_mutual": "K/W",
    "R_even": "K/W",
    "R_points": "K/W",
}


def device_folders(folder: RunFolder, names: Sequence[str]) -> list[RunFolder]:
    """Make a folder for each device, with tables, summary and fields as a run has them."""
    paths = [folder.path / "devices" / name for name in names]

    def make() -> None:
        for path in paths:
            with writing(path):
                (path / "fields").mkdir(parents=True, exist_ok=True)

    on_root(folder.comm, make)
    return [RunFolder(path, folder.comm) for path in paths]


def write_crosstalk(
    prepared: PreparedChip[Any, Any], resistances: Array, folder: RunFolder
) -> None:
    """Write the matrix, and each pair beside closed forms of even rectangles and of points."""
    names = [device.name for device in prepared.config.device]
    table = folder.table("thermal_resistances", {"device": "", **dict.fromkeys(names, "K/W")})
    for name, row in zip(names, resistances, strict=True):
        table.append({"device": name, **dict(zip(names, map(float, row), strict=True))})
    substrate, ambient = prepared.config.substrate, float(prepared.config.ambient.temperature)
    kappa, mount = float(substrate.law()(ambient)), float(substrate.mount_resistance or 0.0)
    pairs = folder.table("crosstalk", CROSSTALK)
    places = [device.film_footprint for device in prepared.config.device]
    for i, j in combinations(range(len(names)), 2):
        distance = places[i].distance(places[j])
        thickness = float(substrate.thickness or np.inf)
        # Love's integral is that of a half-space.
        even = even_rectangles(places[i], places[j]) if np.isinf(thickness) else np.nan
        points = float(steady_kernel(np.array([distance]), thickness)[0])
        pairs.append(
            {
                "first": names[i],
                "second": names[j],
                "distance": distance,
                "gap": prepared.config.device[i].footprint.gap(prepared.config.device[j].footprint),
                "R_mutual": float(resistances[i, j]),
                "R_even": even / kappa + mount,
                "R_points": points / kappa + mount,
            }
        )
