/*
 * How long libyaml alone takes over a file: the floor under a compile. Reads it as the loader does,
 * from a descriptor in pieces, and looks at every event. Prints the number of events.
 */
#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>
#include <yaml.h>

static int give_bytes(void *data, unsigned char *into, size_t room, size_t *len)
{
	const int *fd = data;
	ssize_t got = read(*fd, into, room);

	*len = got > 0 ? (size_t)got : 0;
	return got >= 0;
}

/* False: the file is no YAML. */
static int count(int fd, unsigned long *events)
{
	yaml_event_t event = { .type = YAML_NO_EVENT };
	yaml_parser_t parser;
	int good, end = 0;

	if (!yaml_parser_initialize(&parser))
		return 0;
	yaml_parser_set_input(&parser, give_bytes, &fd);
	while ((good = yaml_parser_parse(&parser, &event)) != 0 && !end) {
		++*events;
		end = event.type == YAML_STREAM_END_EVENT;
		yaml_event_delete(&event);
	}
	yaml_parser_delete(&parser);
	return good;
}

int main(int argc, char **argv)
{
	unsigned long events = 0;
	int fd = argc == 2 ? open(argv[1], O_RDONLY | O_CLOEXEC) : -1, good;

	if (fd < 0) {
		fputs("usage: events FILE\n", stderr);
		return 2;
	}
	good = count(fd, &events);
	close(fd);
	printf("%lu\n", events);
	return good ? 0 : 1;
}
