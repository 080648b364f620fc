"""Which stored fields of a film belong to an upward sweep of the source voltage."""

import re

from mitmodels.errors import InputError
from mitmodels.solvers.runs.reading import Run

_STATE = re.compile(r"[\d.]+V-(metal|barrier)")


def upward_sweep(run: Run) -> dict[float, str]:
    """Names of the stored states by their source voltage [V], in ascending order.

    Before the up-fold an upward sweep is on the metal state, also where a barrier would be stable.

    Raises
    ------
    InputError
        If fewer than two source voltages have stored fields.
    """
    events = run.events
    stored = events[events["event"] == "fields"]
    names: dict[float, str] = {}
    for voltage, name in zip(stored["V_source [V]"], stored["detail"], strict=True):
        if _STATE.fullmatch(name) and names.get(round(voltage, 6), "barrier").endswith("barrier"):
            names[round(voltage, 6)] = name
    if len(names) < 2:
        raise InputError(
            f"{run.path}: has fields at {len(names)} source voltages, two or more are needed; "
            "list them as output.fields_at.V_source and run again"
        )
    return dict(sorted(names.items()))
