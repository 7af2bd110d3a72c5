// The allocator's entry points, each with a count before it.

#define _GNU_SOURCE
#include "CBenchmarkCounters.h"

#include <errno.h>
#include <link.h>
#include <string.h>

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define SANITIZED 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
#define SANITIZED 1
#endif
#endif

// initial-exec: another model may allocate at the first access.
#define THREAD_LOCAL static _Thread_local __attribute__((tls_model("initial-exec")))
THREAD_LOCAL bool is_counting;
THREAD_LOCAL bc_allocations counted;

// --- Whose code calls ------------------------------------------------------------------------------------------------

enum { MAXIMUM_RANGES = 64 };
static struct { uintptr_t start, end; } swift_ranges[MAXIMUM_RANGES];
static size_t range_count;

static bool is_swift(const char *path) {
  // The program itself has no name.
  if (!path || !*path) return true;
  const char *slash = strrchr(path, '/');
  const char *name = slash ? slash + 1 : path;
  return strncmp(name, "libswift", 8) == 0 || strncmp(name, "libFoundation", 13) == 0 ||
         strncmp(name, "lib_Foundation", 14) == 0;
}

static int note_ranges(struct dl_phdr_info *info, size_t size, void *unused) {
  (void)size;
  (void)unused;
  if (!is_swift(info->dlpi_name)) return 0;
  for (int i = 0; i < info->dlpi_phnum && range_count < MAXIMUM_RANGES; i++) {
    const ElfW(Phdr) *segment = &info->dlpi_phdr[i];
    if (segment->p_type != PT_LOAD || !(segment->p_flags & PF_X)) continue;
    swift_ranges[range_count].start = info->dlpi_addr + segment->p_vaddr;
    swift_ranges[range_count].end = info->dlpi_addr + segment->p_vaddr + segment->p_memsz;
    range_count++;
  }
  return 0;
}

bool bc_counts_allocations(void) {
#ifdef SANITIZED
  return false;
#else
  return true;
#endif
}

void bc_start_counting_allocations(void) {
  range_count = 0;
  dl_iterate_phdr(note_ranges, NULL);
  memset(&counted, 0, sizeof counted);
  is_counting = true;
}

bc_allocations bc_stop_counting_allocations(void) {
  is_counting = false;
  return counted;
}

#ifndef SANITIZED

static void count(const void *caller) {
  for (size_t i = 0; i < range_count; i++) {
    if ((uintptr_t)caller >= swift_ranges[i].start && (uintptr_t)caller < swift_ranges[i].end) {
      counted.swift++;
      return;
    }
  }
  counted.others++;
}

// The address is pinned before the test: clang moves rare code into a function of its own, whose caller is this one.
#define COUNT() \
  do { \
    const void *caller = __builtin_return_address(0); \
    __asm__ volatile("" : "+r"(caller)); \
    if (is_counting) count(caller); \
  } while (0)

// --- The entry points ------------------------------------------------------------------------------------------------

extern void *__libc_malloc(size_t size);
extern void *__libc_calloc(size_t number, size_t size);
extern void *__libc_realloc(void *memory, size_t size);
extern void *__libc_memalign(size_t alignment, size_t size);

void *malloc(size_t size) {
  COUNT();
  return __libc_malloc(size);
}

void *calloc(size_t number, size_t size) {
  COUNT();
  return __libc_calloc(number, size);
}

void *realloc(void *memory, size_t size) {
  COUNT();
  return __libc_realloc(memory, size);
}

void *memalign(size_t alignment, size_t size) {
  COUNT();
  return __libc_memalign(alignment, size);
}

void *aligned_alloc(size_t alignment, size_t size) {
  COUNT();
  return __libc_memalign(alignment, size);
}

int posix_memalign(void **memory, size_t alignment, size_t size) {
  COUNT();
  if (alignment % sizeof(void *) != 0 || alignment == 0 || (alignment & (alignment - 1)) != 0) return EINVAL;
  const int before = errno;
  void *found = __libc_memalign(alignment, size);
  errno = before;
  if (!found) return ENOMEM;
  *memory = found;
  return 0;
}

#endif
