# adperm. One file, not recursive. Targets:
#
#   all          the programs, into $(B)/ (default)
#   check        builds, then runs every test (needs root for the real servers)
#   check-fast   without the real servers and the PAM stacks
#   check-pam    with the PAM stacks, without sshd: what DEV=1 can run
#   check-tsan   what several threads do, for the thread sanitizer
#   check-ci     check with gcc and its long tests (ADPERM_LONG=1), check-fast with clang, check-pam
#                and check-tsan with the sanitizers, a race, fuzz for 20 s each, and how many
#                instructions a login takes; prove, analyze, mutants, check-machines and check-packages
#   check-packages  the packages, on a bare Debian, and what the documents say to type (needs a mirror)
#   analyze      what gcc's and clang's analyzers, clang-tidy and cppcheck find in the code: nothing
#   prove        proves the contracts that stand beside the code: see docs/proofs.md
#   mutants      whether each condition of policy/model decides something alone: see docs/mcdc.md
#   coverage     what the tests run of the code: all branches of policy/model, most lines
#   check-machines  the half that a login contains for i386, for aarch64 and with musl, and its tests
#   fuzz         looks T seconds (60) for inputs that break each target of tests/fuzz; FUZZ_ONLY="policy menus"
#                takes these alone
#   bench        what logins, codes, compiles and questions cost, beside other modules and programs; a
#                table, and the same as JSON in $(B)/bench.json
#   demo         a real sshd, real logins, and why each got in or not
#   format       clang-format over the tree; format-check only looks
#   install      below $(DESTDIR); wires and starts nothing. uninstall takes it away
#   deb, rpm     packages of the last commit, into $(B)/deb/ and $(B)/rpm/
#   clean
#
# DEV=1 adds -Werror, AddressSanitizer and UndefinedBehaviorSanitizer. CC=clang works too. Objects are
# rebuilt when the compiler or its flags change.

VERSION := 0.1.0
B       ?= build
CC      ?= cc
MAKEFLAGS += --no-builtin-rules

PREFIX     ?= /usr
BINDIR     ?= $(PREFIX)/bin
SBINDIR    ?= $(PREFIX)/sbin
LIBEXECDIR ?= $(PREFIX)/lib/adperm
MANDIR     ?= $(PREFIX)/share/man
DATADIR    ?= $(PREFIX)/share/adperm
LIBDIR     ?= $(PREFIX)/lib/$(shell gcc -print-multiarch 2>/dev/null)
INCLUDEDIR ?= $(PREFIX)/include
PAMDIR     ?= $(LIBDIR)/security
UNITDIR    ?= $(PREFIX)/lib/systemd/system
CONFDIR    ?= /etc/adperm
# Where APT is, it says after an upgrade what was lost.
APTDIR     ?= $(wildcard /etc/apt/apt.conf.d)

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
ALL_CPPFLAGS := -D_GNU_SOURCE -D_FILE_OFFSET_BITS=64 -DADPERM_VERSION='"$(VERSION)"' \
	-DADPERM_LIBEXECDIR='"$(LIBEXECDIR)"' -DADPERM_PAMDIR='"$(PAMDIR)"' \
	-I. -Ipolicy -Ipolicy/include -Ipam_adperm -Imenu $(FORTIFY) $(CPPFLAGS)
ALL_CFLAGS   := -std=c11 $(OPTIMIZE) $(WARNINGS) $(HARDENING) $(SANITIZE) $(CFLAGS)
# What is optimized as a whole, across its files, and for size; clang would need another linker for it.
WHOLE        ?= $(if $(findstring clang,$(CC))$(SANITIZE),,-flto=auto -Os)
ALL_LDFLAGS  := -Wl,-z,relro,-z,now,-z,noexecstack -Wl,--as-needed -Wl,--gc-sections $(SANITIZE) $(LDFLAGS)
PIE          := -pie

# --- what is made of what --------------------------------------------------------------------------

# The half of the policy library that a login process may contain: reads, never parses YAML.
READ_SRC := $(addprefix policy/base/,base64.c buf.c conf.c file.c hash.c process.c sshkey.c text.c) \
	$(addprefix policy/model/,address.c catalogue.c decide.c member.c names.c when.c) \
	$(addprefix policy/db/,people.c reader.c record.c) \
	$(wildcard policy/switch/*.c)
LANG_SRC := $(addprefix policy/base/,diag.c diag_show.c excerpt.c hash_fast.c ordered.c terminal.c threads.c) \
	policy/db/writer.c policy/db/written.c $(wildcard policy/lang/*.c) \
	$(wildcard policy/wiring/*.c)
# The shared library is the same, but its handles follow the policy.
LIBRARY_SRC := $(filter-out policy/switch/once.c,$(READ_SRC)) $(wildcard policy/library/*.c)
CLI_SRC  := $(wildcard policy/cli/*.c)
CLIENT_SRC := pam_adperm/adpermd/client.c
CLI_SHARED := $(CLIENT_SRC) people/exchange.c people/invitation_file.c pam_adperm/live_session.c pam_adperm/local_users.c
# What programs that hold secrets, or write for others, forbid themselves.
SANDBOX_SRC := policy/base/sandbox.c
PEOPLE_SRC := $(wildcard people/*.c) $(CLIENT_SRC) $(SANDBOX_SRC) pam_adperm/live_session.c pam_adperm/logline.c
MODULE_SRC := $(wildcard pam_adperm/*.c)
DAEMON_SRC := $(filter-out $(CLIENT_SRC),$(wildcard pam_adperm/adpermd/*.c)) $(SANDBOX_SRC)
SOURCES_SRC := $(addprefix policy/sources/,reply.c guard.c)
LDAP_SRC := $(wildcard policy/sources/ldap/*.c)
KEYS_SRC := $(wildcard pam_adperm/ssh_keys/*.c) pam_adperm/logline.c

# The dialogue of people about themselves, with what the tool shows secrets with.
SELF_SRC := $(wildcard self/*.c)
SELF_SHARED := $(addprefix policy/cli/,qr.c secret_screen.c totp_uri.c) people/exchange.c $(CLIENT_SRC)

REHEARSE_SRC := $(wildcard pam_adperm/rehearse/*.c)
# The admin menus. Each permission of the catalogue that has menus has a door: a program and a PAM
# service, whose files under conf/ are made by menu-wiring and compared by a test.
MENU_SRC := $(addprefix menu/,argument.c menus.c menus_rows.c)
MENU_CLIENT_SRC := $(addprefix menu/,ask.c launch.c main.c screen.c view.c) policy/cli/json.c policy/cli/table.c
FIREWALL_SRC := $(addprefix menu/,firewall_rules.c own_connections.c)
MENU_MAINS := $(addprefix menu/,contact.c door.c firewall.c held.c http.c migration.c run.c tls.c wiring.c)
MENU_DOORS := $(patsubst conf/pam.d/adperm-%,$(B)/menu/%,$(filter-out %/adperm-menu,$(wildcard conf/pam.d/adperm-*)))
MENU_PROGRAMS := $(addprefix $(B)/,menu-contact menu-firewall menu-held menu-http menu-migration menu-run menu-tls)

ALL_SRC := $(sort $(READ_SRC) $(PEOPLE_SRC) $(LIBRARY_SRC) $(LANG_SRC) $(CLI_SRC) $(CLIENT_SRC) $(MODULE_SRC) $(DAEMON_SRC) $(KEYS_SRC) \
	$(REHEARSE_SRC) $(SELF_SRC) $(SOURCES_SRC) $(LDAP_SRC) policy/sources/example/source_flat.c \
	$(MENU_SRC) $(MENU_CLIENT_SRC) $(FIREWALL_SRC) $(MENU_MAINS) menu/command.c)
objects = $(patsubst %.c,$(B)/obj/%.o,$(1))

LIB_READ   := $(B)/obj/libread.a
LIB_LANG   := $(B)/obj/liblang.a
LIB_CLI    := $(B)/obj/libcli.a
LIB_MODULE := $(B)/obj/libmodule.a
LIB_DAEMON := $(B)/obj/libdaemon.a
LIB_MENU   := $(B)/obj/libmenu.a
LIB_PEOPLE := $(B)/obj/libpeople.a

# The sources of policy that are loaded where switch.conf names them; LDAP's where libldap is.
HAVE_LDAP := $(shell pkg-config --exists ldap lber 2>/dev/null && echo yes)
SOURCES := $(B)/sources.so $(B)/source_flat.so $(if $(HAVE_LDAP),$(B)/source_ldap.so)
ifeq (,$(HAVE_LDAP))
$(info libldap is not here (libldap-dev, openldap-devel): building without the source of policy "ldap")
endif

PROGRAMS := $(B)/adperm $(B)/adpermd $(B)/adperm-keys $(B)/adperm-people $(B)/adperm-self $(B)/adperm-rehearse $(B)/pam_adperm.so \
	$(B)/libadperm.so.0 $(B)/libadperm.pc $(SOURCES) \
	$(B)/adperm-menu $(MENU_PROGRAMS) $(MENU_DOORS)

.PHONY: all
all: $(PROGRAMS)

# Everything depends on the flags it was made with.
FLAGS_NOW := $(CC) $(ALL_CPPFLAGS) $(ALL_CFLAGS) $(ALL_LDFLAGS) $(WHOLE)
$(B)/flags: FORCE
	@mkdir -p $(B)
	@echo '$(subst ','\'',$(FLAGS_NOW))' | cmp -s - $@ || echo '$(subst ','\'',$(FLAGS_NOW))' >$@
.PHONY: FORCE
FORCE:

$(B)/obj/%.o: %.c $(B)/flags
	@mkdir -p $(@D)
	$(CC) $(ALL_CPPFLAGS) $(ALL_CFLAGS) -MMD -MP -c $< -o $@

$(B)/obj/whole/%.o: %.c $(B)/flags
	@mkdir -p $(@D)
	$(CC) $(ALL_CPPFLAGS) $(ALL_CFLAGS) $(WHOLE) -MMD -MP -c $< -o $@

$(LIB_READ): $(call objects,$(READ_SRC))
$(LIB_LANG): $(call objects,$(LANG_SRC))
$(LIB_CLI): $(call objects,$(filter-out policy/cli/main.c,$(CLI_SRC)) $(CLI_SHARED))
$(LIB_MODULE): $(call objects,$(MODULE_SRC) $(CLIENT_SRC) people/exchange.c)
$(LIB_DAEMON): $(call objects,$(filter-out pam_adperm/adpermd/main.c,$(DAEMON_SRC)))
$(LIB_PEOPLE): $(call objects,$(filter-out people/main.c,$(PEOPLE_SRC)))
$(LIB_MENU): $(call objects,$(MENU_SRC) $(FIREWALL_SRC) menu/command.c policy/cli/private_dir.c)
$(B)/obj/lib%.a:
	@rm -f $@
	$(AR) rcs $@ $^

$(B)/adperm: $(call objects,policy/cli/main.c) $(LIB_CLI) $(LIB_LANG) $(LIB_READ)
	$(CC) $(PIE) $(ALL_CFLAGS) $(ALL_LDFLAGS) $^ -lyaml -lqrencode -lsodium -o $@

$(B)/adpermd: $(call objects,pam_adperm/adpermd/main.c) $(LIB_DAEMON) $(LIB_READ)
	$(CC) $(PIE) $(ALL_CFLAGS) $(ALL_LDFLAGS) $^ -lsodium -loath -lsqlite3 -o $@

$(B)/adperm-keys: $(call objects,$(KEYS_SRC)) $(LIB_READ)
	$(CC) $(PIE) $(ALL_CFLAGS) $(ALL_LDFLAGS) $^ -o $@

$(B)/adperm-people: $(call objects,people/main.c) $(LIB_PEOPLE) $(LIB_READ)
	$(CC) $(PIE) $(ALL_CFLAGS) $(ALL_LDFLAGS) $^ -o $@

$(B)/adperm-self: $(call objects,$(SELF_SRC) $(SELF_SHARED)) $(LIB_READ)
	$(CC) $(PIE) $(ALL_CFLAGS) $(ALL_LDFLAGS) $^ -lqrencode -o $@

$(B)/adperm-rehearse: $(call objects,$(REHEARSE_SRC))
	$(CC) $(PIE) $(ALL_CFLAGS) $(ALL_LDFLAGS) $^ -lpam -o $@

$(B)/adperm-menu: $(call objects,$(MENU_CLIENT_SRC)) $(LIB_MENU) $(LIB_LANG) $(LIB_READ)
	$(CC) $(PIE) $(ALL_CFLAGS) $(ALL_LDFLAGS) $^ -lyaml -lncursesw -ltinfo -o $@

$(MENU_PROGRAMS) $(B)/menu-wiring: $(B)/menu-%: $(B)/obj/menu/%.o $(LIB_MENU) $(LIB_LANG) $(LIB_READ)
	$(CC) $(PIE) $(ALL_CFLAGS) $(ALL_LDFLAGS) $^ -lyaml -o $@

$(MENU_DOORS): $(B)/menu/%: menu/door.c menu/paths.h $(B)/flags
	@mkdir -p $(@D)
	$(CC) $(PIE) $(ALL_CPPFLAGS) -DMENU_PERMISSION='"server.$*"' $(ALL_CFLAGS) $(ALL_LDFLAGS) $< -o $@

# The module is loaded anew at each login, and runs once, in cold caches: what counts is how little of
# it there is. Start files would bring four symbols to look up and nothing else; a segment of its own
# for constants two more mappings and two page faults.
MODULE_OBJECTS := $(patsubst %.c,$(B)/obj/$(if $(WHOLE),whole/)%.o,$(MODULE_SRC) $(CLIENT_SRC) people/exchange.c \
	$(READ_SRC))
$(B)/pam_adperm.so: $(MODULE_OBJECTS) pam_adperm/pam_adperm.map
	$(CC) -shared -nostartfiles -Wl,-z,noseparate-code $(ALL_CFLAGS) $(WHOLE) $(ALL_LDFLAGS) \
		-Wl,--version-script=pam_adperm/pam_adperm.map $(filter %.o,$^) -lpam -o $@

$(B)/libadperm.so.0: $(call objects,$(LIBRARY_SRC)) policy/library/libadperm.map
	$(CC) -shared -Wl,-soname,$(@F) -Wl,-Bsymbolic $(ALL_CFLAGS) $(ALL_LDFLAGS) -Wl,--version-script=policy/library/libadperm.map \
		$(filter %.o,$^) -o $@

$(B)/libadperm.pc: policy/library/libadperm.pc.in FORCE
	@mkdir -p $(@D)
	@sed 's,@PREFIX@,$(PREFIX),; s,@INCLUDEDIR@,$(INCLUDEDIR),; s,@LIBDIR@,$(LIBDIR),; s,@VERSION@,$(VERSION),' $< >$@

$(B)/sources.so: $(call objects,$(SOURCES_SRC)) $(LIB_READ)
$(B)/source_flat.so: $(call objects,policy/sources/example/source_flat.c)
$(B)/source_ldap.so: $(call objects,$(LDAP_SRC)) $(LIB_READ)
$(B)/source_ldap.so: SOURCE_LIBS := -lldap -llber
$(B)/source%.so: policy/sources/sources.map
	$(CC) -shared $(if $(SANITIZE),,-Wl,-z,defs) $(ALL_CFLAGS) $(ALL_LDFLAGS) \
		-Wl,--version-script=policy/sources/sources.map \
		$(filter %.o %.a,$^) $(SOURCE_LIBS) -o $@

# --- tests -----------------------------------------------------------------------------------------

SUPPORT_SRC := $(wildcard tests/pam/support/*.c)
$(B)/obj/libsupport.a: $(call objects,$(SUPPORT_SRC))

# A test program in C links what it uses of everything.
LIB_SUPPORT := $(B)/obj/libsupport.a
TEST_LIBS := $(LIB_SUPPORT) $(LIB_PEOPLE) $(LIB_MODULE) $(LIB_DAEMON) $(LIB_CLI) $(LIB_MENU) $(LIB_LANG) $(LIB_READ)
TEST_SYSLIBS := -lpam -lyaml -lcdb -lqrencode -lsodium -loath -lsqlite3 -lm

UNIT     := $(patsubst %.c,$(B)/%,$(wildcard tests/unit/test_*.c))
# test_nomem has an allocator of its own, as the sanitizers have.
LIBRARY  := $(patsubst %.c,$(B)/%,$(filter-out $(if $(SANITIZE),%/test_nomem.c),$(wildcard tests/library/test_*.c)))
SPEED    := $(B)/tests/library/speed
DECIDE   := $(addprefix $(B)/tests/decide/,tables property reading reports roundtrip warnings)
PLUGINS  := $(B)/tests/sources/test_sources $(if $(HAVE_LDAP),$(wildcard tests/sources/*.sh))
REAL     := $(patsubst %.c,$(B)/%,$(wildcard tests/integration/test_*.c))
HELPERS  := $(patsubst %.c,$(B)/%,$(wildcard tests/golden/*.c tests/pam/*.c tests/bench/*.c) \
	tests/integration/killat.c tests/integration/logsink.c tests/integration/oneach.c tests/integration/onterminal.c \
	tests/integration/privately.c \
	$(if $(HAVE_LDAP),$(wildcard tests/sources/test_[!s]*.c))) $(B)/menu-wiring
GOLDEN   := tests/golden/run tests/golden/tool tests/golden/reports tests/golden/language tests/golden/completion \
	tests/golden/signing tests/golden/exits tests/golden/strangers tests/golden/menus
STYLE    := $(wildcard tests/style/*.sh)
PAM      := $(wildcard tests/pam/*.sh)
SERVERS  := $(filter-out %/world.sh %/tap.sh %/applying.sh %/menu_world.sh %/databases_world.sh %/mail_world.sh %/self_world.sh,$(wildcard tests/integration/*.sh))

$(B)/tests/%: tests/%.c $(B)/flags $(TEST_LIBS)
	@mkdir -p $(@D)
	$(CC) $(PIE) $(ALL_CPPFLAGS) -Itests/unit $(ALL_CFLAGS) -MMD -MP $< $(ALL_LDFLAGS) \
		-Wl,--start-group $(TEST_LIBS) -Wl,--end-group $(TEST_SYSLIBS) -o $@

# A source of policy that answers garbage, and two that must not be loaded at all.
HOSTILE := $(patsubst %,$(B)/tests/sources/source_%.so,hostile version smaller)
$(HOSTILE): tests/sources/source_hostile.c policy/include/adperm_source.h $(B)/flags
	@mkdir -p $(@D)
	$(CC) -shared $(ALL_CPPFLAGS) $(HOSTILE_CPPFLAGS) $(ALL_CFLAGS) $(ALL_LDFLAGS) $< -o $@
$(B)/tests/sources/source_version.so: HOSTILE_CPPFLAGS := -DHOSTILE_ABI=2
$(B)/tests/sources/source_smaller.so: HOSTILE_CPPFLAGS := -DHOSTILE_SIZE=16

# Fuzzing targets: here with a main that goes through the inputs that are kept, with ENGINE under
# libFuzzer. What stands in FUZZ_WRAP is called through the target.
FUZZ_SRC := $(filter-out %/support.c %/replay.c %/faults.c,$(wildcard tests/fuzz/*.c))
FUZZ     := $(patsubst %.c,$(B)/%,$(FUZZ_SRC))
FUZZ_SOCKET := socket connect setsockopt getsockopt send poll recv
$(B)/tests/fuzz/client: FUZZ_WRAP := $(FUZZ_SOCKET) close geteuid complain
$(B)/tests/fuzz/people: FUZZ_WRAP := socket logline_heard
$(B)/tests/fuzz/module: FUZZ_WRAP := $(FUZZ_SOCKET) sendto open fstat lstat pread getrandom malloc calloc realloc \
	clock_gettime clock_nanosleep
$(B)/tests/fuzz/module: $(call objects,tests/fuzz/faults.c)
$(FUZZ): $(B)/tests/fuzz/%: tests/fuzz/%.c $(B)/flags $(TEST_LIBS) \
	$(call objects,tests/fuzz/support.c $(if $(ENGINE),,tests/fuzz/replay.c) policy/sources/reply.c)
	@mkdir -p $(@D)
	$(CC) $(PIE) $(ALL_CPPFLAGS) $(ALL_CFLAGS) -MMD -MP $< $(ENGINE) $(ALL_LDFLAGS) $(FUZZ_WRAP:%=-Wl,--wrap=%) \
		$(filter %.o,$^) -Wl,--start-group $(TEST_LIBS) -Wl,--end-group $(TEST_SYSLIBS) -o $@

# What asks the shared library, not the half of it that programs of ours contain.
$(LIBRARY) $(SPEED): $(B)/tests/%: tests/%.c $(B)/flags $(B)/libadperm.so.0 $(LIB_LANG) $(LIB_READ)
	@mkdir -p $(@D)
	$(CC) $(PIE) $(ALL_CPPFLAGS) -Itests/unit $(ALL_CFLAGS) -pthread -MMD -MP $< $(ALL_LDFLAGS) \
		-Wl,-rpath,$(abspath $(B)) $(B)/libadperm.so.0 $(LIB_LANG) $(LIB_READ) -lyaml -lcdb -o $@

.PHONY: tests check check-unit check-fast check-pam check-tsan check-packages check-ci
tests: all $(UNIT) $(FUZZ) $(LIBRARY) $(SPEED) $(DECIDE) $(filter $(B)/%,$(PLUGINS)) $(HOSTILE) $(REAL) $(HELPERS)

# The real servers need root.
check: tests
	BUILD=$(abspath $(B)) tests/run $(UNIT) $(FUZZ) $(LIBRARY) $(DECIDE) $(GOLDEN) $(STYLE) \
		tests/library/installed.sh $(PLUGINS) $(PAM) $(REAL) $(SERVERS)

# What needs neither root nor a server: for the builders of packages.
check-unit: tests
	BUILD=$(abspath $(B)) tests/run $(UNIT) $(DECIDE)

check-fast: tests
	BUILD=$(abspath $(B)) tests/run $(UNIT) $(FUZZ) $(LIBRARY) $(DECIDE) $(GOLDEN) $(STYLE)

# What runs inside somebody else's process, for the sanitizers.
check-pam: tests
	BUILD=$(abspath $(B)) tests/run $(UNIT) $(FUZZ) $(LIBRARY) $(DECIDE) $(GOLDEN) $(PLUGINS) $(PAM) $(REAL)

# Many logins in one process, questions during swaps, files read by several threads. Of a build of its own.
TSAN_TESTS := $(addprefix $(B)/tsan/tests/,pam/threads integration/privately library/test_threads decide/reading)
check-tsan:
	@$(MAKE) --no-print-directory SANITIZE=-fsanitize=thread B=$(B)/tsan all $(TSAN_TESTS)
	BUILD=$(abspath $(B))/tsan TSAN_OPTIONS=suppressions=$(abspath tests/ci/tsan.suppressions) \
		tests/run --timeout 900 $(B)/tsan/tests/decide/reading tests/pam/threads.sh tests/ci/threads

# Packages are made of the last commit.
check-packages: $(B)/tests/integration/privately $(B)/tests/integration/logsink
	tests/packages/prepare $(B)/packages
	BUILD=$(abspath $(B)) tests/run --timeout 900 $(filter-out %/pristine.sh,$(wildcard tests/packages/*.sh))

# Under libFuzzer, in a build of its own; two at a time.
T ?= 60
FUZZ_BUILD := CC=clang B=$(B)/fuzz ENGINE=-fsanitize=fuzzer OPTIMIZE='-O1 -g -fno-omit-frame-pointer' FORTIFY= \
	SANITIZE='-fsanitize=fuzzer-no-link,address,undefined -fno-sanitize-recover=all'
.PHONY: fuzz fuzz-build fuzz-programs
fuzz-programs: $(FUZZ)
fuzz-build: $(B)/adperm
	@$(MAKE) --no-print-directory $(FUZZ_BUILD) fuzz-programs
fuzz: fuzz-build
	BUILD=$(abspath $(B)) tests/fuzz/run $(T) $(or $(FUZZ_ONLY),$(notdir $(FUZZ)))

# What matters most comes first: in an hour that is too short for all, the last are skipped, and counted.
CI_BEGAN ?= $(shell date +%s)
export CI_BEGAN
IN_TIME := tests/ci/in_time
CI_BUILDS := BUILD=$(abspath $(B)) OTHER=$(abspath $(B))/clang
check-ci:
	@{ ADPERM_LONG=1 $(MAKE) --no-print-directory check; \
	   $(MAKE) --no-print-directory CC=clang B=$(B)/clang CFLAGS=-Werror check-fast; \
	   $(CI_BUILDS) $(IN_TIME) 3 tests/run --timeout 900 tests/ci/same_bytes tests/ci/unit tests/ci/instructions \
		tests/ci/progress $(B)/tests/bench/constant_time $(SPEED); \
	   $(IN_TIME) 8 $(MAKE) --no-print-directory DEV=1 B=$(B)/dev check-pam; \
	   $(IN_TIME) 5 $(MAKE) --no-print-directory check-tsan; \
	   $(IN_TIME) 10 $(MAKE) --no-print-directory prove; \
	   $(IN_TIME) 5 $(MAKE) --no-print-directory analyze; \
	   $(IN_TIME) 2 $(MAKE) --no-print-directory mutants; \
	   $(IN_TIME) 6 $(MAKE) --no-print-directory fuzz-build && \
		BUILD=$(abspath $(B)) $(IN_TIME) 4 tests/run --timeout 900 tests/ci/fuzz; \
	   $(CI_BUILDS) $(IN_TIME) 6 tests/run --timeout 900 tests/ci/faults; \
	   $(CI_BUILDS) $(IN_TIME) 12 $(MAKE) --no-print-directory check-packages; \
	   $(IN_TIME) 4 $(MAKE) --no-print-directory check-machines; \
	   $(CI_BUILDS) $(IN_TIME) 8 tests/run --timeout 900 tests/ci/cockpit tests/ci/menus tests/ci/mail $(if $(HAVE_LDAP),tests/ci/directory); \
	 } 2>&1 | tests/total

# --- proofs and other judges -----------------------------------------------------------------------

.PHONY: prove analyze analyzed mutants coverage check-machines
prove:
	tests/run --timeout 900 tests/prove/prove

# Each condition of policy/model stuck at true and at false: docs/mcdc.md has the table.
mutants: $(TEST_LIBS)
	BUILD=$(abspath $(B)) tests/run --timeout 900 tests/ci/mutants

# What each analyzer says of each file, into a file of its own; tests/ci/analyze reads them. The last
# one is broken on purpose: all of them have to notice.
ANALYZED := $(ALL_SRC) tests/ci/broken.c
JUDGES   := gcc clang tidy cppcheck
ANALYZED_CPPFLAGS := $(filter-out $(FORTIFY),$(ALL_CPPFLAGS)) -DMENU_PERMISSION='"server.firewall"'
analyze:
	@rm -rf $(B)/analyzed
	@$(MAKE) --no-print-directory -j$(shell nproc) analyzed
	BUILD=$(abspath $(B)) tests/run tests/ci/analyze
analyzed: $(foreach judge,$(JUDGES),$(ANALYZED:%.c=$(B)/analyzed/%.$(judge)))
JUDGE_gcc      = gcc $(ANALYZED_CPPFLAGS) -std=c11 -O2 $(WARNINGS) -fanalyzer -c $< -o /dev/null
JUDGE_clang    = clang $(ANALYZED_CPPFLAGS) -std=c11 --analyze -Xclang -analyzer-output=text $<
JUDGE_tidy     = clang-tidy --quiet $< -- $(ANALYZED_CPPFLAGS) -std=c11
JUDGE_cppcheck = cppcheck --quiet --std=c11 --library=posix,gnu,bsd --inconclusive -D__x86_64__ \
	--enable=warning,performance --error-exitcode=1 $(filter -D% -I%,$(ANALYZED_CPPFLAGS)) $<
define judged_by
$(B)/analyzed/%.$(1): %.c
	@mkdir -p $$(@D)
	@$$(JUDGE_$(1)) >$$@ 2>&1 || echo "ended with $$$$?" >>$$@
endef
$(foreach judge,$(JUDGES),$(eval $(call judged_by,$(judge))))

check-machines:
	tests/run tests/ci/machines

# The page of the numbered tests, made from their names.
.PHONY: docs/security-tests.md
docs/security-tests.md:
	tests/security/page >$@.new && mv $@.new $@

# Of a build of its own. Whoever a test becomes may add to the counts: the files are there before, and
# everybody's. Only where gcc knows exec(3), which is not C11's, does it write them before; and at _exit(2)
# only if it is told.
coverage:
	@$(MAKE) --no-print-directory B=$(B)/coverage CC=gcc FORTIFY= WHOLE= OPTIMIZE='-O0 -g' \
		CFLAGS='--coverage -fprofile-update=atomic -std=gnu11 -Uunix' SANDBOX_SRC=tests/ci/counted_sandbox.c \
		CPPFLAGS='-include tests/ci/counted.h -DCOUNTS='\''"$(abspath $(B))/coverage/obj"'\' coverage-run
# What is killed while it writes its counts would take those of all along.
KILLING := %/apply_faults.sh %/rekey.sh %/test_adpermd_kill
.PHONY: coverage-run
coverage-run: tests
	@find $(B) -name '*.gcno' | sed 's/gcno$$/gcda/' | while read -r counts; do \
		: >"$$counts" && chmod 666 "$$counts" || exit 1; \
	done
	-BUILD=$(abspath $(B)) tests/run --quiet --timeout 900 $(UNIT) $(FUZZ) $(LIBRARY) $(DECIDE) $(GOLDEN) \
		$(PLUGINS) $(PAM) $(filter-out $(KILLING),$(REAL) $(SERVERS))
	BUILD=$(abspath $(B)) tests/ci/coverage

# --- the rest --------------------------------------------------------------------------------------

.PHONY: bench
bench: tests
	BUILD=$(abspath $(B)) tests/bench/bench

.PHONY: demo
demo: all $(B)/tests/integration/privately $(B)/tests/integration/logsink
	BUILD=$(abspath $(B)) tests/demo/demo

# What goes where: "mode directory file...". Nothing is wired and nothing started: see README.md.
# adperm-keys lies below directories that are root's alone, or sshd will not run it.
define INSTALLED
755 $(SBINDIR) $(B)/adperm $(B)/adpermd
755 $(LIBEXECDIR) $(B)/adperm-keys $(B)/adperm-people $(B)/adperm-rehearse $(B)/adperm-self $(MENU_PROGRAMS)
644 $(LIBEXECDIR) $(SOURCES)
755 $(LIBEXECDIR)/menu $(MENU_DOORS)
755 $(BINDIR) $(B)/adperm-menu
644 $(PAMDIR) $(B)/pam_adperm.so
644 $(LIBDIR) $(B)/libadperm.so.0
644 $(LIBDIR)/pkgconfig $(B)/libadperm.pc
644 $(INCLUDEDIR) policy/include/adperm.h policy/include/adperm_reasons.def policy/include/adperm_source.h
644 $(MANDIR)/man1 policy/cli/adperm.1 self/adperm-self.1
644 $(MANDIR)/man3 policy/library/libadperm.3 policy/sources/adperm_source.3
644 $(MANDIR)/man5 policy/lang/adperm.policy.5 policy/switch/adperm-switch.conf.5 policy/sources/ldap/adperm-ldap.5
644 $(MANDIR)/man7 policy/cli/adperm-audit.7
644 $(MANDIR)/man8 pam_adperm/pam_adperm.8 pam_adperm/adpermd/adpermd.8 pam_adperm/ssh_keys/adperm-keys.8 people/adperm-people.8
644 $(DATADIR) conf/policy.example.yaml conf/adperm.policy.schema.json
644 $(DATADIR)/ldap conf/ldap/adperm.schema conf/ldap/adperm.ldif conf/ldap/source_ldap.conf
644 $(PREFIX)/share/bash-completion/completions conf/completions/adperm.bash conf/completions/adperm-menu.bash
644 $(PREFIX)/share/zsh/vendor-completions conf/completions/_adperm conf/completions/_adperm-menu
644 $(PREFIX)/share/fish/vendor_completions.d conf/completions/adperm.fish conf/completions/adperm-menu.fish
644 $(DATADIR)/examples conf/examples/adperm.py conf/examples/adperm.php policy/sources/example/source_flat.c
644 $(DATADIR)/pam.d $(wildcard conf/pam.d/*)
644 $(DATADIR)/sshd_config.d conf/sshd_config.d/50-adperm.conf
644 $(UNITDIR) $(wildcard conf/systemd/*)
644 $(PREFIX)/lib/sysusers.d conf/sysusers.d/adperm.conf conf/sysusers.d/adperm-clients.conf conf/sysusers.d/adpermd.conf
644 $(PREFIX)/lib/tmpfiles.d conf/tmpfiles.d/adperm.conf
644 $(DATADIR)/sudoers.d conf/sudoers.d/adperm conf/sudoers.d/adperm-sudo
$(if $(APTDIR),644 $(APTDIR) packaging/deb/90adperm)
644 $(DATADIR)/menus.d $(wildcard conf/menus.d/*.yaml)
644 $(MANDIR)/man1 menu/adperm-menu.1
644 $(MANDIR)/man5 menu/adperm-menus.d.5
endef
export INSTALLED

# Somebody's own after the first time: never overwritten, never taken away.
CONFIG := conf/adperm.conf conf/local-users conf/switch.conf

.PHONY: install uninstall
install: all
	@echo "$$INSTALLED" | grep . | while read -r mode dir files; do \
		install -d "$(DESTDIR)$$dir" && \
		install -m "$$mode" $$files "$(DESTDIR)$$dir/" || exit 1; \
	done
	ln -sf libadperm.so.0 $(DESTDIR)$(LIBDIR)/libadperm.so
	install -d -m 755 $(DESTDIR)$(CONFDIR)/policy.d $(DESTDIR)/var/lib/adperm
	@for file in $(CONFIG); do \
		to="$(DESTDIR)$(CONFDIR)/$${file##*/}"; \
		[ -e "$$to" ] || install -m 644 "$$file" "$$to" || exit 1; \
	done
	@cd conf && for file in templates/*/*.txt menus.d/*.yaml; do \
		to="$(DESTDIR)$(CONFDIR)/$$file"; \
		[ -e "$$to" ] || install -D -m 644 "$$file" "$$to" || exit 1; \
	done

# The configuration, the policy, the database and the second factors stay.
uninstall:
	@echo "$$INSTALLED" | grep . | while read -r mode dir files; do \
		for file in $$files; do rm -f "$(DESTDIR)$$dir/$${file##*/}"; done; \
	done
	rm -f $(DESTDIR)$(LIBDIR)/libadperm.so
	-rmdir $(DESTDIR)$(DATADIR)/* $(DESTDIR)$(DATADIR) $(DESTDIR)$(LIBEXECDIR)/menu $(DESTDIR)$(LIBEXECDIR) 2>/dev/null

C_FILES := $(shell git ls-files '*.c' '*.h' 2>/dev/null)
.PHONY: format format-check
format:
	clang-format -i $(C_FILES)
format-check:
	clang-format --dry-run -Werror $(C_FILES)

.PHONY: deb rpm
deb:
	packaging/deb/build $(B)/deb
rpm:
	packaging/rpm/build $(B)/rpm

.PHONY: clean
clean:
	rm -rf $(B)

-include $(patsubst %.o,%.d,$(call objects,$(ALL_SRC) $(SUPPORT_SRC)) $(MODULE_OBJECTS)) $(addsuffix .d,$(UNIT) $(LIBRARY) $(filter $(B)/%,$(PLUGINS)) $(DECIDE) $(REAL) $(HELPERS))
