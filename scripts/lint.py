#!/usr/bin/python3
"""The rules of style that a program can judge. Prints `file:line: rule: what and how to mend it`.

Ends with 1 where anything was found. `--root` lints another tree (scripts/lint_test.py plants
violations there).
"""

import argparse
import ast
import collections
import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

LINE_LIMIT = 100
FUNCTION_LIMIT = 70
LIBRARY_README_LIMIT = 30
SERVICE_CMAKE_LIMIT = 25
MAIN_LIMIT = 60
BUF_VERSION = "1.75.0"  # as deploy/deps pins it

CPP = {".cpp", ".hpp", ".h"}
CODE = CPP | {".py", ".sh", ".proto"}
TEXT = CODE | {".md", ".yaml", ".yml", ".json", ".cmake", ".txt", ".sql", ""}

PURE_LIBRARIES = (
    "base",
    "domain",
    "indicators",
    "stats",
    "calendar",
    "matching",
    "account",
    "risk",
    "runtime",
)
PURE = re.compile(rf"^(libs/({'|'.join(PURE_LIBRARIES)})/(include|src)|services/\w+/core)/")
BASE = "libs/base/"
# Tests and benchmarks measure and wait; everything else takes its time from the Clock port.
CLOCK_DOOR = re.compile(r"(^|/)system_clock\.[ch]pp$|/tests?/|^tests/|^bench/")

PURE_INCLUDE = re.compile(
    r'#\s*include\s*[<"]([\w./-]*\.pb\.h|grpc[\w+]*/[^>"]*|(?:librdkafka/)?rdkafka[\w.]*'
    r'|pqxx[^>"]*|libpq[^>"]*|spdlog/[^>"]*|boost/[^>"]*|prometheus/[^>"]*|yaml-cpp/[^>"]*'
    r'|nlohmann/[^>"]*|simdjson[^>"]*|chrono|ctime|time\.h|thread|mutex|condition_variable|future'
    r'|random|iostream|fstream|filesystem|unistd\.h|sys/[^>"]*|netinet/[^>"]*)[>"]'
)
PURE_WORDS = (
    (
        re.compile(r"\b(?:std::)?(?:secure_)?getenv\s*\("),
        "reads the environment; pass the value in",
    ),
    (re.compile(r"\bthrow\b"), "throws; return Result<T>"),
    (
        re.compile(r"\bstd::(?:cout|cerr|clog)\b|\bf?printf\s*\("),
        "prints; emit an event, the shell logs it",
    ),
    (
        re.compile(r"\bf(?:open|read|write)\s*\("),
        "touches a file; that is an adapter's work (layer 3)",
    ),
    (
        re.compile(r"\bthread_local\b|\bstd::(?:thread|jthread|async|mutex)\b"),
        "uses threads; a host does that",
    ),
)
GLIBC_MATH = re.compile(
    r"(?<![\w:])(?:std::|::)(exp|exp2|expm1|log|log2|log10|log1p|pow|sin|cos|tan"
    r"|asin|acos|atan|atan2"
    r"|sinh|cosh|tanh|erf|erfc|tgamma|lgamma|cbrt|hypot)f?\s*\("
)
CLOCK = re.compile(
    r"\b(?:steady_clock|system_clock|high_resolution_clock|clock_gettime"
    r"|gettimeofday)\b|\btime\s*\(\s*(?:nullptr|NULL|0)\s*\)"
)
RANDOMNESS = re.compile(
    r"\bstd::(\w+_distribution|random_device|mt19937\w*|minstd_rand0?"
    r"|default_random_engine)\b|\bs?rand\s*\(\s*\)"
)
# Folders of one person's or one builder's machine.
MACHINE_PATH = re.compile(r"(?<![\w.~/$}-])/(?:work|home/\w+|root|Users/\w+)/\w")
LINK = re.compile(r"\]\((?!\w+:|#)([^)\s#]+)(?:#[^)\s]*)?\)")
TEST_SUFFIX = re.compile(r"_(test|sim|bench)$")
SNAKE = re.compile(r"^[a-z0-9_]+$")
BLOCK = re.compile(r"^(?:inline\s+)?(?:namespace|extern\b)|\b(?:class|struct|union|enum)\b[^()=]*$")

Finding = collections.namedtuple("Finding", "path line rule text")


def files_of(root):
    """Paths relative to `root`: what git tracks or would track; of a plain folder, all."""
    if (root / ".git").exists():
        command = ["git", "ls-files", "-co", "--exclude-standard"]
        listed = subprocess.run(
            command, cwd=root, check=True, capture_output=True, text=True
        ).stdout.splitlines()
        return sorted(p for p in set(listed) if (root / p).is_file())
    return sorted(str(p.relative_to(root)) for p in root.rglob("*") if p.is_file())


def blank(match):
    return re.sub(r"[^\n]", " ", match.group(0))


def code_only(text):
    """C++ with comments and literals blanked out, line for line; includes keep their names."""
    token = re.compile(
        r'R"(?P<d>[^()\s\\]{0,16})\(.*?\)(?P=d)"|//[^\n]*|/\*.*?\*/'
        r"|\"(?:\\.|[^\"\\\n])*\"|(?<![0-9a-fA-F])'(?:\\.|[^'\\\n])+'",
        re.DOTALL,
    )

    def keep_includes(match):
        line_start = text.rfind("\n", 0, match.start()) + 1
        directive = text[line_start : match.start()].lstrip().startswith("#")
        if match.group(0).startswith('"') and directive:
            return match.group(0)
        return blank(match)

    return token.sub(keep_includes, text)


def line_of(text, offset):
    return text.count("\n", 0, offset) + 1


def brace_kind(header, stack, resumed):
    """What a brace after `header` opens; `resumed`: after the brace of a member initialiser."""
    if BLOCK.search(header):
        return "block"
    if any(kind != "block" for kind, _ in stack) or not (resumed or "(" in header):
        return "other"
    in_initialisers = resumed or re.search(r"\)[^()]*[^:]:[^:]", header)
    return "initialiser" if in_initialisers and re.search(r"[\w>]$", header) else "function"


def long_functions(code):
    """(line, lines) of the functions whose text is longer than the limit."""
    stack, start, resumed = [], 0, None
    for match in re.finditer(r"[;{}]|^[ \t]*#(?:[^\n]|\\\n)*", code, re.MULTILINE):
        mark = match.group(0)
        raw = code[start : match.start()]
        start = match.end()
        if mark == "{":
            line = resumed or line_of(code, match.start() - len(raw.lstrip()))
            stack.append((brace_kind(raw.strip(), stack, resumed), line))
        elif mark == "}" and stack:
            kind, line = stack.pop()
            lines = line_of(code, match.start()) - line + 1
            if kind == "function" and lines > FUNCTION_LIMIT:
                yield line, lines
            resumed = line if kind == "initialiser" else None
            continue
        resumed = None


def check_lines(path, text):
    if Path(path).suffix in CODE:
        for number, line in enumerate(text.split("\n"), 1):
            if len(line) > LINE_LIMIT:
                yield Finding(
                    path, number, "line-length", f"{len(line)} characters; break it at {LINE_LIMIT}"
                )
    for number, line in enumerate(text.split("\n"), 1):
        if MACHINE_PATH.search(line):
            yield Finding(
                path,
                number,
                "machine-path",
                "names one machine's folder; make it relative or an option",
            )


def check_cpp(path, text):
    code = code_only(text)
    numbered = list(enumerate(code.split("\n"), 1))
    for line, lines in long_functions(code):
        yield Finding(
            path,
            line,
            "function-length",
            f"{lines} lines; split it, {FUNCTION_LIMIT} are the limit",
        )
    if path.endswith((".hpp", ".h")) and "#pragma once" not in code:
        yield Finding(path, 1, "header", "has no #pragma once; add it as the first line")
    for number, line in numbered:
        if RANDOMNESS.search(line):
            yield Finding(path, number, "rng", "differs between libraries; use bw::Rng")
        if not CLOCK_DOOR.search(path) and CLOCK.search(line):
            yield Finding(path, number, "clock", "reads a clock; take the time from the Clock port")
    if PURE.match(path):
        yield from check_pure(path, numbered, code)


def check_pure(path, numbered, code):
    unordered = set(re.findall(r"\bunordered_(?:map|set)\s*<[^;]*>\s+(\w+)\s*[;{=]", code))
    names = "|".join(sorted(unordered)) or "(?!)"
    loop = re.compile(rf"\bfor\s*\([^;)]*:\s*(?:this->)?({names})\s*\)")
    for number, line in numbered:
        if match := PURE_INCLUDE.search(line):
            yield Finding(
                path,
                number,
                "pure-include",
                f"layers 0 to 2 may not include {match.group(1)}; move the code to an"
                " adapter (layer 3)",
            )
        if not path.startswith(BASE):  # base holds the doors: math.hpp, assert.cpp
            for word, why in PURE_WORDS:
                if word.search(line):
                    yield Finding(path, number, "pure", f"a core {why}")
            if match := GLIBC_MATH.search(line):
                name = match.group(1)
                yield Finding(
                    path,
                    number,
                    "pure-math",
                    f"glibc's {name} depends on the CPU; use bw::math::{name}",
                )
        if match := loop.search(line):
            yield Finding(
                path,
                number,
                "unordered",
                f"{match.group(1)} has no order; use a sorted container or sort the keys",
            )


def check_python(path, text):
    try:
        tree = ast.parse(text)
    except SyntaxError as error:
        yield Finding(path, error.lineno or 1, "python", f"does not parse: {error.msg}")
        return
    for node in ast.walk(tree):
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
            lines = node.end_lineno - node.lineno + 1
            if lines > FUNCTION_LIMIT:
                yield Finding(
                    path,
                    node.lineno,
                    "function-length",
                    f"{lines} lines; split it, {FUNCTION_LIMIT} are the limit",
                )


def check_data(path, text):
    """YAML and JSON parse. What a test keeps broken on purpose stands in a folder `malformed`."""
    if "/malformed/" in path:
        return
    if path.endswith(".json"):
        try:
            json.loads(text)
        except ValueError as error:
            yield Finding(path, getattr(error, "lineno", 1), "json", f"does not parse: {error}")
    elif path.endswith((".yaml", ".yml")):
        import yaml

        try:
            list(yaml.safe_load_all(text))
        except yaml.YAMLError as error:
            mark = getattr(error, "problem_mark", None)
            line = mark.line + 1 if mark else 1
            yield Finding(path, line, "yaml", f"does not parse: {error}".split("\n", 1)[0])
    if path == "deploy/kafka/topics.yaml":
        yield from check_topics(path, text)


def check_topics(path, text):
    import yaml

    counts = {}
    for topic in (yaml.safe_load(text) or {}).get("topics", []):
        line = line_of(text, text.find(f"name: {topic['name']}"))
        missing = sorted({"unit", "partitions", "config"} - set(topic))
        if missing:
            yield Finding(path, line, "topics", f"{topic['name']} lacks {', '.join(missing)}")
            continue
        unit, count = topic["unit"], topic["partitions"]
        if counts.setdefault(unit, count) != count:
            yield Finding(
                path,
                line,
                "topics",
                f"{topic['name']} has {count} partitions, other topics of unit {unit}"
                f" have {counts[unit]}; a unit type has one count",
            )


def check_name(path, text):
    name = Path(path)
    if name.suffix in CPP | {".proto", ".py"} and not SNAKE.match(name.stem):
        yield Finding(path, 1, "file-name", "is not snake_case; rename it")
    if name.suffix == ".cpp" and "TEST_CASE(" in text and not TEST_SUFFIX.search(name.stem):
        yield Finding(
            path,
            1,
            "file-name",
            "holds tests; its name ends in its tier: _test,"
            " _prop_test, _pg_test, _kafka_test, _sim or _bench",
        )


def check_folders(root, files):
    """A README in every library and service; the short files stay short."""
    in_folder = re.compile(r"^((?:libs|services)/\w+)/")
    for folder in sorted({m.group(1) for m in map(in_folder.match, files) if m}):
        if f"{folder}/README.md" not in files:
            yield Finding(folder, 1, "readme", "has no README.md; say in one sentence what it is")
    limits = [
        (r"^libs/\w+/README\.md$", LIBRARY_README_LIMIT),
        (r"^services/\w+/CMakeLists\.txt$", SERVICE_CMAKE_LIMIT),
        (r"^services/\w+/main\.cpp$", MAIN_LIMIT),
    ]
    for path in files:
        for pattern, limit in limits:
            if re.match(pattern, path):
                lines = len((root / path).read_text(encoding="utf-8").splitlines())
                if lines > limit:
                    yield Finding(
                        path,
                        limit + 1,
                        "short",
                        f"{lines} lines; {limit} are the limit, move detail out",
                    )


def check_links(root, files):
    """A relative link of a document leads to a file or folder that is there."""
    for path in (f for f in files if f.endswith(".md")):
        text = (root / path).read_text(encoding="utf-8")
        for match in LINK.finditer(text):
            target = match.group(1)
            if not ((root / path).parent / target).exists():
                yield Finding(
                    path,
                    line_of(text, match.start()),
                    "link",
                    f"leads to {target}, which is not there",
                )


def check_shell(root, files):
    scripts = [f for f in files if f.endswith(".sh") or is_shell(root / f)]
    if not scripts:
        return
    if shutil.which("shellcheck") is None:
        yield Finding(scripts[0], 1, "shellcheck", "is not installed; run deploy/deps lint")
        return
    done = subprocess.run(
        ["shellcheck", "-f", "gcc", *scripts], cwd=root, check=False, capture_output=True, text=True
    )
    for path, line, _, text in re.findall(r"^(.*?):(\d+):(\d+): (.*)$", done.stdout, re.MULTILINE):
        yield Finding(path, int(line), "shellcheck", text)


def is_shell(path):
    if path.suffix:
        return False
    with path.open("rb") as file:
        return re.match(rb"#!.*\b(ba|da)?sh\b", file.readline(128)) is not None


def buf_program():
    cache = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    own = cache / "bellwether" / f"buf-{BUF_VERSION}" / "node_modules" / ".bin" / "buf"
    return str(own) if own.exists() else shutil.which("buf")


def check_protos(root, files):
    """buf's lint and format, and what would break readers of the last tag, else of main."""
    if not any(f.startswith("proto/") and f.endswith(".proto") for f in files):
        return
    commands = [("lint", ["scripts/buf.sh", "lint"])]
    if base := breaking_base(root):
        commands.append(("breaking", ["scripts/buf.sh", "breaking", base]))
    if buf := buf_program():
        commands.append(("format", [buf, "format", "--diff", "--exit-code", "proto"]))
    for name, command in commands:
        done = subprocess.run(command, cwd=root, check=False, capture_output=True, text=True)
        output = done.stdout + done.stderr
        found = re.findall(r"^(?:proto/)?(.+?\.proto):(\d+):\d+:(.*)$", output, re.MULTILINE)
        for path, line, text in found:
            yield Finding(f"proto/{path}", int(line), f"buf-{name}", text.strip())
        if done.returncode and not found:
            lines = output.strip().split("\n")
            first = next((line for line in lines if line.startswith("+++")), lines[0])
            mend = "; run buf format -w proto" if name == "format" else ""
            yield Finding("proto", 1, f"buf-{name}", first + mend)


def breaking_base(root):
    """The last tag, else where this branch left main; nothing where that has no protos."""

    def git(*arguments):
        return subprocess.run(
            ["git", *arguments], cwd=root, check=False, capture_output=True, text=True
        ).stdout.strip()

    for base in [
        git("describe", "--tags", "--abbrev=0"),
        git("merge-base", "HEAD", "main"),
        git("merge-base", "HEAD", "origin/main"),
    ]:
        if base and git("ls-tree", "-r", "--name-only", base, "proto/bellwether"):
            return base
    return None


def findings(root):
    files = files_of(root)
    for path in files:
        name = Path(path)
        if name.suffix not in TEXT or name.name == "LICENSE":
            continue
        try:
            text = (root / path).read_text(encoding="utf-8")
        except UnicodeDecodeError:
            continue
        yield from check_lines(path, text)
        yield from check_name(path, text)
        yield from check_data(path, text)
        if name.suffix in CPP:
            yield from check_cpp(path, text)
        elif name.suffix == ".py":
            yield from check_python(path, text)
    yield from check_folders(root, set(files))
    yield from check_links(root, files)
    yield from check_shell(root, files)
    yield from check_protos(root, files)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--root", type=Path, default=Path(__file__).resolve().parent.parent)
    found = sorted(findings(parser.parse_args().root.resolve()))
    for f in found:
        print(f"{f.path}:{f.line}: {f.rule}: {f.text}")
    print(f"lint: {len(found)} findings" if found else "lint: clean")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
