// rollcall completion bash|zsh|fish
//
// The scripts are made from the command's own description, so they cannot fall behind it.
#include <map>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_replace.h"
#include "cli/verbs/verb.h"

namespace rollcall::cli {
namespace {

// What may follow a path of verbs ("", "/drain", "/override/set").
using Words = std::map<std::string, std::vector<std::string>>;

std::vector<std::string> OptionsOf(const CLI::App& app) {
  std::vector<std::string> words;
  for (const CLI::Option* option : app.get_options()) {
    for (const std::string& name : option->get_lnames()) words.push_back(absl::StrCat("--", name));
    for (const std::string& name : option->get_snames()) words.push_back(absl::StrCat("-", name));
  }
  return words;
}

std::vector<const CLI::App*> VerbsOf(const CLI::App& app) {
  return app.get_subcommands([](const CLI::App*) { return true; });
}

void Collect(const CLI::App& app, const std::string& path, const std::vector<std::string>& global,
             Words& words) {
  std::vector<std::string>& mine = words[path];
  for (const CLI::App* verb : VerbsOf(app)) {
    mine.push_back(verb->get_name());
    Collect(*verb, absl::StrCat(path, "/", verb->get_name()), global, words);
  }
  if (path == "/completion") mine.insert(mine.end(), {"bash", "zsh", "fish"});
  for (const std::string& option : OptionsOf(app)) mine.push_back(option);
  if (!path.empty()) mine.insert(mine.end(), global.begin(), global.end());
}

// Shell code, common to bash and zsh, that sets `candidates` from the words before the cursor.
std::string Candidates(const CLI::App& program, const char* words_before) {
  Words words;
  std::vector<std::string> global;
  for (const std::string& option : OptionsOf(program)) {
    if (option != "--help" && option != "-h" && option != "--version") global.push_back(option);
  }
  Collect(program, "", global, words);
  std::vector<std::string> paths;
  std::string cases;
  for (const auto& [path, candidates] : words) {
    if (!path.empty()) paths.push_back(path);
    absl::StrAppend(&cases, "    '", path, "') candidates='", absl::StrJoin(candidates, " "),
                    "' ;;\n");
  }
  return absl::StrCat("  for word in ", words_before, "; do\n    case \"$verbs/$word\" in\n      ",
                      absl::StrJoin(paths, "|"),
                      ") verbs=\"$verbs/$word\" ;;\n    esac\n  done\n  case \"$verbs\" in\n",
                      cases, "  esac\n");
}

std::string BashScript(const CLI::App& program) {
  return absl::StrCat(
      "# bash completion for rollcall\n"
      "_rollcall() {\n"
      "  local word verbs='' candidates='' cur=\"${COMP_WORDS[COMP_CWORD]}\"\n"
      "  case \"${COMP_WORDS[COMP_CWORD-1]}\" in\n"
      "    -o|--output) COMPREPLY=($(compgen -W 'table wide json yaml' -- \"$cur\")); return ;;\n"
      "  esac\n",
      Candidates(program, "\"${COMP_WORDS[@]:1:COMP_CWORD-1}\""),
      "  COMPREPLY=($(compgen -W \"$candidates\" -- \"$cur\"))\n"
      "}\n"
      "complete -o default -F _rollcall rollcall\n");
}

std::string ZshScript(const CLI::App& program) {
  return absl::StrCat(
      "#compdef rollcall\n"
      "_rollcall() {\n"
      "  local word verbs='' candidates=''\n"
      "  case \"${words[CURRENT-1]}\" in\n"
      "    -o|--output) compadd -- table wide json yaml; return ;;\n"
      "  esac\n",
      Candidates(program, "\"${(@)words[2,CURRENT-1]}\""),
      "  compadd -- ${=candidates}\n"
      "}\n"
      "if [ \"$funcstack[1]\" = _rollcall ]; then _rollcall \"$@\"; else compdef _rollcall "
      "rollcall; fi\n");
}

std::string Quoted(const std::string& text) {
  return absl::StrCat("'", absl::StrReplaceAll(text, {{"\\", "\\\\"}, {"'", "\\'"}}), "'");
}

void FishLines(const CLI::App& app, const std::string& condition, std::string& script) {
  const std::string start = absl::StrCat("complete -c rollcall -n ", Quoted(condition));
  std::vector<std::string> names;
  for (const CLI::App* verb : VerbsOf(app)) names.push_back(verb->get_name());
  for (const CLI::App* verb : VerbsOf(app)) {
    const std::string here = app.get_parent() == nullptr
                                 ? std::string("__fish_use_subcommand")
                                 : absl::StrCat(condition, "; and not __fish_seen_subcommand_from ",
                                                absl::StrJoin(names, " "));
    absl::StrAppend(&script, "complete -c rollcall -f -n ", Quoted(here), " -a ", verb->get_name(),
                    " -d ", Quoted(verb->get_description()), "\n");
    const std::string within =
        absl::StrCat(app.get_parent() == nullptr ? "" : absl::StrCat(condition, "; and "),
                     "__fish_seen_subcommand_from ", verb->get_name());
    FishLines(*verb, within, script);
  }
  for (const CLI::Option* option : app.get_options()) {
    if (option->get_positional()) continue;
    // Options of the program itself are accepted everywhere.
    absl::StrAppend(&script, app.get_parent() == nullptr ? "complete -c rollcall" : start);
    for (const std::string& name : option->get_snames()) absl::StrAppend(&script, " -s ", name);
    for (const std::string& name : option->get_lnames()) absl::StrAppend(&script, " -l ", name);
    // Its value may be a file: the last word is completed as one unless told otherwise.
    absl::StrAppend(&script, option->get_items_expected_max() > 0 ? " -r" : "", " -d ",
                    Quoted(option->get_description()), "\n");
  }
}

std::string FishScript(const CLI::App& program) {
  std::string script = "# fish completion for rollcall\n";
  FishLines(program, "", script);
  absl::StrAppend(&script, "complete -c rollcall -s o -x -a 'table wide json yaml'\n",
                  "complete -c rollcall -f -n '__fish_seen_subcommand_from completion' ",
                  "-a 'bash zsh fish'\n");
  return script;
}

absl::StatusOr<ExitCode> RunCompletion(const std::string& shell, Context& context) {
  if (shell == "bash") {
    context.printer.Say(BashScript(context.program));
  } else if (shell == "zsh") {
    context.printer.Say(ZshScript(context.program));
  } else if (shell == "fish") {
    context.printer.Say(FishScript(context.program));
  } else {
    return absl::InvalidArgumentError(
        absl::StrCat("no completion for \"", shell, "\"; there is bash, zsh and fish"));
  }
  return ExitCode::kDone;
}

}  // namespace

Action ConfigureCompletion(CLI::App& app) {
  auto shell = std::make_shared<std::string>();
  app.add_option("SHELL", *shell, "bash, zsh or fish")->required();
  return [shell](Context& context) { return RunCompletion(*shell, context); };
}

}  // namespace rollcall::cli
