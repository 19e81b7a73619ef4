/* Opening and closing what the files are now; see handle.h. */
#include "switch/handle.h"

#include "switch/plugin.h"
#include "switch/source_db.h"

#include <stdlib.h>

/* Room for so many sources, none of them opened yet. */
static struct adperm *handle_new(unsigned sources)
{
	return calloc(1, sizeof(struct adperm) + sources * sizeof(struct handle_source));
}

void handle_close(struct adperm *policy)
{
	if (policy == NULL)
		return;
	for (unsigned i = 0; i < policy->n; i++)
		if (policy->at[i].unavail == ADPERM_OK)
			policy->at[i].source.ops->close(policy->at[i].source.state);
	free(policy->people);
	free(policy);
}

/*
 * Which server this is, from the first source that knows and from what we were told. The policy is
 * as new as the newest of its sources, and ends with the first of them.
 */
static enum adperm_reason settle_server(struct adperm *policy, const char *told)
{
	policy->not_after = INT64_MAX;
	for (unsigned i = 0; i < policy->n; i++) {
		const struct source *source = &policy->at[i].source;

		if (policy->at[i].unavail != ADPERM_OK)
			continue;
		if (source->generation > policy->generation)
			policy->generation = source->generation;
		if (source->not_after < policy->not_after)
			policy->not_after = source->not_after;
		if (policy->server[0] == '\0')
			memcpy(policy->server, source->server, sizeof policy->server);
	}
	policy->slice = policy->server[0] != '\0';
	if (told == NULL)
		return ADPERM_OK;
	if (strlen(told) >= sizeof policy->server ||
		(policy->server[0] != '\0' && strcmp(told, policy->server) != 0))
		return ADPERM_POLICY_WRONG_SERVER;
	memcpy(policy->server, told, strlen(told) + 1);
	return ADPERM_OK;
}

static enum adperm_reason settle(
	struct adperm *policy, const char *people, enum trust trust, const char *server)
{
	size_t size = people != NULL ? strlen(people) + 1 : 0;

	if (people != NULL) {
		policy->people = malloc(size);
		if (policy->people == NULL)
			return ADPERM_NOMEM;
		memcpy(policy->people, people, size);
	}
	policy->people_trust = trust;
	return settle_server(policy, server);
}

enum adperm_reason adperm_over(const struct source *source, const char *people, enum trust trust,
	const char *server, struct adperm **out)
{
	struct adperm *policy = handle_new(1);
	enum adperm_reason why;

	*out = NULL;
	if (policy == NULL) {
		source->ops->close(source->state);
		return ADPERM_NOMEM;
	}
	policy->at[0].source = *source;
	policy->at[0].entry.proceed[STATUS_NOTFOUND] = true;
	policy->n = 1;
	why = settle(policy, people, trust, server);
	if (why == ADPERM_OK)
		*out = policy;
	else
		handle_close(policy);
	return why;
}

/* The built-in source, or one of those that switch.conf alone brings into the process. */
static enum adperm_reason open_source(
	const char *name, const struct adperm_options *o, struct source *source)
{
	if (strcmp(name, source_db_ops.name) == 0)
		return source_db_open(o->db != NULL ? o->db : ADPERM_DB, TRUST_ROOT, source);
	return plugin_open(
		o->sources, o->switch_conf != NULL ? o->switch_conf : ADPERM_SWITCH, name, source);
}

/*
 * Opens what switch.conf names. Only the first source is asked about everything: it has to be there
 * unless it is allowed to be unavailable. Of the others the walk sees whether they are needed.
 */
static enum adperm_reason open_sources(
	struct adperm *policy, const struct switch_conf *conf, const struct adperm_options *o)
{
	enum adperm_reason first = ADPERM_OK;
	bool any = false;

	for (unsigned i = 0; i < conf->n; i++) {
		struct handle_source *at = &policy->at[i];
		enum adperm_reason why = open_source(conf->entry[i].name, o, &at->source);

		at->entry = conf->entry[i];
		at->unavail = why;
		policy->n++;
		any |= why == ADPERM_OK;
		if (why != ADPERM_OK && first == ADPERM_OK)
			first = why;
		if (why != ADPERM_OK && i == 0 && !conf->entry[i].proceed[STATUS_UNAVAIL])
			return why;
	}
	return any ? ADPERM_OK : first;
}

enum adperm_reason handle_open(const struct adperm_options *options, struct adperm **out)
{
	static const struct adperm_options usual = { .db = NULL };
	const struct adperm_options *o = options != NULL ? options : &usual;
	struct switch_conf conf;
	struct switch_error error;
	struct adperm *policy;
	enum adperm_reason why;

	*out = NULL;
	if (switch_read(o->switch_conf != NULL ? o->switch_conf : ADPERM_SWITCH, TRUST_ROOT, &conf,
		    &error) != 0)
		return ADPERM_POLICY_SWITCH;
	policy = handle_new(conf.n);
	if (policy == NULL)
		return ADPERM_NOMEM;
	why = open_sources(policy, &conf, o);
	if (why == ADPERM_OK)
		why = settle(policy, o->people != NULL ? o->people : ADPERM_PEOPLE, TRUST_ROOT,
			o->server);
	if (why == ADPERM_OK)
		*out = policy;
	else
		handle_close(policy);
	return why;
}
