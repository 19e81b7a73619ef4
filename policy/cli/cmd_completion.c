/* adperm completion: what a shell completes, written from the same rows as the help. */
#include "cli/cli.h"

#include "model/catalogue.h"

#include <string.h>

/* What may stand in the place of a value, by what the help calls it. */
enum kind { KIND_ANYTHING = 0, KIND_FILE, KIND_DIRECTORY, KIND_PERMISSION, KIND_WORDS };

static const struct {
	const char *value;
	enum kind kind;
} kinds[] = {
	{ "FILE", KIND_FILE },
	{ "PATH", KIND_FILE },
	{ "PUB", KIND_FILE },
	{ "KEY", KIND_FILE },
	{ "DIR", KIND_DIRECTORY },
	{ "ID", KIND_PERMISSION },
};

static enum kind kind_of(const char *value)
{
	for (size_t i = 0; value != NULL && i < sizeof kinds / sizeof kinds[0]; i++)
		if (strcmp(value, kinds[i].value) == 0)
			return kinds[i].kind;
	return value != NULL && strchr(value, '|') != NULL ? KIND_WORDS : KIND_ANYTHING;
}

/* The words that a value may be, with blanks between. */
static void print_words(enum kind kind, const char *value)
{
	const char *blank = "";

	if (kind == KIND_WORDS) {
		for (; *value != '\0'; value++)
			putchar(*value == '|' ? ' ' : *value);
		return;
	}
	for (size_t i = 0; i < perm_rows; i++) {
		if (perm_table[i].perm != PERM_NONE)
			printf("%s%s", blank, perm_table[i].full);
		blank = " ";
	}
}

/* A text inside single quotes: each character of `special` is written as its replacement. */
static void print_quoted(const char *text, const char *special, const char *const *replacement)
{
	for (; *text != '\0'; text++) {
		const char *found = strchr(special, *text);

		if (found != NULL)
			fputs(replacement[found - special], stdout);
		else
			putchar(*text);
	}
}

/* Calls `write` for each command that has options of its own: all, but parts in place of wholes. */
static void each_command(void (*write)(const struct command *command))
{
	for (size_t i = 0; commands[i] != NULL; i++) {
		write(commands[i]);
		for (size_t k = 0; commands[i]->parts != NULL && commands[i]->parts[k] != NULL; k++)
			write(commands[i]->parts[k]);
	}
}

/* The last word of its name: "enroll" of "totp enroll". */
static const char *own_name(const struct command *command)
{
	const char *blank = strchr(command->name, ' ');

	return blank != NULL ? blank + 1 : command->name;
}

/* --- bash */

static void bash_names(const struct command *const *list)
{
	for (size_t i = 0; list[i] != NULL; i++)
		printf("%s%s", i > 0 ? " " : "", own_name(list[i]));
}

/* The end of a case: what to do where this value belongs. */
static void bash_value(const char *value)
{
	enum kind kind = kind_of(value);

	switch (kind) {
	case KIND_FILE: puts(";;"); break;
	case KIND_DIRECTORY: puts("compopt -o dirnames +o default ;;"); break;
	case KIND_ANYTHING: puts("compopt +o default ;;"); break;
	case KIND_PERMISSION:
	case KIND_WORDS:
		printf("words='");
		print_words(kind, value);
		puts("' ;;");
		break;
	}
}

static void bash_command(const struct command *command)
{
	const struct command_option *row = command->options;

	printf("    '%s')\n        case $previous in\n", command->name);
	for (; row != NULL && row->name != NULL; row++) {
		if (row->value == NULL)
			continue;
		if (row->letter != '\0')
			printf("        -%c | --%s) ", row->letter, row->name);
		else
			printf("        --%s) ", row->name);
		bash_value(row->value);
	}
	printf("        *)\n            options='");
	for (row = command->options; row != NULL && row->name != NULL; row++)
		printf("--%s ", row->name);
	printf("--help'\n            ");
	if (command->parts != NULL) {
		printf("words='");
		bash_names(command->parts);
		puts("' ;;");
	} else {
		bash_value(command->operand);
	}
	puts("        esac ;;");
}

static void bash(void)
{
	puts("# bash completion for adperm; written by `adperm completion bash`.\n"
	     "_adperm() {\n"
	     "    local current=${COMP_WORDS[COMP_CWORD]} previous=${COMP_WORDS[COMP_CWORD - 1]}\n"
	     "    local command=${COMP_WORDS[1]} options='' words=''\n"
	     "    COMPREPLY=()\n"
	     "    if [ \"$COMP_CWORD\" -eq 1 ]; then\n"
	     "        command=''\n"
	     "    elif [ \"$COMP_CWORD\" -gt 2 ]; then\n"
	     "        case $command in");
	for (size_t i = 0; commands[i] != NULL; i++)
		if (commands[i]->parts != NULL)
			printf("        %s) command+=\" ${COMP_WORDS[2]}\" ;;\n",
				commands[i]->name);
	printf("        esac\n"
	       "    fi\n"
	       "    case $command in\n"
	       "    '')\n"
	       "        options='--help --version'\n"
	       "        words='");
	bash_names(commands);
	puts("' ;;");
	each_command(bash_command);
	puts("    esac\n"
	     "    [[ $current != -* ]] || words=$options\n"
	     "    [ -z \"$words\" ] || mapfile -t COMPREPLY < <(compgen -W \"$words\" -- "
	     "\"$current\")\n"
	     "    return 0\n"
	     "}\n"
	     "complete -o default -F _adperm adperm");
}

/* --- zsh */

static const char *const zsh_replacement[] = { "'\\''", "\\[", "\\]", "\\:", "\\\\" };

static void zsh_text(const char *text)
{
	print_quoted(text, "'[]:\\", zsh_replacement);
}

static void zsh_value(const char *value)
{
	enum kind kind = kind_of(value);

	zsh_text(value);
	switch (kind) {
	case KIND_FILE: printf(":_files"); break;
	case KIND_DIRECTORY: printf(":_files -/"); break;
	case KIND_ANYTHING: printf(":"); break;
	case KIND_PERMISSION:
	case KIND_WORDS:
		printf(":(");
		print_words(kind, value);
		putchar(')');
		break;
	}
}

/* The list of commands, or of parts, with what they do. */
static void zsh_names(const struct command *const *list, const char *indent)
{
	printf("%slocal -a commands=(\n", indent);
	for (size_t i = 0; list[i] != NULL; i++) {
		printf("%s    '%s:", indent, own_name(list[i]));
		zsh_text(list[i]->summary);
		puts("'");
	}
	printf("%s)\n%s_describe command commands\n", indent, indent);
}

static void zsh_command(const struct command *command)
{
	const struct command_option *row = command->options;
	char room[OPTION_SAYS];

	printf("    '%s')\n", command->name);
	if (command->parts != NULL) {
		zsh_names(command->parts, "        ");
		puts("        ;;");
		return;
	}
	printf("        _arguments");
	for (; row != NULL && row->name != NULL; row++) {
		printf(" \\\n            ");
		if (row->letter != '\0')
			printf("'(-%c --%s)'{-%c,--%s}'[", row->letter, row->name, row->letter,
				row->name);
		else
			printf("'--%s[", row->name);
		zsh_text(option_says(row, room));
		putchar(']');
		if (row->value != NULL) {
			putchar(':');
			zsh_value(row->value);
		}
		putchar('\'');
	}
	printf(" \\\n            '--help[this text]'");
	if (command->operand != NULL) {
		printf(" \\\n            '*:");
		zsh_value(command->operand);
		putchar('\'');
	}
	puts("\n        ;;");
}

static void zsh(void)
{
	puts("#compdef adperm\n"
	     "# zsh completion for adperm; written by `adperm completion zsh`.\n"
	     "_adperm() {\n"
	     "    local command=$words[2]\n"
	     "    if ((CURRENT == 2)); then");
	zsh_names(commands, "        ");
	puts("        return\n"
	     "    fi\n"
	     "    shift words\n"
	     "    ((CURRENT--))\n"
	     "    case $command in");
	for (size_t i = 0; commands[i] != NULL; i++)
		if (commands[i]->parts != NULL)
			printf("    %s)\n"
			       "        if ((CURRENT > 2)); then\n"
			       "            command+=\" $words[2]\"\n"
			       "            shift words\n"
			       "            ((CURRENT--))\n"
			       "        fi\n"
			       "        ;;\n",
				commands[i]->name);
	puts("    esac\n"
	     "    case $command in");
	each_command(zsh_command);
	puts("    esac\n"
	     "}\n"
	     "_adperm \"$@\"");
}

/* --- fish */

static const char *const fish_replacement[] = { "\\'", "\\\\" };

static void fish_text(const char *text)
{
	print_quoted(text, "'\\", fish_replacement);
}

/* Where a command's own words and options belong. */
static void fish_where(const struct command *command)
{
	int whole = (int)strcspn(command->name, " ");

	printf("complete -c adperm -n '__fish_seen_subcommand_from %.*s", whole, command->name);
	if (command->name[whole] == ' ')
		printf("; and __fish_seen_subcommand_from %s", own_name(command));
	putchar('\'');
}

/* What may follow, with the switches for it. */
static void fish_value(const char *value)
{
	enum kind kind = kind_of(value);

	switch (kind) {
	case KIND_FILE: printf(" -F"); break;
	case KIND_DIRECTORY: printf(" -a '(__fish_complete_directories)'"); break;
	case KIND_ANYTHING: break;
	case KIND_PERMISSION:
	case KIND_WORDS:
		printf(" -a '");
		print_words(kind, value);
		putchar('\'');
		break;
	}
}

static void fish_parts(const struct command *command)
{
	for (size_t i = 0; command->parts[i] != NULL; i++) {
		printf("complete -c adperm -n '__fish_seen_subcommand_from %s; and not "
		       "__fish_seen_subcommand_from",
			command->name);
		for (size_t k = 0; command->parts[k] != NULL; k++)
			printf(" %s", own_name(command->parts[k]));
		printf("' -a %s -d '", own_name(command->parts[i]));
		fish_text(command->parts[i]->summary);
		puts("'");
	}
}

static void fish_command(const struct command *command)
{
	const struct command_option *row = command->options;
	char room[OPTION_SAYS];

	if (command->parts != NULL)
		fish_parts(command);
	for (; row != NULL && row->name != NULL; row++) {
		fish_where(command);
		printf(" -l %s", row->name);
		if (row->letter != '\0')
			printf(" -s %c", row->letter);
		if (row->value != NULL) {
			printf(kind_of(row->value) == KIND_FILE ? " -r" : " -x");
			fish_value(row->value);
		}
		printf(" -d '");
		fish_text(option_says(row, room));
		puts("'");
	}
	if (kind_of(command->operand) != KIND_ANYTHING) {
		fish_where(command);
		fish_value(command->operand);
		putchar('\n');
	}
}

static void fish(void)
{
	puts("# fish completion for adperm; written by `adperm completion fish`.\n"
	     "complete -c adperm -f\n"
	     "complete -c adperm -l help -d 'help'");
	for (size_t i = 0; commands[i] != NULL; i++) {
		printf("complete -c adperm -n __fish_use_subcommand -a %s -d '", commands[i]->name);
		fish_text(commands[i]->summary);
		puts("'");
	}
	each_command(fish_command);
}

static const struct {
	const char *name;
	void (*write)(void);
} shells[] = { { "bash", bash }, { "zsh", zsh }, { "fish", fish } };

static int run(int argc, char **argv)
{
	int first, code;

	if (!arguments_parse(&cmd_completion, NULL, argc, argv, &first, &code))
		return code;
	for (size_t i = 0; argc - first == 1 && i < sizeof shells / sizeof shells[0]; i++) {
		if (strcmp(argv[first], shells[i].name) == 0) {
			shells[i].write();
			return EXIT_OK;
		}
	}
	return complain("completion: for which shell: bash, zsh or fish?");
}

const struct command cmd_completion = {
	.name = "completion",
	.synopsis = "bash|zsh|fish",
	.summary = "Print what a shell needs to complete adperm's words",
	.run = run,
	.operand = "bash|zsh|fish",
};
