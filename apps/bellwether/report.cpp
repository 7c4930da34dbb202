#include "report.hpp"

#include <cerrno>
#include <cstring>

#include "bellwether/codec/json.hpp"
#include "bellwether/domain/names.hpp"

namespace bw::app {

using runtime::Record;

RunReport::~RunReport() {
  if (trace_ != nullptr) std::fclose(trace_);
}

Result<void> RunReport::trace_to(const std::filesystem::path& path) {
  trace_ = std::fopen(path.c_str(), "w");
  if (trace_ == nullptr) {
    return fail(ErrorCode::invalid_argument, std::strerror(errno), path.string(),
                "name a file in a folder that exists and can be written");
  }
  return {};
}

void RunReport::on_output(Kind kind, const runtime::Output& o) {
  if (!codec::Digest::covers(o.event)) {
    ++events_;
    count(o.event);
    return;
  }
  add({runtime::What::out, 0, 0, o.time, kind, o.unit, o.seq, o.event});
}

void RunReport::add(const Record& record) {
  ++events_;
  count(record.event);
  if (!codec::Digest::covers(record.event)) return;
  digest_.add(record);
  if (trace_ == nullptr) return;
  line_.clear();
  codec::append_json(record, line_);
  line_ += '\n';
  trace_ok_ = trace_ok_ && std::fwrite(line_.data(), 1, line_.size(), trace_) == line_.size();
}

void RunReport::count(const Event& event) {
  const auto note = [this](std::string_view what, std::string_view why) {
    ++notes_[std::string(what) + " " + std::string(why)];
  };
  if (std::holds_alternative<Signal>(event)) ++signals_;
  if (std::holds_alternative<OrderIntent>(event)) ++orders_;
  if (std::holds_alternative<Fill>(event)) ++fills_;
  if (const auto* p = std::get_if<Pnl>(&event)) equity_[p->account] = p->equity;
  if (const auto* q = std::get_if<Quality>(&event)) note("quarantined", name_of(q->reason));
  if (const auto* g = std::get_if<Gap>(&event)) note("gap", name_of(g->state));
  if (const auto* r = std::get_if<Refusal>(&event)) note("refused", name_of(r->reason));
  if (const auto* h = std::get_if<HoldBack>(&event)) note("held back", name_of(h->reason));
  if (std::holds_alternative<ReconciliationDifference>(event)) note("reconciliation", "difference");
}

Money RunReport::equity() const {
  Money sum;
  for (const auto& [account, equity] : equity_) sum += equity;
  return sum;
}

void RunReport::save(Writer& w) const {
  digest_.save(w);
  for (const std::uint64_t n : {events_, signals_, orders_, fills_}) w.put(n);
  w.put(static_cast<std::uint32_t>(equity_.size()));
  for (const auto& [account, equity] : equity_) {
    w.put(account);
    w.put(equity);
  }
  w.put(static_cast<std::uint32_t>(notes_.size()));
  for (const auto& [what, count] : notes_) {
    w.put_bytes(what);
    w.put(count);
  }
}

void RunReport::load(Reader& r) {
  digest_.load(r);
  for (std::uint64_t* n : {&events_, &signals_, &orders_, &fills_}) r.get(*n);
  for (auto left = r.get<std::uint32_t>(); left > 0 && r.ok(); --left) {
    AccountId account;
    r.get(account);
    r.get(equity_[account]);
  }
  for (auto left = r.get<std::uint32_t>(); left > 0 && r.ok(); --left) {
    const std::string what(r.get_bytes());
    r.get(notes_[what]);
  }
}

std::string RunReport::json() const {
  return "{\"events\":" + std::to_string(events_) + ",\"signals\":" + std::to_string(signals_) +
         ",\"orders\":" + std::to_string(orders_) + ",\"fills\":" + std::to_string(fills_) +
         ",\"equity\":\"" + equity().to_string() + "\",\"digest\":\"" + digest_.text() + "\"}";
}

}  // namespace bw::app
