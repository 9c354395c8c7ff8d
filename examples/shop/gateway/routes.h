// The gateway's HTTP side.
#pragma once

#include "examples/shop/gateway/gateway.h"
#include "httplib.h"

namespace shop {

// GET /user/<id>, /order/<id> and /stats; the gateway must outlive the server. Errors are JSON:
// 404 unknown, 503 nobody to ask, 504 nobody answered in time, 502 anything else.
void AddRoutes(Gateway& gateway, httplib::Server& server);

}  // namespace shop
