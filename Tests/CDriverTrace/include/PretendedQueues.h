// A Vulkan device with more queues than it has, for drivers with one family of one queue, as those on the CPU are.
//
// It stands between the tests' thunks and the loader: what the package calls and what is recorded speaks of all queues,
// what the driver and the validation layer get to see speaks of the one there is. Its rules are the specification's
// where the two differ: submissions to the pretended queues go to the real one, in order; a release half of an
// ownership transfer does nothing there, and the acquire half changes the layout.
#ifndef PRETENDED_QUEUES_H
#define PRETENDED_QUEUES_H

#include <stdbool.h>

/// While on, devices are made with two queues of family 0 and with one more family, the last one: transfers only, one
/// queue. Physical devices say so. Devices that are there keep what they have.
void pretend_queues(bool on);

/// Takes the place of `real` (a vkGetInstanceProcAddr); NULL if it stands before another one already. Changes nothing
/// of devices that were made while pretend_queues was off.
void *pretend_vkGetInstanceProcAddr(void *real);

/// What broke the rules of the pretended families, which no validation layer gets to see: stages and accesses that a
/// transfer-only family does not have, transfers between families on a third one's queue, command buffers of one family
/// on another's queue. `index` from 0, NULL at the end.
const char *pretend_violation(int index);
/// So that each test hears of its own.
void pretend_forget_violations(void);

#endif
