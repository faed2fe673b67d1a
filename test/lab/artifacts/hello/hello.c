// A container's whole contents: says hello on its log and over HTTP until it is told to stop.
#include <arpa/inet.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

static void stop(int signal) { _exit(signal == SIGTERM || signal == SIGINT ? 0 : 1); }

static void fail(const char *what) {
  perror(what);
  exit(1);
}

int main(int count, char **words) {
  int port = count > 1 ? atoi(words[1]) : 8080, on = 1;
  struct sockaddr_in all = {.sin_family = AF_INET, .sin_port = htons((unsigned short)port)};
  int listening = socket(AF_INET, SOCK_STREAM, 0);
  // The first process of a container has no signals by default.
  signal(SIGTERM, stop);
  signal(SIGINT, stop);
  signal(SIGPIPE, SIG_IGN);
  if (listening < 0) fail("socket");
  setsockopt(listening, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
  if (bind(listening, (struct sockaddr *)&all, sizeof all) != 0) fail("bind");
  if (listen(listening, 16) != 0) fail("listen");
  fprintf(stderr, "hello on :%d\n", port);
  for (;;) {
    char host[256] = "a host without a name", body[300], asked[4096];
    int caller = accept(listening, NULL, NULL);
    if (caller < 0) continue;
    gethostname(host, sizeof host - 1);
    if (read(caller, asked, sizeof asked) > 0) {
      int length = snprintf(body, sizeof body, "hello from %s\n", host);
      dprintf(caller, "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: %d\r\nConnection: close\r\n\r\n%s", length, body);
    }
    close(caller);
  }
}
