"""Compact model of a cell as SPICE subcircuit, Verilog-A module and bench."""

from collections.abc import Iterator, Sequence

from mitmodels.circuit import SeriesCircuit
from mitmodels.compact import spice, verilog_a
from mitmodels.compact.cell import EDGE, STEEPEST, CompactCell
from mitmodels.compact.sheet import Sheet
from mitmodels.compact.spice import number, pwl, wrapped

MODULE = "ecm_cell"
"""Name of the Verilog-A module: ``cell`` is a keyword there."""
LEAK = 1e-12  # [S] beside the gap: cells that are off show up to 1e12 ohm, and no node may be open
_OPEN = 1e9  # [ohm] holds a pin that nothing is connected to at zero
_HELD = 1e12  # [ohm] holds the position of a cell at rest, with 30 000 years per farad
_BACK = 1e6  # [1/s] pulls a position beyond an end back to it, where a time step left it
_STEPS = 4000  # of a bench


def subcircuit(cell: CompactCell, header: str) -> str:
    """Return ``.subckt cell p n heat`` with the header as comments."""
    low, high = (number(end) for end in cell.ends)
    room = f"v(u) > 0 ? ({high} - v(s))/{EDGE:g} : (v(s) - ({low}))/{EDGE:g}"
    return "\n".join(
        [
            spice.comment(header),
            f".subckt cell p n heat params: ambient={number(cell.ambient)} contact=0 start={low} "
            f"leak={LEAK:g}",
            f"R_heat heat 0 {_OPEN:g}",
            "V_i p a 0",
            "B_u u 0 V = v(a,n) - {contact}*i(V_i)",
            f"B_warm warm 0 V = ({number(1 / cell.ambient)} - 1/({{ambient}} + v(heat))) "
            f"/ {number(1 / cell.ambient - 1 / cell.warmer)}",
            *_sheet("ln_g", "v(u)", cell.log_conductance, cell.warm_conductance),
            *_sheet("grown", "max(v(u),0)", cell.growth, cell.warm_growth),
            *_sheet("lost", "max(-v(u),0)", cell.loss, cell.warm_loss),
            "B_cell a n I = v(u) * (exp(min(v(ln_g),0)) + {leak})",
            "C_s s 0 1",
            f"R_s s begin {_HELD:g}",
            "V_s begin 0 {start}",
            ".ic v(s)={start}",
            f"B_room room 0 V = min(max({room}, 0), 1)",
            f"B_back 0 s I = {_BACK:g} * (max({low} - v(s), 0) - max(v(s) - ({high}), 0))",
            f"B_s 0 s I = v(u) * v(room) * exp(min(v(u) > 0 ? v(grown) : v(lost), {STEEPEST:g}))",
            wrapped(["B_v volume 0 V =", *pwl("v(s)", cell.shapes.column(0).scaled(1e27))]),
            wrapped(["B_f forward 0 V = 1e-6 *", *pwl("v(s)", cell.shapes.column(4).scaled(1e6))]),
            wrapped(["B_r reverse 0 V = 1e-6 *", *pwl("v(s)", cell.shapes.column(5).scaled(1e6))]),
            "B_hot hot 0 V = {ambient} + v(heat) + v(u)*i(V_i) * "
            "(v(u) > 0 ? v(forward) : v(reverse))",
            ".ends cell",
            "",
        ]
    )


def _sheet(name: str, voltage: str, cold: Sheet, warm: Sheet) -> Iterator[str]:
    """Sources of one quantity: products of tables, those of another ambient in proportion."""
    for part, factor, sheet in ((f"{name}_0", "", cold), (f"{name}_1", "v(warm)*", warm)):
        words = [f"B_{part} {part} 0 V = 0"]
        for k in range(len(sheet.rows.names)):
            words += [f"+ {factor}", *pwl("v(s)", sheet.rows.column(k)), "*"]
            words += pwl(voltage, sheet.columns.column(k))
        yield wrapped(words)
    yield f"B_{name} {name} 0 V = v({name}_0) + v({name}_1)"


def driven(
    corners: Sequence[tuple[float, float]],
    circuit: SeriesCircuit,
    parameters: str = "",
    pin: float = 0.0,
) -> str:
    """Return a source, a circuit and a cell in it; ``pin`` is the rise at its thermal pin [K]."""
    inner = "l" if circuit.inductance else "d"
    lines = [
        spice.source("V_source", "s", "0", corners),
        spice.series(circuit, "s", inner),
        "V_ammeter d p 0",
        f"X_cell p 0 heat cell {parameters}",
        f"V_heat heat 0 {number(pin)}",
        *spice.stores(circuit),
    ]
    return "\n".join(lines)


def antiserial(corners: Sequence[tuple[float, float]], load: float, start: float) -> str:
    """Return two cells back to back behind a load [ohm], the second one grown to a position."""
    lines = [
        spice.source("V_source", "s", "0", corners),
        spice.series(SeriesCircuit(load), "s", "d"),
        "V_ammeter d p 0",
        "X_cell p m heat cell",
        f"X_other 0 m heat cell start={number(start)}",
        "V_heat heat 0 0",
    ]
    return "\n".join(lines)


def bench(corners: Sequence[tuple[float, float]], circuit: SeriesCircuit) -> str:
    """Return a netlist that drives the subcircuit along corners (s, V) behind its circuit."""
    stop = number(corners[-1][0])
    step = number(corners[-1][0] / _STEPS)
    return f"""* cell under the protocol of its run, in its circuit: ngspice bench.cir
.include model.lib
{driven(corners, circuit)}
.options reltol=1e-4
.tran {step} {stop} 0 {step}
.control
run
set wr_singlescale
set wr_vecnames
wrdata bench.data v(s) v(p) i(V_ammeter) v(x_cell.volume) v(x_cell.hot)
quit
.endc
.end
"""


def module(cell: CompactCell, header: str) -> str:
    """Return the Verilog-A module of a cell, and one of a compliance, with comments on top."""
    low, high = (number(end) for end in cell.ends)
    pairs = {
        "g": (cell.log_conductance, cell.warm_conductance),
        "u": (cell.growth, cell.warm_growth),
        "d": (cell.loss, cell.warm_loss),
    }
    functions = [verilog_a.function("volume", cell.shapes.column(0))]
    functions += [verilog_a.function("forward", cell.shapes.column(4))]
    functions += [verilog_a.function("reverse", cell.shapes.column(5))]
    sums = {}
    for name, pair in pairs.items():
        for part, sheet in enumerate(pair):
            products = []
            for k in range(len(sheet.rows.names)):
                own = f"{name}{part}_{k}"
                functions.append(verilog_a.function(f"{own}s", sheet.rows.column(k)))
                functions.append(verilog_a.function(f"{own}v", sheet.columns.column(k)))
                products.append(f"{own}s(V(s))*{own}v(size)")
            sums[name, part] = "\n            + ".join(products)
    listing = "\n\n".join(functions)
    signed = (
        sums["g", 0].replace("(size)", "(V(m, n))"),
        sums["g", 1].replace("(size)", "(V(m, n))"),
    )
    return f"""{verilog_a.comment(header)}
`include "disciplines.vams"

module {MODULE}(p, n, heat);
inout p, n, heat;
electrical p, n, heat, m, s;
parameter real ambient = {number(cell.ambient)} from (0:inf);
parameter real contact = 0 from [0:inf);
parameter real start = {low} from [{low}:{high}];
parameter real leak = {LEAK:g} from [0:inf);
(* desc="hottest temperature", units="K" *) real hot;
(* desc="deposited volume", units="m3" *) real filled;
real warm, size, g, q, room;

{listing}

analog begin
    warm = ({number(1 / cell.ambient)} - 1/(ambient + V(heat)))
        / {number(1 / cell.ambient - 1 / cell.warmer)};
    size = abs(V(m, n));
    g = exp(min({signed[0]}
            + warm*({signed[1]}), 0));
    if (V(m, n) > 0) begin
        q = {sums["u", 0]}
            + warm*({sums["u", 1]});
        room = ({high} - V(s))/{EDGE:g};
        hot = ambient + V(heat) + forward(V(s))*g*V(m, n)*V(m, n);
    end else begin
        q = {sums["d", 0]}
            + warm*({sums["d", 1]});
        room = (V(s) - ({low}))/{EDGE:g};
        hot = ambient + V(heat) + reverse(V(s))*g*V(m, n)*V(m, n);
    end
    filled = volume(V(s));
    room = min(max(room, 0), 1);
    I(heat) <+ V(heat)/{_OPEN:g};
    V(p, m) <+ contact*I(p, m);
    I(m, n) <+ (g + leak)*V(m, n);
    if (analysis("static"))
        I(s) <+ V(s) - start;
    else
        I(s) <+ ddt(V(s)) - room*V(m, n)*exp(min(q, {STEEPEST:g}))
            - {_BACK:g}*(max({low} - V(s), 0) - max(V(s) - ({high}), 0));
end
endmodule

{verilog_a.LIMITER}"""
