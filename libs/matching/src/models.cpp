#include "bellwether/matching/models.hpp"

#include <algorithm>

#include "bellwether/base/math.hpp"

namespace bw::matching {

namespace {

constexpr std::int64_t kHuge = kMaxPrice.raw();  // room to add a few of them

std::int64_t scaled(std::int64_t v, std::int64_t num, std::int64_t den) noexcept {
  const auto r = mul_div(v, num, den);
  return r ? std::min(*r, kHuge) : kHuge;
}

// Parts per million of the price that taking `quantity` of `volume` costs.
std::int64_t cost_ppm(const SlippageModel& model, Quantity quantity, Quantity volume,
                      bool spread_paid) noexcept {
  switch (model.kind) {
    case SlippageKind::none: return 0;
    case SlippageKind::half_spread: return spread_paid ? 0 : model.ppm;
    case SlippageKind::proportional: return model.ppm;
    case SlippageKind::volume_share_sqrt: {
      if (!volume.is_positive()) return model.ppm;
      const double share = std::min(1.0, quantity.to_double() / volume.to_double());
      return static_cast<std::int64_t>(static_cast<double>(model.ppm) * math::sqrt(share));
    }
  }
  return 0;
}

}  // namespace

Money total_fee(const FeeModel& model, Quantity filled, Money notional) noexcept {
  if (!filled.is_positive()) return {};
  const std::int64_t by_unit = scaled(model.per_unit.raw(), filled.raw(), kDecimalOne);
  const std::int64_t by_value = scaled(notional.raw(), model.ppm, kMillion);
  return std::max(model.minimum, Money::from_raw(by_unit + by_value));
}

Price slipped(const SlippageModel& model, Side side, Price price, Quantity quantity,
              Quantity volume, Price tick, bool spread_paid) noexcept {
  const std::int64_t cost =
      scaled(price.raw(), cost_ppm(model, quantity, volume, spread_paid), kMillion);
  const std::int64_t step = std::max<std::int64_t>(tick.raw(), 1);
  if (side == Side::buy) {
    const __int128 up = static_cast<__int128>(price.raw()) + cost;
    const __int128 rounded = (up + step - 1) / step * step;
    return Price::from_raw(static_cast<std::int64_t>(std::min<__int128>(rounded, INT64_MAX)));
  }
  const std::int64_t down = (price.raw() - cost) / step * step;
  return Price::from_raw(std::max<std::int64_t>(down, 1));
}

Quantity share_of_volume(Quantity volume, std::int64_t bps) noexcept {
  if (bps <= 0) return kUnlimited;
  const auto r = mul_div(volume.raw(), bps, 10'000);
  return r ? Quantity::from_raw(std::max<std::int64_t>(*r, 0)) : kUnlimited;
}

}  // namespace bw::matching
