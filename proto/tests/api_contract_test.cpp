// Every RPC of every service has its path, its policy and its words; resource-oriented methods look
// as AIP says. Reads api.binpb, so that a new proto is held to it without a change here.
#include <google/protobuf/descriptor.h>
#include <google/protobuf/descriptor.pb.h>

#include <algorithm>
#include <catch2/catch.hpp>
#include <cstdlib>
#include <fstream>
#include <set>
#include <string>

#include "bellwether/options/v1/options.pb.h"
#include "google/api/annotations.pb.h"

namespace pb = google::protobuf;
namespace options = bellwether::options::v1;

namespace {

class Api {
 public:
  Api() {
    const char* path = std::getenv("BELLWETHER_API");
    std::ifstream in(path != nullptr ? path : "build/dev/api.binpb", std::ios::binary);
    REQUIRE(in.good());
    REQUIRE(set_.ParseFromIstream(&in));
    for (const auto& file : set_.file()) REQUIRE(pool_.BuildFile(file) != nullptr);
  }
  [[nodiscard]] const pb::FileDescriptorSet& files() const { return set_; }
  [[nodiscard]] std::vector<const pb::MethodDescriptor*> methods() const {
    std::vector<const pb::MethodDescriptor*> all;
    for (const auto& file : set_.file()) {
      const auto* f = pool_.FindFileByName(file.name());
      for (int s = 0; s < f->service_count(); ++s) {
        for (int m = 0; m < f->service(s)->method_count(); ++m)
          all.push_back(f->service(s)->method(m));
      }
    }
    return all;
  }
  [[nodiscard]] std::vector<const pb::FileDescriptor*> own() const {
    std::vector<const pb::FileDescriptor*> all;
    for (const auto& file : set_.file()) {
      if (file.name().rfind("bellwether/", 0) == 0)
        all.push_back(pool_.FindFileByName(file.name()));
    }
    return all;
  }

 private:
  pb::FileDescriptorSet set_;
  pb::DescriptorPool pool_;
};

// The options of a method in api.binpb belong to that pool: read again by the compiled extensions.
pb::MethodOptions options_of(const pb::MethodDescriptor& m) {
  pb::MethodOptions o;
  REQUIRE(o.ParseFromString(m.options().SerializeAsString()));
  return o;
}

struct Route {
  std::string verb;
  std::string path;
  std::string body;
};

Route route_of(const pb::MethodDescriptor& m) {
  const google::api::HttpRule http = options_of(m).GetExtension(google::api::http);
  using Rule = google::api::HttpRule;
  switch (http.pattern_case()) {
    case Rule::kGet:
      return {"get", http.get(), http.body()};
    case Rule::kPost:
      return {"post", http.post(), http.body()};
    case Rule::kPatch:
      return {"patch", http.patch(), http.body()};
    case Rule::kDelete:
      return {"delete", http.delete_(), http.body()};
    default:
      return {};
  }
}

const pb::FieldDescriptor* field_at(const pb::Descriptor* message, const std::string& path) {
  const pb::FieldDescriptor* field = nullptr;
  for (std::size_t from = 0; from <= path.size();) {
    const std::size_t dot = std::min(path.find('.', from), path.size());
    if (message == nullptr) return nullptr;
    field = message->FindFieldByName(path.substr(from, dot - from));
    if (field == nullptr) return nullptr;
    message = field->message_type();
    from = dot + 1;
  }
  return field;
}

bool is_string(const pb::FieldDescriptor* f) {
  return f != nullptr && !f->is_repeated() && f->type() == pb::FieldDescriptor::TYPE_STRING;
}

std::string first_word(const std::string& camel) {
  const auto end =
      std::find_if(camel.begin() + 1, camel.end(), [](char c) { return c >= 'A' && c <= 'Z'; });
  std::string word(camel.begin(), end);
  if (word[0] >= 'A' && word[0] <= 'Z') word[0] = static_cast<char>(word[0] - 'A' + 'a');
  return word;
}

void check_commented(const pb::SourceLocation& at, bool found, const std::string& name) {
  INFO(name << " has no comment");
  CHECK((found && at.leading_comments.size() > 3));
}

template <class D>
void check_comment(const D* d, const std::string& name) {
  pb::SourceLocation at;
  const bool found = d->GetSourceLocation(&at);
  check_commented(at, found, name);
}

void check_enum_comments(const pb::EnumDescriptor* e) {
  check_comment(e, e->full_name());
  for (int i = 0; i < e->value_count(); ++i) check_comment(e->value(i), e->value(i)->full_name());
}

void check_message_comments(const pb::Descriptor* m) {
  check_comment(m, m->full_name());
  for (int i = 0; i < m->field_count(); ++i) check_comment(m->field(i), m->field(i)->full_name());
  for (int i = 0; i < m->oneof_decl_count(); ++i)
    check_comment(m->oneof_decl(i), m->oneof_decl(i)->full_name());
  for (int i = 0; i < m->nested_type_count(); ++i) check_message_comments(m->nested_type(i));
  for (int i = 0; i < m->enum_type_count(); ++i) check_enum_comments(m->enum_type(i));
}

}  // namespace

TEST_CASE("every service of the suite has an API") {
  Api api;
  std::set<std::string> services;
  for (const auto* m : api.methods()) services.insert(m->service()->full_name());
  std::set<std::string> expected;
  for (const char* s : {"Ingestion", "Analytics", "Inference", "Confluence", "Broker", "Portfolio",
                        "Alert", "Identity", "Gateway"}) {
    expected.insert(std::string("bellwether.api.v1.") + s + "Service");
  }
  CHECK(services == expected);
}

TEST_CASE("every method has role, plan, cost and an ownership rule that its request can answer") {
  Api api;
  for (const auto* m : api.methods()) {
    INFO(m->full_name());
    const auto o = options_of(*m);
    REQUIRE(o.HasExtension(options::policy));
    const auto& policy = o.GetExtension(options::policy);
    CHECK(policy.role() != options::ROLE_UNSPECIFIED);
    CHECK(policy.plan() != options::PLAN_UNSPECIFIED);
    CHECK(policy.cost() >= 1);
    CHECK(policy.cost() <= 100);
    const auto object = policy.ownership().object();
    CHECK(object != options::OWNED_OBJECT_UNSPECIFIED);
    const bool names_one =
        object != options::OWNED_OBJECT_PUBLIC && object != options::OWNED_OBJECT_CALLER;
    CHECK(policy.ownership().field().empty() == !names_one);
    if (names_one) CHECK(is_string(field_at(m->input_type(), policy.ownership().field())));
    if (policy.role() == options::ROLE_ANYONE) CHECK(object == options::OWNED_OBJECT_PUBLIC);
  }
}

TEST_CASE("every unary method has a path of its own under /api/v1") {
  Api api;
  std::set<std::string> seen;
  for (const auto* m : api.methods()) {
    if (m->client_streaming() || m->server_streaming()) continue;
    INFO(m->full_name());
    const Route r = route_of(*m);
    REQUIRE_FALSE(r.verb.empty());
    CHECK(r.path.rfind("/api/v1/", 0) == 0);
    CHECK(seen.insert(r.verb + " " + r.path.substr(0, r.path.find('{')) +
                      r.path.substr(std::min(r.path.find('='), r.path.size())))
              .second);
    if (const auto open = r.path.find('{'); open != std::string::npos) {
      const auto variable = r.path.substr(open + 1, r.path.find_first_of("=}", open) - open - 1);
      CHECK(is_string(field_at(m->input_type(), variable)));
    }
    if (r.verb == "get" || r.verb == "delete") {
      CHECK(r.body.empty());
    } else {
      CHECK((r.body == "*" || field_at(m->input_type(), r.body) != nullptr));
    }
  }
  CHECK(seen.size() > 100);
}

TEST_CASE("standard methods are by AIP-131 to 135, custom verbs by AIP-136") {
  Api api;
  for (const auto* m : api.methods()) {
    if (m->server_streaming()) continue;
    INFO(m->full_name());
    const Route r = route_of(*m);
    const std::string word = first_word(m->name());
    const auto colon = r.path.rfind(':');
    if (colon != std::string::npos) {
      CHECK(first_word(r.path.substr(colon + 1)) == word);
      CHECK((r.verb == "post" || word == "explain"));
    } else if (word == "get" || word == "list") {
      CHECK(r.verb == "get");
    } else if (word == "create") {
      CHECK(r.verb == "post");
      CHECK(m->output_type()->name() == m->name().substr(6));
    } else if (word == "update") {
      CHECK(r.verb == "patch");
      CHECK(m->output_type()->name() == m->name().substr(6));
      const auto* mask = field_at(m->input_type(), "update_mask");
      REQUIRE(mask != nullptr);
      CHECK(mask->message_type()->full_name() == "google.protobuf.FieldMask");
    } else if (word == "delete") {
      CHECK(r.verb == "delete");
      CHECK(m->output_type()->full_name() == "google.protobuf.Empty");
    } else {
      FAIL_CHECK("a method that is no standard one needs a custom verb");
    }
    if (word == "get") CHECK(m->output_type()->name() == m->name().substr(3));
  }
}

TEST_CASE("what changes something carries a request_id (AIP-155), what lists has pages (AIP-158)") {
  Api api;
  for (const auto* m : api.methods()) {
    if (m->server_streaming()) continue;
    INFO(m->full_name());
    const std::string word = first_word(m->name());
    const bool reads = route_of(*m).verb == "get" || word == "validate" || word == "test";
    CHECK(is_string(field_at(m->input_type(), "request_id")) == !reads);
    if (word != "list") continue;
    const auto* size = field_at(m->input_type(), "page_size");
    REQUIRE(size != nullptr);
    CHECK(size->type() == pb::FieldDescriptor::TYPE_INT32);
    CHECK(is_string(field_at(m->input_type(), "page_token")));
    CHECK(is_string(field_at(m->output_type(), "next_page_token")));
    int repeated = 0;
    for (int i = 0; i < m->output_type()->field_count(); ++i)
      repeated += m->output_type()->field(i)->is_repeated();
    CHECK(repeated == 1);
  }
}

TEST_CASE("money, prices and quantities are never floating point") {
  Api api;
  for (const auto* file : api.own()) {
    for (int i = 0; i < file->message_type_count(); ++i) {
      const auto* m = file->message_type(i);
      for (int k = 0; k < m->field_count(); ++k) {
        const auto* f = m->field(k);
        if (f->cpp_type() != pb::FieldDescriptor::CPPTYPE_DOUBLE &&
            f->cpp_type() != pb::FieldDescriptor::CPPTYPE_FLOAT) {
          continue;
        }
        for (const char* money :
             {"price", "cash", "quantity", "fee", "amount", "cost", "equity", "_size"}) {
          INFO(f->full_name());
          CHECK(f->name().find(money) == std::string::npos);
        }
      }
    }
  }
}

TEST_CASE("every message, field, enum value, service and method has a comment") {
  Api api;
  std::size_t messages = 0;
  for (const auto* file : api.own()) {
    for (int i = 0; i < file->message_type_count(); ++i, ++messages)
      check_message_comments(file->message_type(i));
    for (int i = 0; i < file->enum_type_count(); ++i) check_enum_comments(file->enum_type(i));
    for (int i = 0; i < file->extension_count(); ++i)
      check_comment(file->extension(i), file->extension(i)->full_name());
    for (int i = 0; i < file->service_count(); ++i)
      check_comment(file->service(i), file->service(i)->full_name());
  }
  for (const auto* m : api.methods()) check_comment(m, m->full_name());
  CHECK(messages > 200);
}
