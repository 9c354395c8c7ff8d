// Texts made from the table of options: help, docs/config.md and deploy/rollcalld.yaml.
#pragma once

#include <string>

namespace rollcall::config {

// "0.1.0".
std::string Version();
// For --help.
std::string HelpText();
// docs/config.md.
std::string ConfigPage();
// deploy/rollcalld.yaml: every option with its default, commented out.
std::string ReferenceFile();

}  // namespace rollcall::config
