#pragma once
// A person at the gateway: sends orders, cancels, doubles and rubbish, and reads the broker's logs.
#include <map>
#include <set>
#include <string>
#include <vector>

#include "bellwether/base/hash.hpp"
#include "bellwether/codec/codec.hpp"
#include "bellwether/kafka/inbox.hpp"
#include "bellwether/runtime/recording.hpp"
#include "processes.hpp"

namespace bw::live_tests {

class Trader {
 public:
  static constexpr std::uint32_t kAccounts = 4;

  explicit Trader(const kafka::HostOptions& options) : options_(options) {
    auto producer = kafka::Producer::create(options.kafka, wakeup_);
    if (!producer) FAIL(producer.error().text());
    producer_ = std::move(*producer);
    auto log = kafka::KafkaLog::create(options.kafka, {}, *producer_, wakeup_);
    if (!log) FAIL(log.error().text());
    log_ = std::move(*log);
    for (std::uint32_t i = 0; i < options.account_partitions; ++i) {
      readings_.push_back({{Kind::broker_orders, i}, 0, {}});
      readings_.back().valid.emplace_back(readings_.back().id);
    }
  }

  /// The next of a fixed course of requests; every fourth is sent twice.
  void act() {
    const int n = ++sent_;
    const AccountId account(1 + static_cast<std::uint32_t>(n) % kAccounts);
    if (n % 10 == 7) return send_rubbish(n);
    if (n % 5 == 0 && !resting_.empty()) {
      CancelOrder cancel;
      cancel.request_id = RequestId("cancel-" + std::to_string(n));
      cancel.order = resting_.begin()->first;
      cancel.account = resting_.begin()->second;
      resting_.erase(resting_.begin());
      cancel_of_[cancel.order] = std::string(cancel.request_id.view());
      return send(cancel.account, cancel.request_id, cancel);
    }
    SubmitOrder order;
    order.request_id = RequestId("order-" + std::to_string(n));
    order.account = account;
    order.instrument = InstrumentId(1025);  // SIM-TOKEN, around the clock
    order.side = n / 4 % 2 == 0 ? Side::buy : Side::sell;
    order.time_in_force = TimeInForce::gtc;
    order.quantity = Quantity::from_int(10);
    if (n % 3 == 0) {  // rests below the market until it is cancelled
      order.side = Side::buy;
      order.type = OrderType::limit;
      order.limit_price = Price::from_raw(kDecimalOne / 1'000);
    }
    send(account, order.request_id, order);
    if (n % 4 == 0) {
      send(account, order.request_id, order);
      ++doubles_;
    }
  }

  /// Reads on in the broker's logs.
  void listen() {
    producer_->poll();
    for (Reading& r : readings_) {
      batch_.clear();
      auto got = log_->fetch(r.id, r.offset, 10'000, batch_);
      if (!got && got.error().code != ErrorCode::unavailable) FAIL(got.error().text());
      for (const auto& entry : batch_) {
        r.offset = entry.offset + 1;
        const auto before = r.valid.front().records().size();
        if (auto added = r.valid.front().add(entry.record); !added) FAIL(added.error().text());
        if (r.valid.front().records().size() > before) hear(entry.record);
      }
    }
  }

  [[nodiscard]] int asked() const { return static_cast<int>(asked_.size()); }
  [[nodiscard]] int doubles() const { return doubles_; }
  [[nodiscard]] int rubbish() const { return rubbish_; }
  [[nodiscard]] int fills() const { return fills_; }
  [[nodiscard]] int signal_orders() const { return signal_orders_; }
  /// Requests that have no answer yet.
  [[nodiscard]] std::vector<std::string> unanswered() const {
    std::vector<std::string> all;
    for (const auto& id : asked_) {
      if (!answers_.contains(id)) all.push_back(id);
    }
    return all;
  }
  /// Requests with more than one answer that is not "answered before".
  [[nodiscard]] std::vector<std::string> answered_twice() const {
    std::vector<std::string> all;
    for (const auto& [id, n] : answers_) {
      if (n != 1) all.push_back(id + " " + std::to_string(n) + " times");
    }
    return all;
  }
  [[nodiscard]] int told_double() const { return told_double_; }
  [[nodiscard]] bool orders_are_one() const { return doubled_orders_ == 0; }

 private:
  struct Reading {
    runtime::MachineId id;
    std::uint64_t offset = 0;
    std::vector<runtime::ValidRecords> valid;  // one
  };

  void put(std::uint32_t partition, const std::string& bytes) {
    auto sent = producer_->send(kafka::requests_topic(options_.kafka),
                                static_cast<std::int32_t>(partition), "", bytes);
    if (!sent) FAIL(sent.error().text());
  }
  void send(AccountId account, const RequestId& id, const Event& event) {
    codec::Request request;
    request.event = event;
    std::string bytes;
    if (auto r = codec::encode(request, bytes); !r) FAIL(r.error().text());
    asked_.insert(std::string(id.view()));
    put(machine_index(account.value, options_.account_partitions), bytes);
  }
  void send_rubbish(int n) {
    ++rubbish_;
    put(static_cast<std::uint32_t>(n) % options_.account_partitions, "\xff\xff no request");
  }

  void hear(const runtime::Record& record) {
    if (record.what != runtime::What::out) return;
    if (const auto* intent = std::get_if<OrderIntent>(&record.event)) {
      if (!orders_.insert(intent->order).second) ++doubled_orders_;
      if (intent->request_id.empty()) {
        if (intent->purpose == OrderReason::none) ++signal_orders_;
        return;
      }
      ++answers_[std::string(intent->request_id.view())];
      if (intent->type == OrderType::limit) resting_.emplace(intent->order, intent->account);
    } else if (const auto* refusal = std::get_if<Refusal>(&record.event)) {
      if (refusal->request_id.empty()) return;
      if (refusal->reason == OrderReason::duplicate_request) {
        ++told_double_;
      } else {
        ++answers_[std::string(refusal->request_id.view())];
      }
    } else if (const auto* event = std::get_if<OrderEvent>(&record.event)) {
      if (event->state != OrderState::cancelled) return;
      const auto cancel = cancel_of_.find(event->order);
      if (cancel != cancel_of_.end()) ++answers_[cancel->second];
    } else if (std::holds_alternative<Fill>(record.event)) {
      ++fills_;
    }
  }

  kafka::HostOptions options_;
  kafka::Wakeup wakeup_;
  std::unique_ptr<kafka::Producer> producer_;
  std::unique_ptr<kafka::KafkaLog> log_;
  std::vector<Reading> readings_;
  std::vector<runtime::LogEntry> batch_;
  int sent_ = 0;
  int doubles_ = 0;
  int rubbish_ = 0;
  int fills_ = 0;
  int signal_orders_ = 0;
  int told_double_ = 0;
  int doubled_orders_ = 0;
  std::set<std::string> asked_;
  std::map<std::string, int> answers_;
  std::set<OrderId> orders_;
  std::map<OrderId, AccountId> resting_;
  std::map<OrderId, std::string> cancel_of_;
};

}  // namespace bw::live_tests
