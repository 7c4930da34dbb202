#!/usr/bin/python3
"""One feed, one result: in process, as a backtest, over Kafka with one and with four partitions.

Four kinds of real data. Three accounts follow the strategies, so that four account partitions
have something to share out; all runs of a feed use the same.
"""
import gzip

import suite
from suite import QUICK, SHIPPED, check, data

ACCOUNTS = """\
broker:
  accounts:
    - {id: 1, name: all, opening_cash: 100000}
    - {id: 2, name: quick only, opening_cash: 50000, strategies: [quick]}
    - id: 3
      name: small and careful
      opening_cash: 5000
      limits: {max_position_bps: 500, max_daily_loss_bps: 100, max_orders_per_minute: 5,
               shorting_allowed: false}
"""
# Of the recording of raw frames. A frame costs most of all here, and a strategy of minutes sees
# little more of the next half.
FRAMES = None if suite.FULL else 20_000


def cut(path, lines, folder):
    """The first `lines` lines of a compressed file, as a file of the same name."""
    if lines is None:
        return path
    to = folder / path.name
    with gzip.open(path, "rb") as whole, gzip.open(to, "wb", compresslevel=1) as part:
        for _, line in zip(range(lines), whole):
            part.write(line)
    return to


class Parity:
    def __init__(self, cases):
        self.cases = cases
        self.accounts = cases.folder / "accounts.yaml"
        self.accounts.write_text(ACCOUNTS, encoding="utf-8")

    def inputs(self, feed):
        strategies = [word for path in (QUICK, *SHIPPED) for word in ("--strategy", path)]
        return [*feed, *strategies, "--accounts", self.accounts]

    def same(self, name, feed, least):
        """All ways of running `feed`; `least`: signals, orders and fills that there must be."""
        flags = self.inputs(feed)
        ways = {
            "inline": ["replay"],
            "backtest": ["backtest"],
            "inline again": ["replay"],
            "Kafka, 1 partition": ["replay", "kafka"],
            "Kafka, 4 partitions": ["replay", "kafka", "--partitions", 4,
                                    "--account-partitions", 4],
        }
        first, times = None, []
        for way, (command, *more) in ways.items():
            trace = self.cases.folder / f"{name}-{way.replace(' ', '-')}.jsonl"
            if more:
                more = self.cases.servers().flags() + more[1:]
            ran = suite.run(command, *flags, *more, "--trace", trace)
            times.append(f"{ran.seconds:.1f}")
            summary = ran.summary
            if first is None:
                first, first_trace = summary, trace
                for key, number in least.items():
                    check(summary[key] >= number, f"{key}: {summary[key]}, and not {number}")
                continue
            if summary != first:
                where = suite.difference_of_files(first_trace, trace)
                raise suite.Failed(f"inline and {way} differ\n    {first}\n    {summary}\n"
                                   f"  at {where or 'no line of the trace'}")
            trace.unlink()
        first_trace.unlink()
        return (f"{first['events']} events, {first['signals']} signals, {first['fills']} fills, "
                f"{first['digest'][:15]}…; seconds: {' '.join(times)}")


def one_command(folder):
    """`--bus kafka` alone: servers of its own, the shipped strategies, the demo account."""
    feed = data("minute/equity/SPY.csv.gz")
    inline = suite.run("replay", *feed, "--trace", folder / "a.jsonl")
    kafka = suite.run("replay", *feed, "--bus", "kafka", "--trace", folder / "b.jsonl")
    if "jars" in kafka.err or "java" in kafka.err:
        raise suite.Skipped(kafka.err.strip())
    check(inline.summary["signals"] > 0, "no signals")
    check(inline.summary == kafka.summary, f"inline {inline.summary}, Kafka {kafka.summary}, "
          f"at {suite.difference_of_files(folder / 'a.jsonl', folder / 'b.jsonl')}")
    return f"{inline.summary['signals']} signals"


def used_database(cases):
    """A database that holds another run's machines is refused, not waited for."""
    feed = data("minute/equity/SPY.csv.gz")
    flags = cases.servers().flags()
    check(suite.run("replay", *feed, *flags).code == 0, "the first run failed")
    second = suite.run("replay", *feed, *flags)
    check(second.code == 1 and "holds the machines of another run" in second.err, second.err)


def main():
    cases = suite.Cases()
    parity = Parity(cases)
    trades = {"signals": 1, "orders": 1, "fills": 1}

    def equity():
        files = data(*(f"minute/equity/{s}.csv.gz" for s in ("SPY", "AAPL", "QQQ")))
        return parity.same("equity", files, {"signals": 1000, "orders": 1000, "fills": 1000})

    def crypto():
        return parity.same("crypto", data("minute/crypto/BTC-PERP_2021-12-31_2022-02-01_1m.csv.gz"),
                           {"signals": 1000, "orders": 1000, "fills": 1000})

    def ticks():
        files = data("tick/IBM_20131007_trade.csv.gz", "tick/IBM_20131007_quote.csv.gz")
        return parity.same("ticks", files, trades)

    def frames():
        path, = data("l2/binance_ws_raw/spot_btcusdt_20240808.gz")
        said = parity.same("frames", [cut(path, FRAMES, cases.folder)], trades)
        return said + ("" if FRAMES is None else f" (its first {FRAMES} lines)")

    cases.run("minutes of SPY, AAPL, QQQ", equity)
    cases.run("a month of BTC-PERP minutes", crypto)
    cases.run("a day of IBM trades and quotes", ticks)
    cases.run("a raw recording of Binance's WebSocket", frames)
    cases.run("a database is used once", used_database, cases)
    cases.run("one command, servers of its own", one_command, cases.folder)
    cases.end()


main()
