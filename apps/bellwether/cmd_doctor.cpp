// doctor: is everything there that a run needs, and what to do where it is not.
#include <cstdio>
#include <map>
#include <memory>

#include "bellwether/postgres/reader.hpp"
#include "commands.hpp"
#include "ledger.hpp"
#include "migrations.hpp"
#include "suite.hpp"
#include "table.hpp"
#include "topics.hpp"

namespace bw::app {

namespace {

struct DoctorFlags {
  std::filesystem::path data = ".run";
  std::string database;
  kafka::Options kafka;
};

enum class Verdict : std::uint8_t { ok, note, wrong };

class Findings {
 public:
  void add(Verdict verdict, const std::string& what, const std::string& text) {
    const char* word_of = verdict == Verdict::ok     ? "ok"
                          : verdict == Verdict::note ? "note"
                                                     : "WRONG";
    table_.add({word(word_of), word(what), word(text)});
    wrong_ = wrong_ || verdict == Verdict::wrong;
  }
  void wrong(const std::string& what, const Error& e) { add(Verdict::wrong, what, e.text()); }
  [[nodiscard]] bool any_wrong() const noexcept { return wrong_; }
  void print(OutputFormat format) const { table_.print(format, ""); }

 private:
  Table table_{{{"", "verdict"}, {"what", "what"}, {"", "text"}}};
  bool wrong_ = false;
};

void look_at_documents(const Context& context, Findings& f) {
  f.add(Verdict::ok, "program", "bellwether 0.1, documents in " + context.inputs.home.string());
  auto suite = Suite::make(context.inputs);
  if (!suite) return f.wrong("documents", suite.error());
  f.add(Verdict::ok, "documents",
        std::to_string((*suite)->instruments().size()) + " instruments, " +
            std::to_string((*suite)->specs().size()) +
            " machines; strategies and settings are right");
}

void look_at_database(const DoctorFlags& flags, Findings& f) {
  auto ledger = Ledger::open(flags.data, flags.database);
  if (!ledger) {
    if (ledger.error().code == ErrorCode::not_found) {
      return f.add(
          Verdict::note, "database",
          "nothing has run in " + flags.data.string() + " yet: `bellwether run` makes its own");
    }
    return f.wrong("database", ledger.error());
  }
  std::map<std::string, bool> applied;
  postgres::Reader reader(ledger->uri());
  std::string version;
  auto asked = reader.read("SELECT version()", {},
                           [&version](const pqxx::row& r) { version = r[0].as<std::string>(); });
  if (!asked) return f.wrong("database", asked.error());
  f.add(Verdict::ok, "database", version.substr(0, version.find(" on ")));
  auto rows = reader.read("SELECT service || '/' || name FROM bellwether.migration", {},
                          [&](const pqxx::row& r) { applied[r[0].as<std::string>()] = true; });
  std::size_t missing = 0;
  for (const auto& m : all_migrations())
    missing += applied.contains(m.service + "/" + m.name) ? 0 : 1;
  if (!rows || missing > 0) {
    f.add(Verdict::wrong, "tables",
          std::to_string(missing) + " migrations are missing: run `bellwether migrate`");
  } else {
    f.add(Verdict::ok, "tables", "all " + std::to_string(applied.size()) + " migrations applied");
  }
  if (flags.database.empty()) {
    const bool running = is_running(ledger->note());
    f.add(
        Verdict::ok, "data folder",
        std::filesystem::absolute(flags.data).lexically_normal().string() + ": " +
            ledger->note().feed +
            (running ? "; a run is at work (process " + std::to_string(ledger->note().process) + ")"
                     : "; no run is at work"));
  }
}

void look_at_kafka(const DoctorFlags& flags, const Context& context, Findings& f) {
  if (flags.kafka.brokers.empty()) {
    return f.add(Verdict::note, "Kafka",
                 "not looked at: `run` needs none; name one with --brokers");
  }
  auto there = kafka::list_topics(flags.kafka);
  if (!there) return f.wrong("Kafka", there.error());
  auto wanted =
      load_topics(context.inputs.home / "deploy/kafka/topics.yaml", flags.kafka.topic_prefix, 0, 0);
  if (!wanted) return f.wrong("topics", wanted.error());
  std::map<std::string, int> has;
  for (const auto& t : *there) has[t.name] = t.partitions;
  std::size_t missing = 0;
  std::size_t other = 0;
  for (const auto& t : wanted->topics) {
    missing += has.contains(t.name) ? 0 : 1;
    other += has.contains(t.name) && has[t.name] != t.partitions ? 1 : 0;
  }
  f.add(Verdict::ok, "Kafka",
        flags.kafka.brokers + " answers, " + std::to_string(there->size()) + " topics");
  if (missing > 0) {
    f.add(Verdict::wrong, "topics",
          std::to_string(missing) + " are missing: run `bellwether topics apply`");
  } else if (other > 0) {
    f.add(Verdict::note, "topics",
          std::to_string(other) +
              " have another partition count than the file: `bellwether topics list`");
  } else {
    f.add(Verdict::ok, "topics", "as deploy/kafka/topics.yaml says");
  }
}

}  // namespace

void add_doctor(CLI::App& app, Context& context) {
  auto flags = std::make_shared<DoctorFlags>();
  auto* c = app.add_subcommand(
      "doctor",
      "Looks at documents, data folder, database and Kafka, and says what to do where\n"
      "something is wrong; exit code 1 then.\n"
      "Example: bellwether doctor --brokers localhost:9092");
  c->add_option("--data", flags->data, "folder of a run")->capture_default_str();
  c->add_option("--database", flags->database, "PostgreSQL URI, instead of the folder's own");
  c->add_option("--brokers", flags->kafka.brokers, "Kafka to look at too");
  c->add_option("--topic-prefix", flags->kafka.topic_prefix, "in front of every topic's name");
  add_input_flags(*c, context);
  c->callback([flags, &context] {
    Findings findings;
    look_at_documents(context, findings);
    look_at_database(*flags, findings);
    look_at_kafka(*flags, context, findings);
    findings.print(context.output);
    if (findings.any_wrong()) context.exit_code = 1;
  });
}

}  // namespace bw::app
