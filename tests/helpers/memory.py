"""Memory of this process."""

import re
from pathlib import Path


def peak() -> int:
    """Largest memory that this program has had [bytes].

    The one that `resource` knows is at least that of the process which started this one.
    """
    status = Path("/proc/self/status").read_text(encoding="utf-8")
    return int(re.search(r"VmHWM:\s+(\d+) kB", status)[1]) * 1024


def present() -> int:
    """Memory that this program has now [bytes]."""
    status = Path("/proc/self/status").read_text(encoding="utf-8")
    return int(re.search(r"VmRSS:\s+(\d+) kB", status)[1]) * 1024
