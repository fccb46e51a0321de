/* The raw ping-pong over libzmq that Grove's calls are measured against. */
#pragma once
#include <stdint.h>

/* Answers every message with itself until one of zero bytes comes. endpoint: room for 256 characters; in: where to
   bind, out: where it is bound. `bound` is called once it is. Returns 0, or the errno of what failed. */
int grove_raw_echo(const char *bind, void (*bound)(const char *endpoint));
/* Sends `size` bytes `rounds` times, keeping `outstanding` on the way, and ends the echo. Returns nanoseconds in all,
   or -errno. If `each` is not null and one is outstanding, it receives the nanoseconds of every round. */
int64_t grove_raw_ping(const char *endpoint, int64_t size, int64_t rounds, int64_t outstanding, int64_t *each, int end);
