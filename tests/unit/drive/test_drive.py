"""The drive as written in a TOML file."""

from typing import Literal

import pytest

from mitmodels.cases.config.document import load_config, resolved
from mitmodels.cases.config.protocol import ProtocolEntries, build_protocol
from mitmodels.cases.config.section import Section
from mitmodels.drive.observable import Level, Until
from mitmodels.drive.protocol import Protocol
from mitmodels.drive.steps import Hold, Pulse, Ramp, Repeat
from mitmodels.errors import InputError


class Example(Section):
    case: Literal["example"] = "example"
    protocol: ProtocolEntries


@pytest.fixture
def load(tmp_path):
    def load(text):
        path = tmp_path / "my.toml"
        path.write_text(text)
        return load_config(path, (), Example)

    return load


RAMP = '[[protocol]]\nstep = "ramp"\nto = "2 V"\n'

EVERYTHING = """\
[[protocol]]
step = "ramp"
to = "2 V"
rate = "1 V/s"
until = ["I > 1 mA", { quantity = "T_max", relation = ">", limit = "1000 degC" }]
read_at = ["500 mV"]

[[protocol]]
step = "hold"
duration = "1 ms"
read_at = ["0 s"]
until = ["gap<3nm", "time > 1 us"]

[[protocol]]
step = "repeat"
times = 3

[[protocol.steps]]
step = "pulse"
value = "-1.5 V"
width = "1 us"
rise = "10 ns"
period = "10 us"

[[protocol.steps]]
step = "repeat"
times = 2
steps = [{ step = "ramp", to = "0 V", duration = "1 s" }]
"""


def test_every_step_becomes_the_one_of_the_physics_in_si(load):
    config = load(EVERYTHING)
    assert build_protocol(config.protocol) == Protocol(
        "voltage",
        (
            Ramp(
                2.0,
                1.0,
                None,
                (Until("I", ">", 1e-3), Until("T_max", ">", 1273.15)),
                (Level("drive", 0.5),),
            ),
            Hold(1e-3, (Until("gap", "<", 3e-9), Until("time", ">", 1e-6)), (Level("time", 0.0),)),
            Repeat(3, (Pulse(-1.5, 1e-6, 1e-8, None, 1e-5), Repeat(2, (Ramp(0.0, None, 1.0),)))),
        ),
    )


def test_it_is_written_back_to_the_identical_protocol(load):
    config = load(EVERYTHING)
    again = load(resolved(config))
    assert again == config
    assert resolved(again) == resolved(config)


def test_units_tell_voltage_from_current(load):
    config = load('[[protocol]]\nstep = "ramp"\nto = "1 mA"\nrate = "1 uA/s"\n')
    assert build_protocol(config.protocol).drive == "current"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("protocol = []", r"my.toml:[0-9:]* protocol = .* has too few entries: add one"),
        ("", "my.toml: is empty"),
        ("protocol = 5", r"my.toml:[0-9:]* protocol = 5 should be a list"),
        ("protocol = [5]", r"my.toml:[0-9:]* protocol.0 = 5 should be a table"),
        (RAMP.replace('"ramp"', '"rmp"'), "protocol.0.step = \"rmp\" should be one of 'ramp', "),
        ('[[protocol]]\nto = "2 V"', r"my.toml:[0-9:]* protocol.0.step is missing: add it"),
        ('[[protocol]]\nstep = "ramp"', r"my.toml:[0-9:]* protocol.0.to is missing: add it"),
        (
            RAMP.replace("to =", "too ="),
            'protocol.0.too = "2 V" is not a known key: did you mean to?',
        ),
        (
            RAMP.replace("2 V", "2 K"),
            r'protocol.0.to = "2 K" is not a voltage or current \[V or A\]: write it as in "2 V"',
        ),
        (
            RAMP + 'rate = "0 V/s"',
            'protocol.0.rate = "0 V/s" must be greater than 0 V/s or A/s: write it as in "1 V/s"',
        ),
        (
            RAMP + 'rate = "1 V/s"\nduration = "1 s"',
            r"my.toml:[0-9:]* protocol.0: a ramp has a rate or a duration: leave one of them out",
        ),
        (
            RAMP + 'rate = "1 A/s"',
            "protocol.0: voltages and currents cannot be mixed in one step: use one of them",
        ),
        (
            RAMP + RAMP.replace("2 V", "1 A"),
            r"my.toml:[0-9:]* protocol: a protocol drives either voltage or current: give its ",
        ),
        (
            '[[protocol]]\nstep = "hold"\nduration = "1 s"',
            r"my.toml:[0-9:]* protocol: a protocol drives either voltage or current",
        ),
        (RAMP + 'read_at = ["3 V"]', "the ramp from 0 to 2 V never passes its read_at 3 V"),
        (
            RAMP + 'until = ["I = 1 mA"]',
            'protocol.0.until.0 = "I = 1 mA" cannot be read as a condition: write it as in "I > 1',
        ),
        (
            RAMP + 'until = ["I > 1 V"]',
            'protocol.0.until.0: I is not comparable to 1 V: write "I > 1 mA"',
        ),
        (RAMP + 'until = ["P > 1 mA"]', 'until.0: P is not comparable to 1 mA: write "P > 1 mW"'),
        (
            RAMP + 'until = ["Q > 1 mA"]',
            "until.0: Q is not an observed quantity: use one of V, time, t, V_source",
        ),
        (RAMP + 'until = ["I > 1"]', 'protocol.0.until.0 = "I > 1" cannot be read as a value'),
        (
            RAMP.replace('"ramp"', '"repeat"\ntimes = 0'),
            r"protocol.0.to = \"2 V\" is a key of another kind of protocol: remove it",
        ),
        (
            '[[protocol]]\nstep = "repeat"\ntimes = 2\nsteps = []',
            "protocol.0.steps = .* has too few entries: add one",
        ),
        (
            '[[protocol]]\nstep = "repeat"\ntimes = 2\n'
            + RAMP.replace("[[protocol", "[[protocol.steps")
            + 'rate = "5 V"',
            'protocol.0.steps.0.rate = "5 V" is not a rate of voltage or current',
        ),
        (
            '[[protocol]]\nstep = "repeat"\ntimes = 2\n[[protocol.steps]]\n'
            'step = "repeat"\ntimes = 2\nsteps = [{ step = "ramp", too = "2 V" }]',
            'protocol.0.steps.0.steps.0.too = "2 V" is not a known key: did you mean to',
        ),
    ],
)  # fmt: skip
def test_each_fault_is_one_sentence_that_names_the_step(load, text, message):
    with pytest.raises(InputError, match=message) as info:
        load(text)
    assert "\n" not in str(info.value)
