#!/usr/bin/python3
"""kill -9 of each service in the middle of a Kafka replay: the result is that of a calm run."""
import contextlib
import os
import re
import signal
import time

import suite
from suite import QUICK, SHIPPED, check, data

SERVICES = ("ingestion", "analytics", "confluence", "broker", "portfolio")
KILLS = 8 if suite.FULL else 2  # of each service
# From one kill to the next; a service is not killed again before it has gone on.
PAUSE_S = 0.3
TAKEN_OVER = re.compile(r"^(\w+)\.\w+/\d+ taken over at (\S+)$", re.MULTILINE)


class Killer:
    """Kills the services of the list in turn, each once it has gone on since it was killed last."""

    def __init__(self, status_file, services):
        self.status_file = status_file
        self.turns = [s for _ in range(KILLS) for s in services]
        self.reached = dict.fromkeys(services, 0)
        self.next_at = 0.0

    def __call__(self, _process):
        if not self.turns or time.monotonic() < self.next_at:
            return
        try:
            lines = self.status_file.read_text().splitlines()
        except FileNotFoundError:
            return
        service = self.turns[0]
        for name, pid, progress in map(str.split, lines):
            if name == service and int(progress) > self.reached[service]:
                with contextlib.suppress(ProcessLookupError):
                    os.kill(int(pid), signal.SIGKILL)
                    self.reached[service] = int(progress)
                    self.turns.pop(0)
                    self.next_at = time.monotonic() + PAUSE_S


def feed():
    """Long enough for every service to be caught at work: 1.2 million rows of minutes and ticks."""
    days = ("20131007", "20131008", "20131009", "20131010", "20131011")
    return data(*(f"minute/equity/{s}.csv.gz" for s in ("SPY", "AAPL", "QQQ")),
                *(f"tick/IBM_{d}_{what}.csv.gz" for d in days for what in ("trade", "quote")),
                "tick/SPY_20131007_trade.csv.gz",
                "minute/crypto/BTC-PERP_2021-12-31_2022-02-01_1m.csv.gz")


def service_of(context):
    return "ingestion" if context in ("market", "news") else context


def killed(cases, services, partitions):
    flags = [*feed(), *(w for path in (QUICK, *SHIPPED) for w in ("--strategy", path))]
    calm_trace, trace = cases.folder / "calm.jsonl", cases.folder / "killed.jsonl"
    calm = suite.run("replay", *flags, "--trace", calm_trace).summary
    check(calm["fills"] > 1000, f"too little happens: {calm}")
    status = cases.folder / "status"
    status.unlink(missing_ok=True)
    ran = suite.run("replay", *flags, *cases.servers().flags(), "--partitions", partitions,
                    "--status", status, "--trace", trace,
                    while_running=Killer(status, services))
    summary = ran.summary
    with open(calm_trace, encoding="utf-8") as lines:
        *_, last = (line.split('"')[3] for line in lines)
    # In the middle: the log goes on behind the record that opens it for the new owner, and had
    # not come to the end in front of it.
    times = {s: set() for s in services}
    for context, at in TAKEN_OVER.findall(ran.err):
        if "2" <= at < last and service_of(context) in times:
            times[service_of(context)].add(at)
    said = ", ".join(f"{name} {len(at)}" for name, at in times.items())
    check(all(times.values()), f"a service was never killed in the middle: {said}\n{ran.err}")
    if summary != calm:
        raise suite.Failed(f"a calm run and one with kills differ\n    {calm}\n    {summary}\n  at "
                           f"{suite.difference_of_files(calm_trace, trace)}\n{ran.err}")
    return f"taken over in the middle: {said}; replay {ran.seconds:.1f} s"


def main():
    cases = suite.Cases()
    cases.run("all services in turn, 1 partition", killed, cases, SERVICES, 1)
    for service in SERVICES if suite.FULL else ():
        cases.run(f"{service}, 2 partitions", killed, cases, (service,), 2)
    cases.end()


main()
