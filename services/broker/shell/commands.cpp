#include "broker/shell/commands.hpp"

#include "bellwether/codec/codec.hpp"

namespace bw::broker {

namespace {

constexpr const char* kGroup = "bellwether.broker.requests";
constexpr std::size_t kPollLimit = 256;
// Kept until they are taken; further ones are not told.
constexpr std::size_t kRefusedLimit = 1'000;

Unit account_of(const Event& command) {
  if (const auto* s = std::get_if<SubmitOrder>(&command)) return s->account.value;
  if (const auto* c = std::get_if<CancelOrder>(&command)) return c->account.value;
  if (const auto* k = std::get_if<SetKillSwitch>(&command)) return k->account.value;
  return 0;
}

}  // namespace

void Commands::on_owned(runtime::MachineId id) {
  if (id.kind == Kind::broker_orders) desks_.try_emplace(id.index);
}

void Commands::on_lost(runtime::MachineId id, const std::string&) {
  // What is in flight is read again by the next owner.
  if (id.kind == Kind::broker_orders) desks_.erase(id.index);
}

void Commands::refuse(std::string reason, std::string text) {
  if (refused_.size() < kRefusedLimit) refused_.push_back({std::move(reason), std::move(text)});
}

std::vector<kafka::Refused> Commands::take_refused() {
  std::vector<kafka::Refused> all;
  all.swap(refused_);
  return all;
}

void Commands::feed(kafka::KafkaHost& host) {
  if (!host.options().live) return;
  for (auto& [index, desk] : desks_) serve(host, index, desk);
}

void Commands::serve(kafka::KafkaHost& host, std::uint32_t index, Desk& desk) {
  runtime::Runner* runner = host.runner({Kind::broker_orders, index});
  if (runner == nullptr || !runner->working()) return;
  if (!desk.inbox) {
    const auto& options = host.options().kafka;
    auto inbox = kafka::Inbox::open(options, kafka::requests_topic(options), index, kGroup);
    if (!inbox) return refuse("no_inbox", inbox.error().text());
    desk.inbox = std::move(*inbox);
  }
  if (desk.waiting.empty() && desk.in_flight.size() < kInFlight) {
    std::vector<kafka::Inbox::Message> batch;
    desk.inbox->poll(kPollLimit, batch);
    for (auto& m : batch) desk.waiting.push_back(std::move(m));
  }
  const runtime::Ownership ownership{index, host.options().account_partitions};
  while (!desk.waiting.empty() && take_in(*runner, ownership, desk, desk.waiting.front())) {
    desk.next = desk.waiting.front().offset + 1;
    desk.waiting.pop_front();
  }
  settle(*runner, desk, host.clock().now());
}

bool Commands::take_in(runtime::Runner& runner, runtime::Ownership ownership, Desk& desk,
                       const kafka::Inbox::Message& message) {
  const std::string where = std::string(kind_name(runner.id().kind)) + "/" +
                            std::to_string(ownership.index) + ", offset " +
                            std::to_string(message.offset);
  auto request = codec::decode_request(message.value);
  if (!request) {
    refuse("malformed_request", where + ": " + request.error().text());
    return true;
  }
  const Unit account = account_of(request->event);
  if (account == 0 || account >= kUnitLimit) {
    refuse("malformed_request", where + ": names no account that can be");
    return true;
  }
  if (!ownership.owns(account)) {
    refuse("wrong_partition", where + ": account " + std::to_string(account) +
                                  " belongs to another partition");
    return true;
  }
  if (!runner.offer({account, request->event, message.offset + 1})) return false;
  desk.in_flight.push_back(message.offset);
  return true;
}

void Commands::settle(runtime::Runner& runner, Desk& desk, TimeNs now) {
  for (const std::uint64_t token : runner.accepted()) {
    while (!desk.in_flight.empty() && desk.in_flight.front() < token) desk.in_flight.pop_front();
  }
  const auto safe = desk.in_flight.empty() ? desk.next : desk.in_flight.front();
  if (safe > 0) desk.inbox->done(safe, now);
}

}  // namespace bw::broker
