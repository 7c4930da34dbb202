#include "ingestion/shell/live_feed.hpp"

namespace bw::ingestion {

namespace {

constexpr int kRowsARound = 4'096;

}  // namespace

LiveFeed::LiveFeed(const service::Inputs& inputs) {
  options_.seed = inputs.seed;
  options_.start = inputs.simulate_from;
  options_.end = inputs.simulate_to;
  options_.mode = inputs.simulate_bars ? simulator::Mode::bars : simulator::Mode::ticks;
  options_.dirt = inputs.simulate_dirt;
}

bool LiveFeed::open(TimeNs now) {
  if (failed_) return false;
  if (market_) return true;
  auto made = simulator::Simulator::make(options_);
  if (!made) {
    refused_.push_back({"no_feed", made.error().text()});
    failed_ = true;
    return false;
  }
  market_ = std::move(*made);
  market_->skip_to(now);
  return true;
}

/// False: the machine's queue is full. Rows of machines that are not owned here are another
/// process's.
bool LiveFeed::offer(kafka::KafkaHost& host, const runtime::Source::Row& row) {
  const auto counts = kafka::counts_of(host.options());
  const auto index = machine_index(row.unit, counts[static_cast<std::size_t>(row.consumer)]);
  runtime::Runner* runner = host.runner({row.consumer, index});
  return runner == nullptr || runner->offer({row.unit, row.event, 0});
}

void LiveFeed::feed(kafka::KafkaHost& host) {
  if (!host.options().live) return;
  if (!open(host.clock().now())) return;
  const TimeNs now = host.clock().now();
  if (held_) {
    if (!offer(host, *held_)) return;
    held_.reset();
  }
  if (now - market_->next_time() > kStale) market_->skip_to(now);
  for (int left = kRowsARound; left > 0 && market_->next_time() <= now; --left) {
    const auto* row = market_->next();
    if (row == nullptr) return;
    if (!offer(host, *row)) {
      held_ = *row;
      return;
    }
  }
}

std::vector<kafka::Refused> LiveFeed::take_refused() {
  std::vector<kafka::Refused> all;
  all.swap(refused_);
  return all;
}

}  // namespace bw::ingestion
