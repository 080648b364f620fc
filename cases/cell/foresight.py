"""What can be known of a run of a cell before it: what its protocol never reaches."""

import math
from collections.abc import Iterator, Mapping
from itertools import pairwise

import numpy as np
from scipy.optimize import brentq

from mitmodels.cell.model import CellModel
from mitmodels.cell.observables import CELL_IN_CIRCUIT as SHOWN
from mitmodels.drive.following import awaited, expected
from mitmodels.drive.observable import Level
from mitmodels.drive.protocol import Protocol
from mitmodels.drive.waveform import Waveform
from mitmodels.solvers.cell.meshed_cell import Cell

_POINTS = 257  # on a straight line of the drive
_LIKELY = 3.0  # nuclei to be expected, one of which appears in 95 % of all runs
_TUNNELLING = 1e-9  # [m] gap through which a current can be measured


def warnings(cell: Cell, protocol: Protocol, fields: Mapping[str, Level]) -> list[str]:
    """Return sentences about a filament that stays short, and about values that are never met."""
    return [
        *_short(cell, protocol),
        *_without_nucleus(cell, protocol),
        *_unreached(cell.model, protocol, fields),
    ]


def largest_growth(cell: Cell, protocol: Protocol) -> float:
    """Upper bound of the growth of a cold filament [m].

    As if it kept the speed of its nucleus, and nothing dissolved. The trapezoidal rule and linear
    interpolation are above an exponential, too.
    """
    known = np.linspace(0.0, max(protocol.extremes[1], 0.0), _POINTS)
    speeds = [nucleus_speed(cell, V) for V in known]

    def grown(drive: Waveform) -> float:
        lines = zip(pairwise(drive.times), pairwise(drive.values), strict=True)
        return sum(
            (end - begin) * float(np.interp(np.linspace(*ends, _POINTS), known, speeds).mean())
            for (begin, end), ends in lines
        )

    return protocol.total(grown)


def nucleus_speed(cell: Cell, V: float) -> float:
    """Speed of a nucleus under a voltage of the cell [m/s] if the electrolyte took none of it.

    Charge transfer at the nucleus and at the whole of the active electrode, one after the other.
    """
    model, radius = cell.model, cell.dissolution.nucleus
    if cell.critical_voltage >= V:
        return 0.0
    ratio = 2 * radius**2 / cell.stack.radius**2  # of the areas

    def excess(share: float) -> float:
        dissolved = model.kinetics(share * V, model.ambient)
        return float(dissolved + ratio * model.kinetics((share - 1) * V, model.ambient))

    share = brentq(excess, 0.0, 1.0)
    return float(model.deposit.speed(model.kinetics((share - 1) * V, model.ambient)))


def _short(cell: Cell, protocol: Protocol) -> Iterator[str]:
    oxide, nucleus, highest = cell.stack.oxide, cell.dissolution.nucleus, protocol.extremes[1]
    if highest <= 0:
        yield "protocol: the source is never positive, so no filament grows: give it a SET first"
        return
    if highest <= cell.critical_voltage:
        yield (
            f"protocol: the surface energy keeps the nucleus from growing up to "
            f"{cell.critical_voltage:.3g} V, the source goes to {highest:g} V: go higher"
        )
        return
    grown = largest_growth(cell, protocol)
    if nucleus + grown < oxide - _TUNNELLING:
        speed = nucleus_speed(cell, highest)  # of a very cold one no number is left
        time = f"more than {(oxide - nucleus) / speed:.2g} s" if speed else "longer"
        yield (
            f"protocol: the filament grows by at most {grown * 1e9:.2g} nm, the oxide has "
            f"{oxide * 1e9:g} nm: the cell does not switch; hold {highest:g} V for "
            f"{time}, or go higher"
        )


def _without_nucleus(cell: Cell, protocol: Protocol) -> Iterator[str]:
    law, T = cell.nucleation, cell.model.ambient
    if law is None or protocol.extremes[1] <= 0:
        return

    def of(drive: Waveform) -> float:
        lines = zip(pairwise(drive.values), pairwise(drive.times), strict=True)
        return sum(law.expected(values, T, end - begin) for values, (begin, end) in lines)

    if (number := protocol.total(of)) < _LIKELY:
        highest = protocol.extremes[1]
        rate = law.rate(highest, T)  # of a high barrier no number is left
        wait = 1 / rate if rate else math.inf
        yield (
            f"protocol: a nucleus appears with a probability of {-math.expm1(-number):.2g}: at "
            f"{highest:g} V it takes {wait:.2g} s on average: give the drive "
            "more time or voltage"
        )


def _unreached(model: CellModel, protocol: Protocol, fields: Mapping[str, Level]) -> Iterator[str]:
    """Values beyond the limit of the current, and beyond what the source gives."""
    low, high = protocol.extremes
    ranges = {
        "I": (-np.inf, model.circuit.limit, "the compliance is"),
        "V_source": (low, high, "the source goes to"),
        "V_cell": (low, high, "the source goes to"),
    }
    words = expected(protocol, SHOWN, fields)
    for event, named in awaited(protocol, fields):
        name = SHOWN.aliases.get(named.quantity, named.quantity)
        least, most, said = ranges.get(name, (-np.inf, np.inf, ""))
        if not least <= (value := named.value) <= most:
            bound = most if value > most else least
            yield f"{words[event]} is never reached: {said} {bound:g} {SHOWN.find(name).unit}"
