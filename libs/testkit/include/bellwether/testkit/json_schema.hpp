#pragma once
// Validates a configuration document against a JSON Schema (draft 7) with valijson, as the second
// opinion beside our own readers: editors use the schema, programs use the readers, and tests see
// that the two agree.
#include <fstream>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <valijson/adapters/nlohmann_json_adapter.hpp>
#include <valijson/schema.hpp>
#include <valijson/schema_parser.hpp>
#include <valijson/validator.hpp>

#include "bellwether/config/document.hpp"

namespace bw::testkit {

inline nlohmann::json to_json(const config::Node& node) {
  using config::NodeKind;
  switch (node.kind) {
    case NodeKind::null: return nullptr;
    case NodeKind::boolean: return node.text == "true";
    case NodeKind::integer: return std::stoll(node.text);
    case NodeKind::real: {
      const std::size_t from = node.text.find('.') == 0 ? 1 : 0;  // YAML: .nan, .inf
      const bool word = node.text.find_first_of("nN") != std::string::npos;
      return std::stod(word ? node.text.substr(from) : node.text);
    }
    case NodeKind::text: return node.text;
    case NodeKind::list: {
      auto list = nlohmann::json::array();
      for (const auto& item : node.items) list.push_back(to_json(item));
      return list;
    }
    case NodeKind::map: {
      auto map = nlohmann::json::object();
      for (std::size_t i = 0; i < node.keys.size(); ++i) map[node.keys[i]] = to_json(node.items[i]);
      return map;
    }
  }
  return nullptr;
}

/// What the schema has against the document; nothing where it is valid.
inline std::optional<std::string> schema_error(const std::string& schema_path,
                                               const config::Node& root) {
  using Adapter = valijson::adapters::NlohmannJsonAdapter;
  std::ifstream in(schema_path);
  const nlohmann::json schema_json = nlohmann::json::parse(in);
  valijson::Schema schema;
  valijson::SchemaParser(valijson::SchemaParser::kDraft7)
      .populateSchema(Adapter(schema_json), schema);
  const nlohmann::json target = to_json(root);
  valijson::Validator validator;
  valijson::ValidationResults results;
  if (validator.validate(schema, Adapter(target), &results)) return std::nullopt;
  std::string text;
  for (valijson::ValidationResults::Error e; results.popError(e);) {
    for (const auto& part : e.context) text += part;
    text += ": " + e.description + "; ";
  }
  return text.empty() ? "invalid" : text;
}

}  // namespace bw::testkit
