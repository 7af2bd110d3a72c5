#if THREAD_SANITIZER
internal import Drivers

typealias Mutex = SanitizedMutex
#endif
