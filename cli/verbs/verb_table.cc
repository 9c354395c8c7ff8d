// The table of all verbs: to add one, write its file and its line here.
#include "cli/verbs/verb.h"

namespace rollcall::cli {

absl::Span<const Verb> Verbs() {
  static constexpr Verb kVerbs[] = {
      {"services", "Services with their instances by standing", "services\nservices -n '*' -o wide",
       ConfigureServices},
      {"instances", "The instances of a service, whatever their standing",
       "instances user\ninstances user --selector zone=a,version!=1.2\ninstances user --at "
       "12:03:05",
       ConfigureInstances},
      {"get", "One instance in full", "get user/u1\nget user/u1 -o json", ConfigureGet},
      {"resolve", "The instances that callers are given now",
       "resolve user\nresolve user --strict --latest -o json", ConfigureResolve},
      {"watch", "Changes as they happen, until interrupted",
       "watch user order\nwatch\nwatch user -o json", ConfigureWatch},
      {"register", "Register an instance; an ephemeral one is kept until interrupted",
       "register user u1 --endpoint 10.0.0.1:9000 --zone a --meta team=core\n"
       "register db main --endpoint sql=10.0.0.9:5432 --static",
       ConfigureRegister},
      {"deregister", "Remove an instance, whoever registered it",
       "deregister db/main --reason \"moved to db/second\"", ConfigureDeregister},
      {"drain", "Ask callers to leave an instance",
       "drain user/u1 --wait --for 10m --reason \"disk swap\"", ConfigureDrain},
      {"undrain", "Let callers come back to a drained instance", "undrain user/u1",
       ConfigureUndrain},
      {"override", "What operators decided of instances: set, clear, list",
       "override set user/u1 --out-of-service --for 1h --reason \"bad disk\"\n"
       "override set user/u1 --weight 10\noverride list user\noverride clear user/u1",
       ConfigureOverride},
      {"brake", "Eviction brakes: list those that hold, release one",
       "brake list\nbrake release user", ConfigureBrake},
      {"service", "A service's specification: get, set, delete",
       "service set user --brake-share 0.3 --brake-window 2m\nservice set user -f user.yaml\n"
       "service get user -o yaml\nservice delete user",
       ConfigureService},
      {"history", "Committed changes, oldest first",
       "history user --since 1h\nhistory user/u1 --since 12:00 -o json", ConfigureHistory},
      {"explain", "One instance's story, and why callers use it or not", "explain user/u1",
       ConfigureExplain},
      {"nodes", "The nodes of the cluster, with their load and state",
       "nodes\nnodes -o wide\nnodes -o json", ConfigureNodes},
      {"status", "What the registry node is and how it is", "status\nstatus -o json",
       ConfigureStatus},
      {"backup", "Everything in the store at one revision, into a file",
       "backup registry.rcb\nbackup --force registry.rcb -o json", ConfigureBackup},
      {"restore", "A store made of a backup file, by rollcalld where it runs",
       "restore registry.rcb --data /var/lib/rollcall\n"
       "restore registry.rcb --store etcd --etcd http://10.0.0.1:2379 --etcd-prefix /rollcall/",
       ConfigureRestore},
      {"bench", "Measure a registry, gently: registrations, resolves, heartbeats, watches",
       "bench\nbench --rate 100 --for 30s\nbench --server 10.0.0.1:7400 -o json", ConfigureBench},
      {"version", "The version of this command", "version", ConfigureVersion},
      {"completion", "A completion script for a shell",
       "completion bash > /etc/bash_completion.d/rollcall\n"
       "completion zsh > ~/.zfunc/_rollcall\n"
       "completion fish > ~/.config/fish/completions/rollcall.fish",
       ConfigureCompletion},
  };
  return kVerbs;
}

}  // namespace rollcall::cli
