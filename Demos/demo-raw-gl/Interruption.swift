import GLVulkanInterop
import Glibc

/// SIGINT and SIGTERM as a flag that the frame loop reads.
enum Interruption {
  private static let requested = Atomic(false)

  static var isRequested: Bool { requested.load(ordering: .relaxed) }

  /// Installs the handlers: the first of these signals asks the loop to end; a second one ends the process as usual.
  static func install() {
    // The static is initialised here and not in the handler, where taking a lock would not be safe.
    _ = isRequested
    var action = sigaction()
    action.__sigaction_handler.sa_handler = { _ in Interruption.requested.store(true, ordering: .relaxed) }
    action.sa_flags = CInt(bitPattern: UInt32(SA_RESETHAND))
    for signal in [SIGINT, SIGTERM] { sigaction(signal, &action, nil) }
  }
}
