"""Random devices that a laboratory could have made, as TOML files; the same for the same seed.

Ranges are log-uniform unless they are of temperature. Films: 0.7 to 400 um long, 0.15 to 7 times as
wide, 4 to 300 nm thick, on a half-space or a sheet that loses heat, contacts of 0 to 4 times the
film's own resistance, ambient of 8 to 340 K, resistivity of each law or from a table as a cryostat
writes it. The ramp goes on to 1.1 to 3.5 times what heats the film to its transition. Cells: 2.5 to
70 nm of oxide, radii of 4 to 120 nm, compliance of 0.5 nA to 2 mA, ramps of 0.005 to 2000 V/s, or
pulses of 5 us to 20 s, one or several with reads between them.
"""

import math
from random import Random


def between(r, low, high):
    return math.exp(r.uniform(math.log(low), math.log(high)))


def film(seed, number):
    """Return the files of a film, ``{name: text}``."""
    r, name = Random(f"film-{seed}-{number}"), f"film{number:03d}"
    length, thickness = between(r, 0.7, 400), between(r, 4, 300)  # um, nm
    width = length * between(r, 0.15, 7)
    T0 = r.uniform(8, 340)
    Tc = r.uniform(max(T0 + 12, 140), max(T0 + 60, 420))
    law = r.choice(["switching", "switching", "table", "table", "logarithmic"])
    section, rho = _logarithmic(r, Tc) if law == "logarithmic" else _switching(r, Tc)
    files = {}
    if law == "table":
        files[f"{name}.csv"], section = _table(r, rho, T0), f'law = "table"\nfile = "{name}.csv"\n'
    squares = length / (width * thickness * 1e-9)
    cold, hot = rho(T0) * squares, rho(Tc) * squares
    contact = 0.0 if r.random() < 0.3 else cold * between(r, 0.02, 4)
    substrate, power = _substrate(r, length, width, Tc - T0)
    by_current = law == "logarithmic" or r.random() < 0.25
    I = math.sqrt(power / min(cold, hot))  # noqa: E741
    V = math.sqrt(power * max(cold, hot)) + contact * math.sqrt(power / max(cold, hot))
    far, unit = r.uniform(1.1, 3.5), "A" if by_current else "V"
    pad = length * r.choice([0.2, 0.5, 1.0])
    files[f"{name}.toml"] = f"""\
# {law}, {cold:.3g} ohm at {T0:.0f} K, contacts of {contact:.3g} ohm, transition near {Tc:.0f} K
case = "film_iv"
[geometry]
length = "{length:.4g} um"
width = "{width:.4g} um"
thickness = "{thickness:.4g} nm"
pad_length = "{pad:.4g} um"
far = "{3 * math.hypot(length / 2 + pad, width / 2):.4g} um"
domain = "{r.choice(["quarter"] * 7 + ["full"])}"
[mesh]
size = "{length / 50:.4g} um"
edge_size = "{width / 50:.4g} um"
cells_across = 8
[film]
thermal_conductivity = "{between(r, 1, 20):.3g} W/(m K)"
barrier_temperature = "{Tc:.1f} K"
{section}[pads]
sheet_conductance = "2e-5 W/K"
[contact]
resistance_width = "{contact * width:.5g} ohm um"
heat = "{r.choice(["none", "pads"])}"
[substrate]
{substrate}[ambient]
temperature = "{T0:.2f} K"
[[protocol]]
step = "ramp"
to = "{far * (I if by_current else V):.4g} {unit}"
[[protocol]]
step = "ramp"
to = "0 {unit}"
[output]
figures = false
"""
    return files


def _step(T, Tc, width):
    return 1 / (1 + math.exp(-max(-60.0, min(60.0, (T - Tc) / width))))


def _switching(r, Tc):
    cold, hot, width = between(r, 1e-7, 1e-4), between(r, 2, 200), r.uniform(2, 30)
    quadratic = cold / Tc**2 * r.uniform(0, 2)
    text = (
        f'law = "switching"\ncold = "{cold:.4g} ohm m"\n'
        f'cold_quadratic = "{quadratic:.4g} ohm m/K2"\nhot = "{cold * hot:.4g} ohm m"\n'
        f'temperature = "{Tc:.1f} K"\nwidth = "{width:.2f} K"\n'
    )

    def rho(T):
        f = _step(T, Tc, width)
        return (1 - f) * (cold + quadratic * T * T) + f * cold * hot

    return text, rho


def _logarithmic(r, Tc):
    cold, ratio, width = between(r, 3e-5, 0.3), between(r, 5, 3e4), r.uniform(1, 12)
    text = (
        f'law = "logarithmic"\ncold = "{cold:.4g} ohm m"\nhot = "{cold / ratio:.4g} ohm m"\n'
        f'temperature = "{Tc:.1f} K"\nwidth = "{width:.2f} K"\n'
    )
    return text, lambda T: cold * ratio ** -_step(T, Tc, width)


def _table(r, rho, T0):
    """Write a law as it is measured: to 290 to 450 K, with noise and sometimes a kink."""
    start, end = max(1.5, T0 - r.uniform(1, 40)), max(r.uniform(290, 450), T0 + 30)
    rows, noise = int(between(r, 10, 400)), r.choice([0, 0, 0.002, 0.02])
    kink, factor = r.uniform(start, end), r.uniform(0.9, 1.15) if r.random() < 0.2 else 1.0
    lines = ["T [K],resistivity [ohm m]"]
    for i in range(rows):
        T = start + (end - start) * i / (rows - 1)
        value = rho(T) * (factor if kink < T else 1.0) * (1 + r.gauss(0, noise))
        lines.append(f"{T:.3f},{value:.6g}")
    return "\n".join(lines) + "\n"


def _substrate(r, length, width, heated):
    """Return the section, and the power [W] that about heats the film by so many kelvin."""
    if r.random() < 0.8:
        conductivity = between(r, 0.3, 100)
        text = f'model = "half_space"\nconductivity = "{conductivity:.4g} W/(m K)"\n'
        return text, 4e-6 * conductivity * math.sqrt(length * width / math.pi) * heated
    loss = between(r, 1e4, 1e7)
    text = f'model = "sheet"\nloss = "{loss:.4g} W/(m2 K)"\n'
    return text, 1e-12 * loss * length * width * heated


def cell(seed, number):
    """Return the files of a cell, ``{name: text}``."""
    r, name = Random(f"cell-{seed}-{number}"), f"cell{number:03d}"
    oxide, limit = between(r, 2.5, 70), between(r, 5e-10, 2e-3)
    V = r.uniform(0.5, 1.3) + 0.05 * oxide * r.uniform(0.3, 1)
    leakage = f'[oxide]\nleakage = "{between(r, 1e7, 1e12):.3g} ohm"\n' if r.random() < 0.2 else ""
    text = f"""\
# {oxide:.3g} nm of oxide, up to {V:.2f} V, compliance of {limit:.2g} A
base = "ecm_set"
[geometry]
radius = "{between(r, 4, 120):.4g} nm"
oxide = "{oxide:.4g} nm"
{leakage}[kinetics]
exchange_current_density = "{3.6e-4 * 10 ** r.uniform(-2.3, 2.3):.4g} A/m2"
transfer_coefficient = {r.uniform(0.12, 0.75):.3f}
charge_number = {r.choice([1, 1, 2])}
[compliance]
current = "{limit:.4g} A"
{_protocol(r, V)}[output]
figures = false
fields_at = {{ I = [] }}
"""
    return {f"{name}.toml": text}


def _protocol(r, V):
    if r.random() < 0.65:
        rate = f'rate = "{between(r, 0.005, 2000):.4g} V/s"'
        ends = (V, 0.0, -0.5 * V)
        return "".join(f'[[protocol]]\nstep = "ramp"\nto = "{to:.3g} V"\n{rate}\n' for to in ends)
    width, times = between(r, 5e-6, 20), r.choice([1, 1, 3])
    pulse = (
        f'[[protocol]]\nstep = "pulse"\nvalue = "{V:.3g} V"\nrise = "{width / 100:.4g} s"\n'
        f'width = "{width:.4g} s"\nfall = "{width / 100:.4g} s"\n'
    )
    read = (
        f'[[protocol]]\nstep = "pulse"\nvalue = "0.1 V"\nrise = "{width / 100:.4g} s"\n'
        f'width = "{width:.4g} s"\nfall = "{width / 100:.4g} s"\nread_at = ["{width / 2:.4g} s"]\n'
    )
    return pulse if times == 1 else (pulse + read) * times
