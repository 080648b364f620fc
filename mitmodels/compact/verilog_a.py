"""Verilog-A text: tables as analog functions without state, comments and numbers.

A table is a cubic between its points whose slopes keep it monotone where they are (Fritsch and
Carlson), constant beyond both ends: the language's own ``$table_model`` reads files, and simulators
differ in what they take.
"""

import numpy as np

from mitmodels.compact.spice import number
from mitmodels.compact.table import Curve


def comment(text: str) -> str:
    """Return lines of text as comments."""
    return "\n".join(f"// {line}".rstrip() for line in text.splitlines())


def function(name: str, curve: Curve) -> str:
    """Return a curve as an analog function of one real argument, smooth between its points."""
    from scipy.interpolate import PchipInterpolator  # only here: it takes longer than the rest

    coefficients = np.asarray(PchipInterpolator(curve.x, curve.y).c)
    lines = [
        f"analog function real {name};",
        "    input x;",
        "    real x, d;",
        "    begin",
        f"        if (x <= {number(curve.x[0])})",
        f"            {name} = {number(curve.y[0])};",
    ]
    for i, (a, b, c, d) in enumerate(coefficients.T):
        start, end = number(curve.x[i]), number(curve.x[i + 1])
        cubic = f"{number(d)} + d*({number(c)} + d*({number(b)} + d*({number(a)})))"
        lines += [
            f"        else if (x < {end}) begin",
            f"            d = x - ({start});",
            f"            {name} = {cubic};",
            "        end",
        ]
    lines += [
        "        else",
        f"            {name} = {number(curve.y[-1])};",
        "    end",
        "endfunction",
    ]
    return "\n".join(lines)
