#include "broker/core/config.hpp"

#include "bellwether/matching/paper_book.hpp"

namespace bw::broker {

namespace {

Result<void> in_range(std::int64_t v, std::int64_t low, std::int64_t high, std::string field) {
  if (v >= low && v <= high) return {};
  return fail(ErrorCode::invalid_argument, std::to_string(v) + " is out of range", std::move(field),
              "give " + std::to_string(low) + " to " + std::to_string(high));
}

struct Ranged {
  std::int64_t value;
  std::int64_t low;
  std::int64_t high;
  const char* name;
};

Result<void> check_limits(const risk::Limits& l, const std::string& field) {
  constexpr auto kRate = static_cast<std::int64_t>(risk::RateWindow::kCapacity);
  constexpr auto kOpen = static_cast<std::int64_t>(matching::kMaxBookOrders);
  const Ranged all[] = {
      {l.max_position_bps, 0, 1'000'000, "max_position_bps"},
      {l.max_daily_loss_bps, 0, 10'000, "max_daily_loss_bps"},
      {l.max_orders_per_minute, 0, kRate, "max_orders_per_minute"},
      {l.max_open_orders, 0, kOpen, "max_open_orders"},
      {l.margin.long_bps, 100, 10'000, "margin.long_bps"},
      {l.margin.short_bps, 100, 100'000, "margin.short_bps"},
  };
  for (const Ranged& r : all) {
    if (auto ok = in_range(r.value, r.low, r.high, field + r.name); !ok) return ok;
  }
  return {};
}

Result<void> check_account(const AccountConfig& a, const std::string& field) {
  if (!a.id.is_set() || a.id.value >= kUnitLimit) {
    return fail(ErrorCode::invalid_argument, "no valid account id", field + "id",
                "give a number from 1 to 4194303");
  }
  if (!a.opening_cash.is_positive()) {
    return fail(ErrorCode::invalid_argument, "must be above zero", field + "opening_cash",
                "give what the owner pays in");
  }
  return check_limits(a.limits, field + "limits.");
}

Result<void> check_instruments(const std::vector<Instrument>& instruments) {
  for (std::size_t i = 0; i < instruments.size(); ++i) {
    const Instrument& x = instruments[i];
    const std::string field = "instruments[" + std::to_string(i) + "].";
    if (!x.id.is_set() || x.id.value >= kUnitLimit) {
      return fail(ErrorCode::invalid_argument, "no valid instrument id", field + "id",
                  "give a number from 1 to 4194303");
    }
    if (i > 0 && !(instruments[i - 1].id < x.id)) {
      return fail(ErrorCode::invalid_argument, "ids must ascend", field + "id", "sort by id");
    }
    if (!x.tick_size.is_positive() || !x.lot_size.is_positive()) {
      return fail(ErrorCode::invalid_argument, "tick and lot must be above zero",
                  field + "tick_size", "give the venue's price step and order step");
    }
  }
  return {};
}

}  // namespace

Result<void> check(const Config& c) {
  for (std::size_t i = 0; i < c.accounts.size(); ++i) {
    const std::string field = "accounts[" + std::to_string(i) + "].";
    if (auto ok = check_account(c.accounts[i], field); !ok) return ok;
    if (i > 0 && !(c.accounts[i - 1].id < c.accounts[i].id)) {
      return fail(ErrorCode::invalid_argument, "ids must ascend", field + "id", "sort by id");
    }
  }
  if (auto ok = check_instruments(c.instruments); !ok) return ok;
  const auto tif = c.entry_time_in_force;
  if (tif == TimeInForce::none || tif > TimeInForce::fok) {
    return fail(ErrorCode::invalid_argument, "no time in force", "entry_time_in_force",
                "give day, gtc, ioc or fok");
  }
  const matching::VenueRules& v = c.venue;
  if (v.fees.per_unit.is_negative() || v.fees.minimum.is_negative()) {
    return fail(ErrorCode::invalid_argument, "fees are not negative", "venue.fees",
                "give 0 or more");
  }
  const Ranged all[] = {
      {v.fees.ppm, 0, 1'000'000, "venue.fees.ppm"},
      {v.slippage.ppm, 0, 1'000'000, "venue.slippage.ppm"},
      {v.volume.bar_bps, 0, 10'000, "venue.volume.bar_bps"},
      {v.volume.trade_bps, 0, 10'000, "venue.volume.trade_bps"},
      {v.volume.quote_bps, 0, 10'000, "venue.volume.quote_bps"},
      {c.reserve_cushion_bps, 0, 10'000, "reserve_cushion_bps"},
      {c.rebalance_bps, 0, 10'000, "rebalance_bps"},
  };
  for (const Ranged& r : all) {
    if (auto ok = in_range(r.value, r.low, r.high, r.name); !ok) return ok;
  }
  return {};
}

}  // namespace bw::broker
