"""The Apptainer definition does what the Dockerfile does."""

import importlib.util
from pathlib import Path

ROOT = Path(__file__).parents[3]


def test_definition_is_made_from_the_dockerfile_as_it_is_now():
    spec = importlib.util.spec_from_file_location("apptainer", ROOT / "containers/apptainer.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    made = module.definition((ROOT / "containers/Dockerfile").read_text())
    assert (ROOT / "containers/mitmodels.def").read_text() == made
    for file in made.partition("%files\n")[2].partition("\n\n")[0].splitlines():
        assert (ROOT / file.split()[0]).exists(), file
