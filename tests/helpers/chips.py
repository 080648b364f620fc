"""Chips that tests solve: pairs of the LSMO channel on meshes of their own."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from mpi4py import MPI

from mitmodels.cases.chip import steady
from mitmodels.cases.config.document import Document, read
from mitmodels.solvers.chip.newton import ChipNewton

QUARTER = {"domain": "quarter"}
SMALL = {"size": "5 um", "edge_size": "3 um", "cells_across": 4}


def document(*devices: Mapping[str, Any], **sections: Any) -> Document:
    """The shipped pair with other devices and sections on a coarse mesh."""
    data: dict[str, Any] = {"base": "lsmo_pair", "mesh": SMALL, **sections}
    if devices:
        data["device"] = [
            {"name": f"device-{number}", "rotation": 0, **device}
            for number, device in enumerate(devices)
        ]
    return read(data)


def at(x: float, y: float, **sections: Any) -> dict[str, Any]:
    """A device at a position [um]."""
    return {"position": [f"{x} um", f"{y} um"], **sections}


def prepared(*devices: Mapping[str, Any], **sections: Mapping[str, Any]) -> steady.Prepared:
    """Check and mesh a chip."""
    config = document(*devices, **sections).validate(steady.Config)
    return steady.prepare(config, MPI.COMM_WORLD)


def chip(*devices: Mapping[str, Any], **sections: Mapping[str, Any]) -> ChipNewton:
    """Assemble a chip."""
    return steady.build_chip(prepared(*devices, **sections), MPI.COMM_WORLD)


SHIPPED = Path(steady.__file__).parent.parent / "lsmo_pair.toml"
