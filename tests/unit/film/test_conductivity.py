"""Conductivity of a substrate as a law: its points, powers, integral and inverse; its keys."""

from dataclasses import replace

from mpi4py import MPI

import numpy as np
import pytest
from films import PULSE, SHIPPED

from mitmodels.cases.config.document import load_config
from mitmodels.cases.film import steady_config, transient_config
from mitmodels.errors import InputError
from mitmodels.film.conductivity import TabulatedConductivity

T = np.array([50.0, 100, 150, 200, 300, 400, 500, 600])
KAPPA = np.array([25, 19, 15.5, 13.5, 11, 9.3, 8.1, 7.2])
LAW = TabulatedConductivity(tuple(T), tuple(KAPPA), "slope")
TABLE = (
    'substrate.temperatures=["50 K","400 K"]',
    'substrate.conductivities=["25 W/(m K)","9 W/(m K)"]',
)
FILE = "T [K],conductivity [W/(m K)]\n400,9\n50,25\n100,19\n100,17\n"


def test_goes_through_the_points_and_falls_between_them():
    np.testing.assert_allclose(LAW(T), KAPPA, rtol=1e-14)
    assert (np.diff(LAW(np.linspace(10, 5000, 5000))) < 0).all()


def test_beyond_the_points():
    power = np.log(7.2 / 8.1) / np.log(600 / 500)
    assert LAW(900.0) == pytest.approx(7.2 * 1.5**power, rel=1e-12)
    for beyond in ("end", "hold"):
        held = replace(LAW, beyond=beyond)
        assert held(np.array([20.0, 900.0])) == pytest.approx([25, 7.2], rel=1e-14)
    steep = TabulatedConductivity((100.0, 200.0), (80.0, 20.0), "slope")
    assert steep(400.0) == pytest.approx(10.0, rel=1e-12)  # no faster than 1/T
    assert steep(50.0) == pytest.approx(320.0, rel=1e-12)


@pytest.mark.parametrize("law", [LAW, replace(LAW, beyond="hold")], ids=["slope", "hold"])
def test_temperature_is_the_inverse_of_the_integral_and_its_slope_the_conductivity(law):
    t, h = np.linspace(60, 2000, 500), 1e-2
    np.testing.assert_allclose(law.temperature(law.integral(t)), t, rtol=1e-11)
    slope = (law.integral(t + h) - law.integral(t - h)) / 2 / h
    np.testing.assert_allclose(slope, law(t), rtol=1e-6)
    # An iteration may pass where no temperature is.
    assert np.isfinite(law.temperature(law.integral(np.array([-50.0, 5e4])))).all()


@pytest.mark.parametrize("n", [0.0, 0.5, 1.0, 1.3])
def test_power_law_has_its_closed_form(n):
    law, t = TabulatedConductivity.power(11.0, n), np.linspace(150, 900, 40)
    found = law.integral(t) - law.integral(100.0)
    powers = np.log(t / 100) if n == 1 else (t ** (1 - n) - 100 ** (1 - n)) / (1 - n)
    np.testing.assert_allclose(found, 11 * 300**n * powers, rtol=1e-11)
    np.testing.assert_allclose(law(t), 11 * (300 / t) ** n, rtol=1e-12)


@pytest.mark.parametrize(
    ("temperatures", "conductivities", "message"),
    [
        ((1.0,), (1.0,), "two or more"),
        ((1.0, 1.0), (1.0, 2.0), "must increase: 1 K follows 1 K"),
        ((1.0, 2.0), (1.0, 0.0), "must be positive"),
    ],
)
def test_what_is_no_table(temperatures, conductivities, message):
    with pytest.raises(ValueError, match=message):
        TabulatedConductivity(temperatures, conductivities)


def section(*overrides):
    return load_config(SHIPPED, overrides, steady_config.Config).substrate


def test_table_takes_the_place_of_the_record_s_number(tmp_path):
    (tmp_path / "kappa.csv").write_text(FILE)
    found = section(f"substrate.conductivity_file={tmp_path / 'kappa.csv'}")
    assert found.conductivity is None
    assert found.law().temperatures == (50.0, 100.0, 400.0)
    assert found.law().conductivities == (25.0, 18.0, 9.0)
    assert found.end == 400.0


def test_number_takes_the_place_of_the_record_s_table():
    of_record, own = (
        section("substrate.material=si", *o) for o in ((), ("substrate.conductivity=99 W/(m K)",))
    )
    assert of_record.law()(300.0) == pytest.approx(156)
    assert own.law()(500.0) == pytest.approx(99)


@pytest.mark.parametrize(
    ("overrides", "message"),
    [
        (("substrate.material=",), "substrate: give either conductivity, or a table of it"),
        (
            (*TABLE, "substrate.conductivity=8 W/(m K)"),
            "substrate: give either conductivity, or a table",
        ),
        ((*TABLE, "substrate.conductivity_exponent=1"), "conductivity_exponent is of a number"),
        (TABLE[:1], "give either conductivity, or a table of it"),
        (("substrate.mount_resistance=-1 K/W",), "mount_resistance"),
        ((TABLE[0], TABLE[1].replace("25", "-25")), "conductivities"),
    ],
)
def test_faults_of_the_section(overrides, message):
    with pytest.raises(InputError, match=message):
        section(*overrides)


def test_ambient_outside_of_the_table():
    with pytest.raises(InputError, match="outside of the substrate's table, from 50 K to 400 K"):
        steady_config.prepare(
            load_config(SHIPPED, (*TABLE, "ambient.temperature=420 K"), steady_config.Config),
            MPI.COMM_WORLD,
        )


@pytest.mark.parametrize(
    ("overrides", "message"),
    [
        (TABLE, "a conductivity that depends on the temperature is for steady states only"),
        (("substrate.conductivity_exponent=1",), "is for steady states only"),
        (("substrate.mount_resistance=10 K/W",), "substrate.mount_resistance is for steady"),
    ],
)
def test_film_in_time_refuses_what_is_steady(overrides, message):
    config = load_config(PULSE, overrides, transient_config.Config)
    with pytest.raises(InputError, match=message):
        transient_config.prepare(config, MPI.COMM_WORLD)
