package import Synchronization

// The whole package locks and counts through these names, so that a build for the thread sanitizer changes one place.

#if THREAD_SANITIZER
  package typealias Mutex = SanitizedMutex
#else
  package typealias Mutex = Synchronization.Mutex
#endif
package typealias Atomic = Synchronization.Atomic
