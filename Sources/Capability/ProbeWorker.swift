internal import CProbeSupport
package import Drivers
internal import Glibc

/// The helper's side: does what it is told until nobody tells it any more.
package enum ProbeWorker {
  /// What the helper inherits.
  static let socketDescriptor: Int32 = 3
  static let journalDescriptor: Int32 = 4
  /// The highest of those that it has when it begins.
  static let lastDescriptor: Int32 = 4

  /// The helper's first word.
  struct Greeting: Codable { var version: String }

  /// Runs the helper. Returns when the process that asked has gone or wants no more.
  ///
  /// - Parameter seam: stands between the helper and the drivers; tests plant drivers there that lie.
  package static func run(seam: DriverInterposer? = nil) -> Int32 {
    guard fcntl(socketDescriptor, F_GETFD) != -1, fcntl(journalDescriptor, F_GETFD) != -1 else {
      let text = """
        gl-vulkan-interop-probe tries drivers for a program that uses swift-gl-vulkan-interop and is started by it.
        There is nothing to be done with it by hand; interop-caps shows what it finds.

        """
      _ = text.withCString { write(STDERR_FILENO, $0, strlen($0)) }
      return 64
    }
    // No core files of driver crashes, no life after the program that asked, and drivers that are tried with as many open files
    // as there may be.
    system_no_core_file()
    system_end_with_parent()
    system_allow_open_files()
    CallJournal.write(to: journalDescriptor)
    // Close to the driver: what lies; then what watches; outermost what notes the call before anything happens.
    var interposer = DescriptorWatch.interposer
    if let seam { interposer = seam.inside(interposer) }
    let bench = LocalBench(interposer: interposer.inside(CallJournal.interposer), note: CallJournal.note)
    var socket = LineSocket(owning: socketDescriptor)
    guard socket.send(Greeting(version: LibraryVersion.text)) else { return 1 }
    while case .value(let task) = socket.receive(ProbeTask.self, timeout: nil) {
      guard socket.send(bench.run(task)) else { break }
    }
    // Not exit(): drivers' exit handlers may hang, and nothing of theirs is needed any more.
    _exit(0)
  }
}
