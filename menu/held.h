/*
 * What menu-held prints and adperm-menu reads, in lines of a word and what it says:
 *
 *	person alice@acme.example
 *	name Alice Martin
 *	server web1.acme.example
 *	allow server.firewall_rules
 *	allow_2fa server.smtp_configuration
 *
 * Without a line for a permission it is not held; without a person, nothing is.
 */
#ifndef ADPERM_MENU_HELD_H
#define ADPERM_MENU_HELD_H

#include "adperm.h"
#include "model/catalogue.h"

#define NAME_SIZE 256

struct holds {
	char name[NAME_SIZE]; /* "": it has none */
	char person[ADPERM_EMAIL_SIZE], server[ADPERM_HOST_SIZE];
	uint64_t menus;  /* PERM_BIT()s held */
	uint64_t coded;  /* those of them that ask for a code */
	bool everything; /* asked by root, who needs nobody's leave */
};

/* Asks menu-held, by sudo. False: a complaint was printed. */
bool holds_ask(struct holds *holds);

#endif
