#!/usr/bin/env python3
"""bellwether run: replay's digest, also after kill -9; a clean end; a second run goes on."""

import os
import signal
import tempfile
import time

from program import feeds, last_json, processes_in, run, start, wait_for


def run_feed(data, paths, *more):
    return run(
        "run",
        "--data",
        data,
        "--speed",
        0,
        "--plain",
        *more,
        *[a for p in paths for a in ("--feed", p)],
    )


def test_same_as_replay(paths, data):
    expected = last_json(run("replay", "--quiet", *paths))
    assert expected["signals"] > 0 and expected["fills"] > 0, f"the feed trades nothing: {expected}"
    assert last_json(run_feed(data, paths)) == expected
    again = run_feed(data, paths)
    assert last_json(again) == expected, "a run behind the feed's end changed something"
    assert "goes on at" in again
    return expected


def test_killed(paths, data, expected):
    """kill -9 at many moments: the last run ends as one that was never interrupted."""
    killed = 0
    for i in range(8):
        args = [a for p in paths for a in ("--feed", p)]
        p = start("run", "--data", data, "--speed", 40_000 * (i + 1), "--plain", *args)
        # Behind the first summary the feed is being played; from there, a little later each time.
        for line in p.stdout:
            if "summary" in line:
                break
        time.sleep(0.15 * i)
        if p.poll() is None:
            killed += 1
        os.kill(p.pid, signal.SIGKILL)
        p.stdout.read()
        p.wait()
    assert killed >= 4, f"only {killed} of 8 runs were killed in mid-run"
    text = run_feed(data, paths)
    assert last_json(text) == expected, text.strip().splitlines()[-1]
    wait_for(lambda: not processes_in(data))


def test_killed_tables(paths, whole, killed):
    """What the interrupted runs stored is what the whole one stored."""
    for command in (["signals", "--limit", 10_000], ["orders", "--limit", 10_000], ["portfolio"]):
        one = run("--output", "json", *command, "--data", whole)
        other = run("--output", "json", *command, "--data", killed)
        assert one == other, f"{command[0]} differ after kill -9"


def test_ctrl_c(data):
    p = start("run", "--data", data, "--warm-up", 0, "--plain")
    for line in p.stdout:
        if "summary" in line:
            break
    p.send_signal(signal.SIGINT)
    text = p.stdout.read()
    assert p.wait(30) == 0, text
    assert "Stopped at" in text and "goes on from here" in text, text
    assert not processes_in(data), processes_in(data)
    second = start("run", "--data", data, "--warm-up", 0, "--plain")
    lines = []
    for line in second.stdout:
        lines.append(line)
        if "summary" in line:
            break
    second.send_signal(signal.SIGTERM)
    second.stdout.read()
    assert second.wait(30) == 0
    assert any("goes on at" in line for line in lines), lines
    wait_for(lambda: not processes_in(data))


def main():
    with tempfile.TemporaryDirectory(prefix="bellwether-e2e-") as folder:
        os.chmod(folder, 0o755)  # PostgreSQL runs as another user where this one is root
        for i, paths in enumerate(feeds(folder)):
            whole, killed = f"{folder}/whole{i}", f"{folder}/killed{i}"
            expected = test_same_as_replay(paths, whole)
            test_killed(paths, killed, expected)
            test_killed_tables(paths, whole, killed)
            print(
                f"feed {i}: {expected['events']} events, {expected['fills']} fills,"
                " as replay, also killed"
            )
        test_ctrl_c(f"{folder}/live")
        print("Ctrl-C: a clean end, nothing left running, and the second run went on")


if __name__ == "__main__":
    main()
