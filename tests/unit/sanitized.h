/*
 * Whether this is a build for the address sanitizer. It has an allocator of its own, which keeps
 * what was freed and asks the kernel for memory whenever it likes, and everything takes longer.
 */
#ifndef ADPERM_TESTS_SANITIZED_H
#define ADPERM_TESTS_SANITIZED_H

#if defined(__SANITIZE_ADDRESS__)
#define SANITIZED 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define SANITIZED 1
#endif
#endif
#ifndef SANITIZED
#define SANITIZED 0
#endif

#endif
