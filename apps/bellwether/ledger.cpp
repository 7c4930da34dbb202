#include "ledger.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <csignal>
#include <fstream>
#include <nlohmann/json.hpp>
#include <pqxx/pqxx>

#include "bellwether/config/document.hpp"
#include "bellwether/config/layers.hpp"

namespace bw::app {

namespace {

namespace fs = std::filesystem;

constexpr const char* kNote = "run.json";

/// A URI or libpq's "key=value …" without what is secret in it; readers use PGPASSWORD or .pgpass.
std::string without_password(std::string uri) {
  if (const auto scheme = uri.find("://"); scheme != std::string::npos) {
    const auto begin = scheme + 3;
    const auto end = std::min(uri.find_first_of("/?", begin), uri.size());
    const auto at = uri.rfind('@', end);
    const auto colon = uri.find(':', begin);
    if (at != std::string::npos && at > begin && colon < at) uri.erase(colon, at - colon);
  }
  for (const std::string key : {"password", "sslpassword"}) {
    for (std::size_t at = 0; (at = uri.find(key, at)) != std::string::npos;) {
      const auto equals = uri.find_first_not_of(' ', at + key.size());
      if ((at > 0 && std::string_view("?& ").find(uri[at - 1]) == std::string_view::npos) ||
          equals == std::string::npos || uri[equals] != '=') {
        at += key.size();
        continue;
      }
      const auto value = std::min(uri.find_first_not_of(' ', equals + 1), uri.size());
      const bool is_quoted = value < uri.size() && uri[value] == '\'';
      auto end = is_quoted ? value + 1 : value;
      while (end < uri.size() &&
             (is_quoted ? uri[end] != '\'' : uri[end] != '&' && uri[end] != ' ')) {
        end += uri[end] == '\\' ? 2U : 1U;
      }
      uri.erase(at, std::min(end + 1, uri.size()) - at);
    }
  }
  return uri;
}

}  // namespace

FeedName feed_name(const service::Inputs& inputs) {
  if (inputs.feed.empty()) {
    const std::string seed = std::to_string(inputs.seed);
    return {"simulator_" + seed, "SIMULATED market, seed " + seed};
  }
  std::string all;
  std::string text;
  for (const auto& path : inputs.feed) {
    std::error_code ignored;
    const fs::path whole = fs::weakly_canonical(path, ignored);
    all += whole.string() + "\n";
    text += (text.empty() ? "" : ", ") + whole.filename().string();
  }
  return {"feed_" + config::sha256_hex(all).substr(0, 12), text};
}

std::string run_identity(const service::Inputs& inputs) {
  std::vector<fs::path> documents{inputs.instruments.empty()
                                      ? inputs.home / "deploy/config/instruments.yaml"
                                      : inputs.instruments};
  if (!inputs.accounts.empty()) documents.push_back(inputs.accounts);
  std::vector<fs::path> folders = inputs.strategies;
  if (folders.empty()) folders.push_back(inputs.home / "services/confluence/strategies");
  for (const char* service : {"ingestion", "analytics", "confluence", "broker", "portfolio"}) {
    documents.push_back(inputs.home / "services" / service / "config.yaml");
  }
  for (const auto& folder : folders) {
    std::error_code ignored;
    if (!fs::is_directory(folder, ignored)) {
      documents.push_back(folder);
      continue;
    }
    std::vector<fs::path> inside;
    for (const auto& entry : fs::directory_iterator(folder, ignored))
      inside.push_back(entry.path());
    std::sort(inside.begin(), inside.end());
    documents.insert(documents.end(), inside.begin(), inside.end());
  }
  std::string all;
  for (const auto& path : documents) {
    std::ifstream in(path, std::ios::binary);
    const std::string text{std::istreambuf_iterator<char>(in), {}};
    all += config::sha256_hex(text);
  }
  for (const auto& setting : inputs.settings) all += "|" + setting;
  for (const auto& [name, value] : config::environment()) {
    for (const char* service : {"INGESTION", "ANALYTICS", "CONFLUENCE", "BROKER", "PORTFOLIO"}) {
      if (name.starts_with(std::string("BELLWETHER_") + service + "_"))
        all += "|" + name + "=" + value;
    }
  }
  return "bellwether 0.1 configuration " + config::sha256_hex(all).substr(0, 12);
}

Result<LedgerNote> read_note(const fs::path& folder) {
  std::ifstream in(folder / kNote);
  if (!in) {
    return fail(
        ErrorCode::not_found, "nothing has run here yet", folder.string(),
        "start `bellwether run`, or name another folder with --data or a database with --database");
  }
  const auto j = nlohmann::json::parse(in, nullptr, false);
  if (!j.is_object()) {
    return fail(ErrorCode::data_loss, "is no JSON object", (folder / kNote).string(),
                "start `bellwether run` again: it writes the file anew");
  }
  const auto text = [&j](const char* key) {
    const auto it = j.find(key);
    return it != j.end() && it->is_string() ? it->get<std::string>() : std::string();
  };
  LedgerNote note{text("database"), text("uri"), text("feed"), 0};
  if (const auto it = j.find("process"); it != j.end() && it->is_number_integer())
    note.process = it->get<long>();
  return note;
}

Result<void> write_note(const fs::path& folder, const LedgerNote& note) {
  const nlohmann::ordered_json j{{"database", note.database},
                                 {"uri", without_password(note.uri)},
                                 {"feed", note.feed},
                                 {"process", note.process}};
  // Written beside and renamed: a reader never sees half of it.
  const fs::path fresh = folder / (std::string(kNote) + ".new");
  std::error_code error;
  fs::remove(fresh, error);
  const int file = ::open(fresh.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
  if (file >= 0) ::close(file);
  std::ofstream out(fresh);
  out << j.dump(2, ' ', false, nlohmann::ordered_json::error_handler_t::replace) << '\n';
  out.close();
  if (out) fs::rename(fresh, folder / kNote, error);
  if (!out || error) {
    return fail(ErrorCode::resource_exhausted, "cannot be written", (folder / kNote).string(),
                "free some space, or name a folder that can be written with --data");
  }
  return {};
}

bool is_running(const LedgerNote& note) {
  if (note.process <= 0 || ::kill(static_cast<pid_t>(note.process), 0) != 0) return false;
  // The number may be another program's by now.
  std::error_code error;
  const fs::path program =
      fs::read_symlink("/proc/" + std::to_string(note.process) + "/exe", error);
  return error || program.filename().string().starts_with("bellwether");
}

Result<void> recreate_database(const std::string& uri, const std::string& database) {
  std::string server = uri;
  const std::string path = "/" + database + "?";
  if (const auto at = server.find(path); at != std::string::npos)
    server.replace(at, path.size(), "/postgres?");
  try {
    pqxx::connection connection(server);
    pqxx::nontransaction tx(connection);
    tx.exec("DROP DATABASE IF EXISTS " + tx.quote_name(database) + " WITH (FORCE)");
    tx.exec("CREATE DATABASE " + tx.quote_name(database));
  } catch (const std::exception& e) {
    return fail(ErrorCode::unavailable, e.what(), "PostgreSQL");
  }
  return {};
}

Result<Ledger> Ledger::open(const fs::path& folder, const std::string& uri) {
  Ledger ledger;
  if (!uri.empty()) {
    ledger.uri_ = uri;
    return ledger;
  }
  auto note = read_note(folder);
  if (!note) return tl::unexpected(note.error());
  ledger.note_ = *note;
  ledger.uri_ = note->uri;
  if (is_running(*note)) return ledger;
  servers::PrivatePostgres::Options options;
  options.folder = folder / "postgres";
  options.database = note->database;
  auto server = servers::PrivatePostgres::start(options);
  if (!server) return tl::unexpected(server.error());
  ledger.server_ = std::move(*server);
  ledger.uri_ = ledger.server_->uri();
  return ledger;
}

}  // namespace bw::app
