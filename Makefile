# adperm. One file, not recursive. Targets:
#
#   all          the programs, into $(B)/ (default)
#   check        builds, then runs every test (needs root for the real servers)
#   check-fast   without the real servers and the PAM stacks
#   check-pam    with the PAM stacks, without sshd: what DEV=1 can run
#   check-tsan   what several threads do, for the thread sanitizer
#   check-ci     check with gcc, check-fast with clang, check-pam with the sanitizers, check-tsan
#   bench        how long a compile takes, against libyaml alone
#   demo         a real sshd, real logins, and why each got in or not
#   format       clang-format over the tree; format-check only looks
#   install      below $(DESTDIR); wires and starts nothing. uninstall takes it away
#   clean
#
# DEV=1 adds -Werror, AddressSanitizer and UndefinedBehaviorSanitizer. CC=clang works too. Objects are
# rebuilt when the compiler or its flags change.

VERSION := 0.1.0
B       ?= build
CC      ?= cc
MAKEFLAGS += --no-builtin-rules

PREFIX     ?= /usr
SBINDIR    ?= $(PREFIX)/sbin
LIBEXECDIR ?= $(PREFIX)/lib/adperm
MANDIR     ?= $(PREFIX)/share/man
DATADIR    ?= $(PREFIX)/share/adperm
PAMDIR     ?= $(PREFIX)/lib/$(shell gcc -print-multiarch 2>/dev/null)/security

# --- flags -----------------------------------------------------------------------------------------

WARNINGS := -Wall -Wextra -Wshadow -Wconversion -Wsign-conversion -Wformat=2 -Wvla -Wswitch-enum \
	-Wstrict-prototypes -Wmissing-prototypes -Wpointer-arith -Wcast-qual -Wwrite-strings -Wundef \
	-Wdouble-promotion -Wnull-dereference -Wimplicit-fallthrough
HARDENING := -fstack-protector-strong -fstack-clash-protection -fno-strict-overflow \
	-fno-strict-aliasing -fno-delete-null-pointer-checks -ftrivial-auto-var-init=zero \
	-fvisibility=hidden -fPIC -ffunction-sections -fdata-sections
ifneq (,$(findstring clang,$(CC)))
# clang 14 takes zero only with this switch; later versions have forgotten that they needed it.
HARDENING += -enable-trivial-auto-var-init-zero-knowing-it-will-be-removed-from-clang \
	-Wno-unused-command-line-argument
endif

ifeq ($(DEV),1)
OPTIMIZE  := -O1 -g -fno-omit-frame-pointer
SANITIZE  := -fsanitize=address,undefined -fno-sanitize-recover=all
WARNINGS  += -Werror
else
OPTIMIZE  := -O2 -g
FORTIFY   := -D_FORTIFY_SOURCE=2
endif

CFLAGS   ?=
LDFLAGS  ?=
CPPFLAGS ?=
ALL_CPPFLAGS := -D_GNU_SOURCE -DADPERM_VERSION='"$(VERSION)"' -Ipolicy -Ipolicy/include -Ipam_adperm \
	$(FORTIFY) $(CPPFLAGS)
ALL_CFLAGS   := -std=c11 $(OPTIMIZE) $(WARNINGS) $(HARDENING) $(SANITIZE) $(CFLAGS)
ALL_LDFLAGS  := -Wl,-z,relro,-z,now,-z,noexecstack -Wl,--as-needed -Wl,--gc-sections $(SANITIZE) $(LDFLAGS)
PIE          := -pie

# --- what is made of what --------------------------------------------------------------------------

# The half of the policy library that a login process may contain: reads, never parses YAML.
READ_SRC := $(addprefix policy/base/,base64.c buf.c file.c hash.c process.c sshkey.c text.c) \
	$(addprefix policy/model/,address.c catalogue.c decide.c names.c when.c) \
	$(addprefix policy/db/,people.c reader.c record.c) \
	$(wildcard policy/switch/*.c)
LANG_SRC := $(addprefix policy/base/,diag.c diag_show.c excerpt.c hash_fast.c ordered.c terminal.c threads.c) \
	policy/db/writer.c policy/db/written.c $(wildcard policy/lang/*.c)
CLI_SRC  := $(wildcard policy/cli/*.c)
CLIENT_SRC := pam_adperm/adpermd/client.c
CLI_SHARED := $(CLIENT_SRC) pam_adperm/live_session.c pam_adperm/local_users.c
MODULE_SRC := $(wildcard pam_adperm/*.c)
DAEMON_SRC := $(filter-out $(CLIENT_SRC),$(wildcard pam_adperm/adpermd/*.c))
KEYS_SRC := $(wildcard pam_adperm/ssh_keys/*.c) pam_adperm/logline.c

ALL_SRC := $(sort $(READ_SRC) $(LANG_SRC) $(CLI_SRC) $(CLIENT_SRC) $(MODULE_SRC) $(DAEMON_SRC) $(KEYS_SRC))
objects = $(patsubst %.c,$(B)/obj/%.o,$(1))

LIB_READ   := $(B)/obj/libread.a
LIB_LANG   := $(B)/obj/liblang.a
LIB_CLI    := $(B)/obj/libcli.a
LIB_MODULE := $(B)/obj/libmodule.a
LIB_DAEMON := $(B)/obj/libdaemon.a

PROGRAMS := $(B)/adperm $(B)/adpermd $(B)/adperm-keys $(B)/pam_adperm.so

.PHONY: all
all: $(PROGRAMS)

# Everything depends on the flags it was made with.
FLAGS_NOW := $(CC) $(ALL_CPPFLAGS) $(ALL_CFLAGS) $(ALL_LDFLAGS)
$(B)/flags: FORCE
	@mkdir -p $(B)
	@echo '$(subst ','\'',$(FLAGS_NOW))' | cmp -s - $@ || echo '$(subst ','\'',$(FLAGS_NOW))' >$@
.PHONY: FORCE
FORCE:

$(B)/obj/%.o: %.c $(B)/flags
	@mkdir -p $(@D)
	$(CC) $(ALL_CPPFLAGS) $(ALL_CFLAGS) -MMD -MP -c $< -o $@

$(LIB_READ): $(call objects,$(READ_SRC))
$(LIB_LANG): $(call objects,$(LANG_SRC))
$(LIB_CLI): $(call objects,$(filter-out policy/cli/main.c,$(CLI_SRC)) $(CLI_SHARED))
$(LIB_MODULE): $(call objects,$(MODULE_SRC) $(CLIENT_SRC))
$(LIB_DAEMON): $(call objects,$(filter-out pam_adperm/adpermd/main.c,$(DAEMON_SRC)))
$(B)/obj/lib%.a:
	@rm -f $@
	$(AR) rcs $@ $^

$(B)/adperm: $(call objects,policy/cli/main.c) $(LIB_CLI) $(LIB_LANG) $(LIB_READ)
	$(CC) $(PIE) $(ALL_CFLAGS) $(ALL_LDFLAGS) $^ -lyaml -lqrencode -lsodium -o $@

$(B)/adpermd: $(call objects,pam_adperm/adpermd/main.c) $(LIB_DAEMON) $(LIB_READ)
	$(CC) $(PIE) $(ALL_CFLAGS) $(ALL_LDFLAGS) $^ -lsodium -loath -lsqlite3 -o $@

$(B)/adperm-keys: $(call objects,$(KEYS_SRC)) $(LIB_READ)
	$(CC) $(PIE) $(ALL_CFLAGS) $(ALL_LDFLAGS) $^ -o $@

# The module is loaded anew at each login, so what loading costs is most of what it costs. Start files
# would bring four symbols to look up and nothing else; a segment of its own for constants two more
# mappings and two page faults.
$(B)/pam_adperm.so: $(call objects,$(MODULE_SRC) $(CLIENT_SRC)) $(LIB_READ) pam_adperm/pam_adperm.map
	$(CC) -shared -nostartfiles -Wl,-z,noseparate-code $(ALL_CFLAGS) $(ALL_LDFLAGS) -Wl,--version-script=pam_adperm/pam_adperm.map \
		$(filter %.o %.a,$^) -lpam -o $@

# --- tests -----------------------------------------------------------------------------------------

SUPPORT_SRC := $(wildcard tests/pam/support/*.c)
$(B)/obj/libsupport.a: $(call objects,$(SUPPORT_SRC))

# A test program in C links what it uses of everything.
LIB_SUPPORT := $(B)/obj/libsupport.a
TEST_LIBS := $(LIB_SUPPORT) $(LIB_MODULE) $(LIB_DAEMON) $(LIB_CLI) $(LIB_LANG) $(LIB_READ)
TEST_SYSLIBS := -lpam -lyaml -lcdb -lqrencode -lsodium -loath -lsqlite3

UNIT     := $(patsubst %.c,$(B)/%,$(wildcard tests/unit/test_*.c))
DECIDE   := $(addprefix $(B)/tests/decide/,tables property reading reports roundtrip)
REAL     := $(patsubst %.c,$(B)/%,$(wildcard tests/integration/test_*.c))
HELPERS  := $(patsubst %.c,$(B)/%,$(wildcard tests/golden/*.c tests/pam/*.c tests/bench/*.c) \
	tests/integration/killat.c tests/integration/logsink.c tests/integration/privately.c)
GOLDEN   := tests/golden/run tests/golden/tool tests/golden/reports tests/golden/language tests/golden/completion \
	tests/golden/signing tests/golden/exits tests/golden/strangers
STYLE    := $(wildcard tests/style/*.sh)
PAM      := $(wildcard tests/pam/*.sh)
SERVERS  := $(filter-out %/world.sh %/tap.sh %/applying.sh,$(wildcard tests/integration/*.sh))

$(B)/tests/%: tests/%.c $(B)/flags $(TEST_LIBS)
	@mkdir -p $(@D)
	$(CC) $(PIE) $(ALL_CPPFLAGS) -Itests/unit $(ALL_CFLAGS) -MMD -MP $< $(ALL_LDFLAGS) \
		-Wl,--start-group $(TEST_LIBS) -Wl,--end-group $(TEST_SYSLIBS) -o $@

.PHONY: tests check check-fast check-pam check-tsan check-ci
tests: all $(UNIT) $(DECIDE) $(REAL) $(HELPERS)

# The real servers need root.
check: tests
	BUILD=$(abspath $(B)) tests/run $(UNIT) $(DECIDE) $(GOLDEN) $(STYLE) $(PAM) $(REAL) $(SERVERS)

check-fast: tests
	BUILD=$(abspath $(B)) tests/run $(UNIT) $(DECIDE) $(GOLDEN) $(STYLE)

# What runs inside somebody else's process, for the sanitizers.
check-pam: tests
	BUILD=$(abspath $(B)) tests/run $(UNIT) $(DECIDE) $(GOLDEN) $(PAM) $(REAL)

# Files read by several threads, and databases made by them. Of a build of its own.
TSAN := CC=clang B=$(B)/tsan CFLAGS='-Werror -fsanitize=thread' LDFLAGS=-fsanitize=thread
check-tsan:
	@$(MAKE) --no-print-directory $(TSAN) $(B)/tsan/tests/decide/reading
	BUILD=$(abspath $(B))/tsan tests/run $(B)/tsan/tests/decide/reading

check-ci:
	@{ $(MAKE) --no-print-directory check; \
	   $(MAKE) --no-print-directory CC=clang B=$(B)/clang CFLAGS=-Werror check-fast; \
	   $(MAKE) --no-print-directory check-tsan; \
	   BUILD=$(abspath $(B)) OTHER=$(abspath $(B))/clang tests/run --timeout 900 tests/ci/same_bytes tests/ci/faults tests/ci/progress; \
	   $(MAKE) --no-print-directory DEV=1 B=$(B)/dev check-pam; } 2>&1 | tests/total

# --- the rest --------------------------------------------------------------------------------------

.PHONY: bench
bench: tests
	BUILD=$(abspath $(B)) tests/bench/compile.sh

.PHONY: demo
demo: all $(B)/tests/integration/privately $(B)/tests/integration/logsink
	BUILD=$(abspath $(B)) tests/demo/demo

# What goes where: "mode directory file...". Nothing is wired and nothing started: see README.md.
# adperm-keys lies below directories that are root's alone, or sshd will not run it.
define INSTALLED
755 $(SBINDIR) $(B)/adperm $(B)/adpermd
755 $(LIBEXECDIR) $(B)/adperm-keys
644 $(PAMDIR) $(B)/pam_adperm.so
644 $(MANDIR)/man1 policy/cli/adperm.1
644 $(MANDIR)/man5 policy/lang/adperm.policy.5
644 $(MANDIR)/man8 pam_adperm/pam_adperm.8 pam_adperm/adpermd/adpermd.8 pam_adperm/ssh_keys/adperm-keys.8
644 $(DATADIR) conf/policy.example.yaml conf/adperm.policy.schema.json conf/adperm.conf conf/local-users
644 $(PREFIX)/share/bash-completion/completions conf/completions/adperm.bash
644 $(PREFIX)/share/zsh/vendor-completions conf/completions/_adperm
644 $(PREFIX)/share/fish/vendor_completions.d conf/completions/adperm.fish
644 $(DATADIR)/pam.d conf/pam.d/sshd
644 $(DATADIR)/sshd_config.d conf/sshd_config.d/50-adperm.conf
644 $(DATADIR)/systemd $(wildcard conf/systemd/*)
644 $(DATADIR)/tmpfiles.d conf/tmpfiles.d/adperm.conf
endef
export INSTALLED

.PHONY: install uninstall
install: all
	@echo "$$INSTALLED" | while read -r mode dir files; do \
		install -d "$(DESTDIR)$$dir" && \
		install -m "$$mode" $$files "$(DESTDIR)$$dir/" || exit 1; \
	done
	install -d -m 755 $(DESTDIR)/etc/adperm/policy.d $(DESTDIR)/var/lib/adperm

# The policy, the database and the second factors stay.
uninstall:
	@echo "$$INSTALLED" | while read -r mode dir files; do \
		for file in $$files; do rm -f "$(DESTDIR)$$dir/$${file##*/}"; done; \
	done
	-rmdir $(DESTDIR)$(DATADIR)/* $(DESTDIR)$(DATADIR) $(DESTDIR)$(LIBEXECDIR) 2>/dev/null

C_FILES := $(shell git ls-files '*.c' '*.h' 2>/dev/null)
.PHONY: format format-check
format:
	clang-format -i $(C_FILES)
format-check:
	clang-format --dry-run -Werror $(C_FILES)

.PHONY: clean
clean:
	rm -rf $(B)

-include $(patsubst %.o,%.d,$(call objects,$(ALL_SRC) $(SUPPORT_SRC))) $(addsuffix .d,$(UNIT) $(DECIDE) $(REAL) $(HELPERS))
