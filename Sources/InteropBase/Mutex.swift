package import Synchronization

// The names by which the whole package locks and counts, so that a build for the thread sanitizer has one place to
// change.

#if THREAD_SANITIZER
  package typealias Mutex = SanitizedMutex
#else
  package typealias Mutex = Synchronization.Mutex
#endif
package typealias Atomic = Synchronization.Atomic
