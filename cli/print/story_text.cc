#include "cli/print/story_text.h"

#include "absl/strings/str_cat.h"
#include "cli/print/operations_text.h"
#include "cli/print/table.h"
#include "cli/print/times.h"
#include "cli/print/words.h"

namespace rollcall::cli {
namespace {

// " (ann)", or nothing.
std::string Aside(const std::string& actor) {
  return actor.empty() ? "" : absl::StrCat(" (", actor, ")");
}

// What happened, as the subject and verb of a sentence.
std::string Happening(const v1::Change& change) {
  const std::string by = change.actor().empty() ? "" : absl::StrCat(" by ", change.actor());
  switch (change.cause()) {
    case v1::CAUSE_REGISTERED:
      return absl::StrCat("It was registered", by);
    case v1::CAUSE_UPDATED:
      return absl::StrCat("It was registered again with other content", by);
    case v1::CAUSE_DEREGISTERED:
      return absl::StrCat("Its owner", Aside(change.actor()), " deregistered it");
    case v1::CAUSE_EXPIRED:
      return "Its session passed its deadline without a heartbeat";
    case v1::CAUSE_SUPERSEDED:
      return absl::StrCat("A newer process", Aside(change.actor()), " took its place");
    case v1::CAUSE_REMOVED:
      return absl::StrCat("An operator", Aside(change.actor()), " removed it");
    case v1::CAUSE_STREAM_BROKEN:
      return "Its session's stream broke without goodbye";
    case v1::CAUSE_BEAT_OVERDUE:
      return "Its session's heartbeat did not come in time";
    case v1::CAUSE_RENEWED:
      return "Its session came back";
    case v1::CAUSE_LEAVING:
      return "Its owner announced that it is stopping";
    case v1::CAUSE_OVERRIDE_SET:
      return absl::StrCat("An override was set", by);
    case v1::CAUSE_OVERRIDE_CLEARED:
      return absl::StrCat("Its override was cleared", by);
    case v1::CAUSE_OVERRIDE_EXPIRED:
      return "Its override reached its end";
    case v1::CAUSE_SESSION_UNKNOWN:
      return "Its session is not known any more";
    case v1::CAUSE_SPEC_CHANGED:
      return absl::StrCat("The service's specification was changed", by);
    default:
      return absl::StrCat("It changed", by);
  }
}

// The evidence of such a change is what the operator said, not what the registry saw.
bool GivenByOperator(v1::Cause cause) {
  return cause == v1::CAUSE_REMOVED || cause == v1::CAUSE_OVERRIDE_SET ||
         cause == v1::CAUSE_OVERRIDE_CLEARED || cause == v1::CAUSE_SPEC_CHANGED;
}

// What that did to its standing.
std::string Consequence(const v1::Change& change) {
  const std::string from = StandingWord(change.from());
  const std::string to = StandingWord(change.to());
  if (change.from() == change.to()) {
    return change.to() == v1::STANDING_UNSPECIFIED ? "" : absl::StrCat("; it stayed ", to);
  }
  if (change.to() == v1::STANDING_UNSPECIFIED) {
    const bool said =
        change.cause() == v1::CAUSE_DEREGISTERED || change.cause() == v1::CAUSE_REMOVED;
    return absl::StrCat(said ? "" : ", so it was removed", "; it had been ", from);
  }
  if (change.from() == v1::STANDING_UNSPECIFIED) return absl::StrCat("; it stood ", to);
  return absl::StrCat(": from ", from, " to ", to);
}

std::string NowSentence(const v1::InstanceKey& key, const v1::ExplainResponse& e,
                        const Look& look) {
  if (!e.has_instance()) return absl::StrCat("Now ", KeyText(key), " is not registered.");
  const v1::Instance& instance = e.instance();
  std::string text = absl::StrCat(
      "Now ", KeyText(key), " is ",
      Painted(StandingWord(instance.standing()), ColourOf(instance.standing()), look.colours));
  if (instance.last_change().has_time()) {
    const absl::Time then = ToTime(instance.last_change().time());
    absl::StrAppend(&text, " since ", DateText(then, look.zone), " (", AgoText(then, look.now),
                    ")");
  }
  return absl::StrCat(text, ", at ", EndpointsText(instance.spec()), " with weight ",
                      instance.effective_weight(), ".");
}

std::string SessionSentence(const v1::SessionInfo& session) {
  std::string text = absl::StrCat("Its session ", session.id().substr(0, 8));
  if (!session.client_name().empty()) absl::StrAppend(&text, " of ", session.client_name());
  if (!session.peer().empty()) absl::StrAppend(&text, " from ", session.peer());
  absl::StrAppend(&text, " is ", session.state(), session.connected() ? " and" : " and not",
                  " connected");
  if (session.has_since_beat()) {
    absl::StrAppend(&text, "; the last heartbeat came ", SpanText(ToSpan(session.since_beat())),
                    " ago");
  }
  if (session.has_ttl()) {
    absl::StrAppend(&text, "; it lives ", SpanText(ToSpan(session.ttl())), " without one");
  }
  return absl::StrCat(text, ".");
}

std::string UseSentence(const v1::ExplainResponse& e) {
  return absl::StrCat(e.served() ? "Callers are told to use it" : "Callers are not told to use it",
                      e.served_because().empty() ? "" : ": ", e.served_because(), ".");
}

}  // namespace

std::string ChangeSentence(const v1::Change& change) {
  std::string text = absl::StrCat(Happening(change), Consequence(change));
  if (change.evidence().empty()) return absl::StrCat(text, ".");
  // What an override is may stand there too.
  const char* const as = change.cause() == v1::CAUSE_OVERRIDE_SET ? ". Said: "
                         : GivenByOperator(change.cause())        ? ". Reason: "
                                                                  : ". Seen: ";
  return absl::StrCat(text, as, change.evidence(), ".");
}

std::string StoryText(const v1::InstanceKey& key, const v1::ExplainResponse& e, const Look& look) {
  std::string text;
  std::string day;
  for (const v1::Change& change : e.changes()) {
    const absl::Time time = ToTime(change.time());
    const std::string on = absl::FormatTime("%Y-%m-%d", time, look.zone);
    if (on != day) absl::StrAppend(&text, Painted(on, Colour::kBold, look.colours), "\n");
    day = on;
    absl::StrAppend(&text, ClockText(time, look.zone), "  ", ChangeSentence(change), "\n");
  }
  if (!text.empty()) absl::StrAppend(&text, "\n");
  absl::StrAppend(&text, NowSentence(key, e, look), "\n");
  if (e.has_instance()) absl::StrAppend(&text, UseSentence(e), "\n");
  if (e.has_override()) {
    absl::StrAppend(&text, "An override holds: ", OverridePhrase(e.override(), look), ".\n");
  }
  if (e.has_session()) absl::StrAppend(&text, SessionSentence(e.session()), "\n");
  if (e.has_brake()) absl::StrAppend(&text, BrakeLine(e.brake(), look), "\n");
  return text;
}

}  // namespace rollcall::cli
