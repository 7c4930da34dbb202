#!/usr/bin/env python3
"""Queries say what the run did; orders and the kill switch reach a run; errors name the mend."""

import csv
import json
import os
import signal
import subprocess
import tempfile

from program import BIN, last_json, make_feed, run, start, wait_for


def ask(*args):
    return json.loads(run("--output", "json", *args))


def test_queries(feed, data):
    told = last_json(run("run", "--data", data, "--speed", 0, "--plain", "--feed", feed))
    signals = ask("signals", "--data", data, "--limit", 10_000)
    orders = ask("orders", "--data", data, "--limit", 10_000)
    assert len(signals) == told["signals"] and len(orders) == told["orders"], told
    assert {s["symbol"] for s in signals} == {"WAVE"}
    portfolio = ask("portfolio", "--data", data)
    assert portfolio["accounts"][0]["equity"] == told["equity"], portfolio
    assert portfolio["differences"] == 0
    ordered = next(o["signal"] for o in orders if o["signal"])
    story = ask("explain", ordered, "--data", data)
    assert story["signal"] == ordered and story["components"] and story["orders"], story
    total = sum(c["contribution"] for c in story["components"])
    if story["combination"] == "weighted_mean":
        assert abs(total - story["score"]) < 1e-9, story
    text = run("explain", ordered, "--data", data)
    assert "what became of it" in text and "rests on" in text
    one = ask("signals", "--data", data, "--strategy", "trend", "--direction", "long", "--limit", 3)
    assert all(s["strategy"] == "trend" and s["direction"] == "long" for s in one)
    assert "no orders match" in run("orders", "--data", data, "--state", "rejected")
    assert "nothing to do" in run("migrate", "--data", data)
    assert "WRONG" not in run("doctor", "--data", data)


def test_features(feed, folder):
    out = f"{folder}/features.csv"
    run("features", feed, "--timeframe", "15m", "--csv", out)
    rows = list(csv.DictReader(open(out)))
    assert rows and all(r["timeframe"] == "15m" for r in rows)
    closes = [float(r["close"]) for r in rows]
    for i in range(19, len(rows)):
        if rows[i]["over_gap"] == "false" and rows[i]["sma_20"]:
            assert abs(float(rows[i]["sma_20"]) - sum(closes[i - 19 : i + 1]) / 20) < 1e-6, rows[i]
    assert rows[0]["sma_20"] == "" and rows[-1]["sma_20"] != ""
    assert "rsi_14" in run("features", feed, "--limit", 2)


def test_requests(data):
    p = start("run", "--data", data, "--warm-up", 0, "--plain", "--speed", 120)
    try:
        summaries = 0
        for line in p.stdout:
            summaries += "summary" in line
            if summaries == 2:  # prices are known by now
                break
        answer = ask(
            "orders",
            "place",
            "buy",
            "0.1",
            "SIM-COIN",
            "--type",
            "limit",
            "--limit",
            1,
            "--tif",
            "gtc",
            "--request-id",
            "mine",
            "--data",
            data,
        )
        assert answer["state"] == "accepted" and answer["order"], answer
        listed = [
            o
            for o in ask("orders", "--data", data, "--limit", 1000)
            if o["order"] == answer["order"]
        ]
        assert listed and listed[0]["quantity"] == "0.1" and listed[0]["purpose"] == "request", (
            listed
        )
        again = run(
            "orders",
            "place",
            "buy",
            "0.1",
            "SIM-COIN",
            "--request-id",
            "mine",
            "--data",
            data,
            code=1,
        )
        assert "was used before" in again, again
        assert ask("orders", "cancel", answer["order"], "--data", data)["state"] == "accepted"
        wait_for(
            lambda: [
                o
                for o in ask("orders", "--data", data, "--limit", 1000)
                if o["order"] == answer["order"] and o["state"] == "cancelled"
            ]
        )
        for account in (77, 1 << 22, (1 << 32) - 1):  # not configured, and beyond what can be
            for what in (
                ["orders", "place", "buy", "0.001", "SIM-COIN"],
                ["orders", "cancel", answer["order"]],
                ["kill-switch", "on"],
            ):
                unknown = run(*what, "--account", account, "--data", data, code=1)
                assert "refused: unknown_account" in unknown, (what, account, unknown)
        assert p.poll() is None, "an unknown account ended the run"
        large = run("orders", "place", "buy", 1000, "SIM-COIN", "--data", data, code=1)
        assert "refused" in large and "limit" in large, large
        assert "accepted" in run("kill-switch", "on", "--reason", "test", "--data", data)
        stopped = run("orders", "place", "buy", "0.001", "SIM-COIN", "--data", data, code=1)
        assert "kill_switch" in stopped, stopped
        assert ask("portfolio", "--data", data)["accounts"][0]["risk_mode"] == "halted"
        assert "accepted" in run("kill-switch", "off", "--data", data)
    finally:
        p.send_signal(signal.SIGINT)
        p.stdout.read()
        p.wait(30)
    late = run("orders", "place", "buy", 1, "SIM-COIN", "--data", data, code=1)
    assert "start `bellwether run`" in late, late


def usage(args):
    """What the parser says to arguments that it refuses."""
    done = subprocess.run([BIN, *args], capture_output=True, text=True, timeout=60)
    assert done.returncode not in (0, 1), f"{args}: code {done.returncode}"
    return done.stdout + done.stderr


def test_errors(folder, data):
    for args, words in (
        (["signals", "--data", f"{folder}/nowhere"], ["nowhere", "bellwether run"]),
        (["signals", "--data", data, "--symbol", "WAVES"], ["WAVES", "did you mean 'WAVE'"]),
        (["signals", "--data", data, "--strategy", "nope"], ["nope", "--documents"]),
        (["explain", "1", "--data", data], ["no signal 1", "bellwether signals"]),
        (["orders", "place", "buy", "-3", "WAVE", "--data", data], ["QUANTITY"]),
        (
            ["orders", "place", "buy", "3", "WAVE", "--type", "limit", "--data", data],
            ["--limit", "missing"],
        ),
    ):
        text = run(*args, code=1)
        assert all(w in text for w in words), f"{args}: {text}"
    for args in (
        ["run", "--feed", f"{folder}/absent.csv"],
        ["run", "--speed", "fast"],
        ["nonsense"],
        [],
    ):
        text = usage(args)
        assert "--help" in text, f"{args}: {text}"
    for command in (
        "run",
        "replay",
        "backtest",
        "signals",
        "explain",
        "orders",
        "portfolio",
        "features",
        "topics",
        "migrate",
        "doctor",
        "kill-switch",
    ):
        assert "Example: bellwether" in run(command, "--help"), command


def main():
    with tempfile.TemporaryDirectory(prefix="bellwether-e2e-") as folder:
        os.chmod(folder, 0o755)  # PostgreSQL runs as another user where this one is root
        feed = make_feed(folder)
        test_queries(feed, f"{folder}/data")
        test_features(feed, folder)
        test_errors(folder, f"{folder}/data")
        test_requests(f"{folder}/live")
        print("queries, features, requests and errors: as they should be")


if __name__ == "__main__":
    main()
