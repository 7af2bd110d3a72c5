// What a frame costs besides time: allocations on the heap, and objects made in drivers.
#ifndef C_BENCHMARK_COUNTERS_H
#define C_BENCHMARK_COUNTERS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

// --- The heap --------------------------------------------------------------------------------------------------------
// A program that links this has its own malloc, calloc, realloc, posix_memalign, aligned_alloc and memalign before
// glibc's, which they call. They count while the calling thread has asked for it.

typedef struct {
  // By Swift code: the program itself or one of Swift's libraries called the allocator.
  uint64_t swift;
  // By all others on this thread: the drivers.
  uint64_t others;
} bc_allocations;

// False where the program's allocator is another's (a sanitizer's): nothing is counted then.
bool bc_counts_allocations(void);

// Starts counting from 0 on this thread.
void bc_start_counting_allocations(void);

// Stops, and tells what this thread has counted.
bc_allocations bc_stop_counting_allocations(void);

// --- Objects in drivers ----------------------------------------------------------------------------------------------

// For a table of driver functions: what to call instead of `function`, the driver's own of this name. A function that
// makes an object (vkCreate…, vkAllocate…, glGen…, glCreate…, eglCreate…) or gives out a file descriptor
// (vkGet…FdKHR, eglDupNativeFenceFDANDROID, eglExportDMABUFImageMESA) is counted on its way there; all others are
// returned as they are. All devices in use at once have to be of one driver. Threads: one at a time.
void *bc_counted(const char *name, void *function);

// Objects made so far, by all threads, through functions that bc_counted gave out.
uint64_t bc_objects_made(void);

// The same for file descriptors that drivers gave out.
uint64_t bc_descriptors_given_out(void);

#ifdef __cplusplus
}
#endif

#endif
