"""Every key of a cell's TOML file changes what a run leaves behind, or is refused."""

import pytest
from ecm_cells import SHIPPED
from key_trials import Trials, keys

from mitmodels.cases.cell import growth

pytestmark = pytest.mark.serial

# A filament that is near the electrode from the beginning: current, heat and recess are there
# within a few steps.
CELL = (
    "output={ figures=false, fields_at={} }",
    "numerics={ time = 0.5, mesh = 0.5 }",
    "geometry.oxide=1 nm",
    "geometry.counter=3 nm",
    "geometry.active=4 nm",
    "void.nucleus=0.5 nm",
    "circuit.compliance=1 nA",
    'protocol=[{ step = "ramp", to = "0.5 V", rate = "10 V/s" }]',
)
REGIONS = ("filament", "counter", "oxide")
CAPACITY = f"heat_capacity={{ {', '.join(f'{name} = "3e6 J/(m3 K)"' for name in REGIONS)} }}"
PULSED = 'protocol=[{ step = "pulse", value = "0.5 V", width = "0.02 s", rise = "0.01 s" }]'
REPEATED = f'protocol=[{{ step = "repeat", times = 1, steps = {PULSED.partition("=")[2]} }}]'
SWUNG = 'protocol=[{ step = "sine", amplitude = "0.2 V", period = "0.04 s", duration = "0.04 s" }]'
TABLED = 'protocol=[{ step = "table", times = ["0.05 s"], values = ["0.5 V"] }]'
TIMED = 'protocol=[{ step = "ramp", to = "0.5 V", duration = "0.05 s" }]'
# A nucleus does not dissolve, what has grown does.
REVERSE = (
    "circuit.compliance=1 uA",
    'protocol=[{ step = "ramp", to = "1 V", rate = "5 V/s" }, '
    '{ step = "ramp", to = "-0.5 V", rate = "5 V/s" }]',
)
WAITING = (
    "nucleation={ time = '1 ns', activation_energy = '0.9 eV', atoms = 1, "
    "transfer_coefficient = '0.5' }"
)
LEFT = '{ law = ["50 K", "250 K"] }'
# For each key: what the cell is given besides, and the change.
TRIED = {
    "barrier.mechanical": ((), "0.05 eV"),
    "barrier.mechanical_length": ((), "1 nm"),
    "barrier.valid": ((), LEFT),
    "barrier.void": ((), "0.02 eV"),
    "barrier.void_length": ((), "0.1 nm"),
    "circuit.capacitance": ((), "1 nF"),
    "circuit.compliance": ((), "2 nA"),
    "circuit.compliance_softness": ((), "20 mV"),
    "circuit.inductance": ((), "1 mH"),
    "circuit.load": ((), "1 Mohm"),
    "circuit.series_capacitance": ((), "1 fF"),
    "counter.conductivity": ((), "1e6 S/m"),
    "counter.temperature_coefficient": ((), "1e-2 1/K"),
    "counter.thermal_conductivity": ((), "30 W/(m K)"),
    "counter.valid": ((), LEFT),
    "filament.conductivity": ((), "1e7 S/m"),
    "filament.density": ((), "7 g/cm3"),
    "filament.mean_free_path": ((), "20 nm"),
    "filament.melting": ((), "300.000001 K"),
    "filament.molar_mass": ((), "80 g/mol"),
    "filament.specularity": ((), "0"),
    "filament.temperature_coefficient": ((), "1e-2 1/K"),
    "filament.thermal_conductivity": ((), "wiedemann_franz"),
    "filament.valid": ((), LEFT),
    "geometry.active": ((), "5 nm"),
    "geometry.counter": ((), "4 nm"),
    "geometry.oxide": ((), "1.1 nm"),
    "geometry.radius": ((), "15 nm"),
    "growth.surface_energy": ((), "0.5 J/m2"),
    "heat.ambient": ((), "310 K"),
    "heat.oxide": ((), "2 W/(m K)"),
    "heat.valid": ((), LEFT),
    "heat_capacity.counter": ((CAPACITY,), "1e6 J/(m3 K)"),
    "heat_capacity.filament": ((CAPACITY,), "1e6 J/(m3 K)"),
    "heat_capacity.oxide": ((CAPACITY,), "1e6 J/(m3 K)"),
    "hopping.activation_energy": ((), "0.5 eV"),
    "hopping.attempt_frequency": ((), "2e12 Hz"),
    "hopping.concentration": ((), "2e25 1/m3"),
    "hopping.distance": ((), "0.3 nm"),
    "hopping.valid": ((), LEFT),
    "kinetics.activation_energy": (("heat.ambient=310 K",), "0.6 eV"),
    "kinetics.charge_number": ((), "2"),
    "kinetics.exchange_current_density": ((), "1e-3 A/m2"),
    "kinetics.reference_temperature": ((), "310 K"),
    "kinetics.transfer_coefficient": ((), "0.4"),
    "kinetics.valid": ((), LEFT),
    "nucleation.activation_energy": ((WAITING,), "0.91 eV"),
    "nucleation.atoms": ((WAITING,), "2"),
    "nucleation.seed": ((WAITING,), "1"),
    "nucleation.time": ((WAITING,), "2 ns"),
    "nucleation.transfer_coefficient": ((WAITING,), "0.6"),
    "numerics.degree": ((), "2"),
    "numerics.longest": ((), "1 ms"),
    "numerics.mesh": ((), "0.6"),
    "numerics.rounding": (REVERSE, "0.05 nm"),
    "numerics.time": ((), "2"),
    "oxide.leakage": ((), "1 Gohm"),
    "output.fields_at": ((), '{ t = ["20 ms"] }'),
    "output.figures": ((), "true"),
    "protocol.duration": ((TIMED,), "0.04 s"),
    "protocol.fall": ((PULSED,), "0.02 s"),
    "protocol.period": ((PULSED,), "0.06 s"),
    "protocol.rate": ((), "9 V/s"),
    "protocol.read_at": ((), '["0.33 V"]'),
    "protocol.rise": ((PULSED,), "0.02 s"),
    "protocol.times": ((REPEATED,), "2"),
    "protocol.to": ((), "0.4 V"),
    "protocol.until": ((), '["time > 20 ms"]'),
    "protocol.amplitude": ((SWUNG,), "0.3 V"),
    "protocol.value": ((PULSED,), "0.4 V"),
    "protocol.values": ((TABLED,), '["0.4 V"]'),
    "protocol.width": ((PULSED,), "0.01 s"),
    "tunnel.fermi_energy": ((), "5 eV"),
    "tunnel.filament_share": ((), "closed_form"),
    "tunnel.heating": ((), "false"),
    "tunnel.height": ((), "3 eV"),
    "tunnel.law": ((), "simmons"),
    "tunnel.mass_ratio": ((), "1"),
    "tunnel.prefactor": ((), "0.5"),
    "tunnel.valid": ((), LEFT),
    "void.deepest": ((), "0 nm"),
    "void.nucleus": ((), "0.4 nm"),
    "void.ratio": ((), "0.1"),
    "void.width": ((), "0.3 nm"),
}
# Names of something else that is tried; the surface energy is of a relaxation: test_ecm_relaxation.
ELSEWHERE = {
    *("oscillation.periods", "oscillation.tolerance"),  # test_oscillation
    "protocol.file",  # test_protocol_table
    *("output.derived", "output.probes"),  # test_derived
    *("case", "protocol.step", "protocol.steps", "filament.surface_energy"),
    *(f"{section}.material" for section in ("barrier", "counter", "filament", "heat")),
    *(f"{section}.material" for section in ("hopping", "kinetics", "tunnel")),
}


@pytest.fixture(scope="module")
def trials(tmp_path_factory):
    return Trials(tmp_path_factory.mktemp("cells"))


def test_every_key_is_tried():
    assert set(keys(growth.Config)) == TRIED.keys() | ELSEWHERE


@pytest.mark.parametrize("key", TRIED)
def test_key_of_a_cell(key, trials):
    besides, value = TRIED[key]
    trials.check(key, SHIPPED, (*CELL, *besides), value)
