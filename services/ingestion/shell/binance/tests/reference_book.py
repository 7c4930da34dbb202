"""Rebuilds a recording's book independently of the C++ reader; prints what its test expects.

    binance_book.py RECORDING.gz

Follows Binance's "How to manage a local order book correctly" for spot and USD-M.
"""
import gzip
import json
import sys
from decimal import Decimal


def apply(book, levels):
    for price, size in levels:
        price, size = Decimal(price), Decimal(size)
        if size == 0:
            book.pop(price, None)
        else:
            book[price] = size


def main(path):
    bids, asks = {}, {}
    waiting, synced, last, applied, crossed, compared, agreed = [], False, 0, 0, 0, 0, 0
    update_at = {}  # update id -> top of book after it
    tickers = []

    def step(d):
        nonlocal last, applied, crossed
        apply(bids, d["b"])
        apply(asks, d["a"])
        last, applied = d["u"], applied + 1
        top = (max(bids), min(asks))
        crossed += top[0] >= top[1]
        update_at[d["u"]] = (*top, bids[top[0]], asks[top[1]])

    for line in gzip.open(path, "rt"):
        frame = json.loads(line.split(" ", 1)[1])
        data = frame.get("data", frame)
        if "lastUpdateId" in data:
            bids.clear(), asks.clear()
            apply(bids, data["bids"])
            apply(asks, data["asks"])
            last, synced = data["lastUpdateId"], True
            for d in waiting:
                if d["u"] > last if "pu" not in d else d["u"] >= last:
                    step(d)
        elif data.get("e") == "depthUpdate":
            if not synced:
                waiting.append(data)
            else:
                if "pu" not in data and data["u"] <= last or "pu" in data and data["u"] < last:
                    continue
                step(data)
        elif "B" in data:
            tickers.append((data["u"], *(Decimal(data[key]) for key in "baBA")))
    for u, *top in tickers:
        if u in update_at:
            compared += 1
            agreed += tuple(top) == update_at[u]
    weight = sum(p * q for p, q in bids.items()) + sum(p * q for p, q in asks.items())
    print(f"updates applied {applied}, crossed {crossed}, bids {len(bids)}, asks {len(asks)}, "
          f"best {max(bids)} {min(asks)}, sum of price times size {weight.normalize():f}, "
          f"last update {last}, tickers compared {compared} agreed {agreed}")


if __name__ == "__main__":
    main(sys.argv[1])
