# mlc: one Makefile, no recursion. `make` builds build/mlc; `make help` lists the targets.
#
# B       build folder (default build); VARIANT  release (default), debug, asan
# CC      gcc (default) or clang; V=1 shows the commands

B       ?= build
VARIANT ?= release
ifeq ($(origin CC),default)
CC := gcc
endif
Q := $(if $(V),,@)
VERSION := 0.1.0

WARN    := -Wall -Wextra -Werror -Wshadow -Wstrict-prototypes -Wmissing-prototypes -Wvla
CFLAGS_release := -O2 -g
CFLAGS_debug   := -O0 -g
CFLAGS_asan    := -O1 -g -fsanitize=address,undefined -fno-sanitize-recover=all -fno-omit-frame-pointer -DMLC_PURIFY
CFLAGS  := -std=c17 -D_GNU_SOURCE $(WARN) $(CFLAGS_$(VARIANT)) $(EXTRA_CFLAGS)
CPPFLAGS := -I. -I$(B)/gen -DMLC_VERSION='"$(VERSION)"'
LDFLAGS_asan := -fsanitize=address,undefined
LDFLAGS := -static-libgcc $(LDFLAGS_$(VARIANT)) $(EXTRA_LDFLAGS)

# Libraries are linked statically where Debian has an archive: start-up stays under 5 ms and the binary runs on
# any Linux with the C library. libcurl is loaded by the commands that talk to a server (runtime/cluster).
static   = $(firstword $(wildcard $(addsuffix /lib$(1).a,/usr/lib/$(shell $(CC) -dumpmachine) /usr/lib/x86_64-linux-gnu /usr/lib/aarch64-linux-gnu /usr/lib)) -l$(1))
LIBS_core    := $(call static,yaml) $(call static,crypto) $(call static,utf8proc) -lm -ldl -lpthread
LIBS_data    := $(call static,pcre2-8) $(call static,z) $(call static,zstd) $(call static,snappy) $(shell $(CC) -print-file-name=libstdc++.a)
LIBS_cluster := $(call static,z)
LIBS_runtime := $(call static,sqlite3)
LIBS := $(LIBS_runtime) $(LIBS_data) $(LIBS_cluster) $(LIBS_core)

ROOMS := core grammar compiler backends data cluster runtime cli
SRC_core     := $(wildcard core/*.c core/documents/*.c)
SRC_grammar  := $(wildcard grammar/*.c)
SRC_compiler := $(wildcard compiler/*.c compiler/*/*.c)
SRC_backends := $(wildcard backends/*.c backends/*/*.c)
SRC_data     := $(wildcard runtime/data/*.c)
SRC_cluster  := $(wildcard runtime/cluster/*.c)
SRC_runtime  := $(wildcard runtime/*.c runtime/capture/*.c)
SRC_cli      := $(filter-out cli/main.c,$(wildcard cli/*.c cli/*/*.c))
objects = $(patsubst %.c,$(B)/obj/%.o,$(1))
GEN_OBJ := $(B)/obj/gen/parser.o $(B)/obj/gen/lexer.o
OBJ_grammar_extra := $(if $(wildcard grammar/parser.y),$(GEN_OBJ))
LIBRARY := $(sort $(wildcard stdlib/*.mlc stdlib/*/*.mlc backends/*/*.mlc) cli/scaffold/project.mlc backends/kubernetes/fields.json \
  $(wildcard examples/iris/data/* examples/iris/src/*.py examples/iris/tests/*.py examples/iris/requirements.lock))

# What each room may link (and include: scripts/rooms.sh): one-way, as the README draws it.
LINK_core     := core
LINK_grammar  := grammar core
LINK_compiler := compiler grammar core
LINK_backends := backends compiler grammar core
LINK_data     := data core
LINK_cluster  := cluster core
LINK_runtime  := runtime data cluster backends compiler grammar core
LINK_cli      := cli runtime data cluster backends compiler grammar core
archives = $(patsubst %,$(B)/lib%.a,$(1))

.PHONY: all
all: $(B)/mlc

$(B)/mlc: $(B)/obj/cli/main.o $(call archives,$(LINK_cli)) $(B)/obj/gen/embedded.o | $(B)/gen/library.checked
	@echo "ld  $@"
	$(Q)$(CC) $(CFLAGS) $(LDFLAGS) -o $@ $^ $(LIBS)

# mlc trusts the library that it holds: a first stage type-checks it before mlc is linked.
$(B)/check-library: $(B)/obj/scripts/check_library.o $(call archives,$(LINK_compiler)) $(B)/obj/gen/embedded.o
	@echo "ld  $@"
	$(Q)$(CC) $(CFLAGS) $(LDFLAGS) -o $@ $^ $(LIBS_core)
$(B)/gen/library.checked: $(B)/check-library
	@echo "lib $(words $(filter %.mlc,$(LIBRARY))) files"
	$(Q)$(B)/check-library && touch $@

define room_archive
$(B)/lib$(1).a: $(call objects,$(SRC_$(1))) $(OBJ_$(1)_extra)
	@rm -f $$@
	$(Q)ar rcs $$@ $$^
endef
$(foreach room,$(ROOMS),$(eval $(call room_archive,$(room))))

$(B)/obj/%.o: %.c
	@mkdir -p $(@D)
	@echo "cc  $<"
	$(Q)$(CC) $(CPPFLAGS) $(CFLAGS) -MMD -MP -c -o $@ $<

$(B)/gen/parser.c $(B)/gen/parser.h &: grammar/parser.y
	@mkdir -p $(B)/gen
	bison -Wall -Werror --output=$(B)/gen/parser.c --header=$(B)/gen/parser.h $<
$(B)/gen/lexer.c $(B)/gen/lexer.h &: grammar/lexer.l
	@mkdir -p $(B)/gen
	flex --outfile=$(B)/gen/lexer.c --header-file=$(B)/gen/lexer.h $<
$(B)/obj/gen/%.o: $(B)/gen/%.c $(B)/gen/parser.h
	@mkdir -p $(@D)
	@echo "cc  $<"
	$(Q)$(CC) $(CPPFLAGS) $(CFLAGS) -Wno-unused-function -Wno-unused-but-set-variable -Wno-sign-compare -Wno-missing-prototypes -MMD -MP -c -o $@ $<
$(call objects,$(SRC_grammar)): | $(if $(wildcard grammar/parser.y),$(B)/gen/parser.h $(B)/gen/lexer.h)

# The library and the backends' templates, embedded.
$(B)/embed: scripts/embed.c
	@mkdir -p $(B)
	$(CC) -std=c17 -D_GNU_SOURCE $(WARN) -O1 -o $@ $<
$(B)/gen/embedded.c: $(B)/embed $(LIBRARY)
	@mkdir -p $(B)/gen
	$(B)/embed $@ $(LIBRARY)

# Unit tests: tests/unit/ROOM/NAME.c links what ROOM may link, and cmocka.
UNIT := $(wildcard tests/unit/*/*.c)
UNIT_BIN := $(patsubst tests/unit/%.c,$(B)/tests/%,$(UNIT))
.SECONDARY:
define room_tests
$(B)/tests/$(1)/%: $(B)/obj/tests/unit/$(1)/%.o $(call archives,$(LINK_$(1))) $(if $(filter compiler backends runtime cli,$(1)),$(B)/obj/gen/embedded.o)
	@mkdir -p $$(@D)
	@echo "ld  $$@"
	$$(Q)$$(CC) $$(CFLAGS) $$(LDFLAGS) -o $$@ $$^ -lcmocka $$(LIBS)
endef
$(foreach room,$(ROOMS),$(eval $(call room_tests,$(room))))

# Programs for tests that take a file of cases (tests/tools/NAME.c -> build/tests/NAME), and what they are made of.
TOOLS := $(patsubst tests/tools/%.c,$(B)/tests/%,$(wildcard tests/tools/*.c))
TOOL_PARTS := $(patsubst %.c,$(B)/obj/%.o,$(wildcard tests/tools/parts/*.c))
$(B)/tests/%: $(B)/obj/tests/tools/%.o $(TOOL_PARTS) $(call archives,data core)
	@mkdir -p $(@D)
	@echo "ld  $@"
	$(Q)$(CC) $(CFLAGS) $(LDFLAGS) -o $@ $^ $(LIBS)

-include $(shell find $(B)/obj -name '*.d' 2>/dev/null)

# --- what people call ---------------------------------------------------------------------------------------------

.PHONY: help setup demo test conformance units check rooms fmt-check fmt bless asan fuzz dist install clean docs
help:
	@echo "make            build/mlc"
	@echo "make demo       set up, build, and run the Iris project end to end"
	@echo "make test       set up, build, and run every test that needs only apt packages"
	@echo "make conformance  real validators and servers (skipped and counted where one cannot be had)"
	@echo "make check      style: rooms, sizes, banned functions, format"
	@echo "make asan       the unit tests under AddressSanitizer and UBSan (build/asan)"
	@echo "make fuzz       each fuzz target for FUZZ_SECONDS (60)"
	@echo "make bless      refresh golden files; review the diff"
	@echo "make docs       regenerate docs/reference.md"
	@echo "make dist       portable archive with SHA256SUMS (build/dist)"
	@echo "make install    PREFIX=/usr/local"

setup:
	@scripts/setup.sh build

demo: setup
	@$(MAKE) --no-print-directory $(B)/mlc
	@scripts/demo.sh $(B)/mlc

units: $(UNIT_BIN) $(TOOLS)

test: setup
	@$(MAKE) --no-print-directory $(B)/mlc units
	@scripts/test.sh $(B)

conformance:
	@scripts/setup.sh build
	@$(MAKE) --no-print-directory $(B)/mlc units
	@scripts/conformance.sh $(B)

check: rooms fmt-check
rooms:
	@scripts/rooms.sh
C_FILES := $(shell git ls-files '*.c' '*.h' 2>/dev/null)
fmt-check:
	@clang-format --dry-run --Werror $(C_FILES)
fmt:
	@clang-format -i $(C_FILES)

asan:
	@$(MAKE) --no-print-directory B=$(B)/asan VARIANT=asan $(B)/asan/mlc units
	@scripts/test.sh $(B)/asan --units

bless: $(B)/mlc
	@MLC_BLESS=1 scripts/test.sh $(B) --golden
docs: $(B)/mlc
	@$(B)/mlc explain --reference > docs/reference.md

# Fuzz targets: tests/fuzz/NAME.c with clang's libFuzzer, all of mlc's sources instrumented.
FUZZ := $(patsubst tests/fuzz/%.c,%,$(wildcard tests/fuzz/*.c))
FUZZ_SECONDS ?= 60
fuzz: setup
	@$(MAKE) --no-print-directory B=$(B)/fuzz CC=clang VARIANT=asan EXTRA_CFLAGS=-fsanitize=fuzzer-no-link $(addprefix $(B)/fuzz/,$(FUZZ))
	@scripts/fuzz.sh $(B)/fuzz $(FUZZ_SECONDS) $(FUZZ)
$(B)/%: $(B)/obj/tests/fuzz/%.o $(call archives,$(LINK_runtime)) $(B)/obj/gen/embedded.o
	$(CC) $(CFLAGS) $(LDFLAGS) -fsanitize=fuzzer -o $@ $^ $(LIBS)

dist:
	@$(MAKE) --no-print-directory B=$(B)/release VARIANT=release $(B)/release/mlc
	@scripts/dist.sh $(B)/release/mlc $(B)/dist $(VERSION)

PREFIX ?= /usr/local
install: $(B)/mlc
	install -D -m 0755 $(B)/mlc $(DESTDIR)$(PREFIX)/bin/mlc

clean:
	rm -rf $(B)
