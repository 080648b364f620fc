"""Verilog-A text: tables as analog functions without state, comments and numbers.

A table is a cubic between its points whose slopes keep it monotone where they are (Fritsch and
Carlson), constant beyond both ends: the language's own ``$table_model`` reads files, and simulators
differ in what they take. The bench is one for VACASK, which compiles a module when it loads it.
"""

from collections.abc import Sequence
from itertools import pairwise
from math import inf

import numpy as np

from mitmodels.circuit import SeriesCircuit
from mitmodels.compact.spice import SHARP, WIRE, number
from mitmodels.compact.table import Curve

LIMITER = f"""module limiter(p, n);
inout p, n;
electrical p, n;
parameter real level = 1 from (0:inf);
parameter real softness = {SHARP:g} from (0:inf);
analog
    I(p, n) <+ level*(1 - exp(-max(V(p, n), 0)/softness) + min(V(p, n), 0)/softness);
endmodule
"""
"""Module of a compliance: I_c (1 - exp(-V/V_0)), as `mitmodels.circuit.Compliance`."""
_STEPS = 4000  # of a bench


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


def bench(
    module: str, corners: Sequence[tuple[float, float]], by_voltage: bool, circuit: SeriesCircuit
) -> str:
    """Return a netlist of VACASK that drives a module along corners (s, V or A) in a circuit."""
    kind, ends = ("vsource", "s 0") if by_voltage else ("isource", "0 s")
    wave = ", ".join(f"{number(t)}, {number(value)}" for t, value in corners)
    stop, step = number(corners[-1][0]), number(corners[-1][0] / _STEPS)
    softness = number(circuit.softness or SHARP)
    given = {"limiter": f"level={number(circuit.limit)} softness={softness}"}
    chain = [f"resistor r={number(circuit.load + WIRE)}"]
    if circuit.limit < inf:
        chain.insert(0, "limiter")
    if circuit.inductance:
        chain.append(f"inductor l={number(circuit.inductance)}")
    if circuit.is_blocked:
        chain.insert(0, f"capacitor c={number(circuit.series_capacitance)}")
    nodes = ["s", *(f"n{i}" for i in range(1, len(chain))), "d"]
    placed = [f"({a} {b}) {of}" for (a, b), of in zip(pairwise(nodes), chain, strict=True)]
    if circuit.capacitance:
        placed.append(f"(d 0) capacitor c={number(circuit.capacitance)}")
    models = [line.partition(") ")[2].split()[0] for line in placed]
    return "\n".join(
        [
            f"{module} under a drive, its module compiled: vacask bench.sim",
            "ground 0",
            'load "model.va"',
            *(f'load "{name}.osdi"' for name in dict.fromkeys(models) if name != "limiter"),
            *(
                f"model {name} {name} {given.get(name, '')}".rstrip()
                for name in sorted({module, kind, "vsource", *models})
            ),
            f'source ({ends}) {kind} type="pwl" wave=[{wave}]',
            *(f"e{i} {line}" for i, line in enumerate(placed)),
            "heat (heat 0) vsource dc=0",
            f"device (d 0 heat) {module}",
            "control",
            '  options reltol=1e-4 rawfile="ascii"',
            "  save default p(device,hot)",
            f"  analysis bench tran step={step} stop={stop} maxstep={step}",
            "endc",
            "",
        ]
    )
