"""Router, carriers and load as processes of their own, so that each one's CPU time is its own."""

import json
import os
import signal
import subprocess
import sys
import tempfile
from collections.abc import Generator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

READY_S: Final = 60.0
END_S: Final = 30.0


class Process:
    """A Python program that prints one JSON line when it is ready, and one at its end."""

    def __init__(self, arguments: Sequence[str]) -> None:
        self._process = subprocess.Popen(  # noqa: S603 - this interpreter, with modules of ours
            [sys.executable, "-m", *arguments],
            stdout=subprocess.PIPE,
            text=True,
            cwd=Path(__file__).parent.parent,
            start_new_session=True,
        )

    @property
    def pid(self) -> int:
        """The process id."""
        return self._process.pid

    def read(self) -> dict[str, Any]:
        """Return the next JSON line. Raises RuntimeError if the program has ended instead."""
        assert self._process.stdout is not None
        line = self._process.stdout.readline()
        if not line:
            raise RuntimeError(f"{self._process.args} ended with status {self._process.wait()}")
        return json.loads(line)

    def finish(self) -> dict[str, Any]:
        """Interrupt the program and return its last JSON line."""
        self._process.send_signal(signal.SIGINT)
        last = self.read()
        self._process.wait(END_S)
        self.kill()
        return last

    def kill(self) -> None:
        """End it whatever it does; harmless if it has ended."""
        if self._process.poll() is None:
            os.killpg(self._process.pid, signal.SIGKILL)
            self._process.wait()
        if self._process.stdout is not None:
            self._process.stdout.close()


@contextmanager
def started(arguments: Sequence[str]) -> Generator[Process, None, None]:
    """Run a program for the length of a block."""
    process = Process(arguments)
    try:
        yield process
    finally:
        process.kill()


@contextmanager
def carriers(
    count: int, *, response_s: float, receipt_s: float
) -> Generator[tuple[Process, str], None, None]:
    """Run simulated carriers; yield the process and their addresses as HOST:PORT,HOST:PORT."""
    tables = [
        f'[[carriers]]\nname = "carrier-{number}"\nport = 0\n'
        f"response_s = {response_s}\nreceipt_s = {receipt_s}\n"
        for number in range(count)
    ]
    with tempfile.TemporaryDirectory(prefix="smpp-bench-") as directory:
        config = Path(directory) / "carriers.toml"
        config.write_text("\n".join(tables))
        with started(["simulators", "carriers", "serve", "--config", str(config), "--stats-json"]) as process:
            ports = process.read()["ports"]
            yield process, ",".join(f"127.0.0.1:{port}" for port in ports.values())


def cpu_s(pid: int) -> float:
    """CPU seconds that a running process has used, all threads, from the kernel's accounting."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
