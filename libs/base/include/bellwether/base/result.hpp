#pragma once
// Result<T>: what an operation that may fail as part of normal life returns.
// Refusals are values or events; broken invariants are BW_ASSERT; exceptions stay inside an
// adapter's .cpp.
#include <cstdint>
#include <string>
#include <tl/expected.hpp>
#include <utility>

namespace bw {

/// The kinds of failure, one to one with the gRPC status codes that the gateway answers with.
enum class ErrorCode : std::uint8_t {
  invalid_argument,
  not_found,
  already_exists,
  permission_denied,
  unauthenticated,
  failed_precondition,
  out_of_range,
  resource_exhausted,
  aborted,  ///< fenced: somebody with a higher epoch owns this now
  unavailable,
  deadline_exceeded,
  cancelled,
  data_loss,
  unimplemented,
  internal,
};

/// A failure that a person can act on: what happened, where (`field`, `file:line`), and the mend.
struct Error {
  ErrorCode code = ErrorCode::internal;
  std::string message;  ///< what is wrong, in one sentence
  std::string field;    ///< the field, file and line, or option at fault; may be empty
  std::string mend;     ///< what to do about it; may be empty

  /// "field: message (mend)", the form shown to people.
  [[nodiscard]] std::string text() const {
    std::string s = field.empty() ? message : field + ": " + message;
    return mend.empty() ? s : s + " (" + mend + ")";
  }
};

template <class T = void>
using Result = tl::expected<T, Error>;

/// `return fail(ErrorCode::invalid_argument, "must be > 0", "sizing.fraction", "give a number in
/// (0, 1]");`
inline tl::unexpected<Error> fail(ErrorCode code, std::string message, std::string field = {},
                                  std::string mend = {}) {
  return tl::unexpected<Error>(Error{code, std::move(message), std::move(field), std::move(mend)});
}

}  // namespace bw
