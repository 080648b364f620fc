r"""Compact model of a film: a conductance that follows its hottest temperature.

Along a branch of steady states on which the hottest temperature T rises, it tells the states apart:
the conductance G(T) of the film and its thermal resistance R(T) = (T - T_0)/P are tables. Where it
falls, T is another position along the branch, over which the hottest temperature is a table. In
time

.. math::
    T = T_0 + T_\mathrm{pin} + \sum_i \theta_i, \qquad
    \tau_i \dot\theta_i = w_i(T) R(T) P - \theta_i, \qquad P = G(T) V^2 ,

so that the steady states are those of the branch by construction, folds included.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

from mitmodels.compact import spice, verilog_a
from mitmodels.compact.spice import number, pwl, wrapped
from mitmodels.compact.table import Curve, Table

HOTTEST = "T_hot [K]"
"""The position along a branch whose hottest temperature rises."""
_OPEN = 1e9  # [ohm] holds a pin that nothing is connected to at zero
_STEPS = 4000  # of a bench
_WIRE = 1e-6  # [ohm] in series with the contacts, which may be none


@dataclass(frozen=True, eq=False)
class FilmModel:
    """A film and its thermal ladder.

    Attributes
    ----------
    table : Table
        Over T_hot [K] or another position: ln of the conductance in siemens, w_i R [K/W] of every
        stage, and over another position T_hot.
    times : tuple of float
        tau_i [s].
    ambient : float
        T_0 [K].
    contact : float
        Resistance of both contacts in series [ohm].
    pads_heat : bool
        Whether the heat of the contacts warms the film, too.
    """

    table: Table
    times: tuple[float, ...]
    ambient: float
    contact: float
    pads_heat: bool

    @property
    def log_conductance(self) -> Curve:
        """Ln of G in siemens over the position [K]."""
        return self.table.column(0)

    @property
    def stages(self) -> tuple[Curve, ...]:
        """w_i R [K/W] over the position [K]."""
        return tuple(self.table.column(i + 1) for i in range(len(self.times)))

    @property
    def hottest(self) -> Curve | None:
        """T_hot [K] over the position; None where the position is T_hot."""
        return None if self.table.x_name == HOTTEST else self.table.column(len(self.times) + 1)

    @property
    def slowest(self) -> float:
        """Longest time of a stage that does anything [s]."""
        used = [t for t, r in zip(self.times, self.stages, strict=True) if r.y.max() > 0]
        return max(used)

    @property
    def lag(self) -> float:
        """Mean time by which the temperature follows a heat that changes slowly [s]."""
        resistances = self.table.values[:, 1 : len(self.times) + 1]
        return float((resistances @ self.times / resistances.sum(axis=1)).mean())

    def under(self, amplitude: float, by_voltage: bool, T: float) -> tuple[float, float]:
        """Heat that warms the film, and what the device takes [W], under an ideal source.

        ``amplitude`` is a voltage [V] or a current [A], ``T`` the position [K].
        """
        G = math.exp(self.log_conductance(T))
        current = amplitude * G / (1 + self.contact * G) if by_voltage else amplitude
        contacts = self.contact * current**2
        film = current**2 / G
        return film + contacts * self.pads_heat, film + contacts


def subcircuit(model: FilmModel, header: str) -> str:
    """Return ``.subckt film p n heat`` with the header as comments."""
    rises = [f"t{i}" for i in range(1, len(model.times) + 1)]
    heat = "v(f,n)*i(V_i)" + (" + {contact}*i(V_i)*i(V_i)" if model.pads_heat else "")
    at = "v(hot)" if model.hottest is None else "v(at)"
    lines = [
        spice.comment(header),
        f".subckt film p n heat params: ambient={number(model.ambient)} "
        f"contact={number(model.contact)} capacity=1",
        f"R_heat heat 0 {_OPEN:g}",
        f"R_contact p m {{contact+{_WIRE:g}}}",
        "V_i m f 0",
        wrapped(
            [
                f"B_{at[2:-1]} {at[2:-1]} 0 V = {{ambient}} + v(heat)",
                *(f"+ v({rise})" for rise in rises),
            ]
        ),
        wrapped(["B_film f n I = v(f,n) * exp(", *pwl(at, model.log_conductance), ")"]),
    ]
    if model.hottest:
        lines.append(wrapped(["B_hot hot 0 V =", *pwl(at, model.hottest)]))
    for rise, time, stage in zip(rises, model.times, model.stages, strict=True):
        lines += [
            wrapped([f"B_{rise} 0 {rise} I = ({heat}) *", *pwl(at, stage)]),
            f"R_{rise} {rise} 0 1",
            f"C_{rise} {rise} 0 {{capacity*{number(time)}}}",
        ]
    return "\n".join([*lines, ".ends film", ""])


def module(model: FilmModel, header: str) -> str:
    """Return the Verilog-A module ``film`` with the header as comments."""
    rises = [f"t{i}" for i in range(1, len(model.times) + 1)]
    curves = {"ln_g": model.log_conductance}
    curves |= {f"r{i}": stage for i, stage in enumerate(model.stages, 1)}
    if model.hottest:
        curves["t_hot"] = model.hottest
    functions = "\n\n".join(verilog_a.function(name, curve) for name, curve in curves.items())
    contact = " + contact*pow(I(p, m), 2)" if model.pads_heat else ""
    ladder = "\n".join(
        f"    I({rise}) <+ ddt(capacity*{number(time)}*V({rise})) + V({rise}) - power*r{i}(at);"
        for i, (rise, time) in enumerate(zip(rises, model.times, strict=True), 1)
    )
    return f"""{verilog_a.comment(header)}
`include "disciplines.vams"

module film(p, n, heat);
inout p, n, heat;
electrical p, n, heat, m, {", ".join(rises)};
parameter real ambient = {number(model.ambient)} from (0:inf);
parameter real contact = {number(model.contact)} from [0:inf);
parameter real capacity = 1 from (0:inf);
(* desc="hottest temperature", units="K" *) real hot;
real at, g, power;

{functions}

analog begin
    at = ambient + V(heat) + {" + ".join(f"V({rise})" for rise in rises)};
    hot = {"t_hot(at)" if model.hottest else "at"};
    g = limexp(ln_g(at));
    I(heat) <+ V(heat)/{_OPEN:g};
    V(p, m) <+ contact*I(p, m);
    I(m, n) <+ g*V(m, n);
    power = g*V(m, n)*V(m, n){contact};
{ladder}
end
endmodule
"""


def bench(corners: Sequence[tuple[float, float]], by_voltage: bool) -> str:
    """Return a netlist that drives the subcircuit along corners (s, V or A)."""
    kind, ends = ("V", ("s", "0")) if by_voltage else ("I", ("0", "s"))
    stop = number(corners[-1][0])
    step = number(corners[-1][0] / _STEPS)
    return f"""* film in a sweep of its source in both directions: ngspice bench.cir
.include model.lib
{spice.source(f"{kind}_source", *ends, corners)}
V_ammeter s p 0
X_film p 0 heat film
V_heat heat 0 0
.options reltol=1e-4
.tran {step} {stop} 0 {step}
.control
run
set wr_singlescale
set wr_vecnames
wrdata bench.data v(s) i(V_ammeter) v(x_film.hot)
quit
.endc
.end
"""
