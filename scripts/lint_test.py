#!/usr/bin/python3
"""Plants a violation of each rule in a clean tree; the linter names it, and only it."""
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

LINT = Path(__file__).resolve().parent / "lint.py"
LONG_FUNCTION = "int f() {\n" + "  g();\n" * 70 + "}\n"

CLEAN = {
    "libs/domain/README.md": "# domain\nPlain values.\n",
    "libs/domain/include/bellwether/domain/x.hpp": "#pragma once\n#include <vector>\nint f();\n",
    "libs/domain/src/x.cpp": '// std::thread, a clock: words in comments and strings are free\n'
                             'const char* s = "steady_clock // {";\nchar c = \'"\';\n'
                             'int f() { return 1; }\n',
    "libs/kafka/README.md": "# kafka\nAn adapter.\n",
    "libs/kafka/src/x.cpp": "#include <thread>\n#include <librdkafka/rdkafka.h>\n"
                            "namespace bw {\nclass A {\n" + "  int a_;\n" * 90 + "};\n}\n",
    "services/broker/README.md": "# broker\nIts README.\n",
    "deploy/x": "#!/bin/bash\necho hello\n",
    "deploy/kafka/topics.yaml": "topics:\n  - {name: a, unit: u, partitions: 2, config: {}}\n",
}

# what is planted: path, text, the rule, the line
PLANTED = [
    ("libs/domain/src/y.cpp", "// " + "x" * 98 + "\n", "line-length", 1),
    ("libs/domain/src/y.cpp", "namespace bw {\n" + LONG_FUNCTION + "}\n", "function-length", 2),
    ("libs/domain/src/y.cpp", "A::A(int x)\n    : a_{x}, b_(x) {\n" + "  g();\n" * 70 + "}\n",
     "function-length", 1),
    ("libs/domain/src/y.cpp", "A::A(int x)\n    : a_(x), b_{x} {\n" + "  g();\n" * 70 + "}\n",
     "function-length", 1),
    ("scripts/y.py", "def f():\n" + "    g()\n" * 70, "function-length", 1),
    ("scripts/y.py", "def f(:\n", "python", 1),
    ("libs/domain/src/y.cpp", '#include "bellwether/market/v1/bar.pb.h"\n', "pure-include", 1),
    ("libs/domain/src/y.cpp", "#include <chrono>\n", "pure-include", 1),
    ("services/broker/core/y.cpp", "\n#include <spdlog/spdlog.h>\n", "pure-include", 2),
    ("libs/runtime/src/y.cpp", "#include <librdkafka/rdkafka.h>\n", "pure-include", 1),
    ("libs/domain/src/y.cpp", 'auto h = std::getenv("HOME");\n', "pure", 1),
    ("libs/domain/src/y.cpp", "void f() { throw 1; }\n", "pure", 1),
    ("libs/domain/src/y.cpp", "double f(double x) { return std::exp(x); }\n", "pure-math", 1),
    ("libs/domain/src/y.cpp",
     "std::unordered_map<int, int> seen;\nvoid f() { for (auto& s : seen) g(s); }\n",
     "unordered", 2),
    ("libs/kafka/src/y.cpp", "std::normal_distribution<double> d;\n", "rng", 1),
    ("libs/kafka/src/y.cpp", "auto t = std::chrono::steady_clock::now();\n", "clock", 1),
    ("libs/kafka/src/Big.cpp", "int x;\n", "file-name", 1),
    ("libs/kafka/tests/y.cpp", 'TEST_CASE("x") {}\n', "file-name", 1),
    ("libs/kafka/include/y.hpp", "int x;\n", "header", 1),
    ("libs/empty/CMakeLists.txt", "\n", "readme", 1),
    ("libs/kafka/README.md", "# kafka\n" * 31, "short", 31),
    ("services/broker/main.cpp", "int x;\n" * 61, "short", 61),
    ("docs/y.md", "[here](../deploy/x)\n[web](https://a.b/c)\n[there](z.md#a)\n", "link", 3),
    ("docs/y.md", "see /home/" + "jane/code\n", "machine-path", 1),
    ("deploy/z", "#!/bin/bash\nrm $1\n", "shellcheck", 2),
    ("deploy/y.yaml", "a: [1\n", "yaml", 2),
    ("deploy/y.json", '{"a": 1,}\n', "json", 1),
    ("deploy/kafka/topics.yaml", CLEAN["deploy/kafka/topics.yaml"]
     + "  - {name: b, unit: u, partitions: 3, config: {}}\n", "topics", 3),
]


def lint(tree):
    """The findings in a folder that holds `tree`, as (path, line, rule)."""
    with tempfile.TemporaryDirectory() as folder:
        for path, text in tree.items():
            file = Path(folder) / path
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(text, encoding="utf-8")
        done = subprocess.run([sys.executable, LINT, "--root", folder], check=False,
                              capture_output=True, text=True)
    lines = [line for line in done.stdout.splitlines() if not line.startswith("lint:")]
    found = [line.split(": ")[:2] for line in lines]
    assert (done.returncode != 0) == bool(found), done.stdout + done.stderr
    return [(*place.rsplit(":", 1), rule) for place, rule in found]


class LintTest(unittest.TestCase):
    def test_a_clean_tree_is_clean(self):
        self.assertEqual(lint(CLEAN), [])

    def test_each_planted_violation_is_named_at_its_line(self):
        for path, text, rule, line in PLANTED:
            with self.subTest(rule=rule, path=path, text=text[:60]):
                readme = "/".join(path.split("/")[:2]) + "/README.md"
                wanted = path.startswith(("libs/", "services/")) and rule != "readme"
                base = {readme: "# x\nWhat it is.\n"} if wanted else {}
                found = lint({**CLEAN, **base, path: text})
                self.assertEqual([(p, int(n), r) for p, n, r in found],
                                 [(path if rule != "readme" else "libs/empty", line, rule)])


if __name__ == "__main__":
    result = unittest.main(exit=False).result
    wrong = len(result.failures) + len(result.errors)
    print(f"bellwether-cases passed={max(0, result.testsRun - wrong)} failed={wrong} skipped=0")
    sys.exit(1 if wrong else 0)
