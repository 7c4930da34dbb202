#include "bellwether/indicators/window.hpp"

#include <cmath>

namespace bw::indicators {

Result<void> check_period(int period, int low, const char* field) {
  if (period >= low && period <= kMaxPeriod) return {};
  return fail(ErrorCode::invalid_argument, std::to_string(period) + " is out of range", field,
              "give a whole number from " + std::to_string(low) + " to " +
                  std::to_string(kMaxPeriod));
}

Result<void> expect_period(Reader& in, int period, const char* field) {
  const auto saved = in.get<std::int32_t>();
  if (in.ok() && saved == period) return {};
  if (!in.ok()) return fail(ErrorCode::data_loss, "saved state is cut short", field);
  return fail(ErrorCode::failed_precondition,
              "state was saved with " + std::to_string(saved) + ", configured is " +
                  std::to_string(period),
              field, "configure what was saved, or start from empty state");
}

Result<void> read_finite(Reader& in, double& to, const char* field) {
  const auto v = in.get<double>();
  if (!in.ok() || !std::isfinite(v)) {
    return fail(ErrorCode::data_loss, "saved state is damaged", field);
  }
  to = v;
  return {};
}

void Window::scale(double factor) noexcept {
  for (double& v : values_) v *= factor;
}

void Window::save(Writer& out) const {
  out.put(static_cast<std::int32_t>(values_.size()));
  out.put(static_cast<std::uint32_t>(at_));
  out.put(static_cast<std::uint8_t>(full_));
  for (const double v : values_) out.put(v);
}

Result<void> Window::load(Reader& in, const char* field) {
  if (auto r = expect_period(in, size(), field); !r) return r;
  const auto at = in.get<std::uint32_t>();
  const auto full = in.get<std::uint8_t>();
  if (!in.ok() || at >= values_.size() || full > 1) {
    return fail(ErrorCode::data_loss, "saved state is damaged", field);
  }
  for (double& v : values_) {
    if (auto r = read_finite(in, v, field); !r) return r;
  }
  at_ = at;
  full_ = full == 1;
  return {};
}

void RollingSum::scale(double factor) noexcept {
  window_.scale(factor);
  sum_ *= factor;
  fresh_ *= factor;
}

void RollingSum::save(Writer& out) const {
  window_.save(out);
  out.put(sum_);
  out.put(fresh_);
}

Result<void> RollingSum::load(Reader& in, const char* field) {
  if (auto r = window_.load(in, field); !r) return r;
  if (auto r = read_finite(in, sum_, field); !r) return r;
  return read_finite(in, fresh_, field);
}

void RollingMoments::scale(double factor) noexcept {
  window_.scale(factor);
  last_ *= factor;
  for (Sums* s : {&now_, &fresh_}) {
    s->shift *= factor;
    s->sum *= factor;
    s->squares *= factor * factor;
  }
}

void RollingMoments::save(Writer& out) const {
  window_.save(out);
  for (const Sums* s : {&now_, &fresh_}) {
    out.put(s->shift);
    out.put(s->sum);
    out.put(s->squares);
  }
  out.put(last_);
  out.put(static_cast<std::int32_t>(run_));
}

Result<void> RollingMoments::load(Reader& in, const char* field) {
  if (auto r = window_.load(in, field); !r) return r;
  for (double* v : {&now_.shift, &now_.sum, &now_.squares, &fresh_.shift, &fresh_.sum,
                    &fresh_.squares, &last_}) {
    if (auto r = read_finite(in, *v, field); !r) return r;
  }
  const auto run = in.get<std::int32_t>();
  if (!in.ok() || run < 0 || run > window_.size()) {
    return fail(ErrorCode::data_loss, "saved state is damaged", field);
  }
  run_ = run;
  return {};
}

}  // namespace bw::indicators
