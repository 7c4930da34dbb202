#!/usr/bin/python3
"""A Kafka run that was kept folds again, in its recorded order, to the same digest.

One that was changed afterwards is refused, with a text that says where.
"""
import shutil
import struct

import suite
from suite import QUICK, check, data

UNITS = 10**8  # of a price
PRICE = 7  # the number of the field


def varint(number):
    out = bytearray()
    while number > 0x7F:
        out.append(number & 0x7F | 0x80)
        number >>= 7
    out.append(number)
    return bytes(out)


def price_field(text):
    """The bytes of field `price` of a fill (proto/bellwether/broker/v1/trading.proto)."""
    whole, _, part = text.partition(".")
    units = int(whole) * UNITS + int(part.ljust(8, "0") or 0)
    decimal = b"\x08" + varint(2 * units)  # sint64: zigzag
    return bytes([PRICE << 3 | 2, len(decimal)]) + decimal


def records(path):
    """(offset, bytes) of each record of a log's file: a length of four bytes, then the record."""
    content = path.read_bytes()
    offset = 0
    while offset < len(content):
        size, = struct.unpack_from("<I", content, offset)
        yield offset + 4, content[offset + 4:offset + 4 + size]
        offset += 4 + size


class Recorded:
    def __init__(self, cases):
        self.cases = cases
        self.kept = cases.folder / "kept"
        self.flags = ["--strategy", QUICK]

    def feed(self):
        return data("minute/equity/SPY.csv.gz")

    def again(self, folder):
        return suite.run("replay", folder, *self.feed(), *self.flags, "--order", "recorded")

    def same(self):
        feed = self.feed()
        lived = suite.run("replay", *feed, *self.flags, *self.cases.servers().flags(),
                          "--partitions", 2, "--account-partitions", 2, "--record", self.kept,
                          "--trace", self.cases.folder / "kept.jsonl").summary
        inline = suite.run("replay", *feed, *self.flags).summary
        again = self.again(self.kept)
        check(lived["fills"] > 1000, f"too little happens: {lived}")
        check(again.summary == lived == inline,
              f"lived {lived}\n    recorded {again.summary}\n    inline {inline}")
        return f"{lived['events']} events, folded again in {again.seconds:.1f} s"

    def changed(self, log, change):
        """The refusal of a copy whose file `log` is `change(bytes)`."""
        if not self.kept.exists():
            raise suite.Skipped("no run was kept")
        copy = self.cases.folder / "changed"
        shutil.rmtree(copy, ignore_errors=True)
        shutil.copytree(self.kept, copy)
        path = copy / log
        before = path.read_bytes()
        after = change(path)
        check(before != after, "nothing was changed")
        path.write_bytes(after)
        ran = self.again(copy)
        check(ran.code == 1 and not ran.out, f"ended with {ran.code}: {ran.out} {ran.err}")
        return ran.err.strip()

    def log_with_fills(self):
        return max(self.kept.glob("broker.orders-*.records"), key=lambda p: p.stat().st_size).name

    def price_of_a_fill(self):
        if not self.kept.exists():
            raise suite.Skipped("no run was kept")
        with open(self.cases.folder / "kept.jsonl", encoding="utf-8") as lines:
            fills = [line for line in lines if '"type":"fill"' in line]
        price = fills[len(fills) // 2].split('"price":"')[1].split('"')[0]

        def change(path):
            content = bytearray(path.read_bytes())
            field = price_field(price)
            for offset, record in records(path):
                at = record.find(field)
                if at >= 0 and b"order_event" not in record:
                    content[offset + at + len(field) - 1] ^= 1  # one byte
                    return bytes(content)
            raise suite.Failed(f"no record holds the price {price}")

        said = self.changed(self.log_with_fills(), change)
        check("broker.orders/" in said and "differs from the log at record" in said, said)
        return said

    def a_byte_anywhere(self):
        """A changed byte in the middle of a record of each log is never taken for the run."""
        if not self.kept.exists():
            raise suite.Skipped("no run was kept")
        tried = 0
        for path in sorted(self.kept.glob("*.records")):
            places = [(offset, record) for offset, record in records(path) if len(record) > 40]
            if not places:
                continue
            offset, record = places[len(places) // 2]

            def change(copy, at=offset + len(record) // 2):
                content = bytearray(copy.read_bytes())
                content[at] ^= 0x40
                return bytes(content)

            said = self.changed(path.name, change)
            check(said.startswith("bellwether: "), said)
            tried += 1
        check(tried >= 5, f"{tried} logs tried")
        return f"{tried} logs"

    def cut_short(self):
        said = self.changed(self.log_with_fills() if self.kept.exists() else "",
                            lambda path: path.read_bytes()[:-3])
        check("is cut in the middle of record" in said, said)
        return said


def main():
    cases = suite.Cases()
    recorded = Recorded(cases)
    cases.run("a kept run folds again to its digest", recorded.same)
    cases.run("one byte of a fill's price", recorded.price_of_a_fill)
    cases.run("one byte of any log", recorded.a_byte_anywhere)
    cases.run("a log that ends early", recorded.cut_short)
    cases.end()


main()
