"""Magnetic maps of a film run: widths against those of the branch, and what is refused."""

import pandas as pd
import pytest

from mitmodels.cases import api
from mitmodels.cases.magnetism.kerr import moke
from mitmodels.cases.papers import salev2021
from mitmodels.errors import InputError

pytestmark = pytest.mark.serial
COARSE = (
    "mesh.size=2.5 um",
    "mesh.edge_size=2 um",
    "mesh.cells_across=4",
    "protocol.0.to=54 V",
    "output.figures=false",
    'output.fields_at.V_source=["5 V", "30 V", "53 V"]',
)


@pytest.fixture(scope="module")
def film(tmp_path_factory):
    toml = api.__file__.replace("api.py", "lsmo_iv.toml")
    return api.run(toml, tmp_path_factory.mktemp("film") / "run", overrides=COARSE)


def test_spot_blurs_a_wide_barrier_little_and_shows_the_whole_film_when_it_is_full(film):
    files = moke(film.path)
    assert files[0].name == "widths.csv"
    assert all(file.stat().st_size > 10_000 for file in files[1:])
    widths = pd.read_csv(files[0])
    assert list(widths["V_source [V]"]) == [5.0, 30.0, 53.0]
    above, half_depth, dark = widths.iloc[:, 1], widths.iloc[:, 2], widths.iloc[:, 3]
    expected = salev2021.results(film)["d_at_30V"][0]
    assert above[1] == pytest.approx(expected, abs=1e-6)
    assert expected < half_depth[1] < dark[1] < 1.3 * expected
    assert above[0] == half_depth[0] == 0.0
    assert above[2] == half_depth[2] == pytest.approx(100e-6, abs=1e-6)
    assert widths["least amplitude"][2] == 0.0


@pytest.mark.parametrize(
    ("spot", "message"),
    [
        ("5 V", '--spot "5 V"'),
        ("-1 um", '--spot "-1 um"'),
        ("0.1 um", "--spot 0.1 um: is finer"),
    ],
)
def test_spot_that_is_none(film, spot, message):
    with pytest.raises(InputError) as refusal:
        moke(film.path, film.path / "other", spot=spot)
    assert str(refusal.value).startswith(message)
    assert not (film.path / "other").exists()
