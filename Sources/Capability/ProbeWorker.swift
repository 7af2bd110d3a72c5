internal import CInteropProbe
package import InteropDrivers
internal import Glibc

/// The helper's side: does what it is told until nobody tells it any more.
package enum ProbeWorker {
  /// Runs the helper. Returns when the process that asked has gone or wants no more.
  ///
  /// - Parameter seam: stands between the helper and the drivers; tests plant drivers there that lie.
  package static func run(seam: DriverInterposer? = nil) -> Int32 {
    guard fcntl(ProbeDescriptors.socket, F_GETFD) != -1, fcntl(ProbeDescriptors.journal, F_GETFD) != -1 else {
      let text = """
        gl-vulkan-interop-probe tries drivers for a program that uses swift-gl-vulkan-interop and is started by it.
        There is nothing to be done with it by hand; interop-caps shows what it finds.

        """
      _ = text.withCString { write(STDERR_FILENO, $0, strlen($0)) }
      return 64
    }
    // No core files of driver crashes, no life after the program that asked, and drivers that are tried with as many
    // open files as there may be.
    system_no_core_file()
    system_end_with_parent()
    system_allow_open_files()
    CallJournal.write(to: ProbeDescriptors.journal)
    // Close to the driver: what lies; then what watches; outermost what notes the call before anything happens.
    var interposer = DescriptorWatch.interposer
    if let seam { interposer = seam.inside(interposer) }
    let bench = InProcessProber(interposer: interposer.inside(CallJournal.interposer), note: CallJournal.note)
    var socket = LineSocket(owning: ProbeDescriptors.socket)
    guard socket.send(ProbeGreeting(version: LibraryVersion.text)) else { return 1 }
    while case .value(let task) = socket.receive(ProbeTask.self, timeout: nil) {
      guard socket.send(bench.run(task)) else { break }
    }
    // Not exit(): drivers' exit handlers may hang, and nothing of theirs is needed any more.
    _exit(0)
  }
}
