// How fast rows come, in one thread: from the simulator, and from recorded files that are named on
// the command line. A figure is the median of the repetitions, spread is (max - min) / median.
//
//   bench_feed [FILE]…
#include <algorithm>
#include <chrono>
#include <cstdio>
#include <string>
#include <vector>

#include "ingestion/shell/file_source.hpp"
#include "ingestion/simulator/simulator.hpp"

namespace {

using namespace bw;
using ingestion::simulator::Mode;
using ingestion::simulator::Options;
using ingestion::simulator::Simulator;

constexpr int kRepetitions = 5;

struct Run {
  std::uint64_t rows = 0;
  std::uint64_t digest = 0;  ///< over times and units, so that repetitions can be compared
};

struct Figure {
  Run run;
  double seconds = 0;
  double spread = 0;
  bool equal = true;
};

Run drain(runtime::Source& source) {
  Run run;
  while (const auto* row = source.next()) {
    ++run.rows;
    run.digest = mix64(run.digest ^ static_cast<std::uint64_t>(row->time) ^ row->unit ^ row->seq);
  }
  return run;
}

template <class F>
Figure measure(F&& once) {
  Figure f;
  std::vector<double> times;
  for (int i = 0; i < kRepetitions; ++i) {
    const auto begin = std::chrono::steady_clock::now();
    const Run run = once();
    const auto end = std::chrono::steady_clock::now();
    times.push_back(std::chrono::duration<double>(end - begin).count());
    f.equal = f.equal && (i == 0 || run.digest == f.run.digest);
    f.run = run;
  }
  std::sort(times.begin(), times.end());
  f.seconds = times[kRepetitions / 2];
  f.spread = (times.back() - times.front()) / f.seconds;
  return f;
}

bool show(const std::string& what, const Figure& f, std::string& json) {
  const double rate = static_cast<double>(f.run.rows) / f.seconds;
  std::printf("%-40s %12llu %10.0f %7.0f%%\n", what.c_str(),
              static_cast<unsigned long long>(f.run.rows), rate, 100 * f.spread);
  json += (json.empty() ? "\"" : ",\"") + what + "\":" + std::to_string(static_cast<long>(rate));
  return f.equal;
}

Options simulated(Mode mode, int days) {
  Options o;
  o.start = from_utc({2024, 3, 4});
  o.end = o.start + days * kDay;
  o.mode = mode;
  return o;
}

Figure read_file(const char* path) {
  return measure([&] {
    auto source = ingestion::FileSource::open({path}, {});
    if (!source) {
      std::fprintf(stderr, "%s\n", source.error().text().c_str());
      std::exit(1);
    }
    return drain(**source);
  });
}

}  // namespace

int main(int argc, char** argv) {
  std::string json;
  bool equal = true;
  std::printf("%-40s %12s %10s %8s\n", "what", "rows", "rows/s", "spread");
  const auto simulate = [&](const char* what, Mode mode, int days) {
    const auto once = [&] {
      Simulator s = *Simulator::make(simulated(mode, days));
      return drain(s);
    };
    equal = show(what, measure(once), json) && equal;
  };
  simulate("simulator, bars", Mode::bars, 120);
  simulate("simulator, trades and quotes", Mode::ticks, 2);
  const Figure skip = measure([] {
    Options o = simulated(Mode::ticks, 366);
    Simulator s = *Simulator::make(o);
    s.skip_to(o.end - kDay);
    return Run{1, static_cast<std::uint64_t>(s.next_time())};
  });
  std::printf("%-40s %12s %8.3f s %7.0f%%\n", "simulator, skip a year", "-", skip.seconds,
              100 * skip.spread);
  for (int i = 1; i < argc; ++i) {
    const std::string path = argv[i];
    equal = show(path.substr(path.rfind('/') + 1), read_file(argv[i]), json) && equal;
  }
  std::printf("{\"bench\":\"feed\",\"rows_per_s\":{%s},\"skip_a_year_s\":%.3f,"
              "\"repetitions_equal\":%s}\n",
              json.c_str(), skip.seconds, equal ? "true" : "false");
  return equal ? 0 : 1;
}
