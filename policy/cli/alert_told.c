/* What people were told already; see alert.h. */
#include "cli/alert.h"

#include "base/buf.h"
#include "base/file.h"
#include "base/text.h"
#include "cli/cli.h"
#include "lang/rows.h"

#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <unistd.h>

#define TOLD     "told"
#define KEPT     "policy.cdb"
#define KEPT_NEW ".policy.cdb.new"
#define TOLD_MAX (1024 * 1024)
#define HEX      (2 * SHA256_SIZE)

bool told_path(const struct told *told, const char *name, char *out, size_t room)
{
	return snprintf(out, room, "%s/%s", told->dir.path, name) < (int)room;
}

static bool wrong(const struct told *told, const char *name, int ret)
{
	complain("alert: %s/%s: %s", told->dir.path, name,
		ret == -EPERM ? "it, and every directory above it, must be root's and its alone"
			      : strerror(-ret));
	return false;
}

static void spell(const uint8_t digest[SHA256_SIZE], char out[static HEX + 1])
{
	struct text t = text_over(out, HEX + 1);

	text_add_hex(&t, slice_of(digest, SHA256_SIZE));
}

static bool take_digest(struct slice hex, uint8_t out[static SHA256_SIZE])
{
	static const char digits[] = "0123456789abcdef";

	for (size_t i = 0; i < HEX && hex.len == HEX; i++) {
		const char *digit = memchr(digits, hex.at[i], sizeof digits - 1);

		if (digit == NULL)
			return false;
		out[i / 2] = (uint8_t)(out[i / 2] << 4 | (digit - digits));
	}
	return hex.len == HEX;
}

static bool take_line(struct told *told, struct slice line)
{
	struct slice kind = conf_piece(&line, ' ');
	struct event event = { .kind = ALERTS };
	struct event *row;

	for (unsigned i = 0; i < ALERTS; i++)
		if (slice_equal(kind, slice_str(alert_names[i])))
			event.kind = (enum alert)i;
	if (event.kind == ALERTS || !take_digest(line, event.digest))
		return wrong(told, TOLD, -EBADMSG);
	row = ROWS_ADD(&told->rows);
	if (row == NULL)
		return wrong(told, TOLD, -ENOMEM);
	*row = event;
	return true;
}

bool told_read(struct told *told, const char *directory)
{
	char path[PATH_MAX], *text = NULL;
	struct slice rest;
	size_t len = 0;
	bool good = true;
	int ret = private_dir_open(&told->dir, directory);

	if (ret != 0)
		return wrong(told, "", ret);
	text = malloc(TOLD_MAX);
	ret = text == NULL || !told_path(told, TOLD, path, sizeof path)
		      ? -ENOMEM
		      : file_read(path, TRUST_ROOT, text, TOLD_MAX, &len);
	if (ret != 0 && ret != -ENOENT)
		good = wrong(told, TOLD, ret);
	for (rest = slice_of(text, ret == 0 ? len : 0); good && rest.len > 0;)
		good = take_line(told, conf_piece(&rest, '\n'));
	free(text);
	return good;
}

bool told_already(const struct told *told, enum alert kind, const uint8_t digest[SHA256_SIZE])
{
	for (uint32_t i = 0; i < told->rows.n; i++)
		if (told->rows.at[i].kind == kind &&
			memcmp(told->rows.at[i].digest, digest, SHA256_SIZE) == 0)
			return true;
	return false;
}

static void add_line(struct buf *out, const struct event *event)
{
	char hex[HEX + 1];

	spell(event->digest, hex);
	buf_bytes(out, alert_names[event->kind], strlen(alert_names[event->kind]));
	buf_u8(out, ' ');
	buf_bytes(out, hex, HEX);
	buf_u8(out, '\n');
}

/*
 * Another link is as good as a copy: a database is never written to, only replaced. It is made anew
 * beside the earlier one and takes its name.
 */
static int keep_policy(const struct told *told, const char *db)
{
	char path[PATH_MAX], beside[PATH_MAX];

	if (!told_path(told, KEPT, path, sizeof path) ||
		!told_path(told, KEPT_NEW, beside, sizeof beside))
		return -ENAMETOOLONG;
	if ((unlink(beside) != 0 && errno != ENOENT) || link(db, beside) != 0 ||
		rename(beside, path) != 0 || (unlink(beside) != 0 && errno != ENOENT))
		return -errno;
	return 0;
}

/* Is there news of the policy that nobody was told of? */
static bool policy_untold(const struct finding *f)
{
	for (uint32_t i = 0; i < f->rows.n; i++)
		if (f->rows.at[i].kind == ALERT_POLICY && !f->rows.at[i].told)
			return true;
	return f->unseen[ALERT_POLICY];
}

bool told_write(struct told *told, const struct finding *f)
{
	char path[PATH_MAX];
	struct buf text = { .at = NULL };
	int ret = -ENOMEM;

	for (uint32_t i = 0; i < told->rows.n; i++)
		if (f->unseen[told->rows.at[i].kind])
			add_line(&text, &told->rows.at[i]);
	for (uint32_t i = 0; i < f->rows.n; i++)
		if (f->rows.at[i].told && f->rows.at[i].kind != ALERT_POLICY &&
			(!f->unseen[f->rows.at[i].kind] ||
				!told_already(told, f->rows.at[i].kind, f->rows.at[i].digest)))
			add_line(&text, &f->rows.at[i]);
	if (!text.failed && told_path(told, TOLD, path, sizeof path))
		ret = file_write(path, 0600, buf_slice(&text));
	buf_done(&text);
	if (ret != 0)
		return wrong(told, TOLD, ret);
	ret = policy_untold(f) ? 0 : keep_policy(told, f->db);
	return ret == 0 || wrong(told, KEPT, ret);
}

void told_done(struct told *told)
{
	private_dir_close(&told->dir);
	free(told->rows.at);
}
