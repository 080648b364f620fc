"""The house can be drawn from a listing: the door beside the inputs, and rooms not too full."""

from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]
ROOMS = sorted(
    folder
    for layer in ("mitmodels", "meshes", "solvers", "cases")
    for folder in (ROOT / layer, *(ROOT / layer).rglob("*"))
    if (folder / "__init__.py").is_file()
)
MECHANISMS = {"film", "cell", "magnetism", "network", "point_contact"}


def test_the_door_alone_stands_beside_the_inputs():
    modules = {file.name for file in (ROOT / "cases").glob("*.py")}
    assert modules == {"__init__.py", "api.py", "cli.py", "registry.py", "schema.py"}
    assert len(list((ROOT / "cases").glob("*.toml"))) > 20


def test_a_mechanism_has_the_same_name_in_physics_and_cases():
    rooms = {path.relative_to(ROOT).as_posix() for path in ROOMS}
    assert {f"{layer}/{name}" for layer in ("mitmodels", "cases") for name in MECHANISMS} <= rooms
    assert {"solvers/film", "solvers/cell"} <= rooms


@pytest.mark.parametrize("room", ROOMS, ids=lambda path: str(path.relative_to(ROOT)))
def test_a_room_has_at_most_fifteen_modules_and_says_what_it_is_for(room):
    assert len([file for file in room.glob("*.py") if file.name != "__init__.py"]) <= 15
    assert (room / "__init__.py").read_text(encoding="utf-8").startswith('"""')
