// The place of an inbox's readers is stored, and what came behind it comes again.
#include "bellwether/kafka/inbox.hpp"

#include "servers.hpp"

using namespace bw;
using namespace bw::kafka;
using namespace bw::kafka::tests;

namespace {

constexpr TimeNs kFarApart = Inbox::kStoreInterval;

std::unique_ptr<Inbox> open(const Options& options, const std::string& topic) {
  auto inbox = Inbox::open(options, topic, 1, "readers");
  if (!inbox) FAIL(inbox.error().text());
  return std::move(*inbox);
}

std::vector<std::string> read(Inbox& inbox, std::size_t count) {
  std::vector<Inbox::Message> messages;
  REQUIRE(eventually([&] {
    inbox.poll(100, messages);
    return messages.size() >= count;
  }));
  std::vector<std::string> values;
  for (const auto& m : messages) values.push_back(std::to_string(m.offset) + " " + m.value);
  return values;
}

}  // namespace

TEST_CASE("an inbox is read on from its stored place, by another reader, and after Kafka's crash") {
  Options options;
  options.brokers = private_kafka(true).brokers();
  options.topic_prefix = next_prefix();
  const std::string topic = options.topic_prefix + "asked";
  REQUIRE(private_kafka().create_topic(topic, 2));
  Wakeup wakeup;
  auto producer = Producer::create(options, wakeup);
  if (!producer) FAIL(producer.error().text());
  for (const char* text : {"a", "b", "c"}) REQUIRE((*producer)->send(topic, 1, "", text));
  REQUIRE((*producer)->send(topic, 0, "", "another partition's"));
  REQUIRE((*producer)->flush(20'000));

  TimeNs now = kSecond;
  {
    auto inbox = open(options, topic);
    CHECK(read(*inbox, 3) == std::vector<std::string>{"0 a", "1 b", "2 c"});
    std::vector<Inbox::Message> none;
    REQUIRE(eventually([&] {
      inbox->done(2, now += kFarApart);
      inbox->poll(1, none);  // serves what Kafka says
      return inbox->stored() == 2;
    }));
    CHECK(none.empty());
  }
  auto next = open(options, topic);
  CHECK(read(*next, 1) == std::vector<std::string>{"2 c"});

  private_kafka().kill();
  std::vector<Inbox::Message> none;
  next->done(3, now += kFarApart);
  next->poll(1, none);
  CHECK(next->stored() < 3);
  REQUIRE(private_kafka().restart());
  REQUIRE(eventually([&] {
    next->done(3, now += kFarApart);
    next->poll(1, none);
    return next->stored() == 3;
  }));
  REQUIRE((*producer)->send(topic, 1, "", "d"));
  CHECK(read(*next, 1) == std::vector<std::string>{"3 d"});
}
