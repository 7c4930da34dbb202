#pragma once
// What a run amounts to: counts, digest and trace, fed with every event in the total order.
#include <cstdio>
#include <filesystem>
#include <map>
#include <memory>

#include "bellwether/codec/digest.hpp"
#include "bellwether/runtime/inline_host.hpp"

namespace bw::app {

class RunReport final : public runtime::Sink {
 public:
  RunReport() = default;
  ~RunReport() override;
  RunReport(const RunReport&) = delete;
  RunReport& operator=(const RunReport&) = delete;

  /// Writes what the digest covers as JSON lines to `path`.
  [[nodiscard]] Result<void> trace_to(const std::filesystem::path& path);

  void on_output(Kind kind, const runtime::Output& output) override;
  void add(const runtime::Record& record);

  [[nodiscard]] std::uint64_t events() const noexcept { return events_; }
  [[nodiscard]] std::uint64_t signals() const noexcept { return signals_; }
  [[nodiscard]] std::uint64_t orders() const noexcept { return orders_; }
  [[nodiscard]] std::uint64_t fills() const noexcept { return fills_; }
  /// Of all accounts, as the books said it last.
  [[nodiscard]] Money equity() const;
  [[nodiscard]] std::string digest() const { return digest_.text(); }
  /// {"events":…,"signals":…,"orders":…,"fills":…,"equity":"…","digest":"sha256:…"}
  [[nodiscard]] std::string json() const;
  /// Quality events, gaps, refusals and hold-backs by reason: what a person should look at.
  [[nodiscard]] const std::map<std::string, std::uint64_t>& notes() const noexcept {
    return notes_;
  }
  /// False where the trace could not be written whole.
  [[nodiscard]] bool trace_ok() const noexcept { return trace_ok_; }

  /// All but the trace: a run that goes on later ends with the same line as one that was never
  /// interrupted.
  void save(Writer& w) const;
  void load(Reader& r);

 private:
  void count(const Event& event);

  codec::Digest digest_;
  std::FILE* trace_ = nullptr;
  bool trace_ok_ = true;
  std::string line_;
  std::uint64_t events_ = 0;
  std::uint64_t signals_ = 0;
  std::uint64_t orders_ = 0;
  std::uint64_t fills_ = 0;
  std::map<AccountId, Money> equity_;
  std::map<std::string, std::uint64_t> notes_;
};

}  // namespace bw::app
