#!/usr/bin/python3
"""cmake/BwLayers.cmake refuses what it says it refuses: a scratch project for each link."""
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
TARGETS = """
bw_library(base LAYER 0)
bw_library(runtime LAYER 1 DEPS base)
bw_library(broker_core LAYER 2 SERVICE broker DEPS runtime)
bw_library(kafka LAYER 3 DEPS runtime EXTERNAL rdkafka)
bw_library(broker_shell LAYER 3 SERVICE broker DEPS broker_core kafka)
bw_library(testkit LAYER 4 DEPS broker_shell)
"""

# what is added, and the words of the refusal
REFUSED = [
    ("bw_library(x LAYER 0 DEPS runtime)", "may not depend on runtime (layer 1)"),
    ("bw_library(x LAYER 2 SERVICE broker DEPS kafka)", "may not depend on kafka (layer 3)"),
    ("bw_library(x LAYER 3 DEPS testkit)", "may not depend on testkit (layer 4)"),
    ("bw_library(x LAYER 2 SERVICE portfolio DEPS broker_core)",
     "may not depend on broker_core (service broker)"),
    ("bw_library(x LAYER 3 DEPS broker_core)", "may not depend on broker_core of service broker"),
    ("bw_library(x LAYER 2 SERVICE broker EXTERNAL pqxx)", "may not link third-party pqxx"),
    ("bw_library(x LAYER 1 DEPS nobody)", "nobody, which is no bellwether target"),
    ("add_library(plain INTERFACE)\nbw_library(x LAYER 1 DEPS plain)", "plain has no layer"),
]
ALLOWED = [
    "bw_library(x LAYER 0 DEPS base EXTERNAL sleef)",
    "bw_library(x LAYER 3 SERVICE broker DEPS broker_core kafka)",
    "bw_library(x LAYER 4 DEPS broker_core)",
]


def configure(added):
    """Exit code and output of configuring the scratch project with `added`."""
    with tempfile.TemporaryDirectory() as folder:
        text = ("cmake_minimum_required(VERSION 3.25)\nproject(scratch LANGUAGES NONE)\n"
                f"include({ROOT}/cmake/BwLayers.cmake)\n{TARGETS}{added}\n")
        (Path(folder) / "CMakeLists.txt").write_text(text, encoding="utf-8")
        done = subprocess.run(["cmake", "-S", folder, "-B", f"{folder}/build"], check=False,
                              capture_output=True, text=True)
        return done.returncode, " ".join((done.stdout + done.stderr).split())


class Layers(unittest.TestCase):
    def test_links_along_the_layers_configure(self):
        for added in ALLOWED:
            with self.subTest(added):
                code, output = configure(added)
                self.assertEqual(code, 0, output)

    def test_each_other_link_stops_the_configure_step_and_says_why(self):
        for added, words in REFUSED:
            with self.subTest(added):
                code, output = configure(added)
                self.assertNotEqual(code, 0, output)
                self.assertIn(words, output)


if __name__ == "__main__":
    result = unittest.main(exit=False).result
    wrong = len(result.failures) + len(result.errors)
    print(f"bellwether-cases passed={max(0, result.testsRun - wrong)} failed={wrong} skipped=0")
    sys.exit(1 if wrong else 0)
