#define _GNU_SOURCE
#include "Interposed.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

// linux/socket.h, Linux 6.5; not in Debian 12's headers.
#ifndef SCM_PIDFD
#define SCM_PIDFD 0x04
#endif

/// The maximum number of descriptors that the kernel passes in one message (SCM_MAX_FD).
enum { most_descriptors = 253 };

int kernel_socket_kind(int socket) {
  int domain = 0, type = 0;
  socklen_t length = sizeof domain;
  if (getsockopt(socket, SOL_SOCKET, SO_DOMAIN, &domain, &length) != 0) return -errno;
  length = sizeof type;
  if (getsockopt(socket, SOL_SOCKET, SO_TYPE, &type, &length) != 0) return -errno;
  if (domain != AF_UNIX) return 0;
  return type == SOCK_STREAM ? 1 : type == SOCK_SEQPACKET ? 2 : 0;
}

int64_t kernel_send(int socket, const void *bytes, size_t count, const int *descriptors, size_t descriptor_count) {
  if (descriptor_count > most_descriptors) return -EINVAL;
  int answer = kernel_before("sendmsg", socket, NULL);
  if (answer < 0) return answer;
  _Alignas(struct cmsghdr) char control[CMSG_SPACE(sizeof(int) * most_descriptors)] = {0};
  struct iovec data = {.iov_base = (void *)bytes, .iov_len = count};
  struct msghdr message = {.msg_iov = &data, .msg_iovlen = 1};
  if (descriptor_count > 0) {
    message.msg_control = control;
    message.msg_controllen = CMSG_SPACE(sizeof(int) * descriptor_count);
    struct cmsghdr *header = CMSG_FIRSTHDR(&message);
    header->cmsg_level = SOL_SOCKET;
    header->cmsg_type = SCM_RIGHTS;
    header->cmsg_len = CMSG_LEN(sizeof(int) * descriptor_count);
    memcpy(CMSG_DATA(header), descriptors, sizeof(int) * descriptor_count);
  }
  ssize_t sent;
  do { sent = sendmsg(socket, &message, MSG_NOSIGNAL | MSG_DONTWAIT); } while (sent < 0 && errno == EINTR);
  return sent < 0 ? -errno : sent;
}

int kernel_receive(
  int socket, void *bytes, size_t capacity, int *descriptors, size_t descriptor_capacity, kernel_message *message) {
  *message = (kernel_message){0};
  int answer = kernel_before("recvmsg", socket, NULL);
  if (answer < 0) return answer;
  // Space for the maximum number of descriptors, and for the credentials that the socket may be set to receive, so that
  // descriptors beyond the caller's capacity are seen and closed here.
  _Alignas(struct cmsghdr) char control[CMSG_SPACE(sizeof(int) * most_descriptors) + 512];
  struct iovec data = {.iov_base = bytes, .iov_len = capacity};
  struct msghdr received = {
    .msg_iov = &data, .msg_iovlen = 1, .msg_control = control, .msg_controllen = sizeof control};
  ssize_t count;
  do { count = recvmsg(socket, &received, MSG_CMSG_CLOEXEC | MSG_DONTWAIT); } while (count < 0 && errno == EINTR);
  if (count < 0) return -errno;
  message->byte_count = (size_t)count;
  message->is_longer = received.msg_flags & MSG_TRUNC;
  // The kernel sets this flag too where the process has reached its limit of open files (net/core/scm.c,
  // scm_detach_fds).
  message->lost_descriptors = received.msg_flags & MSG_CTRUNC;
  for (struct cmsghdr *header = CMSG_FIRSTHDR(&received); header; header = CMSG_NXTHDR(&received, header)) {
    if (header->cmsg_level != SOL_SOCKET) continue;
    if (header->cmsg_type != SCM_RIGHTS && header->cmsg_type != SCM_PIDFD) continue;
    size_t number_count = (header->cmsg_len - CMSG_LEN(0)) / sizeof(int);
    for (size_t index = 0; index < number_count; index++) {
      int descriptor;
      memcpy(&descriptor, CMSG_DATA(header) + index * sizeof(int), sizeof(int));
      if (header->cmsg_type == SCM_PIDFD) {
        // The caller did not ask for the sender's identity.
        if (descriptor >= 0) close(descriptor);
      } else if (message->descriptor_count < descriptor_capacity) {
        descriptors[message->descriptor_count++] = descriptor;
      } else {
        close(descriptor);
        message->lost_descriptors = true;
      }
    }
  }
  if (message->lost_descriptors) {
    while (message->descriptor_count > 0) close(descriptors[--message->descriptor_count]);
  }
  return 0;
}
