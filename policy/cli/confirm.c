/* An apply that waits to be confirmed; see confirm.h. */
#include "cli/confirm.h"

#include "base/text.h"

#include <errno.h>
#include <inttypes.h>
#include <sodium.h>
#include <stdio.h>

#define PENDING_NAME "policy.confirm"
#define PENDING_MAX  512
#define NOTHING      "nothing"

static size_t put_pending(const struct pending *pending, char out[static PENDING_MAX])
{
	char before[2 * SHA256_SIZE + 1] = NOTHING, term[TERM_TEXT];
	struct text hex = text_over(before, sizeof before);
	int len;

	text_add(&hex, pending->is_first ? NOTHING : "");
	if (!pending->is_first)
		text_add_hex(&hex, slice_of(pending->before, sizeof pending->before));
	term_put(&pending->term, term);
	len = snprintf(out, PENDING_MAX, "adperm-confirm 1\ngeneration %" PRIu64 "\nbefore %s\n%s",
		pending->generation, before, term);
	return len > 0 ? (size_t)len : 0;
}

/* Taken leniently and written again: only a text that comes out as it went in is one. */
static bool take_pending(const char *text, struct pending *pending)
{
	char again[PENDING_MAX], before[2 * SHA256_SIZE + 1];
	int behind = 0;

	*pending = (struct pending){ .is_first = false };
	if (sscanf(text, "adperm-confirm 1 generation %" SCNu64 " before %64s %n",
		    &pending->generation, before, &behind) != 2 ||
		!term_take(text + behind, &pending->term))
		return false;
	pending->is_first = strcmp(before, NOTHING) == 0;
	if (!pending->is_first && sodium_hex2bin(pending->before, SHA256_SIZE, before,
					  strlen(before), NULL, NULL, NULL) != 0)
		return false;
	put_pending(pending, again);
	return strcmp(again, text) == 0;
}

int pending_read(const struct site *site, struct pending *pending)
{
	char path[PATH_MAX], text[PENDING_MAX];
	size_t len;
	int ret = site_path(site, PENDING_NAME, path);

	if (ret == 0)
		ret = file_read(path, TRUST_CALLER, text, sizeof text - 1, &len);
	if (ret != 0)
		return ret == -EFBIG ? -EBADMSG : ret;
	text[len] = '\0';
	return take_pending(text, pending) ? 0 : -EBADMSG;
}

int pending_write(const struct site *site, const struct pending *pending)
{
	char path[PATH_MAX], text[PENDING_MAX];
	int ret = site_path(site, PENDING_NAME, path);
	size_t len = put_pending(pending, text);

	return ret == 0 ? file_write(path, 0644, slice_of(text, len)) : ret;
}

int pending_remove(const struct site *site)
{
	char path[PATH_MAX];
	int ret = site_path(site, PENDING_NAME, path);

	return ret != 0 ? ret : file_remove(path);
}
