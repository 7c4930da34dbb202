#!/usr/bin/python3
"""No look-ahead: a feed that ends at bar N gives what the whole feed gives up to there.

Compared are all lines of the trace, signals, order events, fills and positions, of each shipped
strategy by itself.
"""
import datetime
import gzip
import itertools
import zoneinfo

import suite
from suite import SHIPPED, check, data

NEW_YORK = zoneinfo.ZoneInfo("America/New_York")
SYMBOLS = ("SPY", "AAPL", "QQQ")
# Which share of the minutes is kept: within the warm-up, within sessions, near the end.
SHARES = (0.05, 0.31, 0.5, 0.77, 0.98)
if suite.FULL:
    SHARES = tuple(i / 40 for i in range(1, 40))


def read(path):
    with gzip.open(path, "rt", encoding="utf-8") as file:
        return file.read().splitlines()


def end_of_knowledge(stamp):
    """When the bars in front of `stamp` are known, and that of `stamp` is not, as a trace's text.

    Bars are stamped at their start and last a minute; the feed's latency is below a second.
    """
    local = datetime.datetime.fromisoformat(stamp).replace(tzinfo=NEW_YORK)
    known = local.astimezone(datetime.timezone.utc) + datetime.timedelta(seconds=1)
    return known.strftime("%Y-%m-%dT%H:%M:%S")


def traced(folder, feed, strategy, name):
    trace = folder / f"{name}.jsonl"
    summary = suite.run("replay", *feed, "--strategy", strategy, "--trace", trace).summary
    with open(trace, encoding="utf-8") as lines:
        return summary, lines.readlines()


def cut_feed(rows, folder, stamp):
    paths = []
    for symbol, (header, *bars) in rows.items():
        path = folder / f"{symbol}.csv"
        kept = itertools.takewhile(lambda bar: bar[:16] < stamp, bars)
        path.write_text("\n".join([header, *kept]) + "\n", encoding="utf-8")
        paths.append(path)
    return paths


def sees_only_the_past(folder, strategy):
    files = data(*(f"minute/equity/{s}.csv.gz" for s in SYMBOLS))
    rows = {symbol: read(path) for symbol, path in zip(SYMBOLS, files)}
    stamps = [bar[:16] for bar in rows["SPY"][1:]]
    whole, lines = traced(folder, files, strategy, "whole")
    check(whole["signals"] >= 10, f"{whole['signals']} signals: too few to tell")
    compared = []
    for share in SHARES:
        stamp = stamps[int(len(stamps) * share)]
        # (A feed's end closes what waits, so the cut feed's trace may go on a little.)
        _, cut = traced(folder, cut_feed(rows, folder, stamp), strategy, "cut")
        known = end_of_knowledge(stamp)
        past, cut = (list(itertools.takewhile(lambda line: line.split('"')[3] < known, side))
                     for side in (lines, cut))
        where = suite.first_difference(past, cut)
        check(where is None, f"cut at {stamp} New York: the whole feed's trace and the cut one's "
              f"differ at {where}")
        compared.append(sum('"type":"signal"' in line for line in past))
    check(compared[-1] > compared[0], f"the cuts hold the same signals: {compared}")
    return f"signals in front of the cuts: {' '.join(map(str, compared))} of {whole['signals']}"


def finds_a_difference():
    """The comparison itself: a changed, a missing and an additional line are seen."""
    lines = ["a\n", "b\n", "c\n"]
    check(suite.first_difference(lines, list(lines)) is None, "equal lines differ")
    for other in (["a\n", "x\n", "c\n"], lines[:2], [*lines, "d\n"]):
        check(suite.first_difference(lines, other), f"{other} passed for {lines}")


def main():
    cases = suite.Cases()
    cases.run("the comparison finds differences", finds_a_difference)
    for strategy in SHIPPED:
        cases.run(strategy.name, sees_only_the_past, cases.folder, strategy)
    cases.end()


main()
