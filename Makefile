# SPDX-License-Identifier: LGPL-2.1-or-later
# Build, check, install. `make help` lists the targets; nothing here knows the domain.

VERSION := 0.1.0

prefix     ?= /usr
sbindir    ?= $(prefix)/sbin
sysconfdir ?= /etc
mandir     ?= $(prefix)/share/man
docdir     ?= $(prefix)/share/doc/numaplaced
CC         ?= cc
PKG_CONFIG ?= pkg-config
O          ?= build
V          ?= 0
WERROR     ?= 0
SANITIZE   ?=
unitdir    ?= $(shell $(PKG_CONFIG) --variable=systemdsystemunitdir systemd 2>/dev/null || echo /lib/systemd/system)
catalogdir ?= $(prefix)/lib/systemd/catalog

# The packager's CFLAGS and LDFLAGS come last, so that they win over ours.
CFLAGS  ?= -O2 -g
LDFLAGS ?=

Q := $(if $(filter 1,$(V)),,@)
say = $(if $(filter 1,$(V)),,@printf '  %-7s %s\n' '$(1)' '$(2)';)

cc-option = $(shell $(CC) -Werror $(1) -x c -c /dev/null -o /dev/null 2>/dev/null && echo '$(1)')
WARNINGS := -Wall -Wextra -Wshadow -Wvla -Wundef -Wwrite-strings -Wpointer-arith -Wstrict-prototypes \
	-Wmissing-prototypes -Wold-style-definition -Wformat=2 -Wconversion -Wimplicit-fallthrough \
	-Wnull-dereference -Wdouble-promotion \
	$(foreach o,-Wlogical-op -Wduplicated-cond -Wduplicated-branches,$(call cc-option,$(o)))
HARDENING := $(if $(SANITIZE),,-D_FORTIFY_SOURCE=2) \
	$(foreach o,-fstack-clash-protection -fstack-protector-strong,$(call cc-option,$(o)))

OUR_CPPFLAGS := -D_GNU_SOURCE -DNUMAPLACED_VERSION='"$(VERSION)"' \
	-DCONFIG_PATH='"$(sysconfdir)/numaplaced.conf"' -I lib -I .
OUR_CFLAGS   := -std=gnu17 -pthread $(WARNINGS) $(HARDENING) $(if $(filter 1,$(WERROR)),-Werror) \
	$(if $(SANITIZE),-fsanitize=$(SANITIZE) -fno-sanitize-recover=all -fno-omit-frame-pointer)
OUR_LDFLAGS  := -pthread $(if $(SANITIZE),-fsanitize=$(SANITIZE),-Wl,-z,relro,-z,now,-z,noexecstack) -Wl,--as-needed
LIBS         := -lnuma -lsystemd -linih -lZydis -lm

LIB_SOURCES    := $(sort $(wildcard lib/*/*.c))
DAEMON_SOURCES := $(sort $(wildcard daemon/*.c))
UNIT_SOURCES   := $(sort $(wildcard tests/unit/test-*.c))
FAKE_SOURCES   := $(sort $(wildcard tests/unit/fake-*.c))
BENCH_SOURCES  := $(sort $(wildcard tests/bench/bench-*.c))
FUZZ_SOURCES   := $(sort $(wildcard tests/fuzz/fuzz-*.c))
WORK_SOURCES   := $(sort $(wildcard tests/workloads/*.c))
LIB_OBJECTS    := $(LIB_SOURCES:%.c=$(O)/%.o)
DAEMON_OBJECTS := $(DAEMON_SOURCES:%.c=$(O)/%.o)
FAKE_OBJECTS   := $(FAKE_SOURCES:%.c=$(O)/%.o)
UNIT_TESTS     := $(UNIT_SOURCES:%.c=$(O)/%)
BENCHES        := $(BENCH_SOURCES:%.c=$(O)/%)
FUZZ_REPLAYS   := $(FUZZ_SOURCES:%.c=$(O)/%-replay)
FUZZERS        := $(FUZZ_SOURCES:%.c=$(O)/%)
WORKLOADS      := $(O)/tests/workloads/workload
ARCHIVE        := $(O)/libnumaplaced.a

.DELETE_ON_ERROR:
.SECONDARY:
.PHONY: all help deps deps-build deps-check deps-vm install clean

all: $(O)/numaplaced

help:
	@echo 'all       build numaplaced under $(O)/ (V=1 shows commands, WERROR=1, SANITIZE=address,undefined)'
	@echo 'install   install under DESTDIR and prefix'
	@echo 'check     install what is missing, then every test but the long ones'
	@echo 'demo      boot a two-node guest and draw locality without and with numaplaced'
	@echo 'bench     compare with the kernel'"'"'s balancer in a guest, one table of ratios'
	@echo 'unit fuzz-replay lint guest   parts of check;  fuzz  build the libFuzzer targets'

$(O)/%.o: %.c
	@mkdir -p $(@D)
	$(call say,CC,$<)$(CC) $(OUR_CPPFLAGS) $(CPPFLAGS) $(OUR_CFLAGS) $(CFLAGS) -MMD -MP -c -o $@ $<

$(ARCHIVE): $(LIB_OBJECTS)
	@rm -f $@
	$(call say,AR,$@)ar rcs $@ $^

link = $(CC) $(OUR_CFLAGS) $(CFLAGS) $(OUR_LDFLAGS) $(LDFLAGS)

$(O)/numaplaced: $(DAEMON_OBJECTS) $(ARCHIVE)
	$(call say,LD,$@)$(link) -o $@ $(DAEMON_OBJECTS) $(ARCHIVE) $(LIBS)

# A test names the fakes it wants in a line "/* fakes: a b */"; the archive gives the rest, and only
# what the test reaches.
$(O)/tests/unit/test-%: $(O)/tests/unit/test-%.o $(ARCHIVE) $(FAKE_OBJECTS)
	$(call say,LD,$@)$(link) -o $@ $< \
		$(addprefix $(O)/tests/unit/fake-,$(addsuffix .o,$(shell sed -n 's|^/\* fakes: \(.*\) \*/$$|\1|p' tests/unit/test-$*.c))) \
		$(ARCHIVE) $(LIBS)

$(O)/tests/bench/bench-%: $(O)/tests/bench/bench-%.o $(ARCHIVE)
	$(call say,LD,$@)$(link) -o $@ $< $(ARCHIVE) $(LIBS)

# The same fuzz target, with a main that replays its corpus.
$(O)/tests/fuzz/fuzz-%-replay: $(O)/tests/fuzz/fuzz-%.o $(O)/tests/fuzz/replay.o $(ARCHIVE)
	$(call say,LD,$@)$(link) -o $@ $< $(O)/tests/fuzz/replay.o $(ARCHIVE) $(LIBS)

$(WORKLOADS): $(WORK_SOURCES:%.c=$(O)/%.o)
	$(call say,LD,$@)$(link) -o $@ $^ -lm

-include $(shell find $(O) -name '*.d' -type f 2>/dev/null)

deps-build:
	@tests/install-packages build
deps-check: deps-build
	@tests/install-packages check
deps-vm: deps-build
	@tests/install-packages vm

install: $(O)/numaplaced
	install -d $(DESTDIR)$(sbindir) $(DESTDIR)$(sysconfdir)/numaplaced.conf.d $(DESTDIR)$(unitdir) \
		$(DESTDIR)$(catalogdir) $(DESTDIR)$(mandir)/man5 $(DESTDIR)$(mandir)/man8 $(DESTDIR)$(docdir)/examples
	install -m 755 $(O)/numaplaced $(DESTDIR)$(sbindir)/numaplaced
	# An administrator's file is never overwritten.
	test -e $(DESTDIR)$(sysconfdir)/numaplaced.conf || \
		install -m 644 conf/numaplaced.conf $(DESTDIR)$(sysconfdir)/numaplaced.conf
	sed 's|@sbindir@|$(sbindir)|g' systemd/numaplaced.service.in > $(DESTDIR)$(unitdir)/numaplaced.service
	chmod 644 $(DESTDIR)$(unitdir)/numaplaced.service
	install -m 644 systemd/numaplaced.catalog $(DESTDIR)$(catalogdir)/numaplaced.catalog
	install -m 644 man/numaplaced.conf.5 $(DESTDIR)$(mandir)/man5/numaplaced.conf.5
	install -m 644 man/numaplaced.8 $(DESTDIR)$(mandir)/man8/numaplaced.8
	install -m 644 README.md DESIGN.md $(DESTDIR)$(docdir)
	install -m 644 conf/examples/*.conf $(DESTDIR)$(docdir)/examples

clean:
	rm -rf $(O)

# What is run by name; the recipes are in tests/targets.mk.
check check-long demo bench:

include tests/targets.mk
