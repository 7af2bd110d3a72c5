// Writes the name of each driver function, before the call, to memory that another process can read: when a driver
// crashes or hangs, that process finds the last call there.
//
// Functions are wrapped by address. A wrapper notes its number and jumps to the function. It leaves every argument in
// place, so that one kind of wrapper fits every signature and no code is generated at run time.
#ifndef CALLJOURNAL_H
#define CALLJOURNAL_H

#include <stdbool.h>
#include <stdint.h>

enum {
  JOURNAL_NAMES = 768,     // the maximum number of functions and notes; number 0 is none
  JOURNAL_NAME_SIZE = 56,  // bytes with the terminating NUL
  JOURNAL_ENTRIES = 8192,  // the number of last entries that are kept; a power of two
};

/// The memory that both processes share.
typedef struct journal_page {
  /// Entries written since the beginning. The last one is at (count - 1) % JOURNAL_ENTRIES.
  uint32_t count;
  uint32_t name_count;
  uint16_t entries[JOURNAL_ENTRIES];
  char names[JOURNAL_NAMES][JOURNAL_NAME_SIZE];
} journal_page;

/// Returns whether functions can be wrapped on this processor (x86-64 and 64-bit ARM).
bool journal_can_wrap(void);
/// Directs later entries to `page`, memory that stays mapped and was zeroed once; NULL turns the journal off. Entries
/// of an earlier process read as "" from now on, and `count` continues. Call it before any wrapping.
void journal_open(journal_page *page);
/// Returns a function that notes `name` and then calls `real`; `real` itself where it cannot be wrapped (no room, other
/// processor).
void *journal_wrap(const char *name, void *real);
/// Writes an entry that is no call but describes the calls that follow. Every entry whose name starts with ':' is a
/// note.
void journal_note(const char *text);
/// Returns entry number `entry` (from 0): the name of a function, a note, or "" for an entry that was not kept.
const char *journal_entry(const journal_page *page, uint32_t entry);

#endif
