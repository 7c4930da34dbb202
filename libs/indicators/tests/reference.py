"""Indicator values by TA-Lib, for talib_test.cpp.

One row a bar, raw little-endian doubles, NaN where not warm.

usage: reference.py BARS OUT sma=30 ema=30 rsi=14 fast=12 slow=26 signal=9 bands=20 width=2.0 atr=14
Exit status 77: TA-Lib or numpy is not installed.
"""
import csv
import gzip
import math
import sys

try:
    import numpy as np
    import talib
except ImportError as e:
    print(e, file=sys.stderr)
    sys.exit(77)


def read_bars(path):
    """(session, high, low, close, volume) columns; rows with null fields are left out."""
    opener = gzip.open if path.endswith(".gz") else open
    rows = []
    with opener(path, "rt", encoding="utf-8") as f:
        for row in csv.DictReader(f):
            row = {k.lower(): v for k, v in row.items()}
            day = (row.get("timestamp_et") or row["date"])[:10]
            try:
                numbers = [float(row[k]) for k in ("high", "low", "close", "volume")]
            except ValueError:
                continue
            rows.append((day, *numbers))
    columns = [np.array([r[i] for r in rows], dtype=np.float64) for i in range(1, 5)]
    return [r[0] for r in rows], *columns


def exact_bands(close, n, width):
    """Bollinger bands in two passes over each window, in extended precision."""
    upper = np.full(len(close), np.nan)
    lower = np.full(len(close), np.nan)
    wide = close.astype(np.longdouble)
    for at in range(n - 1, len(close)):
        window = wide[at - n + 1:at + 1]
        mean = window.sum() / n
        half = width * np.sqrt(((window - mean) ** 2).sum() / n)
        upper[at], lower[at] = mean + half, mean - half
    return upper, lower


def session_vwap(days, high, low, close, volume):
    """1 at the first bar of each session, and the session's VWAP, summed exactly."""
    out = np.full(len(close), np.nan)
    first = np.zeros(len(close))
    paid, traded = [], []
    for i, day in enumerate(days):
        if i == 0 or day != days[i - 1]:
            first[i] = 1
            paid, traded = [], []
        paid.append((high[i] + low[i] + close[i]) / 3.0 * volume[i])
        traded.append(volume[i])
        if traded[-1] > 0 or any(traded):
            out[i] = math.fsum(paid) / math.fsum(traded)
    return first, out


def main():
    path, out = sys.argv[1:3]
    p = {k: float(v) for k, v in (a.split("=") for a in sys.argv[3:])}
    n = {k: int(v) for k, v in p.items()}
    days, high, low, close, volume = read_bars(path)
    first, vwap = session_vwap(days, high, low, close, volume)
    macd = talib.MACD(close, n["fast"], n["slow"], n["signal"])
    bands = talib.BBANDS(close, n["bands"], p["width"], p["width"])
    table = np.column_stack([
        first, high, low, close, volume,
        talib.SMA(close, n["sma"]), talib.EMA(close, n["ema"]), talib.RSI(close, n["rsi"]),
        *macd, *bands, talib.ATR(high, low, close, n["atr"]), vwap,
        *exact_bands(close, n["bands"], p["width"]),
    ])
    table.astype("<f8").tofile(out)


main()
