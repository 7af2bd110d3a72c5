internal import CInteropProbe
package import InteropDrivers
internal import Glibc

/// The helper's side: it carries out tasks until the application's process closes the socket.
package enum ProbeWorker {
  /// Runs the helper. Returns when the application's process has ended or sends no more tasks.
  ///
  /// - Parameter seam: an interposer between the helper and the drivers; tests use it to imitate faulty drivers.
  package static func run(seam: DriverInterposer? = nil) -> Int32 {
    guard fcntl(ProbeDescriptors.socket, F_GETFD) != -1, fcntl(ProbeDescriptors.journal, F_GETFD) != -1 else {
      let text = """
        gl-vulkan-interop-probe tries drivers for a program that uses swift-gl-vulkan-interop and is started by it.
        There is nothing to be done with it by hand; interop-caps shows what it finds.

        """
      _ = text.withCString { write(STDERR_FILENO, $0, strlen($0)) }
      return 64
    }
    // No core files of driver crashes, no life after the application, and the highest limit of open files for the
    // drivers.
    system_no_core_file()
    system_end_with_parent()
    system_allow_open_files()
    CallJournal.write(to: ProbeDescriptors.journal)
    // From the driver outwards: the imitated fault, then the descriptor watch, outermost the journal, which records a
    // call before anything else happens.
    var interposer = DescriptorWatch.interposer
    if let seam { interposer = seam.inside(interposer) }
    let bench = InProcessProber(interposer: interposer.inside(CallJournal.interposer), note: CallJournal.note)
    var socket = LineSocket(owning: ProbeDescriptors.socket)
    guard socket.send(ProbeGreeting(version: LibraryVersion.text)) else { return 1 }
    while case .value(let task) = socket.receive(ProbeTask.self, timeout: nil) {
      guard socket.send(bench.run(task)) else { break }
    }
    // _exit, not exit(): drivers' exit handlers may hang, and they are not needed any more.
    _exit(0)
  }
}
