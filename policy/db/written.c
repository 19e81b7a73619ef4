/* Records of the policy as written; see written.h. */
#include "db/written.h"

static void put_nets(struct buf *out, const struct net *nets, uint32_t n)
{
	buf_u32(out, n);
	for (uint32_t i = 0; i < n; i++)
		record_put_net(out, &nets[i]);
}

void written_put_profile(struct buf *out, const struct written_profile *profile)
{
	buf_u8(out, profile->flags);
	buf_text(out, profile->name);
	buf_text(out, profile->login);
	put_nets(out, profile->nets, profile->net_total);
}

void written_put_grant(struct buf *out, const struct written_grant *grant)
{
	buf_text(out, grant->owner);
	buf_u8(out, grant->flags);
	buf_u64(out, (uint64_t)grant->until);
	buf_u32(out, grant->grace);
	buf_text(out, grant->note);
	buf_text(out, grant->file);
	buf_u32(out, grant->line);
	put_nets(out, grant->nets, grant->net_total);
}
