// How session secrets are kept: as their SHA-256 only.
#pragma once

#include <string>

namespace rollcall::command {

std::string HashSecret(const std::string& secret);
// In time that does not depend on where they differ.
bool SecretMatches(const std::string& secret, const std::string& hash);

}  // namespace rollcall::command
