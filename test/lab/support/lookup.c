/* lookup [-4|-6] NAME: the addresses that the C library gives, one a line. For libraries that no program of this machine has, such as musl. */
#include <arpa/inet.h>
#include <netdb.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>

int main(int argc, char **argv) {
  struct addrinfo hints = {0}, *found;
  hints.ai_socktype = SOCK_STREAM;
  if (argc < 2) return 2;
  if (strcmp(argv[1], "-4") == 0) hints.ai_family = AF_INET;
  if (strcmp(argv[1], "-6") == 0) hints.ai_family = AF_INET6;
  int failure = getaddrinfo(argv[argc - 1], NULL, &hints, &found);
  if (failure != 0) {
    fprintf(stderr, "%s\n", gai_strerror(failure));
    return 1;
  }
  for (struct addrinfo *one = found; one != NULL; one = one->ai_next) {
    char text[INET6_ADDRSTRLEN];
    const void *address = one->ai_family == AF_INET ? (void *)&((struct sockaddr_in *)one->ai_addr)->sin_addr
                                                    : (void *)&((struct sockaddr_in6 *)one->ai_addr)->sin6_addr;
    puts(inet_ntop(one->ai_family, address, text, sizeof text));
  }
  return 0;
}
