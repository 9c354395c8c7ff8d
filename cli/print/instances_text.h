// Instances and services as text for people.
//
// Pure.
#pragma once

#include <string>

#include "cli/print/look.h"
#include "google/protobuf/repeated_ptr_field.h"
#include "rollcall/v1/discovery.pb.h"
#include "rollcall/v1/operations.pb.h"

namespace rollcall::cli {

using Instances = google::protobuf::RepeatedPtrField<v1::Instance>;

// One line each, with titles.
std::string InstancesText(const Instances& instances, const Look& look);
// Everything about one, as names and values.
std::string InstanceText(const v1::Instance& instance, const Look& look);
// What callers get, and why others than passing ones are among it.
std::string ResolvedText(const v1::ResolveResponse& resolved, const Look& look);
// Services with their counts by standing; the namespace only if there are several.
std::string ServicesText(const v1::ListServicesResponse& services, const Look& look);

}  // namespace rollcall::cli
