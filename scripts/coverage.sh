#!/usr/bin/env bash
# scripts/coverage.sh: line coverage of the libraries and the services' cores by the test tiers
# (COVERAGE_TIERS, a
# regular expression). Fails under 85 %. The report stands in build/coverage/report.html.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
TIERS=${COVERAGE_TIERS:-unit|sim|pg|kafka}
MINIMUM=85

cmake --preset coverage --log-level=WARNING >/dev/null
find build/coverage -name '*.gcda' -delete
cmake --build build/coverage >/dev/null
ctest --test-dir build/coverage -L "^($TIERS)\$" -j "$(nproc)" --output-on-failure --no-tests=error
gcovr --root . --object-directory build/coverage \
  --filter 'libs/[a-z]+/(src|include)/' --filter 'services/[a-z]+/core/' --exclude 'libs/testkit/' \
  --exclude-throw-branches --exclude-unreachable-branches \
  --html-details build/coverage/report.html --txt build/coverage/report.txt \
  --fail-under-line $MINIMUM --print-summary
