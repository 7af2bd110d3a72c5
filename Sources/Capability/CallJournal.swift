internal import CInteropProbe
internal import InteropDrivers
internal import Glibc

/// Which driver call a process is in, readable from another process: see CallJournal.h. The helper writes it, the
/// process that asked reads it when the helper is gone.
struct CallJournal: ~Copyable {
  /// What the two processes share; -1 when it was handed over.
  let descriptor: Int32
  private let page: UnsafeMutablePointer<journal_page>

  private static let size = MemoryLayout<journal_page>.size

  /// New shared memory; nil, and `errno`, where the system gives none.
  init?() {
    let descriptor = system_memory_file("gl-vulkan-interop-journal")
    guard descriptor >= 0 else { return nil }
    guard ftruncate(descriptor, off_t(Self.size)) == 0, let page = Self.map(descriptor) else {
      let code = errno
      close(descriptor)
      errno = code
      return nil
    }
    self.descriptor = descriptor
    self.page = page
  }

  deinit {
    munmap(page, Self.size)
    close(descriptor)
  }

  private static func map(_ descriptor: Int32) -> UnsafeMutablePointer<journal_page>? {
    let address = mmap(nil, size, PROT_READ | PROT_WRITE, MAP_SHARED, descriptor, 0)
    guard let address, address != MAP_FAILED else { return nil }
    return address.bindMemory(to: journal_page.self, capacity: 1)
  }

  // MARK: Writing, in the helper

  /// From here on this process writes its calls into the shared memory.
  static func write(to descriptor: Int32) {
    guard let page = map(descriptor) else { return }
    journal_open(page)
  }

  /// Notes each call to a function before it is made.
  static let interposer = DriverInterposer { name, real in journal_wrap(name, real) ?? real }

  /// What the calls that follow are for.
  static func note(_ text: String) { journal_note(":" + text) }

  // MARK: Reading

  /// How many entries there are by now.
  var count: UInt32 { page.pointee.count }

  /// Entries from the `start`-th on, as far as they are kept: names of functions, and notes with a `:` before them.
  func entries(from start: UInt32) -> [String] {
    let end = count
    // The counter of a crashed process is not to be trusted.
    let first = max(start, end > UInt32(JOURNAL_ENTRIES) ? end - UInt32(JOURNAL_ENTRIES) : 0)
    guard first < end else { return [] }
    return (first..<end).map { String(cString: journal_entry(page, $0)) }
  }

  /// The driver function entered last, and what it was for.
  var last: (call: String?, note: String?) {
    let all = entries(from: count > 512 ? count - 512 : 0)
    let note = all.last { $0.hasPrefix(":") }.map { String($0.dropFirst()) }
    return (all.last { !$0.hasPrefix(":") && !$0.isEmpty }, note)
  }
}
