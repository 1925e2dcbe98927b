/* Fails or kills at the n-th change of a file: loaded before the C library by LD_PRELOAD.
 *
 * FAULT_PATH  the beginning of the paths that count
 * FAULT_AT    which call strikes, from 1 on
 * FAULT_KIND  eio: it fails; full: half of it is written, and all later calls fail;
 *             kill: the process ends before it; torn: the process ends when half is written
 * FAULT_MARK  a file that is made when it strikes; it holds the name of the call
 * FAULT_SYNCS a file that grows by a byte when the process waits for the disk
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

enum kind { NONE, EIO_ONCE, FULL, KILL, TORN };

static long n_calls = 0;

static enum kind kind(void) {
    const char *name = getenv("FAULT_KIND");
    if (!name) return NONE;
    if (!strcmp(name, "eio")) return EIO_ONCE;
    if (!strcmp(name, "full")) return FULL;
    if (!strcmp(name, "kill")) return KILL;
    if (!strcmp(name, "torn")) return TORN;
    return NONE;
}

static int counts(const char *path) {
    const char *start = getenv("FAULT_PATH");
    return start && !strncmp(path, start, strlen(start));
}

static int counts_open(int file) {
    char link[64], path[4096];
    snprintf(link, sizeof link, "/proc/self/fd/%d", file);
    ssize_t length = readlink(link, path, sizeof path - 1);
    if (length < 0) return 0;
    path[length] = 0;
    return counts(path);
}

static void end(void) {
    kill(getpid(), SIGKILL);
    for (;;) pause();
}

/* Adds a text to the file that a variable names. Not by the functions below. */
static void note(const char *variable, const char *text) {
    const char *path = getenv(variable);
    if (!path) return;
    int file = (int)syscall(SYS_openat, AT_FDCWD, path, O_CREAT | O_WRONLY | O_APPEND, 0644);
    syscall(SYS_write, file, text, strlen(text));
    syscall(SYS_close, file);
}

/* What a call is to do: 0 go on, 1 fail with errno set, 2 write half of it. */
static int strike(const char *call, int is_write) {
    const char *at = getenv("FAULT_AT");
    long number = __sync_add_and_fetch(&n_calls, 1), first = at ? atol(at) : 0;
    enum kind now = kind();
    if (strstr(call, "sync")) note("FAULT_SYNCS", ".");
    if (now == FULL && first && number > first && strcmp(call, "unlink")) {
        errno = ENOSPC;
        return 1;
    }
    if (number != first) return 0;
    note("FAULT_MARK", call);
    switch (now) {
    case EIO_ONCE: errno = EIO; return 1;
    case FULL: if (is_write) return 2; errno = ENOSPC; return strcmp(call, "unlink") ? 1 : 0;
    case TORN: if (is_write) return 2; end(); return 1;
    case KILL: end(); return 1;
    default: return 0;
    }
}

#define NEXT(type, name) type = dlsym(RTLD_NEXT, name)

/* The two halves of a write that a fault may strike. */
#define WRITE(name, real, half)                                \
    if (!counts_open(file)) return real;                       \
    switch (strike(name, 1)) {                                 \
    case 0: return real;                                       \
    case 1: return -1;                                         \
    default: {                                                 \
        ssize_t written = half;                                \
        if (kind() == TORN) end();                             \
        return written;                                        \
    }                                                          \
    }

ssize_t write(int file, const void *bytes, size_t n) {
    NEXT(ssize_t (*next)(int, const void *, size_t), "write");
    WRITE("write", next(file, bytes, n), next(file, bytes, n > 1 ? n / 2 : n))
}

ssize_t pwrite(int file, const void *bytes, size_t n, off_t at) {
    NEXT(ssize_t (*next)(int, const void *, size_t, off_t), "pwrite");
    WRITE("pwrite", next(file, bytes, n, at), next(file, bytes, n > 1 ? n / 2 : n, at))
}

ssize_t pwrite64(int file, const void *bytes, size_t n, off64_t at) {
    NEXT(ssize_t (*next)(int, const void *, size_t, off64_t), "pwrite64");
    WRITE("pwrite64", next(file, bytes, n, at), next(file, bytes, n > 1 ? n / 2 : n, at))
}

int fsync(int file) {
    NEXT(int (*next)(int), "fsync");
    return counts_open(file) && strike("fsync", 0) ? -1 : next(file);
}

int fdatasync(int file) {
    NEXT(int (*next)(int), "fdatasync");
    return counts_open(file) && strike("fdatasync", 0) ? -1 : next(file);
}

int ftruncate(int file, off_t n) {
    NEXT(int (*next)(int, off_t), "ftruncate");
    return counts_open(file) && strike("ftruncate", 0) ? -1 : next(file, n);
}

int ftruncate64(int file, off64_t n) {
    NEXT(int (*next)(int, off64_t), "ftruncate64");
    return counts_open(file) && strike("ftruncate", 0) ? -1 : next(file, n);
}

int unlink(const char *path) {
    NEXT(int (*next)(const char *), "unlink");
    return counts(path) && strike("unlink", 0) ? -1 : next(path);
}

/* Opening counts where it may make a file. */
#define OPEN(name)                                                              \
    NEXT(int (*next)(const char *, int, ...), name);                            \
    va_list more;                                                               \
    va_start(more, flags);                                                      \
    int mode = flags & O_CREAT ? va_arg(more, int) : 0;                         \
    va_end(more);                                                               \
    return flags & O_CREAT && counts(path) && strike("open", 0) ? -1 : next(path, flags, mode);

int open(const char *path, int flags, ...) { OPEN("open") }
int open64(const char *path, int flags, ...) { OPEN("open64") }
