"""What the scripts of this folder share: programs, servers, cases and their count.

Every script prints one line a check and ends with the line that scripts/test.py counts. With
BELLWETHER_FULL=1 they take the bigger sizes.
"""
import contextlib
import dataclasses
import itertools
import json
import os
import signal
import subprocess
import sys
import tempfile
import time
import traceback
from pathlib import Path

SOURCE = Path(os.environ.get("BELLWETHER_SOURCE", Path(__file__).resolve().parents[2]))
BIN = Path(os.environ.get("BELLWETHER_BIN", SOURCE / "build/test/bin"))
DATA = Path(os.environ.get("BELLWETHER_DATA", SOURCE.parent / "shared/data"))
FULL = os.environ.get("BELLWETHER_FULL") == "1"

SHIPPED = sorted((SOURCE / "services/confluence/strategies").glob("*.yaml"))
QUICK = SOURCE / "tests/sim/strategies/quick.yaml"  # trades within minutes

SKIPPED = 77  # the exit code that ctest takes for "skipped"
RUN_LIMIT_S = 240
SERVERS_LIMIT_S = 120


class Failed(Exception):
    """A check that does not hold; its text says what was found."""


class Skipped(Exception):
    """The case cannot run here; its text says why."""


def check(condition, text):
    if not condition:
        raise Failed(text)


def data(*names):
    """Paths of the data folder; the case is skipped where one is absent."""
    paths = [DATA / name for name in names]
    for path in paths:
        if not path.exists():
            raise Skipped(f"{path} is absent: set BELLWETHER_DATA to the folder of test data")
    return paths


@dataclasses.dataclass
class Run:
    """A program that has ended."""

    code: int  # negative: minus the signal
    out: str
    err: str
    seconds: float
    peak_mb: float  # resident set, of the program itself

    @property
    def summary(self):
        """The last line of stdout: counts, equity, digest."""
        check(self.code == 0, f"ended with {self.code}: {self.err[-2000:]}")
        return json.loads(self.out.strip().splitlines()[-1])


def run(*arguments, program="bellwether", while_running=None, limit_s=RUN_LIMIT_S):
    """Runs a program to its end. `while_running(process)` is called every few milliseconds."""
    begin = time.monotonic()
    with tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as err:
        process = subprocess.Popen([BIN / program, *map(str, arguments)], stdout=out, stderr=err,
                                   stdin=subprocess.DEVNULL, cwd=SOURCE)
        while True:
            pid, status, usage = os.wait4(process.pid, os.WNOHANG)
            if pid:
                break
            if while_running is not None:
                while_running(process)
            if time.monotonic() - begin > limit_s:
                process.send_signal(signal.SIGTERM)
                limit_s += 30
                if limit_s > RUN_LIMIT_S + 60:
                    process.kill()
            time.sleep(0.005)
        process.returncode = os.waitstatus_to_exitcode(status)
        out.seek(0)
        err.seek(0)
        return Run(process.returncode, out.read().decode(errors="replace"),
                   err.read().decode(errors="replace"), time.monotonic() - begin,
                   usage.ru_maxrss / 1024)


class Servers:
    """A Kafka and a PostgreSQL for one script; a database of its own for every run."""

    def __init__(self, folder):
        # PostgreSQL runs as another user where we are root, and must reach its folder.
        os.chmod(folder, 0o755)
        self.folder = Path(folder)
        self.process = subprocess.Popen([BIN / "bellwether-servers", self.folder],
                                        stderr=subprocess.PIPE, text=True)
        self.numbers = itertools.count()
        begin = time.monotonic()
        while not (self.folder / "ready").exists():
            if self.process.poll() is not None:
                raise Skipped("no private servers: " + self.process.stderr.read().strip())
            check(time.monotonic() - begin < SERVERS_LIMIT_S, "the servers do not answer")
            time.sleep(0.05)
        self.brokers, self.database = (self.folder / "ready").read_text().split()

    def flags(self):
        """Where a run over Kafka goes, in a fresh database."""
        name = f"run{next(self.numbers)}"
        subprocess.run(["psql", "-q", self.database, "-c", f"CREATE DATABASE {name}"], check=True)
        address, _, parameters = self.database.partition("?")
        return ["--bus", "kafka", "--brokers", self.brokers,
                "--database", f"{address.rpartition('/')[0]}/{name}?{parameters}"]

    def stop(self):
        self.process.terminate()
        self.process.wait()


def first_difference(left, right):
    """Text that shows where two traces part, or None. Takes iterables of lines."""
    pairs = itertools.zip_longest(left, right)
    for number, (a, b) in enumerate(pairs, start=1):
        if a != b:
            ends = "(the trace ends)"
            return (f"line {number}:\n    {(a or ends).rstrip()[:600]}"
                    f"\n    {(b or ends).rstrip()[:600]}")
    return None


def difference_of_files(left, right):
    with open(left, encoding="utf-8") as a, open(right, encoding="utf-8") as b:
        return first_difference(a, b)


class Cases:
    """Runs cases one after the other, prints a line for each, and counts."""

    def __init__(self):
        self.passed = self.failed = self.skipped = 0
        self.folder = Path(tempfile.mkdtemp(prefix="bellwether-parity-"))
        self.servers_ = None
        self.why_no_servers = None

    def servers(self):
        """The script's servers, started at the first use."""
        if self.why_no_servers:
            raise Skipped(self.why_no_servers)
        if self.servers_ is None:
            folder = self.folder / "servers"
            folder.mkdir()
            os.chmod(self.folder, 0o755)
            try:
                self.servers_ = Servers(folder)
            except Skipped as e:
                self.why_no_servers = str(e)
                raise
        return self.servers_

    def run(self, name, function, *arguments):
        """`function(*arguments)` is the case; what it returns is printed beside its name."""
        begin = time.monotonic()
        try:
            said = function(*arguments) or ""
            word, self.passed = "ok  ", self.passed + 1
        except Skipped as e:
            word, said, self.skipped = "SKIP", str(e), self.skipped + 1
        except Failed as e:
            word, said, self.failed = "FAIL", str(e), self.failed + 1
        except Exception:  # a case that breaks is a failed case; the others still run
            word, said, self.failed = "FAIL", traceback.format_exc(), self.failed + 1
        print(f"{word} {time.monotonic() - begin:6.1f} s  {name}  {said}".rstrip(), flush=True)

    def end(self):
        """Prints the counts and ends the script."""
        if self.servers_ is not None:
            self.servers_.stop()
        with contextlib.suppress(OSError):
            subprocess.run(["rm", "-rf", self.folder], check=False)
        print(f"bellwether-cases passed={self.passed} failed={self.failed} skipped={self.skipped}")
        only_skipped = self.skipped and not self.passed and not self.failed
        sys.exit(SKIPPED if only_skipped else min(self.failed, 1))
