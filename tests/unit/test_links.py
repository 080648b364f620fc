"""What the pages link to is there, also outside of the site, whose build checks its own links."""

import re
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
LINK = re.compile(r"\]\((?!https?:|mailto:|#)([^)\s#]+)")
MADE = ("_build/", "reference/", "tutorials/notebooks/")  # by the build of the site

pytestmark = pytest.mark.serial


def pages():
    listed = ["git", "ls-files", "*.md"]
    found = subprocess.run(listed, cwd=ROOT, capture_output=True, text=True, check=False)
    if found.returncode:
        pytest.skip("no repository of git")
    return [ROOT / name for name in found.stdout.split()]


def test_relative_links_lead_to_files():
    links = [(page, target) for page in pages() for target in LINK.findall(page.read_text())]
    assert len(links) > 50
    broken = [
        f"{page.relative_to(ROOT)}: {target}"
        for page, target in links
        if not (page.parent / target).exists() and not any(part in target for part in MADE)
    ]
    assert broken == []
