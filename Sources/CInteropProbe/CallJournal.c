#include "CallJournal.h"

#include <pthread.h>
#include <stddef.h>
#include <string.h>

// Entries go here while no journal is open.
static journal_page unused;
__attribute__((visibility("hidden"))) journal_page *journal_current = &unused;
// The function to which wrapper n jumps.
__attribute__((visibility("hidden"))) void *journal_real[JOURNAL_NAMES];
extern const char journal_wrappers[] __attribute__((visibility("hidden")));

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;

_Static_assert(offsetof(journal_page, count) == 0, "the wrappers below count there");
_Static_assert(offsetof(journal_page, entries) == 8, "the wrappers below write there");
_Static_assert(JOURNAL_ENTRIES == 8192, "the wrappers below mask with 8191");
_Static_assert(JOURNAL_NAMES == 768, "there are as many wrappers below");

// Wrapper n is 16 bytes long, at journal_wrappers + 16 * n. It may change only the registers that the calling
// convention leaves to the callee: r10 and r11, or x16 and x17. It saves all others.
#if defined(__x86_64__)
#define CAN_WRAP true
__asm__(
  ".text\n"
  "journal_common:\n"
  "  push %rax\n"  // the number of vector registers of a variadic call
  "  mov journal_current(%rip), %r10\n"
  "  mov $1, %eax\n"
  "  lock xadd %eax, (%r10)\n"
  "  and $8191, %eax\n"
  "  mov %r11w, 8(%r10, %rax, 2)\n"
  "  pop %rax\n"
  "  lea journal_real(%rip), %r10\n"
  "  jmp *(%r10, %r11, 8)\n"
  ".balign 16\n"
  ".hidden journal_wrappers\n"
  ".globl journal_wrappers\n"
  "journal_wrappers:\n"
  ".set journal_number, 0\n"
  ".rept 768\n"
  "  endbr64\n"
  "  mov $journal_number, %r11d\n"
  "  jmp journal_common\n"
  "  .balign 16\n"
  "  .set journal_number, journal_number + 1\n"
  ".endr\n");
#elif defined(__aarch64__)
#define CAN_WRAP true
__asm__(
  ".text\n"
  ".balign 16\n"
  "journal_common:\n"
  "  stp x0, x1, [sp, #-16]!\n"
  "  adrp x17, journal_current\n"
  "  ldr x17, [x17, #:lo12:journal_current]\n"
  "  ldr w0, [x17]\n"  // entries of threads that collide here are lost, the calls are not
  "  add w1, w0, #1\n"
  "  str w1, [x17]\n"
  "  and w0, w0, #8191\n"
  "  add x1, x17, #8\n"
  "  strh w16, [x1, w0, uxtw #1]\n"
  "  ldp x0, x1, [sp], #16\n"
  "  adrp x17, journal_real\n"
  "  add x17, x17, #:lo12:journal_real\n"
  "  ldr x16, [x17, x16, lsl #3]\n"
  "  br x16\n"
  ".balign 16\n"
  ".hidden journal_wrappers\n"
  ".globl journal_wrappers\n"
  "journal_wrappers:\n"
  ".set journal_number, 0\n"
  ".rept 768\n"
  "  hint #34\n"  // bti c
  "  mov w16, #journal_number\n"
  "  b journal_common\n"
  "  .balign 16\n"
  "  .set journal_number, journal_number + 1\n"
  ".endr\n");
#else
#define CAN_WRAP false
const char journal_wrappers[16];
#endif

bool journal_can_wrap(void) { return CAN_WRAP; }

void journal_open(journal_page *page) {
  pthread_mutex_lock(&lock);
  journal_current = page != NULL ? page : &unused;
  if (page != NULL) {
    // Another process may have written to this page before. Its numbers are invalid now, and would leave no room after
    // a few processes.
    memset(page->entries, 0, sizeof page->entries);
    page->name_count = 1;
  }
  pthread_mutex_unlock(&lock);
}

// Returns the number of a name, a new one if `fresh`; 0 if there is no room.
static uint32_t number(const char *name, bool fresh) {
  journal_page *page = journal_current;
  if (!fresh) {
    for (uint32_t i = 1; i < page->name_count; i++) {
      if (strncmp(page->names[i], name, JOURNAL_NAME_SIZE - 1) == 0) return i;
    }
  }
  if (page == &unused || page->name_count >= JOURNAL_NAMES) return 0;
  uint32_t new = page->name_count;
  strncpy(page->names[new], name, JOURNAL_NAME_SIZE - 1);
  page->name_count = new + 1;
  return new;
}

void *journal_wrap(const char *name, void *real) {
  if (!CAN_WRAP || real == NULL) return real;
  pthread_mutex_lock(&lock);
  void *answer = real;
  // Every instance and device may look the same function up, and it may have several addresses.
  for (uint32_t i = 1; i < journal_current->name_count; i++) {
    if (journal_real[i] == real && strcmp(journal_current->names[i], name) == 0)
      answer = (void *)(journal_wrappers + 16 * i);
  }
  uint32_t index = answer == real ? number(name, true) : 0;
  if (index != 0) {
    journal_real[index] = real;
    answer = (void *)(journal_wrappers + 16 * index);
  }
  pthread_mutex_unlock(&lock);
  return answer;
}

void journal_note(const char *text) {
  pthread_mutex_lock(&lock);
  uint32_t index = number(text, false);
  pthread_mutex_unlock(&lock);
  journal_page *page = journal_current;
  uint32_t at = __atomic_fetch_add(&page->count, 1, __ATOMIC_RELAXED);
  page->entries[at % JOURNAL_ENTRIES] = (uint16_t)index;
}

const char *journal_entry(const journal_page *page, uint32_t entry) {
  uint16_t index = page->entries[entry % JOURNAL_ENTRIES];
  // The process that wrote this page may have crashed.
  if (index >= JOURNAL_NAMES || memchr(page->names[index], 0, JOURNAL_NAME_SIZE) == NULL) return "";
  return page->names[index];
}
