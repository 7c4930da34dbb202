#!/usr/bin/python3
"""Bad input: refused with a text that says where and how to mend it, or set aside and counted.

Never a crash, and never more memory than a good file takes.
"""
import gzip
import random
import re

import suite
from suite import QUICK, check, data

HEADER = "timestamp,open,high,low,close,volume\n"
GOOD = "2024-03-04 14:3{0},20.00,20.10,19.95,20.05,1200\n"
PEAK_MB = 256
LONG_LINE = 1 << 30

# What is set aside, by the name of the reason, and how often.
ROBUSTNESS = {
    "bad.csv": {"malformed_row": 201, "zero_price": 51, "negative_price": 3},
    "intraday.csv": {},
    "mismatch.csv": {"out_of_order": 463},
    "toobig.csv": {"malformed_row": 1246},
    "zeros.csv": {"zero_price": 200},
}
ROWS = {
    "no number": ("2024-03-04 14:33,20,nan,19,20,1\n", "malformed_row"),
    "infinite": ("2024-03-04 14:33,20,inf,19,20,1\n", "malformed_row"),
    "a word": ("2024-03-04 14:33,20,oops,19,20,1\n", "malformed_row"),
    "too big": ("2024-03-04 14:33,20,99999999999999999999,19,20,1\n", "malformed_row"),
    "too few fields": ("2024-03-04 14:33,20,21\n", "malformed_row"),
    "no time": ("yesterday,20,21,19,20,1\n", "malformed_row"),
    "day 31 of February": ("2024-02-31 14:33,20,21,19,20,1\n", "malformed_row"),
    "bytes of no text": ("\x00\x1b[2J\ufffd,20,21,19,20,1\n", "malformed_row"),
    "negative price": ("2024-03-04 14:33,-20,-19,-21,-20,1\n", "negative_price"),
    "negative volume": ("2024-03-04 14:33,20,21,19,20,-1\n", "negative_volume"),
    "high below low": ("2024-03-04 14:33,20,19,21,20,1\n", "high_below_low"),
    "time goes back": ("2024-03-04 14:20,20,20.1,19.95,20.05,1\n", "out_of_order"),
    "cut in mid-line": ("2024-03-04 14:33,20,20.1,19.", "malformed_row"),
}
REFUSED_FEEDS = {
    "empty.csv": (b"", "is empty"),
    "columns.csv": (b"when,what\n1,2\n", "its format is not known"),
    "noise.csv": (random.Random(7).randbytes(5000), "its format is not known"),
}
QUICK_TEXT = QUICK.read_text(encoding="utf-8")
STRATEGIES = {  # a text of the shipped document, what stands there instead, what the error says
    "a number's type": ("enter: 0.5", "enter: high", r":\d+: threshold.enter: must be a number"),
    "not a number": ("enter: 0.5", "enter: .nan", r":\d+: threshold.enter: .*finite"),
    "a range": ("fraction: 0.02", "fraction: -1", r":\d+: sizing.fraction: must be in"),
    "a field's name": ("cool_down_bars", "cooldown_bars", r":\d+: .*mean 'cool_down_bars'"),
    "a feature's name": ("feature: close", "feature: cloze", r":\d+: components\[0\].feature: "),
    "no YAML": ("name: quick", "name: [quick", r":\d+: is not YAML"),
    "a field that lacks": ("name: quick\n", "", r":\d+: name: is missing"),
    "all of it": (QUICK_TEXT, "", ": is empty"),
}
ACCOUNTS = {
    "{id: 1, name: a, opening_cash: -5}": r":\d+: accounts\[0\].opening_cash: must be greater",
    "{id: x, name: a}": r":\d+: accounts\[0\].id: must be a whole number",
    "{id: 1, nom: a}": r":\d+: accounts\[0\].nom: is no known field",
    "{id: 1, name: a, opening_cash: .nan}": r":\d+: accounts\[0\].opening_cash: .*not a number",
    "{id: 1, name: a}\n    - {id: 1, name: b}": r":\d+: accounts\[1\].id: is that of",
    "{": r":\d+: ",
}
INSTRUMENTS = {
    "instruments: 7\n": r":\d+: instruments: must be a list",
    "instruments:\n  - {symbol: SPY, id: -1}\n": r":\d+: instruments\[0\].id: must be a whole",
    "instruments:\n  - {symbol: SPY, id: 1}\n": r":\d+: instruments\[0\].\w+: is missing",
}


def good_file(folder, more=""):
    path = folder / "ACME.csv"
    text = HEADER + "".join(GOOD.format(minute) for minute in range(3)) + more
    path.write_bytes(text.encode("utf-8", "surrogateescape"))
    return path


def set_aside(ran):
    """Counts by reason, from the notes on stderr."""
    check(ran.code == 0, f"ended with {ran.code}: {ran.err}")
    notes = re.findall(r"^ *(\d+)  quarantined (\w+)$", ran.err, re.MULTILINE)
    return {reason: int(count) for count, reason in notes}


def refused(ran, pattern, name):
    """The program said where and what, on one line of plain text, and nothing on stdout."""
    check(ran.code == 1 and not ran.out, f"{name}: ended with {ran.code}: {ran.out}{ran.err}")
    check(re.search(pattern, ran.err), f"{name}: {ran.err}")
    line = ran.err.removesuffix("\n")
    check(line.isprintable(), f"{name}: what is printed holds control characters: {line!r}")
    check(ran.peak_mb < PEAK_MB, f"{name}: {ran.peak_mb:.0f} MB")


def robustness():
    for path, (name, reasons) in zip(data(*(f"robustness/{n}" for n in ROBUSTNESS)),
                                     ROBUSTNESS.items()):
        found = set_aside(suite.run("replay", path))
        check(all(found.get(r) == n for r, n in reasons.items()), f"{name}: {found}")
        check(reasons or not found, f"{name}: {found}")
    return f"{len(ROBUSTNESS)} files"


def rows(folder):
    for name, (row, reason) in ROWS.items():
        ran = suite.run("replay", good_file(folder, row))
        check(set_aside(ran) == {reason: 1}, f"{name}: {ran.err}")
    return f"{len(ROWS)} rows"


def feeds(folder):
    for name, (content, text) in REFUSED_FEEDS.items():
        path = folder / name
        path.write_bytes(content)
        refused(suite.run("replay", path), re.escape(name) + ": " + text, name)
    return f"{len(REFUSED_FEEDS)} files"


def cut_gzip(folder):
    path, = data("minute/equity/SPY.csv.gz")
    part = folder / "SPY.csv.gz"
    part.write_bytes(path.read_bytes()[:3000])
    found = set_aside(suite.run("replay", part))
    check(found.get("malformed_row", 0) >= 1, f"{found}")


def broken_json(folder):
    """A recording of raw frames in which every fourth frame is changed by a byte, or cut."""
    path, = data("l2/binance_ws_raw/spot_btcusdt_20240808.gz")
    numbers = random.Random(11)
    with gzip.open(path, "rb") as whole:
        lines = [line for line, _ in zip(whole, range(4000))]
    for i in range(0, len(lines), 4):
        line = bytearray(lines[i])
        place = numbers.randrange(20, len(line) - 1)
        if i % 8:
            line[place] = numbers.randrange(32, 127)
        else:
            del line[place:-1]
        lines[i] = bytes(line)
    broken = folder / path.name
    with gzip.open(broken, "wb", compresslevel=1) as file:
        file.writelines(lines)
    found = set_aside(suite.run("replay", broken))
    check(found.get("malformed_row", 0) > 400, f"{found}")
    return ", ".join(f"{count} {reason}" for reason, count in found.items())


def long_line(folder):
    """A line of a gigabyte, a megabyte of gzip."""
    path = folder / "ACME.csv.gz"
    block = b"9" * (1 << 24)
    with gzip.open(path, "wb", compresslevel=1) as file:
        file.write(HEADER.encode() + b"".join(GOOD.format(m).encode() for m in range(3)))
        for _ in range(LONG_LINE // len(block) if suite.FULL else 16):
            file.write(block)
        file.write(b"\n" + GOOD.format(3).encode())
    ran = suite.run("replay", path)
    check(set_aside(ran).get("malformed_row") == 1, ran.err)
    check(ran.peak_mb < PEAK_MB, f"{ran.peak_mb:.0f} MB")
    sparse = folder / "SPARSE.csv"
    with open(sparse, "wb") as file:
        file.write(HEADER.encode() + b"".join(GOOD.format(m).encode() for m in range(3)))
        file.truncate(LONG_LINE)
    sparse_ran = suite.run("replay", sparse)
    check(set_aside(sparse_ran).get("malformed_row") == 1, sparse_ran.err)
    check(sparse_ran.peak_mb < PEAK_MB, f"{sparse_ran.peak_mb:.0f} MB")
    sparse.unlink()
    return f"peak {max(ran.peak_mb, sparse_ran.peak_mb):.0f} MB"


def strategies(folder):
    feed = good_file(folder)
    for name, (old, new, pattern) in STRATEGIES.items():
        check(old in QUICK_TEXT, f"{name}: quick.yaml has changed: mend this test")
        path = folder / "strategy.yaml"
        path.write_text(QUICK_TEXT.replace(old, new), encoding="utf-8")
        refused(suite.run("replay", feed, "--strategy", path), "strategy.yaml" + pattern, name)
    return f"{len(STRATEGIES)} documents"


def accounts(folder):
    feed = good_file(folder)
    path = folder / "accounts.yaml"
    for text, pattern in ACCOUNTS.items():
        path.write_text(f"broker:\n  accounts:\n    - {text}\n", encoding="utf-8")
        refused(suite.run("replay", feed, "--accounts", path), "accounts.yaml" + pattern, text)
    return f"{len(ACCOUNTS)} documents"


def instruments(folder):
    feed = good_file(folder)
    path = folder / "instruments.yaml"
    for text, pattern in INSTRUMENTS.items():
        path.write_text(text, encoding="utf-8")
        refused(suite.run("replay", feed, "--instruments", path), "instruments.yaml" + pattern,
                text)
    return f"{len(INSTRUMENTS)} documents"


def main():
    cases = suite.Cases()
    cases.run("the robustness files", robustness)
    for case in (rows, feeds, cut_gzip, broken_json, long_line, strategies, accounts, instruments):
        cases.run(case.__name__.replace("_", " "), case, cases.folder)
    cases.end()


main()
