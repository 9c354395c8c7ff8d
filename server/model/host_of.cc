#include "server/model/host_of.h"

namespace rollcall {

absl::string_view HostOf(absl::string_view address) {
  const size_t colon = address.rfind(':');
  if (colon == absl::string_view::npos || colon + 1 == address.size()) return address;
  const absl::string_view port = address.substr(colon + 1);
  if (port.find_first_not_of("0123456789") != absl::string_view::npos) return address;
  return address.substr(0, colon);
}

}  // namespace rollcall
