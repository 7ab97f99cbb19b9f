/* Kills the process that it is loaded into at a certain one of its writes, whichever thread makes it: before the write, and so that
 * no thread makes another. Loaded with LD_PRELOAD by writes.rs.
 *
 *   WRITES_UNTIL_DEATH   the number of the write that is not made any more; without it none is
 *   WRITES_COUNTED       a file that is told how many writes there were, where the process ends by itself
 *
 * A write is a call by which anything gets to a file or a socket. What threads say to each other by other means is none: how
 * often they do is chance.
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

static long made;
static long last = -1;

__attribute__((constructor)) static void begin(void) {
    const char *until = getenv("WRITES_UNTIL_DEATH");
    if (until) last = atol(until);
}

__attribute__((destructor)) static void end(void) {
    const char *file = getenv("WRITES_COUNTED");
    FILE *told = file ? fopen(file, "w") : NULL;
    if (!told) return;
    fprintf(told, "%ld", __atomic_load_n(&made, __ATOMIC_SEQ_CST));
    fclose(told);
}

static void count(void) {
    long nth = __atomic_add_fetch(&made, 1, __ATOMIC_SEQ_CST);
    if (last < 0 || nth < last) return;
    syscall(SYS_kill, getpid(), SIGKILL);
    for (;;) pause();
}

static void count_if_it_leads_out(int to) {
    struct stat is;
    if (fstat(to, &is) == 0 && (S_ISREG(is.st_mode) || S_ISSOCK(is.st_mode))) count();
}

#define TO(call, result, parameters, ...) \
    result call parameters { count_if_it_leads_out(to); return syscall(SYS_##call, __VA_ARGS__); }
#define AT(call, parameters, ...) \
    int call parameters { count(); return syscall(SYS_##call, __VA_ARGS__); }

TO(write, ssize_t, (int to, const void *what, size_t much), to, what, much)
TO(writev, ssize_t, (int to, const struct iovec *what, int parts), to, what, parts)
TO(pwrite64, ssize_t, (int to, const void *what, size_t much, off_t where), to, what, much, where)
TO(sendmsg, ssize_t, (int to, const struct msghdr *what, int flags), to, what, flags)
TO(sendto, ssize_t, (int to, const void *what, size_t much, int flags, const struct sockaddr *whom, socklen_t size), to, what,
   much, flags, whom, size)

ssize_t pwrite(int to, const void *what, size_t much, off_t where) { return pwrite64(to, what, much, where); }
ssize_t send(int to, const void *what, size_t much, int flags) { return sendto(to, what, much, flags, NULL, 0); }

AT(fsync, (int of), of)
AT(fdatasync, (int of), of)
AT(ftruncate, (int of, off_t size), of, size)
AT(renameat2, (int from, const char *old, int to, const char *new, unsigned flags), from, old, to, new, flags)
AT(unlinkat, (int in, const char *name, int flags), in, name, flags)

int ftruncate64(int of, off_t size) { return ftruncate(of, size); }
int rename(const char *old, const char *new) { return renameat2(AT_FDCWD, old, AT_FDCWD, new, 0); }
int unlink(const char *name) { return unlinkat(AT_FDCWD, name, 0); }
