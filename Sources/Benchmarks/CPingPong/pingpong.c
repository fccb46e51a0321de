#include "CPingPong.h"
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <zmq.h>

static int64_t now(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return t.tv_sec * 1000000000LL + t.tv_nsec;
}

int grove_raw_echo(const char *bind, void (*bound)(const char *endpoint)) {
  char endpoint[256];
  size_t length = sizeof endpoint;
  void *context = zmq_ctx_new(), *socket = zmq_socket(context, ZMQ_ROUTER);
  int failed = zmq_bind(socket, bind) || zmq_getsockopt(socket, ZMQ_LAST_ENDPOINT, endpoint, &length);
  if (failed) failed = errno;
  else bound(endpoint);
  for (int going = !failed; going;) {
    zmq_msg_t identity, body;
    zmq_msg_init(&identity);
    zmq_msg_init(&body);
    if (zmq_msg_recv(&identity, socket, 0) < 0 || zmq_msg_recv(&body, socket, 0) < 0) break;
    going = zmq_msg_size(&body) > 0;
    zmq_msg_send(&identity, socket, ZMQ_SNDMORE);
    zmq_msg_send(&body, socket, 0);
  }
  zmq_close(socket);
  zmq_ctx_term(context);
  return failed;
}

static void release(void *data, void *hint) {
  (void)hint;
  free(data);
}

int64_t grove_raw_ping(const char *endpoint, int64_t size, int64_t rounds, int64_t outstanding, int64_t *each, int end) {
  void *context = zmq_ctx_new(), *socket = zmq_socket(context, ZMQ_DEALER);
  int none = 0;
  zmq_setsockopt(socket, ZMQ_LINGER, &none, sizeof none);
  if (zmq_connect(socket, endpoint)) return -errno;
  int64_t start = now(), sent = 0, received = 0, last = start;
  while (received < rounds) {
    while (sent < rounds && sent - received < outstanding) {
      zmq_msg_t message;
      void *data = malloc(size);
      memset(data, 1, size);
      zmq_msg_init_data(&message, data, size, release, NULL);
      if (zmq_msg_send(&message, socket, 0) < 0) return -errno;
      sent++;
    }
    zmq_msg_t message;
    zmq_msg_init(&message);
    if (zmq_msg_recv(&message, socket, 0) < 0) return -errno;
    zmq_msg_close(&message);
    int64_t t = now();
    if (each) each[received] = t - last;
    last = t;
    received++;
  }
  int64_t took = now() - start;
  if (end) {
    zmq_send(socket, "", 0, 0);
    char goodbye;
    zmq_recv(socket, &goodbye, 1, 0);
  }
  zmq_close(socket);
  zmq_ctx_term(context);
  return took;
}
