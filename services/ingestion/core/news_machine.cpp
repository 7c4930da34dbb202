#include "ingestion/core/news_machine.hpp"

#include <algorithm>

#include "ingestion/core/bar_series.hpp"

namespace bw::ingestion {

using runtime::Emit;
using runtime::Stamped;

NewsMachine::State* NewsMachine::state(Unit unit) {
  if (unit < states_.size() && states_[unit]) return states_[unit].get();
  if (config_.reference->find(unit) == nullptr) return nullptr;
  if (unit >= states_.size()) states_.resize(unit + 1);
  states_[unit] = std::make_unique<State>();
  states_[unit]->ids.assign(std::max(config_.article_memory, 1U), 0);
  return states_[unit].get();
}

void NewsMachine::step(const Stamped& in, Emit& out) noexcept {
  if (const auto* reject = std::get_if<RawReject>(&in.event)) {
    out.publish(in.unit, reject->quality);
    return;
  }
  const auto* raw = std::get_if<RawArticle>(&in.event);
  if (raw == nullptr) return;
  const Article& a = raw->article;
  State* s = state(in.unit);
  if (s == nullptr) {
    publish_quality(out, in.unit, QualityReason::unknown_instrument, a.published, raw->origin, {});
    return;
  }
  if (a.headline.empty()) {
    publish_quality(out, in.unit, QualityReason::malformed_row, a.published, raw->origin,
                    "headline is empty");
    return;
  }
  if (a.article_id != 0 && std::find(s->ids.begin(), s->ids.end(), a.article_id) != s->ids.end()) {
    publish_quality(out, in.unit, QualityReason::duplicate, a.published, raw->origin,
                    "the same article again");
    return;
  }
  s->ids[s->count++ % s->ids.size()] = a.article_id;
  Article article = a;
  article.instrument = InstrumentId(in.unit);
  out.publish(in.unit, article);
}

std::vector<Unit> NewsMachine::units() const {
  std::vector<Unit> all;
  for (Unit u = 0; u < states_.size(); ++u) {
    if (states_[u]) all.push_back(u);
  }
  return all;
}

void NewsMachine::save_unit(Unit unit, Writer& w) const {
  const State& s = *states_[unit];
  w.put(s.count);
  w.put(static_cast<std::uint32_t>(s.ids.size()));
  for (const std::uint64_t id : s.ids) w.put(id);
}

Result<void> NewsMachine::load_unit(Unit unit, Reader& r) {
  State* s = state(unit);
  if (s == nullptr) {
    return fail(ErrorCode::failed_precondition,
                "the checkpoint has instrument " + std::to_string(unit) +
                    ", which the instrument reference lacks",
                "news.articles", "put the instrument back, or start from a new checkpoint");
  }
  r.get(s->count);
  if (r.get<std::uint32_t>() != s->ids.size()) {
    return fail(ErrorCode::failed_precondition,
                "the checkpoint remembers another number of articles", "article_memory",
                "set it back, or start from a new checkpoint");
  }
  for (std::uint64_t& id : s->ids) r.get(id);
  return r.finish("news.articles");
}

runtime::MachineSpec news_spec(const Config& config) {
  runtime::MachineSpec spec;
  spec.kind = Kind::news_articles;
  spec.inputs = {{Kind::source, runtime::Delivery::partitioned}};
  spec.make = [](const void* context, runtime::Ownership) -> std::unique_ptr<runtime::Machine> {
    return std::make_unique<NewsMachine>(*static_cast<const Config*>(context));
  };
  spec.context = &config;
  return spec;
}

}  // namespace bw::ingestion
