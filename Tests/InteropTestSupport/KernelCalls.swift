import CInteropKernel
internal import GLVulkanInterop
import Glibc

/// The kernel's calls that the library makes on this thread, as CInteropKernel's interposer sees them: recorded, failed
/// or answered by a test.
package enum KernelCalls {
  /// Given a call's name, descriptor and argument: 0 to make it, -errno to have it fail unmade, 1 to have it succeed
  /// unmade with what was written into the argument.
  package typealias Handler = (_ call: String, _ descriptor: Int32, _ argument: UnsafeMutableRawPointer?) -> Int32

  private struct Watch: @unchecked Sendable {
    let thread: pthread_t
    let handler: Handler
  }
  private static let watch = Mutex<Watch?>(nil)

  /// Runs `body` with `handler` before its calls. One test at a time.
  package static func handled<Result>(by handler: Handler, _ body: () throws -> Result) rethrows -> Result {
    try withoutActuallyEscaping(handler) { handler in
      let own = Watch(thread: pthread_self(), handler: handler)
      watch.withLock { $0 = own }
      kernel_interpose { name, descriptor, argument in
        guard let watch = KernelCalls.watch.withLock({ $0 }), pthread_equal(watch.thread, pthread_self()) != 0,
          let name
        else { return 0 }
        return watch.handler(String(cString: name), descriptor, argument)
      }
      defer {
        kernel_interpose(nil)
        watch.withLock { $0 = nil }
      }
      return try body()
    }
  }

  /// The calls that `body` makes, in order. DMA_BUF_IOCTL_SYNC comes with its flags: `start read`, `end write`.
  package static func recorded(_ body: () throws -> Void) rethrows -> [String] {
    var calls: [String] = []
    try handled(
      by: { call, _, argument in
        calls.append(call + (call == "DMA_BUF_IOCTL_SYNC" ? syncFlags(argument) : ""))
        return 0
      }, body)
    return calls
  }

  /// What `body` throws when every call named `name` fails with `code` unmade.
  package static func failing(_ name: String, with code: Int32, _ body: () throws -> Void) -> (any Error)? {
    handled(by: { call, _, _ in call == name ? -code : 0 }) {
      do { try body() } catch { return error }
      return nil
    }
  }

  /// Flags of `struct dma_buf_sync`.
  private static func syncFlags(_ argument: UnsafeMutableRawPointer?) -> String {
    guard let flags = argument?.load(as: UInt64.self) else { return "" }
    return (flags & 4 == 0 ? " start" : " end") + (flags & 1 == 0 ? "" : " read") + (flags & 2 == 0 ? "" : " write")
  }
}
