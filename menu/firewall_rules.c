/* The firewall rules that people make; see firewall_rules.h. */
#include "firewall_rules.h"

#include "base/text.h"

#include <stdlib.h>

bool rule_make(struct rule *rule, bool block, const char *network, const char *port)
{
	unsigned long number = 0;
	char *end;

	*rule = (struct rule){ .block = block };
	if (net_parse(slice_str(network), &rule->from) != NET_GOOD)
		return false;
	if (port == NULL)
		return true;
	if (port[0] < '1' || port[0] > '9')
		return false;
	number = strtoul(port, &end, 10);
	rule->port = (uint16_t)number;
	return *end == '\0' && number <= UINT16_MAX;
}

bool rule_equal(const struct rule *a, const struct rule *b)
{
	return a->from.family == b->from.family && a->from.bits == b->from.bits &&
	       memcmp(a->from.octet, b->from.octet, sizeof a->from.octet) == 0 &&
	       a->port == b->port;
}

void rule_text(const struct rule *rule, char out[static RULE_SIZE])
{
	struct text t = text_over(out, RULE_SIZE);
	char net[ADDRESS_TEXT_SIZE];

	net_text(&rule->from, net);
	text_add(&t, rule->block ? "block " : "allow ");
	text_add(&t, net);
	if (rule->port != 0) {
		text_add(&t, " port ");
		text_add_u64(&t, rule->port);
	}
}

/* Only what rule_text() would have written of it. */
static bool parse_line(struct rule *rule, struct slice line)
{
	char text[RULE_SIZE], again[RULE_SIZE], *rest = text, *verb, *network, *word, *port;

	if (line.len >= sizeof text)
		return false;
	memcpy(text, line.at, line.len);
	text[line.len] = '\0';
	verb = strsep(&rest, " ");
	network = strsep(&rest, " ");
	word = strsep(&rest, " ");
	port = strsep(&rest, " ");
	if (network == NULL || (word != NULL && port == NULL))
		return false;
	if (!rule_make(rule, strcmp(verb, "block") == 0, network, port))
		return false;
	rule_text(rule, again);
	return slice_equal(line, slice_str(again));
}

bool rules_parse(struct rules *rules, struct slice text, unsigned *line)
{
	rules->n = 0;
	for (*line = 1; text.len > 0; ++*line) {
		const uint8_t *end = memchr(text.at, '\n', text.len);
		size_t len = end != NULL ? (size_t)(end - text.at) : text.len;

		if (end == NULL || rules->n == RULES_MAX ||
			!parse_line(&rules->at[rules->n++], slice_of(text.at, len)))
			return false;
		text = slice_of(text.at + len + 1, text.len - len - 1);
	}
	return true;
}

unsigned rules_find(const struct rules *rules, const struct rule *like)
{
	unsigned i = 0;

	while (i < rules->n && !rule_equal(&rules->at[i], like))
		i++;
	return i;
}

bool rules_add(struct rules *rules, const struct rule *rule)
{
	unsigned at = rule->block ? rules->n : 0;

	if (rules->n == RULES_MAX)
		return false;
	memmove(&rules->at[at + 1], &rules->at[at], (rules->n - at) * sizeof rules->at[0]);
	rules->at[at] = *rule;
	rules->n++;
	return true;
}

void rules_remove(struct rules *rules, unsigned i)
{
	rules->n--;
	memmove(&rules->at[i], &rules->at[i + 1], (rules->n - i) * sizeof rules->at[0]);
}

const struct rule *rules_block(const struct rules *rules, const struct address *from, uint16_t port)
{
	for (unsigned i = 0; i < rules->n; i++) {
		const struct rule *rule = &rules->at[i];

		if (net_contains(&rule->from, from) && (rule->port == 0 || rule->port == port))
			return rule->block ? rule : NULL;
	}
	return NULL;
}

void rules_nft(const struct rules *rules, FILE *out)
{
	/*
	 * A table is made so that it can be deleted: in one transaction, nobody sees it gone. What
	 * the machine says to itself is not from outside, whatever its address.
	 */
	fputs("table inet adperm\ndelete table inet adperm\n"
	      "table inet adperm {\n\tchain input {\n"
	      "\t\ttype filter hook input priority -10; policy accept;\n"
	      "\t\tiif lo accept\n",
		out);
	for (unsigned i = 0; i < rules->n; i++) {
		const struct rule *rule = &rules->at[i];
		char net[ADDRESS_TEXT_SIZE];

		net_text(&rule->from, net);
		fprintf(out, "\t\t%s saddr %s", rule->from.family == FAMILY_IPV4 ? "ip" : "ip6",
			net);
		if (rule->port != 0)
			fprintf(out, " meta l4proto { tcp, udp } th dport %u", rule->port);
		fputs(rule->block ? " drop\n" : " accept\n", out);
	}
	fputs("\t}\n}\n", out);
}
