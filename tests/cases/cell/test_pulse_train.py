"""Pulses and the resistances that are read between them: tables and figures of a small cell."""

from mpi4py import MPI

import numpy as np
import pytest
from ecm_cells import SHIPPED

from mitmodels.cases import api
from mitmodels.cases.cell.figures.history import history
from mitmodels.cases.cell.foresight import largest_growth, warnings
from mitmodels.cases.cell.growth import Config, Prepared, prepare
from mitmodels.cases.config.document import load_config
from mitmodels.cases.figures.reads import reads as resistances

pytestmark = pytest.mark.serial

# A filament that is near the electrode from the beginning, in an oxide that leaks.
CELL = (
    "numerics={ time = 0.5, mesh = 0.5 }",
    "geometry={ radius = '20 nm', oxide = '1 nm', counter = '3 nm', active = '4 nm' }",
    "void.nucleus=0.3 nm",
    "circuit.compliance=1 uA",
    "oxide.leakage=1 Gohm",
    "output={ fields_at = {} }",
)
TRAIN = (
    '[{ step = "repeat", times = 3, steps = ['
    '{ step = "pulse", value = "1.3 V", rise = "1 ms", width = "20 ms" }, '
    '{ step = "hold", duration = "1 ms", read_at = ["0 s"] }, '
    '{ step = "pulse", value = "0.1 V", rise = "1 ms", width = "1 ms", period = "9 ms", '
    'read_at = ["1.5 ms"] }] }]'
)


@pytest.fixture(scope="module")
def train(tmp_path_factory):
    """A run of three pulses, each read at rest and at 0.1 V."""
    folder = tmp_path_factory.mktemp("train") / "run"
    return api.run(SHIPPED, folder, overrides=[*CELL, f"protocol={TRAIN}"])


def test_reads_are_a_table_of_their_own(train) -> None:
    """Where the protocol says, each a row of iv.csv; at rest R is that of small signals."""
    reads, iv = train.table("reads"), train.iv
    assert list(reads) == ["t [s]", "V [V]", "I [A]", "R [ohm]", "gap [m]", "read_at"]
    begins = 32e-3 * np.arange(3)
    np.testing.assert_allclose(reads["t [s]"][::2], begins + 22e-3, rtol=1e-9)
    np.testing.assert_allclose(reads["t [s]"][1::2], begins + 24.5e-3, rtol=1e-9)
    assert reads["read_at"].tolist() == ["time = 0 s", "time = 0.0015 s"] * 3
    assert (reads["V [V]"][::2] == 0).all()
    np.testing.assert_allclose(reads["V [V]"][1::2], 0.1, rtol=3e-2)
    given = reads[1::2]
    np.testing.assert_allclose(given["R [ohm]"], given["V [V]"] / given["I [A]"], rtol=1e-9)
    np.testing.assert_allclose(reads["R [ohm]"][::2], reads["R [ohm]"][1::2], rtol=1e-5)
    assert iv["t [s]"].is_unique
    assert set(reads["t [s]"]) <= set(iv["t [s]"])


def test_no_resistance_is_above_that_of_the_leakage(train) -> None:
    R, gap = (train.table("reads")[name] for name in ("R [ohm]", "gap [m]"))
    assert R.max() <= 1e9
    assert gap.iloc[-1] < 0.3e-9 < 0.5e-9 < gap.iloc[0]
    assert train.iv["R [ohm]"].iloc[0] == pytest.approx(1e9, rel=0.05)


def test_a_train_is_drawn_over_time_and_nothing_is_drawn_that_it_does_not_have(train) -> None:
    """Neither an I-V curve, which pulses do not have, nor a RESET."""
    figures = {file.name for file in (train.path / "figures").iterdir()}
    assert figures == {"history.png", "reads.png", "gap.png", "outlines.png"}
    current = history(train).axes[1]
    reads = train.table("reads")
    assert len(reads) == 6
    (_, dots) = current.lines
    np.testing.assert_array_equal(dots.get_ydata(), reads["I [A]"][1::2])
    at_rest, read, leakage = resistances(train).axes[0].lines
    np.testing.assert_array_equal(at_rest.get_ydata(), reads["R [ohm]"][::2])
    np.testing.assert_array_equal(read.get_ydata(), reads["R [ohm]"][1::2])
    assert leakage.get_ydata()[0] == pytest.approx(1e9)


def prepared(*overrides: str) -> Prepared:
    """The shipped cell with other values."""
    return prepare(load_config(SHIPPED, overrides, Config), MPI.COMM_WORLD)


def test_what_a_filament_can_grow_is_known_before(train, record) -> None:
    """As if the nucleus kept its speed: it slows down, and at last the voltage is divided."""
    checked = prepared(*CELL, f"protocol={TRAIN}")
    ratio = largest_growth(checked.cell, checked.protocol) / np.ptp(train.iv["tip_height [m]"])
    record("bound of the growth over the growth", "1 to 2", f"{ratio:.2f}")
    assert 1 < ratio < 2
    assert warnings(checked.cell, checked.protocol, checked.fields) == []


def test_check_says_what_a_protocol_never_reaches() -> None:
    """Ten pulses of 1.2 V and 10 ms grow a tenth of 5 nm; the shipped ramp is enough."""
    pulse = '{ step = "pulse", value = "1.2 V", rise = "0.1 ms", width = "10 ms" }'
    known = api.check(
        SHIPPED,
        overrides=(
            "geometry.oxide=5 nm",
            f'protocol=[{{ step = "repeat", times = 10, steps = [{pulse}] }}]',
            'output.fields_at={ I = ["2 mA"], V_source = ["1.3 V"] }',
        ),
    )["warning"]
    short, current, voltage = known.split("\nwarning: ")
    assert short.startswith("protocol: the filament grows by at most 0.58 nm, the oxide has 5 nm:")
    assert short.endswith("hold 1.2 V for more than 0.82 s, or go higher")
    assert current == "fields_at I = 0.002 A is never reached: the compliance is 0.001 A"
    assert voltage == "fields_at V_source = 1.3 V is never reached: the source goes to 1.2 V"
    assert "warning" not in api.check(SHIPPED)
    reset = 'protocol=[{ step = "ramp", to = "-1 V", rate = "1 V/s" }]'
    fields = "output.fields_at={}"
    assert "never positive" in api.check(SHIPPED, overrides=(reset, fields))["warning"]
