"""Every key of a film's TOML file changes what a run leaves behind, or is refused."""

import pytest
from films import PULSE, SHEET, SHIPPED
from key_trials import Trials, keys

from mitmodels.cases.film import steady_config, transient_config

pytestmark = pytest.mark.serial

QUIET = ("output.figures=false",)
RAMP = 'protocol=[{ step = "ramp", to = "2 V", rate = "1e6 V/s" }]'
COARSE = (
    "mesh.size=12.5 um",
    "mesh.edge_size=12.5 um",
    "mesh.cells_across=3",
    "geometry.far=250 um",
)
EVEN = ("mesh.size=10 um", "mesh.degree=1", "output.check_stability=false")
# A film of each kind that is solved within a second.
FILMS = {
    "sheet": (SHEET, (*QUIET, *EVEN, "protocol.0.to=3 V")),
    "half-space": (
        SHIPPED,
        (*QUIET, *COARSE, 'protocol=[{ step = "ramp", to = "5 V" }]', "output.fields_at={}"),
    ),
    "sheet in time": (
        SHEET,
        (*QUIET, *EVEN[:2], "case=film_transient", "heat_capacity.film=3e6 J/(m3 K)", RAMP),
    ),
    "half-space in time": (PULSE, (*QUIET, *COARSE, RAMP, "output.fields_at={}")),
}
TABLE = (
    'film={ law = "table", temperatures = ["80 K", "400 K"], resistivities = ["2e-6 ohm m", '
    '"5e-6 ohm m"], thermal_conductivity = "25 W/(m K)", barrier_temperature = "340 K" }'
)
MEMORY = (
    'film={ law = "hysteresis", cold = "2e-6 ohm m", hot = "5e-5 ohm m", temperature_up = "104 K", '
    'temperature_down = "100 K", width = "2 K", thermal_conductivity = "25 W/(m K)", '
    'barrier_temperature = "340 K" }'
)
KAPPA = (
    'substrate={ model = "half_space", temperatures = ["50 K", "400 K"], conductivities = '
    '["25 W/(m K)", "9 W/(m K)"] }'
)
DISORDER = 'quantity = "resistivity", amplitude = "0.1", correlation_length = "20 um", seed = 1'
FULL = ("geometry.domain=full", f"inhomogeneity={{ {DISORDER} }}")
PULSED = 'protocol=[{ step = "pulse", value = "2 V", width = "2 us", rise = "1 us"%s }]'
REPEATED = f'protocol=[{{ step = "repeat", times = 2, steps = {(PULSED % "")[9:]} }}]'
SMOOTHED = 'circuit={ load = "50 ohm", capacitance = "1 nF" }'
TIMED = 'protocol=[{ step = "ramp", to = "2 V", duration = "2 us" }]'
STORES = "heat_capacity.film=3e6 J/(m3 K)"
IMPEDANCE = (STORES, "output.impedance_at.per_decade=1", "output.impedance_at.states.I=['5 mA']")
OSCILLATES = (
    STORES,
    "contact.thermal=free",
    "protocol.0.to=20 V",
    "circuit.inductance=0.2 mH",
    "output.critical.elements=['inductance']",
)
# For each key: the film, what it is given besides, and the change.
STEADY = {
    "ambient.temperature": ("sheet", (), "110 K"),
    "circuit.compliance": ("sheet", (), "5 mA"),
    "circuit.compliance_softness": ("sheet", ("circuit.compliance=5 mA",), "0.1 V"),
    "circuit.load": ("sheet", (), "50 ohm"),
    "circuit.inductance": ("sheet", OSCILLATES, "0.3 mH"),
    "contact.heat": ("half-space", (), "pads"),
    "contact.resistivity": ("half-space", (), "1e-7 ohm m2"),
    "contact.resistance_width": ("sheet", (), "2 kohm um"),
    "contact.thermal": ("sheet", (), "free"),
    "film.barrier_temperature": ("sheet", (), "105 K"),
    "film.cold": ("sheet", (), "1.5e-6 ohm m"),
    "film.cold_quadratic": ("sheet", (), "9e-11 ohm m/K2"),
    "film.hot": ("sheet", (), "8e-5 ohm m"),
    "film.temperature": ("sheet", (), "300 K"),
    "film.width": ("sheet", (), "30 K"),
    "film.law": ("sheet", (), "logarithmic"),
    "film.beyond": ("sheet", (TABLE.replace("400", "105"), "protocol.0.to=10 V"), "hold"),
    "film.smoothing": ("sheet", (TABLE,), "500 K"),
    "film.temperatures": (
        "sheet",
        (TABLE,),
        '["90 K", "400 K"]',
    ),
    "film.resistivities": (
        "sheet",
        (TABLE,),
        '["2e-6 ohm m", "9e-6 ohm m"]',
    ),
    "film.thermal_conductivity": ("sheet", (), "50 W/(m K)"),
    "film.valid": ("sheet", (), '{ resistivity = ["50 K", "101 K"] }'),
    "geometry.domain": ("sheet", (), "full"),
    "geometry.far": ("half-space", (), "400 um"),
    "geometry.length": ("sheet", (), "80 um"),
    "geometry.pad_length": ("half-space", (), "20 um"),
    "geometry.thickness": ("sheet", (), "30 nm"),
    "geometry.width": ("sheet", (), "60 um"),
    "inhomogeneity.amplitude": ("sheet", FULL, "0.2"),
    "inhomogeneity.correlation_length": ("sheet", FULL, "30 um"),
    "inhomogeneity.quantity": ("sheet", FULL, "loss"),
    "inhomogeneity.seed": ("sheet", FULL, "2"),
    "mesh.cells_across": ("half-space", (), "4"),
    "mesh.degree": ("sheet", (), "2"),
    "mesh.edge_size": ("half-space", (), "6 um"),
    "mesh.size": ("sheet", (), "5 um"),
    "mesh.structure": ("half-space", (), "free"),
    "numerics.largest": ("half-space", (), "0.05"),
    "heat_capacity.film": ("sheet", IMPEDANCE, "2e6 J/(m3 K)"),
    "output.check_stability": ("half-space", (), "false"),
    "output.critical.elements": ("sheet", OSCILLATES, "[]"),
    "output.critical.highest": ("sheet", OSCILLATES, "100 Hz"),
    "output.critical.lowest": ("sheet", OSCILLATES, "100 MHz"),
    "output.impedance_at.highest": ("sheet", IMPEDANCE, "1 MHz"),
    "output.impedance_at.lowest": ("sheet", IMPEDANCE, "1 kHz"),
    "output.impedance_at.per_decade": ("sheet", IMPEDANCE, "2"),
    "output.impedance_at.states": ("sheet", IMPEDANCE, '{ I = ["6 mA"] }'),
    "output.fields_at": ("sheet", (), '{ I = ["2 mA"] }'),
    "output.kerr_spot": ("half-space", (), "5 um"),
    "output.figures": ("sheet", (), "true"),
    "output.stability_at.V_source": ("half-space", (), '["3 V"]'),
    "pads.sheet_conductance": ("half-space", (), "1e-4 W/K"),
    "protocol.read_at": ("sheet", (), '["1.5 V"]'),
    "protocol.to": ("sheet", (), "2 V"),
    "protocol.until": ("sheet", (), '["I > 2 mA"]'),
    "protocol.rate": ("sheet", (), "1 V/s"),
    "substrate.boundary_resistance": ("half-space", (), "1e-7 m2 K/W"),
    "substrate.beyond": ("half-space", (KAPPA.replace("400", "105"),), "hold"),
    "substrate.conductivities": ("half-space", (KAPPA,), '["25 W/(m K)", "5 W/(m K)"]'),
    "substrate.conductivity": ("half-space", (), "5 W/(m K)"),
    "substrate.conductivity_exponent": ("half-space", (), "1"),
    "substrate.mount_resistance": ("half-space", (), "100 K/W"),
    "substrate.operator": ("half-space", (), "fourier"),
    "substrate.temperatures": ("half-space", (KAPPA,), '["50 K", "300 K"]'),
    "substrate.loss": ("sheet", (), "4e5 W/(m2 K)"),
    "substrate.model": ("sheet", (), "half_space"),
    "substrate.thickness": ("half-space", (), "0.5 mm"),
    "substrate.valid": ("half-space", (), '{ conductivity = ["50 K", "101 K"] }'),
}
IN_TIME = {
    "ambient.history": ("sheet in time", (MEMORY,), '["120 K"]'),
    "circuit.compliance": ("sheet in time", (), "2 mA"),
    "circuit.compliance_softness": ("sheet in time", ("circuit.compliance=2 mA",), "0.2 V"),
    "circuit.capacitance": ("sheet in time", (), "1 nF"),
    "circuit.inductance": ("sheet in time", (), "1 mH"),
    "circuit.load": ("sheet in time", (), "50 ohm"),
    "circuit.series_capacitance": ("sheet in time", (), "10 nF"),
    "film.activation": ("sheet in time", (MEMORY,), "10 meV"),
    "film.temperature_down": ("sheet in time", (MEMORY,), "98 K"),
    "film.temperature_up": ("sheet in time", (MEMORY,), "103 K"),
    "heat_capacity.film": ("sheet in time", (), "2e6 J/(m3 K)"),
    "heat_capacity.pads": ("half-space in time", (), "0.5 J/(m2 K)"),
    "heat_capacity.substrate": ("half-space in time", (), "2e6 J/(m3 K)"),
    "limits.temperature": ("sheet in time", (), "101 K"),
    "limits.voltage": ("sheet in time", (), "1 V"),
    "numerics.circuit_error": ("sheet in time", (SMOOTHED,), "1e-3"),
    "numerics.error": ("sheet in time", (), "1e-4 K"),
    "numerics.parts": ("sheet in time", (), "40"),
    "numerics.relative_error": ("sheet in time", ("numerics.error=1e-4 K",), "1e-2"),
    "output.derived": ("sheet in time", (), '{ P_film = "V_film * I" }'),
    "output.fields_at": ("sheet in time", (), '{ t = ["1 us"] }'),
    "output.figures": ("sheet in time", (), "true"),
    "output.probes": ("sheet in time", (), '{ here = ["0 um", "0 um"] }'),
    "protocol.duration": (
        "sheet in time",
        (TIMED,),
        "4 us",
    ),
    "protocol.fall": ("sheet in time", (PULSED % "",), "2 us"),
    "protocol.period": ("sheet in time", (PULSED % "",), "9 us"),
    "protocol.rate": ("sheet in time", (), "2e6 V/s"),
    "protocol.read_at": ("sheet in time", (), '["0.7 V"]'),
    "protocol.rise": ("sheet in time", (PULSED % "",), "2 us"),
    "protocol.times": ("sheet in time", (REPEATED,), "3"),
    "protocol.to": ("sheet in time", (), "1 V"),
    "protocol.until": ("sheet in time", (), '["I > 2 mA"]'),
    "protocol.value": ("sheet in time", (PULSED % "",), "1 V"),
    "protocol.width": ("sheet in time", (PULSED % "",), "1 us"),
}
# Tried with a mesh or a table from a file, or names of something else that is tried.
ELSEWHERE = {
    *("geometry.mesh", "geometry.mesh_sha256", "geometry.unit"),  # test_own_mesh
    *(f"geometry.{key}" for key in ("layout", "layers.film", "layers.contacts", "cell")),
    *("film.material", "substrate.material"),  # test_materials
    *("film.file", "film.quantity"),  # test_table_law
    *("oscillation.periods", "oscillation.tolerance"),  # test_oscillating_film
    "protocol.amplitude",  # test_protocol
    *("protocol.file", "protocol.values"),  # test_protocol_table
    "substrate.conductivity_file",  # test_conductivity
    *("numerics.folds", "numerics.points"),  # test_branch_ends
    *("film.bar.length", "film.bar.width", "film.bar.thickness"),
    *("case", "protocol.step", "protocol.steps"),
}


@pytest.fixture(scope="module")
def trials(tmp_path_factory):
    return Trials(tmp_path_factory.mktemp("films"))


def test_every_key_is_tried():
    steady, in_time = (set(keys(c.Config)) for c in (steady_config, transient_config))
    assert steady - STEADY.keys() - ELSEWHERE == set(IN_TIME) & steady - STEADY.keys()
    assert in_time - IN_TIME.keys() - ELSEWHERE == set(STEADY) & in_time - IN_TIME.keys()


@pytest.mark.parametrize("key", STEADY)
def test_key_of_a_steady_film(key, trials):
    _try(trials, key, *STEADY[key])


@pytest.mark.parametrize("key", IN_TIME)
def test_key_of_a_film_in_time(key, trials):
    _try(trials, key, *IN_TIME[key])


def _try(trials, key, film, besides, value):
    file, given = FILMS[film]
    trials.check(key, file, (*given, *besides), value)
