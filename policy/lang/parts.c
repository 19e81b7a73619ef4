/* Cutting, parsing and handing over; see parts.h. */
#include "lang/parts.h"

#include <stdlib.h>
#include <unistd.h>

#define BLOCKS_MAX  16 /* of a tape waiting for the walk */
#define BLOCKS_GOOD 8  /* ... that it is woken for, if there will be more */

struct part {
	struct part *next; /* that was cut off behind it; NULL: none yet */
	struct parts *parts;
	uint32_t file; /* of the set */
	bool first;    /* of its file */
	struct piece piece;
	unsigned readers; /* of its bytes: the list, and parsers */
	/* Of its parser: the parts whose bytes it may still look at, and of them the last one. */
	struct part *from, *at;
	struct tape_block *tape; /* blocks that the walk may take */
	struct tape_block **tape_end;
	unsigned blocks;
	bool taken;     /* some thread parses it, or did */
	bool working;   /* ... and is still doing so */
	bool finished;  /* its tape has no further blocks */
	bool proven;    /* its beginning is that of a file, or the walk has come to it */
	bool cancelled; /* nobody waits for its tape */
	bool gone;      /* off the list */
};

/* --- cutting: one thread at a time, without the lock */

static void close_file(struct parts *ps)
{
	if (ps->fd >= 0)
		close(ps->fd);
	ps->fd = -1;
	input_done(&ps->input);
	diags_free(ps->input_diags);
	ps->input_diags = NULL;
}

/* False: out of memory; a file that cannot be opened is one that has reports only. */
static bool open_file(struct parts *ps, uint32_t file, struct part *part)
{
	uint32_t number;

	ps->input_diags = diags_new();
	if (ps->input_diags == NULL)
		return false;
	number = diags_file(ps->input_diags, "");
	part->first = part->proven = true;
	ps->fd = set_open(&ps->set->files[file], ps->paths, ps->input_diags);
	input_start(&ps->input, ps->fd, number, ps->input_diags, ps->piece);
	if (ps->fd >= 0)
		return true;
	tape_put_reports(&part->piece.reports, ps->input_diags, number);
	part->piece.last = part->piece.stopped = true;
	return !part->piece.reports.failed;
}

/* The next part of file `file`, or its first. NULL: out of memory. */
static struct part *cut_part(struct parts *ps, uint32_t file)
{
	struct part *part = calloc(1, sizeof *part);
	bool good = part != NULL;

	if (!good)
		return NULL;
	part->parts = ps;
	part->file = file;
	part->tape_end = &part->tape;
	part->readers = 1;
	if (ps->input_diags == NULL)
		good = open_file(ps, file, part);
	if (good && ps->fd >= 0)
		good = input_piece(&ps->input, &part->piece);
	if (!good || part->piece.last)
		close_file(ps);
	if (good)
		return part;
	piece_done(&part->piece);
	free(part);
	return NULL;
}

/* Cuts a further part off the files, with the lock held, which is given up meanwhile. */
static void cut(struct parts *ps)
{
	struct part *part;
	uint32_t file;

	if (ps->input_diags != NULL && ps->next_file <= ps->skipped)
		close_file(ps);
	if (ps->input_diags == NULL)
		ps->next_file++;
	file = ps->next_file - 1;
	if (file == ps->set->n) {
		ps->no_more = true;
	} else {
		ps->cutting = true;
		pthread_mutex_unlock(&ps->lock);
		part = cut_part(ps, file);
		pthread_mutex_lock(&ps->lock);
		ps->cutting = false;
		if (part == NULL) {
			ps->no_memory = ps->no_more = true;
		} else {
			*(ps->newest != NULL ? &ps->newest->next : &ps->oldest) = part;
			ps->newest = part;
			if (ps->head == NULL)
				ps->head = part;
			ps->n++;
		}
	}
	pthread_cond_broadcast(&ps->changed);
}

/* --- parsing, with the lock held but for what is a parser's own */

static void leave_bytes(struct part *part)
{
	if (--part->readers == 0)
		piece_done(&part->piece);
}

/*
 * Gives memory back. What is off the list stays where it is until nothing before it is parsed: so
 * from a part that is, all parts behind it can be reached.
 */
static void sweep(struct parts *ps)
{
	while (ps->oldest != NULL && ps->oldest->gone && !ps->oldest->working) {
		struct part *part = ps->oldest;

		ps->oldest = part->next;
		if (ps->newest == part)
			ps->newest = NULL;
		tape_free(part->tape);
		free(part);
	}
}

/* Takes a part off the list. */
static void drop(struct parts *ps, struct part *part)
{
	part->cancelled = part->gone = true;
	ps->n--;
	while (ps->head != NULL && ps->head->gone)
		ps->head = ps->head->next;
	leave_bytes(part);
	pthread_cond_broadcast(&ps->changed);
}

/* Parts that its parser has passed over, and read to their end, are needed no more. */
static void leave_passed(struct part *part)
{
	while (part->from != part->at && (part->from == part || part->from->gone)) {
		struct part *passed = part->from;

		part->from = passed->next;
		leave_bytes(passed);
	}
}

static const struct piece *next_piece(void *data)
{
	struct part *part = data;
	struct parts *ps = part->parts;
	struct part *next = NULL;

	pthread_mutex_lock(&ps->lock);
	if (part->at == NULL) {
		part->at = part->from = part;
		part->readers++;
		pthread_mutex_unlock(&ps->lock);
		return &part->piece;
	}
	while (part->at->next == NULL && !part->cancelled && !ps->no_more) {
		if (ps->cutting)
			pthread_cond_wait(&ps->changed, &ps->lock);
		else
			cut(ps);
	}
	if (!part->cancelled)
		next = part->at->next;
	if (next != NULL) {
		part->at = next;
		next->readers++;
		leave_passed(part);
	}
	pthread_mutex_unlock(&ps->lock);
	return next != NULL ? &next->piece : NULL;
}

static struct part *part_of(const struct piece *piece)
{
	return (struct part *)((uintptr_t)piece - offsetof(struct part, piece));
}

static bool pass_piece(void *data, const struct piece **ahead)
{
	struct part *part = data, *passed = part_of(*ahead);
	struct parts *ps = part->parts;
	bool good;

	pthread_mutex_lock(&ps->lock);
	while (!part->proven && !part->cancelled)
		pthread_cond_wait(&ps->changed, &ps->lock);
	good = !part->cancelled;
	if (good) {
		*ahead = passed == part->at ? NULL : &passed->next->piece;
		drop(ps, passed);
		leave_passed(part);
	}
	pthread_mutex_unlock(&ps->lock);
	return good;
}

/* A part while it is parsed. */
struct parsing {
	struct part *part;
	struct event_source source;
	struct events events;
	struct tape tape;
	bool more;
};

static void parsing_start(struct parsing *p, struct part *part)
{
	*p = (struct parsing){
		.part = part, .source = { part, next_piece, pass_piece }, .tape = { .first = NULL }
	};
	p->more = events_start(&p->events, &p->source);
	p->tape.failed = !p->more;
}

/* Is there enough for the walk to do? */
static bool worth_a_walk(const struct part *part)
{
	return part->finished || part->blocks >= (part->parts->own != NULL ? 1 : BLOCKS_GOOD);
}

/* Gives the walk what is complete of the tape: all blocks but the last, and at the end that too. */
static void hand_over(struct parsing *p)
{
	struct part *part = p->part;

	while (p->tape.first != NULL && (!p->more || p->tape.first != p->tape.last)) {
		struct tape_block *block = p->tape.first;

		p->tape.first = block->next;
		block->next = NULL;
		*part->tape_end = block;
		part->tape_end = &block->next;
		part->blocks++;
	}
	if (p->tape.first == NULL)
		p->tape.last = NULL;
	part->finished = !p->more;
	if (part == part->parts->head && worth_a_walk(part))
		pthread_cond_signal(&part->parts->handed_over);
}

static void parsing_done(struct parsing *p)
{
	struct part *part = p->part;
	struct parts *ps = part->parts;

	events_done(&p->events);
	tape_free(p->tape.first);
	pthread_mutex_lock(&ps->lock);
	for (struct part *read = part->from;; read = read->next) {
		leave_bytes(read);
		if (read == part->at)
			break;
	}
	part->working = false;
	sweep(ps);
	pthread_mutex_unlock(&ps->lock);
}

static void parse(struct parsing *p, struct part *part)
{
	struct parts *ps = part->parts;

	for (parsing_start(p, part);; p->more = events_record(&p->events, &p->tape)) {
		pthread_mutex_lock(&ps->lock);
		hand_over(p);
		while (part->blocks >= BLOCKS_MAX && !part->cancelled)
			pthread_cond_wait(&ps->changed, &ps->lock);
		p->more = p->more && !part->cancelled;
		pthread_mutex_unlock(&ps->lock);
		if (!p->more)
			break;
	}
	parsing_done(p);
}

/*
 * The first part that a parser can begin with and none has; none that is far ahead of the walk,
 * where memory for its tape would be needed for long.
 */
static struct part *free_part(const struct parts *ps)
{
	struct part *part = ps->head;
	unsigned ahead = 0;

	while (part != NULL &&
		(part->taken || part->cancelled || !(part->first || part->piece.cuttable))) {
		ahead += !part->gone;
		part = part->next;
	}
	return ahead < ps->window ? part : NULL;
}

static void take_part(struct part *part)
{
	part->taken = part->working = true;
}

static void *work(void *data)
{
	struct parts *ps = data;
	struct parsing parsing;

	pthread_mutex_lock(&ps->lock);
	while (!ps->closing) {
		struct part *part = free_part(ps);

		if (part != NULL) {
			take_part(part);
			pthread_mutex_unlock(&ps->lock);
			parse(&parsing, part);
			pthread_mutex_lock(&ps->lock);
		} else if (!ps->cutting && !ps->no_more && ps->n < ps->window) {
			cut(ps);
		} else {
			pthread_cond_wait(&ps->changed, &ps->lock);
		}
	}
	pthread_mutex_unlock(&ps->lock);
	return NULL;
}

/* --- for the walk */

/* Without threads: parses a block of the first part. */
static void parse_some(struct parts *ps)
{
	struct parsing *p = ps->own;

	if (!ps->head->taken) {
		take_part(ps->head);
		pthread_mutex_unlock(&ps->lock);
		parsing_start(p, ps->head);
	} else {
		pthread_mutex_unlock(&ps->lock);
	}
	if (p->more)
		p->more = events_record(&p->events, &p->tape);
	pthread_mutex_lock(&ps->lock);
	hand_over(p);
}

/* Ends what parse_some() began. */
static void parse_no_more(struct parts *ps)
{
	if (ps->own == NULL || ps->own->part == NULL)
		return;
	parsing_done(ps->own);
	ps->own->part = NULL;
}

struct tape_block *parts_block(struct parts *ps)
{
	struct part *part = ps->head;
	struct tape_block *block;

	pthread_mutex_lock(&ps->lock);
	while (!worth_a_walk(part)) {
		if (ps->own != NULL)
			parse_some(ps);
		else
			pthread_cond_wait(&ps->handed_over, &ps->lock);
	}
	block = part->tape;
	if (block != NULL) {
		part->tape = block->next;
		block->next = NULL;
		if (part->tape == NULL)
			part->tape_end = &part->tape;
		if (part->blocks-- == BLOCKS_MAX)
			pthread_cond_broadcast(&ps->changed);
	}
	pthread_mutex_unlock(&ps->lock);
	return block;
}

void parts_leave(struct parts *ps, bool goes_on)
{
	parse_no_more(ps);
	pthread_mutex_lock(&ps->lock);
	drop(ps, ps->head);
	if (goes_on)
		ps->head->proven = true;
	sweep(ps);
	pthread_mutex_unlock(&ps->lock);
}

bool parts_starved(struct parts *ps)
{
	bool starved;

	pthread_mutex_lock(&ps->lock);
	starved = ps->no_memory;
	pthread_mutex_unlock(&ps->lock);
	return starved;
}

bool parts_seek(struct parts *ps, uint32_t file)
{
	bool found;

	pthread_mutex_lock(&ps->lock);
	ps->skipped = file;
	for (;;) {
		while (ps->head != NULL && ps->head->file < file)
			drop(ps, ps->head);
		sweep(ps);
		if (ps->head != NULL || ps->no_more)
			break;
		if (ps->cutting)
			pthread_cond_wait(&ps->changed, &ps->lock);
		else
			cut(ps);
	}
	found = ps->head != NULL;
	pthread_mutex_unlock(&ps->lock);
	return found;
}

bool parts_start(struct parts *ps, const struct set *set, const char *const *paths,
	const struct load_how *how)
{
	*ps = (struct parts){
		.set = set,
		.paths = paths,
		.window = 2 * how->threads + 2,
		.piece = how->piece,
		.fd = -1,
		.lock = PTHREAD_MUTEX_INITIALIZER,
		.changed = PTHREAD_COND_INITIALIZER,
		.handed_over = PTHREAD_COND_INITIALIZER,
	};
	ps->thread_n = threads_start(ps->threads, how->threads, work, ps);
	if (ps->thread_n > 0)
		return true;
	ps->own = calloc(1, sizeof *ps->own);
	return ps->own != NULL;
}

void parts_done(struct parts *ps)
{
	pthread_mutex_lock(&ps->lock);
	ps->closing = true;
	for (struct part *part = ps->head; part != NULL; part = part->next)
		part->cancelled = true;
	pthread_cond_broadcast(&ps->changed);
	pthread_mutex_unlock(&ps->lock);
	for (unsigned i = 0; i < ps->thread_n; i++)
		pthread_join(ps->threads[i], NULL);
	while (ps->head != NULL)
		parts_leave(ps, false);
	close_file(ps);
	pthread_cond_destroy(&ps->changed);
	pthread_cond_destroy(&ps->handed_over);
	pthread_mutex_destroy(&ps->lock);
	free(ps->own);
}
