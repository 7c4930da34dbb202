// topics: apply, list, record.
#include <cstdio>
#include <map>
#include <memory>

#include "commands.hpp"
#include "replay.hpp"
#include "table.hpp"
#include "topics.hpp"

namespace bw::app {

namespace {

struct TopicFlags {
  kafka::Options kafka;
  std::filesystem::path file;
  std::filesystem::path folder;
  int partitions = 0;
  int account_partitions = 0;
  bool live = false;
};

Result<TopicsFile> read_file(const TopicFlags& flags, const Context& context) {
  const auto file =
      flags.file.empty() ? context.inputs.home / "deploy/kafka/topics.yaml" : flags.file;
  return load_topics(file, flags.kafka.topic_prefix, flags.partitions, flags.account_partitions);
}

Result<void> apply(const TopicFlags& flags, const Context& context) {
  auto wanted = read_file(flags, context);
  if (!wanted) return tl::unexpected(wanted.error());
  auto made = kafka::create_topics(flags.kafka, wanted->topics);
  if (!made) return tl::unexpected(made.error());
  Table table({Table::Column{"created", "created"}});
  for (const std::string& name : *made) table.add({word(name)});
  table.print(context.output,
              "nothing to do: all " + std::to_string(wanted->topics.size()) + " topics are there");
  return {};
}

Result<void> list(const TopicFlags& flags, Context& context) {
  auto wanted = read_file(flags, context);
  if (!wanted) return tl::unexpected(wanted.error());
  auto there = kafka::list_topics(flags.kafka);
  if (!there) return tl::unexpected(there.error());
  std::map<std::string, int> partitions;
  for (const auto& t : *there) partitions[t.name] = t.partitions;
  Table table({{"topic", "topic"},
               {"unit", "unit"},
               {"partitions", "partitions", true},
               {"wanted", "wanted", true},
               {"state", "state"}});
  for (std::size_t i = 0; i < wanted->topics.size(); ++i) {
    const auto& t = wanted->topics[i];
    const auto it = partitions.find(t.name);
    const int has = it == partitions.end() ? 0 : it->second;
    table.add({word(t.name), word(wanted->units[i]), count_cell(static_cast<std::uint64_t>(has)),
               count_cell(static_cast<std::uint64_t>(t.partitions)),
               word(has == 0              ? "missing: bellwether topics apply"
                    : has != t.partitions ? "another count: a new generation is needed"
                                          : "as it should be")});
    if (has != t.partitions) context.exit_code = 1;
  }
  table.print(context.output, "the file names no topics");
  return {};
}

Result<void> record(const TopicFlags& flags) {
  auto there = kafka::list_topics(flags.kafka);
  if (!there) return tl::unexpected(there.error());
  runtime::Counts counts{};
  for (std::size_t k = 0; k < kKindCount; ++k) {
    const auto kind = static_cast<Kind>(k);
    for (const auto& t : *there) {
      if (kind != Kind::source && t.name == kafka::topic_of(flags.kafka, kind)) {
        counts[k] = static_cast<std::uint32_t>(t.partitions);
      }
    }
  }
  counts[0] = counts[static_cast<std::size_t>(Kind::market_bars)];
  auto n = record_logs(flags.kafka, counts, flags.live, flags.folder);
  if (!n) return tl::unexpected(n.error());
  std::printf("%llu records in %s; replay them with: bellwether replay %s --order recorded\n",
              static_cast<unsigned long long>(*n), flags.folder.string().c_str(),
              flags.folder.string().c_str());
  return {};
}

CLI::App* add_action(CLI::App& topics, const char* name, const std::string& what,
                     TopicFlags& flags) {
  auto* c = topics.add_subcommand(name, what);
  c->add_option("--brokers", flags.kafka.brokers, "Kafka bootstrap servers, host:port[,…]")
      ->required();
  c->add_option("--topic-prefix", flags.kafka.topic_prefix, "in front of every topic's name");
  return c;
}

void add_file_flags(CLI::App& c, TopicFlags& flags) {
  c.add_option("--file", flags.file, "default: deploy/kafka/topics.yaml")->check(CLI::ExistingFile);
  c.add_option("--partitions", flags.partitions, "of instrument topics, in place of the file's")
      ->check(CLI::Range(1, 1024));
  c.add_option("--account-partitions", flags.account_partitions,
               "of account and user topics, likewise")
      ->check(CLI::Range(1, 1024));
}

}  // namespace

void add_topics(CLI::App& app, Context& context) {
  auto flags = std::make_shared<TopicFlags>();
  auto* c = app.add_subcommand("topics",
                               "Kafka topics of a distributed suite: apply, list, record.\n"
                               "Example: bellwether topics apply --brokers localhost:9092");
  c->require_subcommand(1);
  auto* a = add_action(*c, "apply",
                       "Creates the topics that are missing; changes none that is there.", *flags);
  add_file_flags(*a, *flags);
  a->callback([flags, &context] {
    if (auto r = apply(*flags, context); !r) context.complain(r.error());
  });
  auto* l = add_action(*c, "list",
                       "Compares the topics with the file; exit code 1 where they differ.", *flags);
  add_file_flags(*l, *flags);
  l->callback([flags, &context] {
    if (auto r = list(*flags, context); !r) context.complain(r.error());
  });
  auto* r = add_action(*c, "record",
                       "Writes all logs up to now into a folder, for replay --order recorded.\n"
                       "Example: bellwether topics record --brokers localhost:9092 monday",
                       *flags);
  r->add_option("FOLDER", flags->folder, "made where it is absent")->required();
  r->add_flag("--live", flags->live,
              "the feed was admitted by the clock (services ran with --live)");
  r->callback([flags, &context] {
    if (auto done = record(*flags); !done) context.complain(done.error());
  });
}

}  // namespace bw::app
