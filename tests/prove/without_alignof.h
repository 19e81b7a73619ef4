/* Before each file that is proved: Frama-C 25 does not know alignof. The compilers check these. */
#define _Static_assert(condition, text)
