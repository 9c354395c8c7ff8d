# The commands of the repository. `make help` lists them; INTERFACE names stay.
SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help
.PHONY: help demo demo-cluster test test-tools peers soak sim mutants bench bench-peers bench-cluster bench-restart package run build deps lint lint-all asan tsan clang fuzz docs format clean

JOBS ?= $(shell nproc)
# Tests with real processes measure time: no more at once than the smallest machine has processors.
TEST_JOBS ?= 2
CTEST = ctest --output-on-failure -j$(TEST_JOBS)

help: ## this list
	@echo "Rollcall: a service registry. Commands (options: JOBS=n, TEST_JOBS=n):"
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/  make \1|\2/p' $(MAKEFILE_LIST) | column -t -s '|'

demo: build ## the main job on real processes: registry, services, callers, a killed instance
	examples/shop/demo.sh

demo-cluster: build test-tools ## the same on three nodes over three etcd members, killed one after another
	examples/shop/demo.sh build/bin --cluster

test: build test-tools ## every fast test; ends with ctest's summary
	$(CTEST) --test-dir build/dev

# One after the other: simulated worlds for HOURS (0: none), then ROUNDS of faults on real processes (0: none).
soak: build test-tools ## for long: simulated worlds (HOURS=1), then random faults on real nodes and etcd (ROUNDS=20 SEED=7)
	$(if $(filter 0,$(HOURS)),true,build/dev/tests/simulator --soak $$(( $(or $(HOURS),1) * 3600 )) \
	  --from $(or $(SEED),$$(date +%s)))
	$(if $(filter 0,$(ROUNDS)),true,ROLLCALL_FAULT_ROUNDS=$(or $(ROUNDS),20) \
	  $(if $(SEED),ROLLCALL_FAULT_SEED=$(SEED)) build/dev/tests/integration_faults_test --gtest_brief=1)

SIMULATOR = build/dev/tests/simulator $(if $(PROFILE),--profile $(PROFILE))
sim: build ## the simulator: make sim SEED=7 replays one seed in words, RUNS=1000 [FROM=1] tries that many
	$(SIMULATOR) $(if $(SEED),--seed $(SEED),--runs $(or $(RUNS),200) --from $(or $(FROM),1))

mutants: deps ## mistakes built in on purpose: the simulator finds each of tests/sim/mutants.txt
	cmake --preset mutants
	cmake --build build/mutants -j$(JOBS) --target simulator
	build/mutants/tests/simulator --mutants tests/sim/mutants.txt

bench: deps ## what each work costs beside what this machine can do at best (BENCH="--only resolve", --full); build/bench/report.html
	cmake --preset release
	cmake --build build/release -j$(JOBS) --target rollcalld rollcall_bench micro_bench
	mkdir -p build/bench
	build/release/tests/rollcall_bench --json build/bench/results.json --html build/bench/report.html $(BENCH)
	build/release/tests/micro_bench --benchmark_min_time=0.05 --benchmark_out=build/bench/micro.json \
	  --benchmark_out_format=json

bench-peers: deps peers ## the same with etcd and ZooKeeper beside it, which the bench starts and ends (BENCH as above)
	$(MAKE) bench BENCH="--peers $(BENCH)"

bench-cluster: deps test-tools ## registrations through three etcd members beside a plain lease and put there
	cmake --preset release
	cmake --build build/release -j$(JOBS) --target cluster_bench
	build/release/tests/cluster_bench

bench-restart: deps test-tools ## from exec to serving with many instances, beside a bare read of the same records
	cmake --preset release
	cmake --build build/release -j$(JOBS) --target restart_bench
	build/release/tests/restart_bench

package: deps ## a .deb each for server, CLI and SDK, in build/packages
	cmake --preset release
	cmake --build build/release -j$(JOBS) --target rollcalld rollcall_cli
	cpack --config build/release/CPackConfig.cmake -B build/packages
	cmake --preset sdk
	cmake --build build/sdk -j$(JOBS) --target rollcall_client_shared
	cpack --config build/sdk/CPackConfig.cmake -B build/packages

run: build ## one node on this machine, data in ./data
	exec build/bin/rollcalld --data ./data

build: deps ## programs into build/bin
	cmake --preset dev
	cmake --build build/dev -j$(JOBS)

deps:
	@deploy/install-deps.sh

# Whom `make bench-peers` measures beside Rollcall. As programs, as below.
peers:
	@deploy/install-deps.sh --with-peers

# What only running the tests needs: etcd. As a program: its service is neither enabled nor started.
test-tools:
	@$(if $(filter 1,$(ROLLCALL_SKIP_ETCD)),true,deploy/install-deps.sh --with-test-tools)

lint: ## format, tidy rules, layers, protos, clang-tidy on what has changed
	@deploy/install-deps.sh --with-lint
	.ci/lint/format.sh
	cmake --preset dev
	cmake --build build/dev -j$(JOBS) --target tidy_test
	build/dev/tests/tidy_test --gtest_brief=1
	.ci/lint/protos.sh
	.ci/lint/clang_tidy.py changed

lint-all: ## the same with clang-tidy on everything, and each header compiled alone
	@deploy/install-deps.sh --with-lint
	.ci/lint/format.sh
	cmake --preset dev
	cmake --build build/dev -j$(JOBS) --target tidy_test check_headers
	build/dev/tests/tidy_test --gtest_brief=1
	.ci/lint/protos.sh
	.ci/lint/clang_tidy.py all

asan: test-tools ## the tests under AddressSanitizer, LeakSanitizer and UBSan (build/asan)
	cmake --preset asan
	cmake --build build/asan -j$(JOBS)
	UBSAN_OPTIONS=print_stacktrace=1:halt_on_error=1 $(CTEST) --test-dir build/asan

tsan: test-tools ## the tests under ThreadSanitizer (build/tsan)
	cmake --preset tsan
	cmake --build build/tsan -j$(JOBS)
	TSAN_OPTIONS="suppressions=$(CURDIR)/.ci/tsan.supp second_deadlock_stack=1 atexit_sleep_ms=0" \
	  $(CTEST) --test-dir build/tsan

clang: test-tools ## the tests, built by clang with thread-safety analysis (build/clang)
	@deploy/install-deps.sh --with-clang
	cmake --preset clang
	cmake --build build/clang -j$(JOBS)
	$(CTEST) --test-dir build/clang

fuzz: deps ## each decoder with what libFuzzer thinks up: make fuzz [SECONDS=60] [FUZZ=records]
	@deploy/install-deps.sh --with-clang
	cmake --preset fuzz
	cmake --build build/fuzz -j$(JOBS) --target fuzzers
	tests/fuzz/run.sh --seconds $(or $(SECONDS),60) $(FUZZ)

docs: build ## writes again the pages that are made from tables in the code
	build/bin/rollcalld --print-metrics-doc > docs/metrics.md
	build/bin/rollcalld --print-config-doc > docs/config.md
	build/bin/rollcalld --print-config-reference > deploy/rollcalld.yaml

format: ## formats every source
	git ls-files -co --exclude-standard '*.cc' '*.h' | xargs clang-format-14 -i

clean: ## removes what was built; data stays
	rm -rf build node_modules
