#include "bellwether/runtime/runner.hpp"

#include <algorithm>

namespace bw::runtime {

namespace {

std::string name_of(MachineId id) {
  return std::string(kind_name(id.kind)) + "/" + std::to_string(id.index);
}

bool is_unavailable(const Error& e) { return e.code == ErrorCode::unavailable; }

constexpr std::uint64_t kUnackedLimit =
    50'000;                      // records in flight before a machine waits for acks
constexpr int kIdleImages = 20;  // intervals between images where nothing was read

}  // namespace

Runner::Runner(const MachineSpec& spec, Ownership ownership, const Counts& counts, Log& log,
               Store& store, Clock& clock, RunnerOptions options)
    : spec_(spec),
      ownership_(ownership),
      counts_(counts),
      id_{spec.kind, ownership.index},
      log_(log),
      store_(store),
      clock_(clock),
      options_(std::move(options)) {
  if (options_.live)
    std::erase_if(spec_.inputs, [](const Input& i) { return i.kind == Kind::source; });
}

bool Runner::offer(Outside input) {
  if (outside_.size() >= kOutsideLimit) return false;
  outside_.push_back(std::move(input));
  return true;
}

std::vector<std::uint64_t> Runner::accepted() {
  std::vector<std::uint64_t> tokens;
  tokens.swap(accepted_);
  return tokens;
}

Result<void> Runner::turn() {
  moved_ = 0;
  stats_.trouble.clear();
  if (auto r = take_acks(); !r) return r;
  if (stage_ == Stage::claiming) return claim();
  if (stage_ == Stage::opening) return scan_tail();
  if (auto r = poll_inputs(); !r) return r;
  if (stage_ == Stage::settling) {
    auto settled = settle();
    if (!settled) return tl::unexpected(settled.error());
    if (auto r = flush(); !r) return r;
    if (!*settled) return {};
    stage_ = Stage::working;
  }
  // What could not be committed or sent stays in the engine; nothing new is decided in front of it.
  const bool uncommitted = !engine_->out().empty() || (spec_.ledger && pending_image_.has_value());
  if (!uncommitted && sent_n_ - std::min(sent_n_, own_.n) < kUnackedLimit) work();
  if (auto r = flush(); !r) return r;
  if (auto r = announce(); !r) return r;
  return checkpoint();
}


Result<void> Runner::claim() {
  auto claimed = store_.claim(id_);
  if (!claimed) {
    if (!is_unavailable(claimed.error())) return tl::unexpected(claimed.error());
    stats_.trouble = claimed.error().text();
    return {};
  }
  claim_ = std::move(*claimed);
  epoch_ = claim_.epoch;
  if (claim_.has_image) {
    Reader r(claim_.image.shared);
    r.get(own_.offset);
    r.get(own_.n);
    r.get(own_.epoch);
    r.get(own_.announced);
    if (!r.ok()) return fail(ErrorCode::data_loss, "saved state is cut short", name_of(id_));
  }
  tail_.n = own_.n;
  tail_.announced = own_.announced;
  tail_.last_time = own_.announced;
  scan_epoch_ = own_.epoch;
  scan_offset_ = own_.offset;
  stage_ = Stage::opening;
  return send({What::open, epoch_, 0, 0, id_.kind, 0, 0, {}});
}

Result<void> Runner::scan_tail() {
  batch_.clear();
  auto fetched = log_.fetch(id_, scan_offset_, options_.poll_limit, batch_);
  if (!fetched) {
    if (!is_unavailable(fetched.error())) return fetched;
    stats_.trouble = fetched.error().text();
    return {};
  }
  for (const auto& entry : batch_) {
    if (auto r = scan_entry(entry); !r) return r;
    scan_offset_ = entry.offset + 1;
    ++moved_;
    if (tail_.found) return take_over();
  }
  return {};
}

Result<void> Runner::scan_entry(const LogEntry& entry) {
  const Record& r = entry.record;
  if (r.what == What::open) {
    if (r.epoch > epoch_)
      return fail(ErrorCode::aborted, "a newer owner opened the log", name_of(id_));
    tail_.found = r.epoch == epoch_;
    scan_epoch_ = std::max(scan_epoch_, r.epoch);
    return {};
  }
  if (r.epoch < scan_epoch_) return {};
  if (r.what == What::progress) {
    tail_.announced = std::max(tail_.announced, r.t);
  } else {
    if (r.n <= tail_.n) return {};
    if (r.n != tail_.n + 1) {
      return fail(ErrorCode::data_loss,
                  "record " + std::to_string(r.n) + " follows " + std::to_string(tail_.n),
                  name_of(id_), "the log lost records: restore it or start a new generation");
    }
    tail_.n = r.n;
  }
  if (r.what != What::admit) tail_.last_time = std::max(tail_.last_time, r.t);
  if (!spec_.ledger) tail_.records.push_back(r);  // a ledger has its state from the store
  return {};
}

Result<void> Runner::take_over() {
  engine_.emplace(spec_, ownership_, counts_, options_.planted);
  engine_->set_epoch(epoch_);
  if (claim_.has_image) {
    if (claim_.image.build != options_.build && claim_.image.n != tail_.n) {
      return fail(ErrorCode::failed_precondition,
                  "a checkpoint of build " + claim_.image.build + " is behind its log",
                  name_of(id_), "let that build settle it first, then start this one");
    }
    if (auto r = restore(claim_.image); !r) return r;
  }
  sent_n_ = tail_.n;
  own_ = {scan_offset_, tail_.n, epoch_, tail_.announced};
  announced_ = acked_progress_ = tail_.announced;
  if (spec_.ledger) {
    for (Record& row : claim_.outbox) {
      if (row.n <= tail_.n) continue;
      row.epoch = epoch_;
      if (auto r = send(row); !r) return r;
    }
  } else {
    for (const Record& r : tail_.records) {
      const bool ahead = r.what == What::progress ? r.t > engine_->position() : r.n > engine_->n();
      if (!ahead) continue;
      if (r.what != What::out) script_.push_back(r);
      if (r.what != What::progress) published_.push_back(r);
    }
  }
  tail_.records.clear();
  claim_ = {};
  imaged_at_ = clock_.now();
  stage_ = Stage::settling;
  return {};
}

Result<bool> Runner::settle() {
  while (!script_.empty()) {
    if (!engine_->follow(script_.front())) return false;
    script_.pop_front();
    ++moved_;
  }
  const bool behind = !spec_.ledger && engine_->n() < tail_.n;
  const TimeNs t = behind ? tail_.last_time : tail_.announced;
  if (engine_->position() >= t) return true;
  engine_->fold_to(std::min(t, engine_->frontier()));
  if (spec_.ledger && !engine_->out().empty()) {
    return fail(ErrorCode::data_loss, "settling a ledger made new outputs", name_of(id_),
                "its state was saved without them: restore the database");
  }
  return engine_->ready(t);
}


Result<void> Runner::poll_inputs() {
  for (StreamReader& reader : engine_->readers()) {
    // An input that runs ahead of the others is left where it is; the one that is waited for never
    // is.
    if (reader.buffered() >= options_.buffer_limit && reader.progress() > engine_->position())
      continue;
    auto got = reader.poll(log_, options_.poll_limit);
    if (!got) {
      if (!is_unavailable(got.error())) return tl::unexpected(got.error());
      stats_.trouble = got.error().text();
      continue;
    }
    moved_ += *got;
  }
  return {};
}

void Runner::work() {
  const bool clocked = engine_->readers().empty();
  const TimeNs position = engine_->position();
  const TimeNs frontier = clocked ? std::max(position, clock_.now() - 1) : engine_->frontier();
  if (frontier > position) {
    const auto before = engine_->events_in();
    engine_->fold_to(frontier, options_.fold_limit);
    moved_ += engine_->events_in() - before;
  }
  admit();
}

void Runner::admit() {
  const bool clocked = engine_->readers().empty();
  for (std::size_t left = options_.poll_limit; left > 0 && !outside_.empty(); --left) {
    const Outside& input = outside_.front();
    if (clocked) engine_->fold_to(std::max(clock_.now(), engine_->position() + 1) - 1);
    engine_->admit(input.unit, input.event);
    if (input.token != 0) waiting_.emplace_back(engine_->n(), input.token);
    outside_.pop_front();
    ++moved_;
  }
  // Close the time that was just admitted into, so that readers need not wait for the next turn.
  if (clocked && moved_ > 0) engine_->fold_to(engine_->position() + 1);
}

Result<void> Runner::flush() {
  if (spec_.ledger) {
    if (options_.planted.publish_before_commit) {
      for (const Record& r : engine_->out()) {
        if (r.n > sent_n_) {
          if (auto sent = send(r); !sent) return sent;
        }
      }
    }
    auto committed = commit();
    if (!committed) return tl::unexpected(committed.error());
    if (!*committed) return {};
  }
  for (const Record& r : engine_->out()) {
    if (auto sent = publish(r); !sent) return sent;
  }
  stats_.events_out += engine_->out().size();
  engine_->out().clear();
  return {};
}

/// False: the database is not there, and everything stays as it is.
Result<bool> Runner::commit() {
  // Without anything read, too, now and then: else position, and where to read on after a restart,
  // stand still.
  const DurationNs since = clock_.now() - imaged_at_;
  const bool read = engine_->events_in() != events_imaged_;
  const bool due = since >= options_.image_interval * (read ? 1 : kIdleImages);
  if (!pending_image_ && engine_->out().empty() && waiting_.empty() && !due) return true;
  if (stage_ != Stage::working) return true;
  if (!pending_image_) pending_image_ = image(true);
  const TimeNs began = clock_.now();
  auto r = store_.commit(id_, epoch_, *pending_image_, engine_->out());
  if (!r) {
    if (!is_unavailable(r.error())) return tl::unexpected(r.error());
    stats_.trouble = r.error().text();
    return false;
  }
  stats_.commit_ns += clock_.now() - began;
  ++stats_.commits;
  pending_image_.reset();
  imaged_at_ = clock_.now();
  events_imaged_ = engine_->events_in();
  for (const auto& [n, token] : waiting_) accepted_.push_back(token);
  waiting_.clear();
  return true;
}

Result<void> Runner::publish(const Record& record) {
  if (!published_.empty()) {
    const Record& was = published_.front();
    if (!was.same_as(record)) {
      return fail(ErrorCode::data_loss,
                  "recovery made another record " + std::to_string(record.n) + " (" +
                      std::string(event_name(record.event)) + ") than the log has (" +
                      std::string(event_name(was.event)) + ")",
                  name_of(id_),
                  "the code or its configuration differs from the run that wrote the log");
    }
    published_.pop_front();
    return {};
  }
  if (record.n <= sent_n_) return {};
  return send(record);
}

Result<void> Runner::send(const Record& record) {
  if (record.what == What::out || record.what == What::admit) sent_n_ = record.n;
  return log_.append(record);
}

Result<void> Runner::take_acks() {
  acks_.clear();
  if (auto r = log_.acks(acks_); !r) return r;
  for (const Ack& a : acks_) {
    if (a.what == What::open) continue;
    if (a.what == What::progress) {
      acked_progress_ = std::max(acked_progress_, a.t);
      own_.announced = std::max(own_.announced, a.t);
    } else if (a.n == own_.n + 1) {
      own_.n = a.n;
    } else {
      return fail(ErrorCode::data_loss, "records were acknowledged out of order", name_of(id_));
    }
    own_.offset = a.offset + 1;
  }
  return {};
}

Result<void> Runner::announce() {
  const TimeNs position = engine_->position();
  if (position <= announced_ || !engine_->out().empty()) return {};
  const TimeNs now = clock_.now();
  const bool fresh = moved_ > 0;
  if (!fresh && now - announced_at_ < options_.announce_interval) return {};
  announced_ = position;
  announced_at_ = now;
  return send({What::progress, epoch_, engine_->n(), position, id_.kind, 0, 0, {}});
}

Result<void> Runner::checkpoint() {
  const TimeNs now = clock_.now();
  if (spec_.ledger) {
    if (own_.n <= trimmed_ || now - imaged_at_ < options_.image_interval / 2) return {};
    auto r = store_.trim(id_, epoch_, own_.n);
    if (r) trimmed_ = own_.n;
    if (!r && !is_unavailable(r.error())) return r;
    return {};
  }
  if (!pending_image_) {
    const DurationNs since = now - imaged_at_;
    const bool read = engine_->events_in() != events_imaged_;
    if (engine_->n() < tail_.n || since < options_.image_interval) return {};
    if (!read && since < options_.image_interval * kIdleImages) return {};
    pending_image_ = image(false);
    imaged_at_ = now;
    events_imaged_ = engine_->events_in();
  }
  if (!outputs_acked(pending_image_->n) && !options_.planted.checkpoint_before_ack) return {};
  const TimeNs began = clock_.now();
  auto r = store_.checkpoint(id_, epoch_, *pending_image_);
  if (!r) {
    if (!is_unavailable(r.error())) return r;
    stats_.trouble = r.error().text();
    return {};
  }
  stats_.commit_ns += clock_.now() - began;
  ++stats_.checkpoints;
  // Stored is not enough: behind a newer owner's open a record is void. A checkpoint that passed
  // the fence after the ack proves that no such open stood in front of it.
  while (!waiting_.empty() && waiting_.front().first <= pending_image_->n) {
    accepted_.push_back(waiting_.front().second);
    waiting_.pop_front();
  }
  pending_image_.reset();
  return {};
}

Image Runner::image(bool changed_only) {
  Image image = engine_->image(changed_only);
  image.build = options_.build;
  Writer w;
  w.put(own_.offset);
  w.put(own_.n);
  w.put(own_.epoch);
  w.put(own_.announced);
  image.shared.insert(0, w.bytes());
  return image;
}

Result<void> Runner::restore(const Image& image) {
  Writer header;
  header.put(own_.offset);
  header.put(own_.n);
  header.put(own_.epoch);
  header.put(own_.announced);
  Image inner = image;
  inner.shared.erase(0, header.size());
  return engine_->restore(inner);
}

const RunnerStats& Runner::stats() {
  stats_.working = stage_ == Stage::working;
  stats_.unacked = sent_n_ - std::min(sent_n_, own_.n);
  stats_.waiting_for.clear();
  if (engine_) {
    stats_.events_in = engine_->events_in();
    stats_.position = engine_->position();
    stats_.frontier = engine_->frontier();
    stats_.duplicates = 0;
    for (const StreamReader& r : engine_->readers()) {
      stats_.duplicates += r.duplicates();
      if (r.progress() <= stats_.position) stats_.waiting_for.push_back(r.stream());
    }
  }
  return stats_;
}

}  // namespace bw::runtime
