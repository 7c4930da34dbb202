#include "confluence/core/scoring.hpp"

#include <algorithm>
#include <cmath>

#include "bellwether/base/math.hpp"

namespace bw::confluence {

namespace {

double clamp_unit(double v) noexcept { return v < -1 ? -1 : v > 1 ? 1 : v; }

int sign_of(double v) noexcept { return v > 0 ? 1 : v < 0 ? -1 : 0; }

double shape(const Normaliser& n, double x) noexcept {
  switch (n.kind) {
    case NormaliserKind::linear:
      return clamp_unit(2 * (x - n.low) / (n.high - n.low) - 1);
    case NormaliserKind::tanh:
      return bw::math::tanh((x - n.centre) / n.scale);
    case NormaliserKind::sign:
      return std::abs(x) <= n.dead_band ? 0 : x > 0 ? 1 : -1;
    case NormaliserKind::bands:
      return x <= n.low ? -1 : x >= n.high ? 1 : 0;
  }
  return 0;
}

bool combination_holds(Combination combination, std::span<const Vote> votes, double mean) noexcept {
  if (combination == Combination::weighted_mean) return true;
  std::size_t agree = 0;
  for (const Vote& v : votes) agree += v.valid && sign_of(v.value) == sign_of(mean) ? 1U : 0U;
  if (mean == 0) return false;
  return combination == Combination::all_agree ? agree == votes.size() : 2 * agree > votes.size();
}

}  // namespace

double normalise(const Normaliser& n, double x) noexcept {
  const double v = n.inverted ? -shape(n, x) : shape(n, x);
  return v == 0 ? 0.0 : v;
}

Score combine(Combination combination, std::span<const Vote> votes) noexcept {
  double weights = 0;
  double valid = 0;
  double sum = 0;
  double pull = 0;
  for (const Vote& v : votes) {
    weights += v.weight;
    if (!v.valid) continue;
    valid += v.weight;
    sum += v.weight * v.value;
    pull += v.weight * std::abs(v.value);
  }
  Score s;
  if (weights <= 0) return s;
  s.share = valid / weights;
  s.agreement = pull > 0 ? std::abs(sum) / pull : 0;
  const double mean = clamp_unit(sum / weights);
  if (mean != 0 && combination_holds(combination, votes, mean)) s.score = mean;
  return s;
}

double confidence_of(const Score& s, Direction to, Direction from) noexcept {
  if (to != Direction::flat) return s.agreement * s.share;
  const double left = from == Direction::short_ ? -s.score : s.score;
  return s.share * (1 - std::max(0.0, left));
}

double annual_volatility(double mean_range, double close, double periods) noexcept {
  constexpr double kRootPiOver8 = 0.6266570686577501;
  const double v = kRootPiOver8 * mean_range / close * math::sqrt(periods);
  return close > 0 && std::isfinite(v) && v > 0 ? v : 0;
}

Price stop_price(const Stop& stop, Price reference, double atr, bool above, Price tick) noexcept {
  if (stop.kind == StopKind::none) return {};
  const double at = reference.to_double();
  const double distance =
      stop.kind == StopKind::percent ? at * (stop.amount / 100) : atr * stop.amount;
  const double price = above ? at + distance : at - distance;
  if (!std::isfinite(price) || !(distance > 0) || price <= 0 || price > 9e10) return {};
  const Price exact = Price::from_double(price);
  if (!tick.is_positive()) return exact;
  const std::int64_t ticks = (exact.raw() + tick.raw() / 2) / tick.raw();
  const auto raw = mul_div(ticks, tick.raw(), 1);
  return raw ? Price::from_raw(*raw) : Price{};
}

namespace {

struct Lookup {
  const Strategy& strategy;
  std::string field;
  Footing* footing;

  [[nodiscard]] Result<Operand> operator()(const std::string& name) const {
    if (name.empty()) return Operand{};
    if (name == "close") return Operand{Operand::kClose};
    const auto slot = indicators::find_feature(name);
    if (!slot) {
      return fail(ErrorCode::invalid_argument, "there is no feature '" + name + "'",
                  strategy.name + "." + field, "see the feature table: bellwether features --list");
    }
    const int bars = indicators::kFeatureTable[*slot].span;
    footing->slots |= 1U << *slot;
    if (bars == 0) footing->session = true;
    footing->bars = std::max(footing->bars, bars);
    return Operand{static_cast<std::uint8_t>(*slot)};
  }
};

Result<void> compile_ref(const Strategy& s, const FeatureRef& from, const char* field,
                         CompiledRef& to) {
  if (from.feature.empty() || from.timeframe == Timeframe::none) {
    return fail(ErrorCode::invalid_argument, "needs a feature and a timeframe",
                s.name + "." + field);
  }
  to.timeframe = from.timeframe;
  auto operand = Lookup{s, field, &to.footing}(from.feature);
  if (!operand) return tl::unexpected<Error>(operand.error());
  to.operand = *operand;
  return {};
}

Result<CompiledComponent> compile_component(const Strategy& s, std::size_t index) {
  const Component& from = s.components[index];
  const std::string field = "components[" + std::to_string(index) + "]";
  CompiledComponent to;
  if (from.timeframe < s.timeframe || from.feature.empty() || !(from.weight > 0)) {
    return fail(
        ErrorCode::invalid_argument,
        "needs a feature, a weight above zero and a timeframe not shorter than the strategy's",
        s.name + "." + field);
  }
  to.timeframe = from.timeframe;
  to.normaliser = from.normaliser;
  to.weight = from.weight;
  const Lookup look{s, field, &to.footing};
  for (const auto& [name, operand] :
       {std::pair{&from.feature, &to.feature}, std::pair{&from.minus, &to.minus},
        std::pair{&from.divided_by, &to.divided_by}}) {
    auto found = look(*name);
    if (!found) return tl::unexpected<Error>(found.error());
    *operand = *found;
  }
  return to;
}

}  // namespace

Result<CompiledStrategy> compile(const Strategy& strategy) {
  CompiledStrategy c;
  c.document = &strategy;
  if (strategy.timeframe == Timeframe::none || !strategy.id.is_set()) {
    return fail(ErrorCode::invalid_argument, "needs a name and a timeframe", strategy.name);
  }
  if (strategy.components.empty() || strategy.components.size() > kMaxComponents) {
    return fail(ErrorCode::invalid_argument,
                "needs 1 to " + std::to_string(kMaxComponents) + " components",
                strategy.name + ".components");
  }
  for (std::size_t i = 0; i < strategy.components.size(); ++i) {
    auto component = compile_component(strategy, i);
    if (!component) return tl::unexpected<Error>(component.error());
    c.components.push_back(*component);
    c.weights += component->weight;
  }
  if (strategy.sizing.method == SizingMethod::volatility_target) {
    auto done =
        compile_ref(strategy, strategy.sizing.volatility, "sizing.volatility", c.volatility);
    if (!done) return tl::unexpected<Error>(done.error());
  }
  if (strategy.stops.stop_loss.kind == StopKind::atr ||
      strategy.stops.take_profit.kind == StopKind::atr) {
    auto done = compile_ref(strategy, strategy.stops.atr, "stops.atr", c.atr);
    if (!done) return tl::unexpected<Error>(done.error());
  }
  return c;
}

}  // namespace bw::confluence
