/*
 * The queue of parts between the threads that parse and the one that walks; see reading.h.
 *
 * The parts of all files stand in one list, in their order. The first belongs to the walk; a thread
 * takes the first that nobody parses yet, or else cuts a further one off the files. Whoever parses
 * a part puts its tape there block by block.
 *
 * A part ends where the next one begins if its parser arrives there in the nesting that the next
 * one assumes. If not, that assumption was wrong, and the parser goes on over the bytes of the next
 * part as its own; but a part that itself only assumes where it is first waits until the walk has
 * come to it. The list is in the order of taking, too, so what the walk waits for is always with
 * some thread, and that one never waits for a later one.
 */
#include "lang/reading.h"

#include "base/threads.h"

#include <limits.h>
#include <stdlib.h>
#include <unistd.h>

#define BLOCKS_MAX 16 /* of a tape waiting for the walk */

struct part {
	struct part *next; /* that was cut off behind it */
	struct reading *reading;
	uint32_t file; /* of the set */
	bool first;    /* of its file */
	struct piece piece;
	struct part *at;         /* whose bytes its parser reads */
	struct tape_block *tape; /* blocks that the walk may take */
	struct tape_block **tape_end;
	unsigned blocks;
	unsigned users; /* the list, its parser, and those that read its bytes */
	bool taken;     /* some thread parses it, or did */
	bool finished;  /* its tape is complete; or failed: */
	bool failed;    /* out of memory */
	bool proven;    /* its beginning is that of a file, or the walk has come to it */
	bool cancelled; /* nobody waits for its tape */
};

struct reading {
	const struct set *set;
	const char *const *paths;
	struct diags *diags;
	/* Of the thread that cuts. */
	struct input input;
	struct diags *input_diags;
	int fd; /* -1: none is open */
	/* Of all, under the lock. */
	pthread_mutex_t lock;
	pthread_cond_t changed;
	struct part *head, *tail;
	unsigned parts; /* in the list */
	unsigned window;
	size_t piece;
	uint32_t next_file; /* to be opened */
	uint32_t skipped;   /* files before this are not read on */
	bool cutting, no_more, no_memory, closing;
	/* Of the walk. */
	struct parsing *own; /* without threads: of the part at the head, or NULL */
	struct tape_block *block;
	struct tape_place place; /* in it */
	uint32_t walked;         /* files begun */
	uint32_t number;         /* of this one among the diagnostics' files; 0: not yet there */
	bool begins;             /* ... with "---" */
	uint8_t digest[SHA256_SIZE + 8];
	unsigned thread_n;
	pthread_t threads[THREADS_MAX];
};

struct load_how reading_how(void)
{
	return (struct load_how){ threads_count(), PIECE_MAX };
}

/* --- cutting: one thread at a time, without the lock ------------------------------------------ */

static void close_file(struct reading *r)
{
	if (r->fd >= 0)
		close(r->fd);
	r->fd = -1;
	input_done(&r->input);
	diags_free(r->input_diags);
	r->input_diags = NULL;
}

/* False: out of memory; a file that cannot be opened is one that has reports only. */
static bool open_file(struct reading *r, uint32_t file, struct part *part)
{
	uint32_t number;

	r->input_diags = diags_new();
	if (r->input_diags == NULL)
		return false;
	number = diags_file(r->input_diags, "");
	part->first = part->proven = true;
	r->fd = set_open(&r->set->files[file], r->paths, r->input_diags);
	input_start(&r->input, r->fd, number, r->input_diags, r->piece);
	if (r->fd >= 0)
		return true;
	tape_put_reports(&part->piece.reports, r->input_diags, number);
	part->piece.last = part->piece.stopped = true;
	return !part->piece.reports.failed;
}

/* The next part of file `file`, or its first. NULL: out of memory. */
static struct part *cut_part(struct reading *r, uint32_t file)
{
	struct part *part = calloc(1, sizeof *part);
	bool good = part != NULL;

	if (!good)
		return NULL;
	part->reading = r;
	part->file = file;
	part->tape_end = &part->tape;
	part->users = 1;
	if (r->input_diags == NULL)
		good = open_file(r, file, part);
	if (good && r->fd >= 0)
		good = input_piece(&r->input, &part->piece);
	if (!good || part->piece.last)
		close_file(r);
	if (good)
		return part;
	piece_done(&part->piece);
	free(part);
	return NULL;
}

/* Cuts a further part off the files, with the lock held, which is given up meanwhile. */
static void cut(struct reading *r)
{
	struct part *part;
	uint32_t file;

	if (r->input_diags != NULL && r->next_file <= r->skipped)
		close_file(r);
	if (r->input_diags == NULL)
		r->next_file++;
	file = r->next_file - 1;
	if (file == r->set->n) {
		r->no_more = true;
	} else {
		r->cutting = true;
		pthread_mutex_unlock(&r->lock);
		part = cut_part(r, file);
		pthread_mutex_lock(&r->lock);
		r->cutting = false;
		if (part == NULL) {
			r->no_memory = r->no_more = true;
		} else {
			*(r->tail != NULL ? &r->tail->next : &r->head) = part;
			r->tail = part;
			r->parts++;
		}
	}
	pthread_cond_broadcast(&r->changed);
}

/* --- parsing -----------------------------------------------------------------------------------
 */

/* With the lock held, as everything here but what is a parser's own. */
static void leave(struct part *part)
{
	if (--part->users > 0)
		return;
	tape_free(part->tape);
	piece_done(&part->piece);
	free(part);
}

/* Takes the part behind `before`, or with NULL the first, off the list. */
static void drop(struct reading *r, struct part *before)
{
	struct part **from = before != NULL ? &before->next : &r->head, *part = *from;

	*from = part->next;
	if (r->tail == part)
		r->tail = before;
	r->parts--;
	part->cancelled = true;
	pthread_cond_broadcast(&r->changed);
	leave(part);
}

/* Parts that its parser has passed over, and read to their end, can go. */
static void drop_passed(struct part *part)
{
	while (part->at != part && part->next != part->at && part->next->cancelled) {
		struct part *passed = part->next;

		drop(part->reading, part);
		leave(passed);
	}
}

static const struct piece *next_piece(void *data)
{
	struct part *part = data;
	struct reading *r = part->reading;
	struct part *next = NULL;

	if (part->at == NULL) {
		part->at = part;
		return &part->piece;
	}
	pthread_mutex_lock(&r->lock);
	while (part->at->next == NULL && !part->cancelled && !r->no_more) {
		if (r->cutting)
			pthread_cond_wait(&r->changed, &r->lock);
		else
			cut(r);
	}
	if (!part->cancelled)
		next = part->at->next;
	if (next != NULL) {
		part->at = next;
		next->users++;
		drop_passed(part);
	}
	pthread_mutex_unlock(&r->lock);
	return next != NULL ? &next->piece : NULL;
}

static struct part *part_of(const struct piece *piece)
{
	return (struct part *)((uintptr_t)piece - offsetof(struct part, piece));
}

static bool pass_piece(void *data, const struct piece **ahead)
{
	struct part *part = data, *passed = part_of(*ahead);
	struct reading *r = part->reading;
	bool good;

	pthread_mutex_lock(&r->lock);
	while (!part->proven && !part->cancelled)
		pthread_cond_wait(&r->changed, &r->lock);
	good = !part->cancelled;
	if (good) {
		*ahead = passed == part->at ? NULL : &passed->next->piece;
		passed->cancelled = true;
		drop_passed(part);
		pthread_cond_broadcast(&r->changed);
	}
	pthread_mutex_unlock(&r->lock);
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
	part->failed |= p->tape.failed;
	part->finished = !p->more;
	pthread_cond_broadcast(&part->reading->changed);
}

static void parsing_done(struct parsing *p)
{
	struct part *part = p->part, *read = part;
	struct reading *r = part->reading;

	events_done(&p->events);
	tape_free(p->tape.first);
	pthread_mutex_lock(&r->lock);
	while (read != part->at) {
		struct part *next = read->next;

		if (read != part)
			leave(read);
		read = next;
	}
	if (read != part)
		leave(read);
	leave(part);
	pthread_mutex_unlock(&r->lock);
}

static void parse(struct parsing *p, struct part *part)
{
	struct reading *r = part->reading;

	for (parsing_start(p, part);; p->more = events_record(&p->events, &p->tape)) {
		pthread_mutex_lock(&r->lock);
		hand_over(p);
		while (part->blocks >= BLOCKS_MAX && !part->cancelled)
			pthread_cond_wait(&r->changed, &r->lock);
		p->more = p->more && !part->cancelled;
		pthread_mutex_unlock(&r->lock);
		if (!p->more)
			break;
	}
	parsing_done(p);
}

/* The first part that a parser can begin with and none has. */
static struct part *free_part(const struct reading *r)
{
	struct part *part = r->head;

	while (part != NULL &&
		(part->taken || part->cancelled || !(part->first || part->piece.cuttable)))
		part = part->next;
	return part;
}

static void take_part(struct part *part)
{
	part->taken = true;
	part->users++;
}

static void *work(void *data)
{
	struct reading *r = data;
	struct parsing parsing;

	pthread_mutex_lock(&r->lock);
	while (!r->closing) {
		struct part *part = free_part(r);

		if (part != NULL) {
			take_part(part);
			pthread_mutex_unlock(&r->lock);
			parse(&parsing, part);
			pthread_mutex_lock(&r->lock);
		} else if (!r->cutting && !r->no_more && r->parts < r->window) {
			cut(r);
		} else {
			pthread_cond_wait(&r->changed, &r->lock);
		}
	}
	pthread_mutex_unlock(&r->lock);
	return NULL;
}

/* --- walking -----------------------------------------------------------------------------------
 */

/* Without threads: parses a block of the first part. */
static void parse_some(struct reading *r)
{
	struct parsing *p = r->own;

	if (!r->head->taken) {
		take_part(r->head);
		pthread_mutex_unlock(&r->lock);
		parsing_start(p, r->head);
	} else {
		pthread_mutex_unlock(&r->lock);
	}
	if (p->more)
		p->more = events_record(&p->events, &p->tape);
	pthread_mutex_lock(&r->lock);
	hand_over(p);
}

/* Ends what parse_some() began. */
static void parse_no_more(struct reading *r)
{
	if (r->own == NULL || r->own->part == NULL)
		return;
	parsing_done(r->own);
	r->own->part = NULL;
}

/* The walk has read its block: the next one of the first part. False: out of memory. */
static bool next_block(struct reading *r)
{
	struct part *part = r->head;
	struct tape_block *block;

	free(r->block);
	pthread_mutex_lock(&r->lock);
	while (part->tape == NULL && !part->finished) {
		if (r->own != NULL)
			parse_some(r);
		else
			pthread_cond_wait(&r->changed, &r->lock);
	}
	block = part->tape;
	if (block != NULL) {
		part->tape = block->next;
		block->next = NULL;
		if (part->tape == NULL)
			part->tape_end = &part->tape;
		if (part->blocks-- == BLOCKS_MAX)
			pthread_cond_broadcast(&r->changed);
	}
	pthread_mutex_unlock(&r->lock);
	r->block = block;
	r->place.at = 0;
	return block != NULL;
}

/* The walk is done with the first part; and if that goes on, begins with the next one. */
static void leave_head(struct reading *r, bool goes_on)
{
	parse_no_more(r);
	tape_free(r->block);
	r->block = NULL;
	r->place = (struct tape_place){ 0, 0 };
	pthread_mutex_lock(&r->lock);
	drop(r, NULL);
	if (goes_on)
		r->head->proven = true;
	pthread_mutex_unlock(&r->lock);
}

/* The file gets its number with the first word about it, as it would if there were no threads. */
static uint32_t file_number(struct reading *r)
{
	const struct set_file *file = &r->set->files[r->walked - 1];
	char path[PATH_MAX];

	if (r->number != 0)
		return r->number;
	r->number = diags_file(r->diags, file->name);
	if (set_path(file, r->paths, path, sizeof path))
		diags_path(r->diags, r->number, path);
	return r->number;
}

static void tell(struct reading *r, const struct tape_entry *report)
{
	struct mark at = { 0, report->line, report->col };
	char name[PATH_MAX];

	if (report->of_file) {
		at.file = file_number(r);
	} else if (report->name.len > 0) {
		snprintf(name, sizeof name, "%.*s", (int)report->name.len,
			(const char *)report->name.at);
		at.file = diags_file(r->diags, name);
	}
	if (report->id == DIAG_NONE)
		diag_note(
			r->diags, at, "%.*s", (int)report->text.len, (const char *)report->text.at);
	else
		diag(r->diags, at, report->id, "%.*s", (int)report->text.len,
			(const char *)report->text.at);
}

static bool no_memory(struct reading *r)
{
	return diag(r->diags, (struct mark){ 0 }, DIAG_NO_MEMORY, "out of memory");
}

/* Did a parser end for want of a further piece? */
static bool starved(struct reading *r)
{
	bool ended;

	pthread_mutex_lock(&r->lock);
	ended = r->no_memory;
	pthread_mutex_unlock(&r->lock);
	return ended;
}

/* The next entry that is no report and no seam. False: the rest cannot be read. */
static bool take(struct reading *r, struct tape_entry *entry)
{
	for (;;) {
		while (r->block == NULL || !tape_take(r->block, &r->place, entry)) {
			if (!next_block(r))
				return no_memory(r);
		}
		if (entry->kind == TAPE_REPORT)
			tell(r, entry);
		else if (entry->kind == TAPE_GOES_ON)
			leave_head(r, true);
		else
			return entry->kind != TAPE_FAILED || (starved(r) && no_memory(r));
	}
}

/* Until the first part is one of file `file`. False: out of memory. */
static bool seek_file(struct reading *r, uint32_t file)
{
	bool found;

	pthread_mutex_lock(&r->lock);
	r->skipped = file;
	for (;;) {
		while (r->head != NULL && r->head->file < file)
			drop(r, NULL);
		if (r->head != NULL || r->no_more)
			break;
		if (r->cutting)
			pthread_cond_wait(&r->changed, &r->lock);
		else
			cut(r);
	}
	found = r->head != NULL;
	pthread_mutex_unlock(&r->lock);
	return found;
}

bool reading_file(struct reading *r)
{
	struct tape_entry entry;

	r->number = 0;
	if (r->walked > 0 && r->head != NULL)
		leave_head(r, false);
	if (!seek_file(r, r->walked++))
		return no_memory(r);
	if (!take(r, &entry))
		return false;
	file_number(r);
	r->begins = entry.flag;
	return true;
}

bool reading_event(struct reading *r, struct event *out)
{
	struct tape_entry entry;

	if (!take(r, &entry))
		return false;
	*out = (struct event){ .kind = (enum event_kind)entry.kind,
		.plain = entry.flag,
		.text = entry.text,
		.at = { r->number, entry.line, entry.col } };
	return true;
}

bool reading_finish(struct reading *r)
{
	struct tape_entry entry;

	if (!take(r, &entry))
		return false;
	memcpy(r->digest, entry.text.at, sizeof r->digest);
	if (r->begins && !entry.flag)
		return diag(r->diags, (struct mark){ r->number, entry.line, entry.col },
			DIAG_CUT_OFF,
			"the file begins with --- and does not end with ...: it was cut off");
	if (!r->begins && !entry.flag)
		diag(r->diags, (struct mark){ r->number, 1, 1 }, DIAG_NO_MARKERS,
			"the file has no --- at its beginning and no ... at its end");
	return true;
}

const uint8_t *reading_digest(const struct reading *r)
{
	return r->digest;
}

/* --- beginning and end --------------------------------------------------------------------------
 */

struct reading *reading_start(const struct set *set, const char *const *paths, struct diags *diags,
	const struct load_how *how)
{
	struct reading *r = malloc(sizeof *r);

	if (r == NULL)
		return NULL;
	*r = (struct reading){
		.set = set,
		.paths = paths,
		.diags = diags,
		.fd = -1,
		.lock = PTHREAD_MUTEX_INITIALIZER,
		.changed = PTHREAD_COND_INITIALIZER,
		.window = 2 * how->threads + 2,
		.piece = how->piece,
	};
	r->thread_n = threads_start(r->threads, how->threads, work, r);
	if (r->thread_n > 0)
		return r;
	r->own = calloc(1, sizeof *r->own);
	if (r->own != NULL)
		return r;
	free(r);
	return NULL;
}

void reading_done(struct reading *r)
{
	if (r == NULL)
		return;
	pthread_mutex_lock(&r->lock);
	r->closing = true;
	for (struct part *part = r->head; part != NULL; part = part->next)
		part->cancelled = true;
	pthread_cond_broadcast(&r->changed);
	pthread_mutex_unlock(&r->lock);
	for (unsigned i = 0; i < r->thread_n; i++)
		pthread_join(r->threads[i], NULL);
	while (r->head != NULL)
		leave_head(r, false);
	close_file(r);
	pthread_cond_destroy(&r->changed);
	pthread_mutex_destroy(&r->lock);
	free(r->own);
	free(r);
}
