#include "tests/bench/load/sockets.h"

#include <poll.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <array>
#include <unordered_map>

#include "tests/integration/support/bounded.h"

namespace rollcall::bench {
namespace {

// What is dealt with at once: the Loop has other things to do, too.
constexpr size_t kMostEvents = 512;

void Raise(int event) {
  const uint64_t one = 1;
  if (write(event, &one, sizeof one) != sizeof one) integration::Fail("cannot write to an eventfd");
}

}  // namespace

struct Sockets::State {
  const int epoll = epoll_create1(EPOLL_CLOEXEC);
  const int stopping = eventfd(0, EFD_CLOEXEC);
  // The Loop has dealt with what was ready.
  const int dealt_with = eventfd(0, EFD_CLOEXEC);
  // The Loop's thread only.
  std::unordered_map<uint64_t, Handler*> handlers;
  uint64_t next_id = 1;

  ~State() {
    for (const int file : {epoll, stopping, dealt_with}) close(file);
  }
  void Dispatch() {
    std::array<epoll_event, kMostEvents> events;
    const int count = epoll_wait(epoll, events.data(), static_cast<int>(events.size()), 0);
    for (int i = 0; i < count; ++i) {
      const auto handler = handlers.find(events[static_cast<size_t>(i)].data.u64);
      if (handler != handlers.end()) handler->second->Ready();
    }
    Raise(dealt_with);
  }
};

Sockets::Sockets(Loop& loop) : loop_(loop), state_(std::make_shared<State>()) {
  if (state_->epoll < 0 || state_->stopping < 0 || state_->dealt_with < 0) {
    integration::Fail("cannot make an epoll and its events");
  }
  thread_ = std::thread([this] { Wait(); });
}

Sockets::~Sockets() {
  Raise(state_->stopping);
  thread_.join();
}

uint64_t Sockets::Add(int socket, Handler& handler) {
  const uint64_t id = state_->next_id++;
  epoll_event event{};
  event.events = EPOLLIN | EPOLLOUT | EPOLLRDHUP | EPOLLET;
  event.data.u64 = id;
  if (epoll_ctl(state_->epoll, EPOLL_CTL_ADD, socket, &event) != 0) {
    integration::Fail("cannot wait for a socket");
  }
  state_->handlers[id] = &handler;
  return id;
}

void Sockets::Remove(int socket, uint64_t id) {
  epoll_ctl(state_->epoll, EPOLL_CTL_DEL, socket, nullptr);
  state_->handlers.erase(id);
}

void Sockets::Wait() {
  // True unless it is to stop.
  const auto wait_for = [this](int file) {
    std::array<pollfd, 2> files = {{{file, POLLIN, 0}, {state_->stopping, POLLIN, 0}}};
    while (poll(files.data(), files.size(), -1) < 0) {
    }
    return files[1].revents == 0;
  };
  while (wait_for(state_->epoll)) {
    loop_.Post([state = state_] { state->Dispatch(); });
    uint64_t times = 0;
    if (!wait_for(state_->dealt_with)) return;
    if (read(state_->dealt_with, &times, sizeof times) < 0) return;
  }
}

}  // namespace rollcall::bench
