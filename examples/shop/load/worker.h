// One worker of the steady caller: its own connection, one call at a time.
#pragma once

#include <string>

#include "examples/shop/load/ledger.h"
#include "examples/shop/load/schedule.h"

namespace shop {

// Makes calls to the gateway at `url` as they fall due, until there are no more. Two of three ask
// for a user, the third for an order (which has a user in it).
void Work(const std::string& url, Schedule& schedule, Ledger& ledger);

}  // namespace shop
