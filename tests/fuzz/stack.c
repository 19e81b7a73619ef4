/*
 * Files of /etc/pam.d: read, weighed, and our block put in and taken out again, which leaves every
 * byte as it was, and made into one to be tried. The input is a service and what it includes, the
 * files divided by a line "%%".
 */
#include "fuzz.h"
#include "wiring/block.h"
#include "wiring/stage.h"
#include "wiring/weigh.h"

static const char *const names[] = { "service", "common-auth", "common-account", "other" };

enum { FILES = sizeof names / sizeof names[0] };

/* Up to the next line "%%". */
static struct slice next_file(struct slice *rest)
{
	const uint8_t *end = rest->len > 0 ? memmem(rest->at, rest->len, "%%\n", 3) : NULL;
	struct slice file = *rest;

	if (end == NULL) {
		*rest = slice_of(rest->at, 0);
		return file;
	}
	file.len = (size_t)(end - rest->at);
	*rest = slice_of(end + 3, rest->len - file.len - 3);
	return file;
}

static void put_in_and_out(struct slice file)
{
	static const char shipped[] = "auth required pam_adperm.so permission=ssh_users\n";
	struct buf block = { .at = NULL }, with = { .at = NULL }, without = { .at = NULL };
	size_t from, to;

	if (block_find(file, &from, &to) != BLOCK_NONE)
		return;
	block_make(&block, slice_str(shipped), "bg");
	block_insert(&with, file, buf_slice(&block));
	must(block_find(buf_slice(&with), &from, &to) == BLOCK_THERE);
	must(from < to && to <= with.len);
	block_remove(&without, buf_slice(&with));
	must(slice_equal(buf_slice(&without), file));
	buf_done(&block);
	buf_done(&with);
	buf_done(&without);
}

static void judge_lines(const struct stack *stack)
{
	for (size_t i = 0; i < stack->n; i++) {
		const struct stack_line *line = &stack->lines[i];
		struct slice rest = line->arguments, argument;

		must(line->from < line->to && line->line > 0);
		stack_action(line, "success");
		stack_is_module(line, WEIGH_MODULE);
		while (stack_next_argument(&rest, &argument))
			continue;
	}
}

/* Tried instead of the real one it is the same file, but for the arguments of our lines. */
static void rehearse(const struct stack *stack)
{
	struct buf text = { .at = NULL };
	struct stack staged = { .n = 0 };
	uint32_t line;
	const char *why;

	if (stage_rehearsal(&text, stack, "/d", NULL)) {
		must(stack_parse(buf_slice(&text), &staged, &line, &why) == 0);
		must(staged.n == stack->n);
		for (size_t i = 0; i < stack->n; i++) {
			const struct stack_line *was = &stack->lines[i], *is = &staged.lines[i];

			must(is->type == was->type && is->quiet == was->quiet);
			must(slice_equal(is->control, was->control));
			must(slice_equal(is->module, was->module));
			must(stack_is_module(is, WEIGH_MODULE)
					? stack_has_argument(is, "db=/d")
					: slice_equal(is->arguments, was->arguments));
		}
	}
	stack_done(&staged);
	buf_done(&text);
}

/* Whoever lets in without us, it is said where. */
static void weigh(const struct stacks *stacks)
{
	for (enum stack_type phase = STACK_AUTH; phase < STACK_INCLUDE; phase++) {
		struct weighed weighed = { .file = NULL };

		if (phase != STACK_PASSWORD && stacks_weigh(stacks, phase, "bg", &weighed) &&
			weighed.escapes)
			must(weighed.file != NULL && weighed.line > 0);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct stacks stacks;
	struct slice rest = slice_of(data, size);
	bool good = size <= STACK_FILE_MAX;

	memset(&stacks, 0, sizeof stacks);
	stacks.directory = "/";
	while (good && stacks.n < FILES && (stacks.n == 0 || rest.len > 0)) {
		struct stacks_file *file = &stacks.files[stacks.n];
		struct slice bytes = next_file(&rest);

		put_in_and_out(bytes);
		snprintf(file->name, sizeof file->name, "%s", names[stacks.n++]);
		good = stack_parse(bytes, &file->stack, &stacks.bad_line, &stacks.why) == 0;
		if (good) {
			judge_lines(&file->stack);
			rehearse(&file->stack);
		} else {
			must(stacks.why != NULL && stacks.bad_line > 0);
		}
	}
	if (good)
		weigh(&stacks);
	stacks_done(&stacks);
	return 0;
}
