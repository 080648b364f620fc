"""A thousand damaged folders: every command on them ends well or names what is damaged.

``make fuzz`` runs it. ``FUZZ`` is ten times their number, ``SEED`` that of the generator.
"""

import os
import sys
from itertools import islice

from damages import specimens, tried

COUNT = int(os.environ.get("FUZZ", "10000")) // 10
SEED = int(os.environ.get("SEED", "1"))
_HANGS = 300.0  # seconds


def test_commands_on_damaged_folders_end_well_or_with_one_sentence(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    failed = [
        fault
        for fault in islice(tried(specimens(tmp_path), tmp_path, SEED, _HANGS), COUNT)
        if fault
    ]
    for fault in failed:
        sys.stdout.write(f"\n{fault}\n")
    sys.stdout.write(f"\n{COUNT} damaged folders of seed {SEED}, {len(failed)} ended badly\n")
    assert not failed
