/* The small files: switch.conf, and the list of who may ask adpermd. The first byte says which. */
#include "adpermd/peers.h"
#include "fuzz.h"
#include "switch/switch.h"

static bool look_up(const char *name, uid_t *uid)
{
	*uid = (uid_t)name[0];
	return name[0] != 'n';
}

static void read_switch(struct slice text)
{
	struct switch_error error = { 0, NULL };
	struct switch_conf conf;

	if (!switch_parse(text, &conf, &error)) {
		must(error.what != NULL);
		return;
	}
	must(conf.n > 0 && conf.n <= SWITCH_SOURCES);
	for (unsigned i = 0; i < conf.n; i++)
		must(memchr(conf.entry[i].name, '\0', sizeof conf.entry[i].name) != NULL &&
			conf.entry[i].name[0] != '\0');
}

/* Nobody is allowed what no line says. */
static void read_peers(struct slice text)
{
	struct peers peers;

	if (peers_parse("adperm.conf", (const char *)text.at, text.len, look_up, &peers) != 0)
		return;
	must(peers.count <= PEERS_MAX);
	for (size_t i = 0; i < peers.count; i++)
		must(peers.peer[i].services <= PEERS_SERVICES_MAX);
	must(peers_allow(&peers, 0, PROTO_VERIFY, "sshd"));
	if (peers.count == 0)
		must(!peers_allow(&peers, 1, PROTO_VERIFY, "sshd"));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	if (size == 0)
		return 0;
	if (data[0] == 's')
		read_switch(slice_of(data + 1, size - 1));
	else
		read_peers(slice_of(data + 1, size - 1));
	return 0;
}
