# SPDX-License-Identifier: LGPL-2.1-or-later
# The tests. Each part of `check` writes "passed failed" to a file; `check` adds them up in its last line.

.PHONY: check check-long check-parts unit python-tests fuzz-replay fuzz lint lint-slow truth guest demo bench bench-core format

JOBS    ?= $(shell nproc)
TALLIES := $(O)/tally
# A make that was not told how many jobs may run runs as many as there are CPUs.
parallel = $(if $(filter -j%,$(MAKEFLAGS)),,-j$(JOBS)) --no-print-directory
run-tap  = tests/run-tap --jobs $(JOBS)

# The same tests twice: as they are shipped, and under the sanitizers.
PLAIN     := $(O)/plain
SANITIZED := $(O)/sanitized
build-plain     = $(MAKE) $(parallel) O=$(PLAIN) WERROR=1 SANITIZE=
build-sanitized = $(MAKE) $(parallel) O=$(SANITIZED) WERROR=1 SANITIZE=address,undefined CFLAGS='-O1 -g'
sanitizer-options = ASAN_OPTIONS=strict_string_checks=1:detect_stack_use_after_return=1 \
	UBSAN_OPTIONS=print_stacktrace=1:halt_on_error=1

CHECK_PARTS := lint python-tests unit fuzz-replay truth guest

check: deps-check deps-vm
	@tests/install-packages truth
	@$(MAKE) --no-print-directory check-parts CHECK_PARTS='$(CHECK_PARTS)'

# One part after the other: the guests measure time. A part that breaks before it has a sum failed once.
check-parts:
	@rm -rf $(TALLIES) && mkdir -p $(TALLIES)
	@for part in $(CHECK_PARTS); do \
		echo "== $$part"; \
		$(MAKE) $(parallel) $$part || [ -e $(TALLIES)/$$part ] || echo "0 1" > $(TALLIES)/$$part; \
	done
	@tests/sum-tallies $(TALLIES)

# Everything, the parts that take their time included.
check-long: deps-check deps-vm
	@tests/install-packages truth
	@$(MAKE) --no-print-directory check-parts CHECK_PARTS='$(CHECK_PARTS) fuzz-run guest-long'

# Objects of the daemon for the tests of its parts; main() stays out.
DAEMON_ARCHIVE := $(O)/daemon.a
$(DAEMON_ARCHIVE): $(filter-out %/main.o,$(DAEMON_OBJECTS))
	@rm -f $@
	$(call say,AR,$@)ar rcs $@ $^
DAEMON_TESTS := $(patsubst %.c,$(O)/%,$(shell grep -l '^#include "daemon/' $(UNIT_SOURCES)))
$(DAEMON_TESTS): $(DAEMON_ARCHIVE)
$(DAEMON_TESTS): LIBS := $(DAEMON_ARCHIVE) $(ARCHIVE) $(LIBS)

.PHONY: unit-programs fuzz-replay-programs
unit-programs: $(UNIT_TESTS)
fuzz-replay-programs: $(FUZZ_REPLAYS)

UNIT_NAMES := $(UNIT_SOURCES:%.c=%)
unit:
	@mkdir -p $(TALLIES)
	+@$(build-plain) unit-programs
	+@$(build-sanitized) unit-programs
	@$(sanitizer-options) $(run-tap) --tally $(TALLIES)/unit \
		$(addprefix $(abspath $(PLAIN))/,$(UNIT_NAMES)) $(addprefix $(abspath $(SANITIZED))/,$(UNIT_NAMES))

python-tests:
	@mkdir -p $(TALLIES)
	@$(run-tap) --status --tally $(TALLIES)/python-tests \
		$(patsubst %,'python3 %',$(sort $(wildcard tests/*/test_*.py)))

FUZZ_NAMES := $(FUZZ_SOURCES:tests/fuzz/fuzz-%.c=%)
fuzz-replay:
	@mkdir -p $(TALLIES)
	+@$(build-sanitized) fuzz-replay-programs
	@$(sanitizer-options) $(run-tap) --status --tally $(TALLIES)/fuzz-replay \
		$(foreach name,$(FUZZ_NAMES),'$(SANITIZED)/tests/fuzz/fuzz-$(name)-replay tests/fuzz/corpus/$(name)')

# libFuzzer: everything that a target reaches is built by clang with coverage. Runs are by hand, or by check-long:
#   build/fuzzers/tests/fuzz/fuzz-config tests/fuzz/corpus/config
FUZZ_O := $(O)/fuzzers
fuzz:
	@$(MAKE) $(parallel) O=$(FUZZ_O) CC=clang SANITIZE=fuzzer-no-link,address,undefined CFLAGS='-O1 -g' fuzzers
.PHONY: fuzzers fuzz-run guest-long
fuzzers: $(FUZZERS)
# The targets, as opposed to their replays, which have a main of their own.
$(FUZZERS): $(O)/tests/fuzz/fuzz-%: $(O)/tests/fuzz/fuzz-%.o $(ARCHIVE)
	$(call say,LD,$@)$(CC) $(OUR_CFLAGS) $(CFLAGS) -fsanitize=fuzzer,address,undefined -o $@ $< $(ARCHIVE) $(LIBS)

FUZZ_SECONDS ?= 60
fuzz-run: fuzz
	@mkdir -p $(TALLIES)
	@$(foreach name,$(FUZZ_NAMES),mkdir -p $(FUZZ_O)/found/$(name);)
	@$(run-tap) --status --timeout $$(($(FUZZ_SECONDS) + 60)) --tally $(TALLIES)/fuzz-run \
		$(foreach name,$(FUZZ_NAMES),'$(FUZZ_O)/tests/fuzz/fuzz-$(name) -max_total_time=$(FUZZ_SECONDS) -artifact_prefix=$(FUZZ_O)/found/$(name)/ $(FUZZ_O)/found/$(name) tests/fuzz/corpus/$(name)')

# The lints that need objects read those of the plain build.
ANALYSED := $(LIB_SOURCES) $(DAEMON_SOURCES)
TIDIED   := $(ANALYSED:%.c=$(O)/tidy/%.done)
LINTS := 'tests/lint/layers .' 'tests/lint/purity $(PLAIN)' 'tests/lint/state $(PLAIN)' 'tests/lint/quiet $(PLAIN)' \
	'tests/lint/licence .' 'tests/lint/format .' 'tests/lint/shell .' 'tests/lint/cppcheck .' \
	'tests/lint/tidy . $(O)/tidy' 'tests/lint/messages .' 'tests/lint/options $(PLAIN)/numaplaced man/numaplaced.8' \
	'tests/lint/self-test'
lint:
	@mkdir -p $(TALLIES)
	+@$(build-plain) $(PLAIN)/libnumaplaced.a $(PLAIN)/numaplaced
	@tests/lint/function-length . || true
	@$(run-tap) --status --timeout 600 --tally $(TALLIES)/lint $(LINTS)

format:
	clang-format -i $$(find lib daemon tests -name '*.[ch]')

# Objects of the tracer, with the archive.
TRACER := $(O)/tests/truth/truth-tracer
$(TRACER): $(O)/tests/truth/truth-tracer.o $(O)/tests/truth/truth-access.o $(ARCHIVE)
	$(call say,LD,$@)$(link) -o $@ $(filter %.o,$^) $(ARCHIVE) $(LIBS)
truth:
	@mkdir -p $(TALLIES)
	+@$(build-plain) $(PLAIN)/tests/truth/truth-tracer
	@$(run-tap) --status --timeout 600 --tally $(TALLIES)/truth \
		'tests/truth/run $(PLAIN)/tests/truth/truth-tracer'

# tests/guest/run prints TAP; its argument tells which set of tests.
guest: all $(WORKLOADS)
	@mkdir -p $(TALLIES)
	@$(run-tap) --timeout 900 --tally $(TALLIES)/guest 'tests/guest/run'
guest-long: all $(WORKLOADS)
	@mkdir -p $(TALLIES)
	@$(run-tap) --timeout 7200 --tally $(TALLIES)/guest-long 'tests/guest/run --long'

demo: deps-vm
	@tests/install-packages demo
	@$(MAKE) $(parallel) all $(WORKLOADS)
	@tests/demo/run-demo

bench: deps-vm
	@tests/install-packages demo
	@$(MAKE) $(parallel) all $(WORKLOADS)
	@tests/bench/run-bench

bench-core: $(BENCHES)
	@for bench in $(BENCHES); do echo "== $$(basename $$bench)"; $$bench || exit 1; done
