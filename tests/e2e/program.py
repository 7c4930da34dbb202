"""Runs bellwether as a user would; what the scripts of this folder share."""

import json
import math
import os
import pathlib
import random
import subprocess
import sys
import time

BIN = os.environ.get("BELLWETHER_BIN") or sys.exit("set BELLWETHER_BIN to the program")
DATA = pathlib.Path(
    os.environ.get("BELLWETHER_DATA")
    or pathlib.Path(__file__).resolve().parents[2].parent / "shared" / "data"
)


def run(*args, code=0, timeout=120):
    """The program's output; fails where it ends otherwise than said."""
    done = subprocess.run([BIN, *map(str, args)], capture_output=True, text=True, timeout=timeout)
    assert done.returncode == code, f"{args}: code {done.returncode}\n{done.stdout}\n{done.stderr}"
    return done.stdout if code == 0 else done.stdout + done.stderr


def start(*args):
    return subprocess.Popen(
        [BIN, *map(str, args)], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    )


def last_json(text):
    return json.loads(text.strip().splitlines()[-1])


def wait_for(what, seconds=60):
    """Polls until `what()` is true."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        found = what()
        if found:
            return found
        time.sleep(0.05)
    raise AssertionError(f"did not happen within {seconds} s")


def processes_in(folder):
    """Processes whose command line or working folder names `folder`: what a run may leave."""
    left = []
    for entry in pathlib.Path("/proc").iterdir():
        if not entry.name.isdigit():
            continue
        try:
            line = (entry / "cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")
        except OSError:
            continue
        if str(folder) in line and int(entry.name) != os.getpid():
            left.append(f"{entry.name} {line}")
    return left


def make_feed(folder, days=6, seed=7):
    """Minute bars of one share over a few NYSE sessions: a random walk with swings."""
    rng = random.Random(seed)
    path = pathlib.Path(folder) / "WAVE.csv"
    lines = ["timestamp_et,open,high,low,close,volume"]
    price = 100.0
    for day in range(days):
        date = f"2024-03-{4 + day + 2 * (day // 5):02d}"
        for minute in range(390):
            hour, m = divmod(9 * 60 + 30 + minute, 60)
            before = price
            price *= 1 + 0.0012 * math.sin((day * 390 + minute) / 47) + rng.gauss(0, 0.0008)
            high = max(before, price) * (1 + abs(rng.gauss(0, 0.0003)))
            low = min(before, price) * (1 - abs(rng.gauss(0, 0.0003)))
            lines.append(
                f"{date} {hour:02d}:{m:02d},{before:.2f},{high + 0.01:.2f},{low - 0.01:.2f},"
                f"{price:.2f},{rng.randint(2000, 90000)}"
            )
    path.write_text("\n".join(lines) + "\n")
    return path


def feeds(folder):
    """The own feed, and real minutes where they are there."""
    found = [[make_feed(folder)]]
    real = [DATA / "minute" / "equity" / f"{s}.csv.gz" for s in ("SPY", "AAPL")]
    if all(p.exists() for p in real):
        found.append(real)
    else:
        print(f"no real minutes in {DATA}: the own feed alone")
    return found
