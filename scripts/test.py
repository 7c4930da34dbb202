#!/usr/bin/python3
"""Builds and runs every test tier, then the sanitizers; ends with one line of totals.

`N passed, N failed, N skipped` counts test cases. Each program tells its cases in a line of its own
(libs/testkit/src/main.cpp); one that ends without that line (a crash, a timeout) counts as one
case. The sanitizer stages run the same cases again: they add no passes, but a case that fails
there counts as failed.
"""

import argparse
import dataclasses
import json
import os
import re
import subprocess
import sys
import time
import xml.etree.ElementTree as ElementTree
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
CASES = re.compile(r"^bellwether-cases passed=(\d+) failed=(\d+) skipped=(\d+)$", re.MULTILINE)
OUTPUT_LIMIT = 8 * 1024 * 1024  # of one program, in bytes: beyond it ctest cuts the front


@dataclasses.dataclass
class Stage:
    """One build and what of it is run."""

    preset: str
    what: str
    labels: frozenset  # tiers
    names: str = ""  # a regular expression that a program's name must hold
    env: dict = dataclasses.field(default_factory=dict)


STAGES = [
    Stage("test", "all tiers, real servers", frozenset({"unit", "sim", "pg", "kafka", "e2e"})),
    Stage(
        "asan",
        "AddressSanitizer and UBSan: unit and sim",
        frozenset({"unit", "sim"}),
        env={
            "BELLWETHER_SIM_SEEDS": "100",  # of each campaign: instrumented code is slow
            "ASAN_OPTIONS": "detect_stack_use_after_return=1:strict_string_checks=1",
            "UBSAN_OPTIONS": "print_stacktrace=1",
        },
    ),
    Stage(
        "tsan",
        "ThreadSanitizer: hosts",
        frozenset({"unit", "sim"}),
        names="host|^bw_(http|service|telemetry)",
        env={
            "BELLWETHER_SIM_SEEDS": "100",
            "TSAN_OPTIONS": "halt_on_error=1:second_deadlock_stack=1"
            f":suppressions={ROOT}/scripts/tsan.supp"
        },
    ),
]


@dataclasses.dataclass
class Count:
    passed: int = 0
    failed: int = 0
    skipped: int = 0


def run(command, **options):
    return subprocess.run(command, cwd=ROOT, check=False, **options).returncode


def listed_programs(stage, build):
    """Names of the stage's test programs, which are their build targets too."""
    command = ["ctest", "--test-dir", build, "--show-only=json-v1"]
    text = subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True).stdout
    names = []
    for test in json.loads(text)["tests"]:
        properties = test.get("properties", [])
        labels = next((p["value"] for p in properties if p["name"] == "LABELS"), [])
        # A script has nothing to instrument. (The command is absent before the program is built.)
        script = test.get("command", [""])[0].startswith(str(ROOT / "scripts"))
        wanted = stage.labels & set(labels) and re.search(stage.names, test["name"])
        if wanted and (stage.preset == "test" or not script):
            names.append(test["name"])
    return names


def case_count(case):
    """Counts of one <testcase> of ctest's JUnit file: one program."""
    status = case.get("status")
    found = CASES.findall(case.findtext("system-out") or "")
    if status in ("disabled", "notrun") and case.find("failure") is None:
        return Count(skipped=1)
    if not found:
        return Count(passed=1) if status == "run" else Count(failed=1)
    passed, failed, skipped = (sum(int(f[i]) for f in found) for i in range(3))
    if status != "run" and failed == 0:
        failed = 1  # the cases passed, and then the program did not end well
    return Count(passed, failed, skipped)


def run_stage(stage, jobs):
    """Counts by program; a stage that does not build is one failed case of that name."""
    print(f"== {stage.preset}: {stage.what}", flush=True)
    build = f"build/{stage.preset}"
    if run(["cmake", "--preset", stage.preset, "--log-level=WARNING"], stdout=subprocess.DEVNULL):
        return {f"{stage.preset}: configure": Count(failed=1)}
    names = listed_programs(stage, build)
    if not names:
        return {}
    # The plain build makes everything (the end-to-end tier starts the services' programs), the
    # others only what they run.
    targets = ["all"] if stage.preset == "test" else names
    if run(["cmake", "--build", build, "--target", *targets], stdout=sys.stderr):
        return {f"{stage.preset}: build": Count(failed=1)}
    junit = ROOT / build / "junit.xml"
    junit.unlink(missing_ok=True)
    pattern = "^(" + "|".join(map(re.escape, names)) + ")$"
    run(
        [
            "ctest",
            "--test-dir",
            build,
            "-R",
            pattern,
            "-j",
            str(jobs),
            "--no-tests=error",
            "--output-on-failure",
            "--output-junit",
            str(junit),
            "--test-output-truncation",
            "head",
            "--test-output-size-passed",
            str(OUTPUT_LIMIT),
            "--test-output-size-failed",
            str(OUTPUT_LIMIT),
        ],
        env={**os.environ, **stage.env},
    )
    if not junit.exists():
        return {f"{stage.preset}: ctest": Count(failed=1)}
    cases = ElementTree.parse(junit).getroot().iter("testcase")
    return {case.get("name"): case_count(case) for case in cases}


def total(results):
    """Sums over programs; of the stages that ran a program, the worst one counts."""
    worst = {}
    for counts in results:
        for name, count in counts.items():
            if name not in worst:
                worst[name] = dataclasses.replace(count)
            elif count.failed > worst[name].failed:
                more = count.failed - worst[name].failed
                worst[name].passed = max(0, worst[name].passed - more)
                worst[name].failed = count.failed
    counts = worst.values()
    return Count(
        sum(c.passed for c in counts), sum(c.failed for c in counts), sum(c.skipped for c in counts)
    )


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument(
        "--stage", action="append", choices=[s.preset for s in STAGES], help="only this one"
    )
    parser.add_argument("--tier", action="append", help="only this tier: unit sim pg kafka e2e")
    parser.add_argument("--jobs", type=int, default=os.cpu_count() or 1)
    args = parser.parse_args()
    results, lines = [], []
    for stage in STAGES:
        if args.stage and stage.preset not in args.stage:
            continue
        if args.tier:
            stage.labels &= frozenset(args.tier)
        start = time.monotonic()
        counts = run_stage(stage, args.jobs)
        results.append(counts)
        failed = [name for name, count in counts.items() if count.failed]
        stage_sum = total([counts])
        lines.append(
            f"{stage.preset:5} {len(counts):4} programs, {stage_sum.passed:5} cases well,"
            f" {stage_sum.failed} not, in {time.monotonic() - start:.0f} s"
            + (f": {', '.join(failed)}" if failed else "")
        )
    sums = total(results)
    if sums.passed + sums.failed == 0:
        sums.failed = 1  # nothing ran: that is no success
    print("==", *("   " + line for line in lines), sep="\n")
    print(f"{sums.passed} passed, {sums.failed} failed, {sums.skipped} skipped", flush=True)
    return 1 if sums.failed else 0


if __name__ == "__main__":
    sys.exit(main())
