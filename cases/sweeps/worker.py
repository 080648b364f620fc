"""Process of a sweep that runs one point after the other: it starts, and imports, once.

It gets a line for each point through a socket, its standard input, and answers by a byte when the
point is over. A point that ends the process, whatever way, ends no other: the sweep starts another.
"""

import json
import os
import socket
import subprocess
import sys
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from mitmodels.errors import InputError

_INTERRUPTED = 130


@dataclass(frozen=True, eq=False)
class Worker:
    """Such a process, and this end of its socket."""

    process: subprocess.Popen[bytes]
    link: socket.socket

    @classmethod
    def start(cls, command: Sequence[str], output: Path) -> "Worker":
        """Start a process whose words go to a file until its first point begins."""
        # It is a job of one rank, whatever this process was started by.
        environment = {
            key: value for key, value in os.environ.items() if not key.startswith(("PMI", "OMPI_"))
        }
        environment.setdefault("OMP_NUM_THREADS", "1")
        link, other = socket.socketpair()
        with other, output.open("ab") as file:
            process = subprocess.Popen(
                command,
                stdin=other.fileno(),
                stdout=file,
                stderr=subprocess.STDOUT,
                env=environment,
                start_new_session=True,  # Ctrl-C reaches the sweep alone, which passes it on
            )
        return cls(process, link)

    def fileno(self) -> int:
        """Descriptor that is ready to be read when a point is over."""
        return self.link.fileno()

    def ask(self, output: Path, arguments: Sequence[str]) -> None:
        """Let it run a command whose words go to a file."""
        with suppress(OSError):  # it ended: its socket says so
            self.link.sendall(f"{json.dumps([str(output.resolve()), *arguments])}\n".encode())

    def goes_on(self) -> bool:
        """Whether it waits for another point after this one, once it is ready to be read."""
        with suppress(OSError):
            if self.link.recv(1):
                return True
        self.link.close()
        self.process.wait()  # from here on nobody works on its run
        return False

    def interrupt(self) -> None:
        """Let it write the last checkpoint of its run, and end."""
        self.process.terminate()

    def end(self, patience: float) -> None:
        """Let it end after its run; kill it after some seconds."""
        self.link.close()
        try:
            self.process.wait(max(0.0, patience))
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()


def serve(execute: Callable[[Sequence[str]], int]) -> None:
    """Run the points that a sweep asks for until it closes the socket, or a run is interrupted.

    Parameters
    ----------
    execute
        Runs a command line and returns its exit code.

    Raises
    ------
    InputError
        If the standard input is no socket.
    """
    try:
        link = socket.socket(fileno=os.dup(0))
    except OSError:
        raise InputError("work: is what a sweep starts: give mitmodels sweep") from None
    with link:
        os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
        for line in link.makefile(encoding="utf-8"):
            output, *arguments = json.loads(line)
            with Path(output).open("ab") as file:
                for stream in (1, 2):
                    os.dup2(file.fileno(), stream)
            code = execute(arguments)
            sys.stdout.flush()
            if code == _INTERRUPTED:
                return
            with suppress(OSError):  # the sweep was killed: it closed the socket
                link.sendall(b".")
