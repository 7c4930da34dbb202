// The one main() of all Catch2 programs: compiled once, because that is slow.
// It also tells the test driver (scripts/test.py) how many cases passed, failed and were skipped:
// Catch2 v2 has no word for a case that found its data absent, and ctest counts programs.
#define CATCH_CONFIG_RUNNER
#include <catch2/catch.hpp>
#include <cstdio>

#include "bellwether/testkit/data.hpp"

namespace {

class CaseCounter final : public Catch::TestEventListenerBase {
 public:
  using TestEventListenerBase::TestEventListenerBase;

  void testCaseStarting(const Catch::TestCaseInfo&) override {
    bw::testkit::current_case_skipped() = false;
  }
  void testCaseEnded(const Catch::TestCaseStats& stats) override {
    if (stats.totals.testCases.failed > 0) {
      ++failed_;
    } else if (bw::testkit::current_case_skipped()) {
      ++skipped_;
    } else {
      ++passed_;
    }
  }
  void testRunEnded(const Catch::TestRunStats&) override {
    std::printf("bellwether-cases passed=%d failed=%d skipped=%d\n", passed_, failed_, skipped_);
    std::fflush(stdout);
  }

 private:
  int passed_ = 0;
  int failed_ = 0;
  int skipped_ = 0;
};

}  // namespace

CATCH_REGISTER_LISTENER(CaseCounter)

int main(int argc, char* argv[]) { return Catch::Session().run(argc, argv); }
