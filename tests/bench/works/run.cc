#include "tests/bench/works/run.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"

namespace rollcall::bench {

void Recorder::Record(const Figure& figure, double value) const {
  if (result_ != nullptr) result_->Record(side_, figure, value);
}

void Recorder::Latencies(const Histogram& latencies, const std::string& what) const {
  if (result_ == nullptr || latencies.count() == 0) return;
  result_->latencies[what.empty() ? side_ : absl::StrCat(side_, ", ", what)].Merge(latencies);
}

void Recorder::Note(const std::string& note) const {
  if (result_ == nullptr) return;
  const std::string text = absl::StrCat(side_, ": ", note);
  std::vector<std::string>& notes = result_->notes;
  if (std::find(notes.begin(), notes.end(), text) == notes.end()) notes.push_back(text);
}

void Run::Alternate(const std::function<Turn(Side&)>& prepare, int repetitions, bool warm_up) {
  std::vector<Contestant> contestants;
  for (const SideMaker& maker : sides_) Prepare(maker, prepare, contestants);
  Measure(contestants, repetitions, warm_up);
}

void Run::OneByOne(const std::function<Turn(Side&)>& prepare) {
  for (const SideMaker& maker : sides_) {
    std::vector<Contestant> alone;
    Prepare(maker, prepare, alone);
    Measure(alone);
  }
}

void Run::Prepare(const SideMaker& maker, const std::function<Turn(Side&)>& prepare,
                  std::vector<Contestant>& contestants) {
  std::unique_ptr<Side> side = maker.make(loop_);
  Turn turn = prepare(*side);
  if (turn == nullptr) return;
  const std::string column = side->name();
  contestants.push_back({column, std::move(side), std::move(turn)});
}

std::unique_ptr<Side> Run::Make(const std::string& name) {
  for (const SideMaker& maker : sides_) {
    if (maker.name == name) return maker.make(loop_);
  }
  return nullptr;
}

void Run::Measure(std::vector<Contestant>& contestants, int repetitions, bool warm_up) {
  if (warm_up) {
    for (Contestant& contestant : contestants) {
      for (int i = 0; i < contestant.side->warm_ups(); ++i) {
        contestant.turn(Recorder(nullptr, contestant.column));
      }
    }
  }
  for (int i = 0; i < (repetitions == 0 ? repetitions_ : repetitions); ++i) {
    for (Contestant& contestant : contestants) {
      contestant.turn(Recorder(&result_, contestant.column));
    }
  }
  // What a turn holds goes before the side that it was made from.
  for (Contestant& contestant : contestants) contestant.turn = nullptr;
}

}  // namespace rollcall::bench
