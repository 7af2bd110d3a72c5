// What Thunks.c and CDriverTrace.c share.
#ifndef CDRIVERTRACE_INTERNAL_H
#define CDRIVERTRACE_INTERNAL_H

#include <stdatomic.h>
#include <stddef.h>

#include "include/CDriverTrace.h"

enum { TRACE_RECORDS = 1, TRACE_FAILS = 2 };

/// Whether anything but the counts of live objects is wanted: the one load that a thunk costs otherwise.
extern _Atomic int trace_mode;
/// The driver's functions, NULL until resolved.
extern _Atomic(void *) trace_real[TRACE_FUNCTION_COUNT];
extern _Atomic int64_t trace_live[TRACE_OBJECT_COUNT];
/// Changes whenever an injection starts or ends: errors left over from an earlier one no longer count.
extern _Atomic uint64_t trace_injection;

/// Thunks.c's table.
extern void *const trace_thunks[TRACE_FUNCTION_COUNT];

/// Descriptors.c: what a call is about to give to a driver, and what it got from one.
void trace_note_taken(trace_call *call);
void trace_note_given_out(trace_call *call);

trace_call trace_enter(trace_function function, void *const *arguments, bool can_fail, bool draws_first);
void trace_leave(trace_call *call, int64_t result);

#endif
