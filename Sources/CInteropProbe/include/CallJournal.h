// Writes down which driver function is being called, before it is called, in memory that another process can read: when
// a driver crashes or hangs, that process still knows where.
//
// Functions are wrapped by address. A wrapper notes its number and jumps on, leaving every argument where it is, so one
// kind of wrapper fits every signature and nothing has to be generated at run time.
#ifndef CALLJOURNAL_H
#define CALLJOURNAL_H

#include <stdbool.h>
#include <stdint.h>

enum {
  JOURNAL_NAMES = 768,     // how many functions and notes can have a number; 0 is none
  JOURNAL_NAME_SIZE = 56,  // bytes with the terminating NUL
  JOURNAL_ENTRIES = 8192,  // the last that are kept; a power of two
};

/// What both processes see.
typedef struct journal_page {
  /// Entries written since the beginning. The last one is at (count - 1) % JOURNAL_ENTRIES.
  uint32_t count;
  uint32_t name_count;
  uint16_t entries[JOURNAL_ENTRIES];
  char names[JOURNAL_NAMES][JOURNAL_NAME_SIZE];
} journal_page;

/// Whether functions can be wrapped on this processor (x86-64 and 64-bit ARM).
bool journal_can_wrap(void);
/// From here on entries go to `page`, memory that stays mapped and was zeroed once; NULL turns the journal off. What an
/// earlier process wrote there reads as "" from now on, and `count` goes on. Before any wrapping.
void journal_open(journal_page *page);
/// A function that notes `name` and then is `real`. `real` itself where it cannot be wrapped (no room, other
/// processor).
void *journal_wrap(const char *name, void *real);
/// Writes an entry that is no call: what the calls that follow are for. Anything whose name starts with ':' is a note.
void journal_note(const char *text);
/// What entry number `entry` (from 0) was: a function, a note, or "" for what was not kept.
const char *journal_entry(const journal_page *page, uint32_t entry);

#endif
