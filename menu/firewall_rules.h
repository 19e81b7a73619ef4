/*
 * The firewall rules that people make: a list, of which the first rule that fits decides, and what
 * none fits is left to the other rules of the machine. One line a rule, in the file and on screens:
 *
 *	allow 203.0.113.7
 *	block 203.0.113.0/24
 *	block 0.0.0.0/0 port 3306
 */
#ifndef ADPERM_MENU_FIREWALL_RULES_H
#define ADPERM_MENU_FIREWALL_RULES_H

#include "model/address.h"

#include <stdio.h>

#define RULES_MAX  1000
#define RULE_SIZE  (ADDRESS_TEXT_SIZE + 24) /* of a line, with its NUL */
#define RULES_SIZE (RULES_MAX * RULE_SIZE)  /* of the file */

struct rule {
	bool block;
	struct net from;
	uint16_t port; /* TCP and UDP; 0: whatever it is */
};

struct rules {
	struct rule at[RULES_MAX];
	unsigned n;
};

/* The words of a rule: network, and a port or NULL. False: they are none. */
bool rule_make(struct rule *rule, bool block, const char *network, const char *port);
bool rule_equal(const struct rule *a, const struct rule *b);
void rule_text(const struct rule *rule, char out[static RULE_SIZE]);

/* Reads lines as rule_text() writes them. False: *line, from 1, is none or is one too many. */
bool rules_parse(struct rules *rules, struct slice text, unsigned *line);

/* The place of a rule with this network and port, whatever it does; rules->n: there is none. */
unsigned rules_find(const struct rules *rules, const struct rule *like);
/* Allowing goes first, blocking last. False: there are too many. */
bool rules_add(struct rules *rules, const struct rule *rule);
void rules_remove(struct rules *rules, unsigned i);

/* What keeps this address from this TCP port, or NULL. */
const struct rule *rules_block(
	const struct rules *rules, const struct address *from, uint16_t port);

/* All of them for nft(8), as one change: the table as it then is. */
void rules_nft(const struct rules *rules, FILE *out);

#endif
