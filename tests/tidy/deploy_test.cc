// What deploy/ says of options, names and ports is so, as far as it can be seen without an engine.
#include <map>
#include <regex>
#include <set>
#include <string>
#include <vector>

#include "gtest/gtest.h"
#include "server/app/config/options.h"
#include "server/app/config/settings.h"
#include "tests/tidy/source_tree.h"
#include "yaml-cpp/yaml.h"

namespace rollcall::tidy {
namespace {

std::map<std::string, YAML::Node> Manifests(const std::string& path) {
  std::map<std::string, YAML::Node> manifests;
  for (const YAML::Node& node : YAML::LoadAll(TextOf(path))) {
    manifests[node["kind"].as<std::string>()] = node;
  }
  return manifests;
}

using Labels = std::map<std::string, std::string>;
using Variables = std::map<std::string, std::string>;

Variables EnvironmentOf(const YAML::Node& container) {
  Variables variables;
  for (const YAML::Node& one : container["env"]) {
    variables[one["name"].as<std::string>()] =
        one["value"] ? one["value"].as<std::string>() : std::string();
  }
  return variables;
}

std::set<std::string> PortsOf(const YAML::Node& container) {
  std::set<std::string> ports;
  for (const YAML::Node& port : container["ports"]) ports.insert(port["name"].as<std::string>());
  return ports;
}

TEST(Deploy, EveryYamlFileParses) {
  for (const SourceFile& file : SourceTree()) {
    if (!file.IsUnder("deploy/") || !file.Is(".yaml")) continue;
    EXPECT_NO_THROW(YAML::LoadAll(file.text)) << file.path;
  }
}

TEST(Deploy, EveryVariableIsAnOption) {
  std::set<std::string> known = {"ROLLCALL_CONFIG"};
  for (const config::Option& option : config::AllOptions()) {
    known.insert(config::EnvironmentName(option));
  }
  const std::regex name("\\b(ROLLCALL_[A-Z_]+[A-Z])\\b");
  for (const SourceFile& file : SourceTree()) {
    if (!file.IsUnder("deploy/")) continue;
    for (std::sregex_iterator at(file.text.begin(), file.text.end(), name), end; at != end; ++at) {
      EXPECT_TRUE(known.contains((*at)[1])) << file.path << " sets " << (*at)[1];
    }
  }
}

// etcd's settings stand in three places, for there is no fourth that all of them could read.
TEST(Deploy, EtcdHasTheSameSettingsEverywhere) {
  const Variables pod = EnvironmentOf(Manifests(
      "deploy/kubernetes/etcd.yaml")["StatefulSet"]["spec"]["template"]["spec"]["containers"][0]);
  const std::string drop_in = TextOf("deploy/systemd/etcd.service.d/rollcall.conf");
  const std::string image = TextOf("deploy/Containerfile");
  const std::regex setting("Environment=(ETCD_[A-Z_]+)=([0-9]+)");
  int settings = 0;
  for (std::sregex_iterator at(drop_in.begin(), drop_in.end(), setting), end; at != end; ++at) {
    ++settings;
    const std::string name = (*at)[1];
    ASSERT_TRUE(pod.contains(name)) << name;
    EXPECT_EQ(pod.at(name), (*at)[2]) << name;
    EXPECT_NE(image.find(name + "=" + std::string((*at)[2])), std::string::npos) << name;
  }
  EXPECT_EQ(settings, 7);
}

class Manifest : public ::testing::TestWithParam<const char*> {};

TEST_P(Manifest, SelectorsFindThePodsAndPortsAreThere) {
  auto manifests = Manifests(GetParam());
  const bool etcd = manifests.contains("StatefulSet");
  const YAML::Node workload = manifests[etcd ? "StatefulSet" : "Deployment"];
  const YAML::Node pod = workload["spec"]["template"];
  const Labels labels = pod["metadata"]["labels"].as<Labels>();
  const auto finds = [&](const YAML::Node& selector) {
    for (const auto& [key, value] : selector.as<Labels>()) {
      const auto at = labels.find(key);
      EXPECT_TRUE(at != labels.end() && at->second == value) << key << ": " << value;
    }
  };
  finds(workload["spec"]["selector"]["matchLabels"]);
  finds(manifests["PodDisruptionBudget"]["spec"]["selector"]["matchLabels"]);
  finds(manifests["Service"]["spec"]["selector"]);
  const YAML::Node container = pod["spec"]["containers"][0];
  const std::set<std::string> ports = PortsOf(container);
  for (const YAML::Node& port : manifests["Service"]["spec"]["ports"]) {
    EXPECT_TRUE(ports.contains(port["targetPort"].as<std::string>()));
  }
  for (const char* probe : {"livenessProbe", "readinessProbe"}) {
    const YAML::Node how =
        container[probe]["httpGet"] ? container[probe]["httpGet"] : container[probe]["tcpSocket"];
    EXPECT_TRUE(ports.contains(how["port"].as<std::string>())) << probe;
  }
}

INSTANTIATE_TEST_SUITE_P(All, Manifest,
                         ::testing::Values("deploy/kubernetes/etcd.yaml",
                                           "deploy/kubernetes/nodes.yaml"),
                         [](const auto& info) {
                           const std::string path = info.param;
                           return path.find("etcd") != path.npos ? "Etcd" : "Nodes";
                         });

// What a pod says by variables, checked by the rules that the node itself starts with.
absl::StatusOr<config::Config> ConfigOf(const Variables& variables) {
  std::vector<std::string> warnings;
  config::Environment environment;
  for (const auto& [name, value] : variables) {
    if (name.starts_with("ROLLCALL_") && !value.empty()) environment[name] = value;
  }
  // Filled in by Kubernetes.
  environment.erase("ROLLCALL_ADVERTISE");
  auto resolved = config::Resolve(config::EnvironmentSettings(environment, warnings));
  EXPECT_TRUE(warnings.empty());
  if (!resolved.ok()) return resolved.status();
  return resolved->config;
}

TEST(Deploy, APodHasTimeToDrain) {
  const YAML::Node pod =
      Manifests("deploy/kubernetes/nodes.yaml")["Deployment"]["spec"]["template"]["spec"];
  const auto config = ConfigOf(EnvironmentOf(pod["containers"][0]));
  ASSERT_TRUE(config.ok()) << config.status();
  EXPECT_TRUE(config->cluster());
  EXPECT_GE(absl::Seconds(pod["terminationGracePeriodSeconds"].as<int>()),
            config->drain_time + absl::Seconds(15));
}

TEST(Deploy, TheNodesOfTheComposeFileStart) {
  const YAML::Node services = YAML::Load(TextOf("deploy/compose/compose.yaml"))["services"];
  const YAML::Node shared = YAML::Load(TextOf("deploy/compose/compose.yaml"))["x-node-environment"];
  std::set<std::string> addresses;
  for (const char* name : {"node-1", "node-2", "node-3"}) {
    Variables variables = shared.as<Variables>();
    for (const auto& entry : services[name]["environment"]) {
      if (entry.first.as<std::string>() == "<<") continue;
      variables[entry.first.as<std::string>()] = entry.second.as<std::string>();
    }
    const auto config = ConfigOf(variables);
    ASSERT_TRUE(config.ok()) << name << ": " << config.status();
    EXPECT_EQ(config->node_id, name);
    addresses.insert(variables["ROLLCALL_LISTEN"]);
    addresses.insert(variables["ROLLCALL_HTTP"]);
  }
  EXPECT_EQ(addresses.size(), 6u);
}

// A node may be given five minutes to drain.
TEST(Deploy, TheUnitWaitsForTheLongestDrain) {
  const std::string unit = TextOf("deploy/systemd/rollcalld.service");
  std::smatch seconds;
  ASSERT_TRUE(std::regex_search(unit, seconds, std::regex("TimeoutStopSec=([0-9]+)s")));
  EXPECT_GE(std::stoi(seconds[1]), 300 + 15);
}

}  // namespace
}  // namespace rollcall::tidy
