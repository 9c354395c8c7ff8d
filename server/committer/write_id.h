// Whether a stored record was written by a given transaction. Pure.
#pragma once

#include <string>

namespace rollcall::committer {

// False for a record of an unknown kind or that does not parse.
bool CarriesWriteId(const std::string& key, const std::string& value, const std::string& write_id);

}  // namespace rollcall::committer
