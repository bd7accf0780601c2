/* Under ThreadSanitizer only: room for BoxFort's arena. Criterion maps it at a random address and
 * tries five times; ThreadSanitizer's shadow covers nearly all of them, and the runner gives up
 * ("Could not initialize inheritable arena"). Here it gets an address that the runtime leaves to
 * the program (run with the runtime of GCC 12 and Criterion 2.4.1). */
#ifdef __has_feature /* clang */
#if __has_feature(thread_sanitizer) && !defined(__SANITIZE_THREAD__)
#define __SANITIZE_THREAD__
#endif
#endif
#ifdef __SANITIZE_THREAD__

#include <dlfcn.h>
#include <errno.h>
#include <stdint.h>
#include <sys/mman.h>

/* Where ThreadSanitizer expects position-independent programs, below where Linux puts them, and
 * within what BoxFort takes. */
static uintptr_t next_base = UINT64_C(0x551000000000);

/* BoxFort asks only whether a random address is free; the real choice is made in mmap below. */
int mincore(void *start, size_t length, unsigned char *ret_states)
{
    (void)start, (void)length, (void)ret_states;
    errno = ENOMEM; /* nothing is mapped there */
    return -1;
}

void *mmap(void *address, size_t length, int protection, int flags, int file, off_t offset)
{
    void *(*real)(void *, size_t, int, int, int, off_t) =
        (void *(*)(void *, size_t, int, int, int, off_t))dlsym(RTLD_NEXT, "mmap");
    if (address && file >= 0 && (flags & MAP_SHARED)) { /* the arena, at a random address */
        address = (void *)next_base;
        next_base += UINT64_C(0x100000000);
    }
    return real(address, length, protection, flags, file, offset);
}
#endif
