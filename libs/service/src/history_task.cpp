#include "bellwether/service/history_task.hpp"

namespace bw::service {

namespace {

constexpr int kIdleMs = 100;  // between looks where nothing came

}  // namespace

HistoryTask::HistoryTask(kafka::Options kafka, std::string database, std::string service,
                         std::vector<postgres::HistoryTable> tables, std::set<Kind> kinds,
                         kafka::Shell& inner)
    : kafka_(std::move(kafka)),
      database_(std::move(database)),
      service_(std::move(service)),
      tables_(std::move(tables)),
      kinds_(std::move(kinds)),
      inner_(inner),
      thread_([this] { run(); }) {}

HistoryTask::~HistoryTask() {
  stop_ = true;
  thread_.join();
}

void HistoryTask::on_owned(runtime::MachineId id) {
  {
    const std::lock_guard lock(mutex_);
    if (kinds_.contains(id.kind)) owned_.insert(id);
  }
  inner_.on_owned(id);
}

void HistoryTask::on_lost(runtime::MachineId id, const std::string& why) {
  {
    const std::lock_guard lock(mutex_);
    owned_.erase(id);
  }
  inner_.on_lost(id, why);
}

std::string HistoryTask::trouble() const {
  const std::lock_guard lock(mutex_);
  return trouble_;
}

Result<std::size_t> HistoryTask::round(
    postgres::HistoryWriter& writer, runtime::Log& log,
    std::map<runtime::MachineId, postgres::HistoryFollower>& followers) {
  std::set<runtime::MachineId> owned;
  {
    const std::lock_guard lock(mutex_);
    owned = owned_;
  }
  std::erase_if(followers, [&](const auto& f) { return !owned.contains(f.first); });
  std::size_t moved = 0;
  Result<std::size_t> result = moved;
  for (const runtime::MachineId id : owned) {  // one that cannot be written holds no other up
    auto& follower = followers.try_emplace(id, writer, log, std::vector{id}).first->second;
    auto written = follower.turn();
    if (written) {
      moved += *written;
    } else if (result) {
      result = written;
    }
  }
  if (result) result = moved;
  return result;
}

void HistoryTask::run() {
  kafka::Wakeup wakeup;
  auto producer =
      kafka::Producer::create(kafka_, wakeup);  // a log has one; nothing is sent through it
  std::map<runtime::MachineId, postgres::HistoryFollower> followers;
  postgres::HistoryWriter writer(database_, service_, tables_);
  Result<std::unique_ptr<kafka::KafkaLog>> log =
      producer ? kafka::KafkaLog::create(kafka_, {}, **producer, wakeup)
               : Result<std::unique_ptr<kafka::KafkaLog>>(tl::unexpected(producer.error()));
  while (!stop_) {
    Result<std::size_t> moved =
        log ? round(writer, **log, followers) : Result<std::size_t>(tl::unexpected(log.error()));
    {
      const std::lock_guard lock(mutex_);
      trouble_ = moved ? "" : "history is not written: " + moved.error().text();
    }
    if (!moved || *moved == 0) wakeup.wait(kIdleMs);
  }
}

}  // namespace bw::service
