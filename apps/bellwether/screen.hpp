#pragma once
// The live table on a terminal: one page of text for a view, and the terminal that it is written
// to.
#include <string>
#include <vector>

#include "live_view.hpp"
#include "suite.hpp"

namespace bw::app {

/// What stands above and below the tables.
struct ScreenStatus {
  std::string feed;  ///< "SIMULATED market, seed 1"
  TimeNs position = 0;
  std::string pace;  ///< "60x", "warming up"
  std::uint64_t events = 0;
  double events_per_s = 0;
  double commit_age_s = 0;
  std::string trouble;  ///< shown in place of the hints; empty: none
};

struct ScreenSize {
  int columns = 100;
  int rows = 30;
};

/// Exactly `size.rows` lines, none longer than `size.columns` characters (escape codes aside).
[[nodiscard]] std::string render(const LiveView& view, const Suite& suite,
                                 const ScreenStatus& status, ScreenSize size);

/// Takes the terminal's alternate screen and gives it back when it goes.
class Terminal {
 public:
  Terminal();
  ~Terminal();
  Terminal(const Terminal&) = delete;
  Terminal& operator=(const Terminal&) = delete;
  [[nodiscard]] ScreenSize size() const;
  void show(const std::string& page) const;
};

}  // namespace bw::app
