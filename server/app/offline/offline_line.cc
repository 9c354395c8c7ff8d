#include "server/app/offline/offline_line.h"

#include <algorithm>
#include <utility>
#include <variant>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "client-sdk/base/status_macros.h"
#include "server/app/config/options.h"

namespace rollcall::app {
namespace {

constexpr char kRestoreHelp[] =
    "rollcalld restore: makes a store of a backup file.\n\n"
    "usage: rollcalld restore FILE --data DIR [--force]\n"
    "       rollcalld restore FILE --etcd URL[,URL…] [--etcd-prefix PREFIX] [--force]\n\n"
    "The new store has an id of its own: clients take everything anew, sessions keep their ids "
    "and\n"
    "secrets and get their full time. The file is checked before anything is written.\n\n"
    "--data DIR    the data directory of a node that does not run. A store in it is refused;\n"
    "              with --force it is moved aside, to DIR/store.before-TIME\n"
    "--etcd URLS   a cluster's store. A prefix in use is refused; with --force all under it goes,\n"
    "              and nodes that run on it start afresh by themselves. A restore that broke off\n"
    "              keeps nodes from starting until it is done again, with --force\n\n"
    "All options of rollcalld are understood, --config FILE too; see rollcalld --help.\n";

constexpr char kMigrateHelp[] =
    "rollcalld migrate: takes a node's embedded store over into an etcd cluster.\n\n"
    "usage: rollcalld migrate --from embedded --data DIR --to etcd --etcd URL[,URL…] [--force]\n\n"
    "Stop the node first. Its data directory is read and kept as it is. The prefix in etcd has to\n"
    "be empty; with --force what is there goes. What was written is read back and compared. Then\n"
    "start nodes with --store etcd, also on the same --data: clients open their sessions there "
    "again.\n\n"
    "All options of rollcalld are understood, --config FILE too; see rollcalld --help.\n";

constexpr int kWrongUse = 2;

// The words that are for here, and those that are the server's options.
struct Words {
  std::vector<std::string> files;
  bool force = false;
  bool help = false;
  std::string from;
  std::string to;
  std::vector<std::string> options;

  bool Has(absl::string_view option) const {
    return std::any_of(options.begin(), options.end(), [&](absl::string_view word) {
      return word == option || absl::StartsWith(word, absl::StrCat(option, "="));
    });
  }
};

bool TakesValue(absl::string_view flag) {
  absl::ConsumePrefix(&flag, "--");
  if (flag == "config" || flag == "set") return true;
  const config::Option* option = config::FindOption(flag);
  return option != nullptr && !std::holds_alternative<bool config::Config::*>(option->member);
}

// The value of `--from X` and `--from=X`; moves `at` to it.
absl::StatusOr<std::string> ValueOf(const std::vector<std::string>& arguments, size_t& at) {
  const std::string& word = arguments[at];
  if (const size_t equals = word.find('='); equals != std::string::npos) {
    return word.substr(equals + 1);
  }
  if (++at == arguments.size()) return absl::InvalidArgumentError(word + " needs a value");
  return arguments[at];
}

absl::StatusOr<Words> Sort(const std::vector<std::string>& arguments) {
  Words words;
  for (size_t at = 1; at < arguments.size(); ++at) {
    const std::string& word = arguments[at];
    const std::string name = word.substr(0, word.find('='));
    if (word == "--force") {
      words.force = true;
    } else if (word == "--help" || word == "-h") {
      words.help = true;
    } else if (name == "--from" || name == "--to") {
      ASSIGN_OR_RETURN((name == "--from" ? words.from : words.to), ValueOf(arguments, at));
    } else if (!absl::StartsWith(word, "--")) {
      words.files.push_back(word);
    } else {
      words.options.push_back(word);
      const bool more = name == word && TakesValue(name) && at + 1 < arguments.size();
      if (more) words.options.push_back(arguments[++at]);
    }
  }
  return words;
}

absl::Status CheckRestore(Words& words) {
  if (words.files.size() != 1) {
    return absl::InvalidArgumentError("restore needs one FILE, made by 'rollcall backup'");
  }
  if (!words.from.empty() || !words.to.empty()) {
    return absl::InvalidArgumentError("--from and --to are for migrate");
  }
  if (words.Has("--store")) return absl::OkStatus();
  // What is named on the command line is meant, whatever the node's own configuration says.
  if (words.Has("--data") && words.Has("--etcd")) {
    return absl::InvalidArgumentError("name one place to restore into, --data DIR or --etcd URLS");
  }
  if (words.Has("--data")) words.options.push_back("--store=embedded");
  if (words.Has("--etcd")) words.options.push_back("--store=etcd");
  return absl::OkStatus();
}

absl::Status CheckMigrate(Words& words) {
  if (!words.files.empty()) {
    return absl::InvalidArgumentError(absl::StrCat("unexpected \"", words.files.front(), "\""));
  }
  if (words.from != "embedded" || words.to != "etcd") {
    return absl::InvalidArgumentError(
        "migrate goes --from embedded --to etcd; for any other way make a backup of a running "
        "node and restore that");
  }
  words.options.push_back("--store=etcd");
  return absl::OkStatus();
}

// A default would be the directory that happens to be current.
absl::Status CheckDataIsNamed(const config::CommandLine& line, OfflineLine::Verb verb) {
  if (verb == OfflineLine::Verb::kRestore && line.config.cluster()) return absl::OkStatus();
  const bool named =
      std::any_of(line.effective.begin(), line.effective.end(), [](const auto& effective) {
        return absl::string_view(effective.option->name) == "data" && effective.origin != "default";
      });
  if (named) return absl::OkStatus();
  return absl::InvalidArgumentError(
      verb == OfflineLine::Verb::kRestore
          ? "name the place to restore into: --data DIR or --etcd URLS"
          : "name the store to migrate: --data DIR");
}

absl::StatusOr<OfflineLine> Read(const std::vector<std::string>& arguments,
                                 const config::Environment& environment) {
  OfflineLine line;
  const bool restore = arguments.front() == "restore";
  line.verb = restore ? OfflineLine::Verb::kRestore : OfflineLine::Verb::kMigrate;
  ASSIGN_OR_RETURN(Words words, Sort(arguments));
  if (words.help) {
    line.answer = config::Answer{0, restore ? kRestoreHelp : kMigrateHelp, ""};
    return line;
  }
  RETURN_IF_ERROR(restore ? CheckRestore(words) : CheckMigrate(words));
  config::CommandLine options = config::ReadCommandLine(std::move(words.options), environment);
  if (options.answer) {
    line.answer = std::move(options.answer);
    return line;
  }
  RETURN_IF_ERROR(CheckDataIsNamed(options, line.verb));
  if (restore) line.file = words.files.front();
  line.force = words.force;
  line.config = std::move(options.config);
  return line;
}

}  // namespace

bool IsOffline(const std::vector<std::string>& arguments) {
  return !arguments.empty() && (arguments.front() == "restore" || arguments.front() == "migrate");
}

OfflineLine ReadOfflineLine(const std::vector<std::string>& arguments,
                            const config::Environment& environment) {
  absl::StatusOr<OfflineLine> line = Read(arguments, environment);
  if (line.ok()) return *std::move(line);
  OfflineLine wrong;
  wrong.answer = config::Answer{kWrongUse, "",
                                absl::StrCat("rollcalld: ", line.status().message(),
                                             "; see rollcalld ", arguments.front(), " --help\n")};
  return wrong;
}

}  // namespace rollcall::app
