// FramedSocket: a connection on which each message is preceded by its length in four bytes, big end
// first, as ZooKeeper's are. On the Loop's thread.
#pragma once

#include <functional>
#include <string>

#include "absl/strings/string_view.h"
#include "tests/bench/load/sockets.h"

namespace rollcall::bench {

class FramedSocket final : public Sockets::Handler {
 public:
  using OnFrame = std::function<void(absl::string_view frame)>;
  using OnEnd = std::function<void(const std::string& why)>;

  // Begins to connect to a port of this machine; what is sent meanwhile waits. `on_end` is told
  // once, if the connection does not come about or breaks. Neither must destroy it.
  FramedSocket(Sockets& sockets, int port, OnFrame on_frame, OnEnd on_end);
  // The connection is reset: it leaves nothing behind that would hold its port.
  ~FramedSocket() override { Close(); }
  FramedSocket(const FramedSocket&) = delete;
  FramedSocket& operator=(const FramedSocket&) = delete;

  void Send(absl::string_view frame);
  void Ready() override;

 private:
  void Write();
  void Read();
  // Takes all frames that are whole off the front of `bytes`.
  void Take(absl::string_view& bytes);
  void End(const std::string& why);
  void Close();

  Sockets& sockets_;
  const OnFrame on_frame_;
  const OnEnd on_end_;
  int socket_ = -1;
  uint64_t id_ = 0;
  bool connected_ = false;
  std::string in_;
  std::string out_;
};

}  // namespace rollcall::bench
