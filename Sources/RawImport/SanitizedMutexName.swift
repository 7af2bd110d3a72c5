#if THREAD_SANITIZER
package import Drivers

package typealias Mutex = SanitizedMutex
#endif
