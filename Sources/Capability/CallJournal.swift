internal import CInteropProbe
internal import InteropDrivers
internal import Glibc

/// Records a process's current driver call, readable from another process: see CallJournal.h. The helper writes it; the
/// process that started the helper reads it when the helper has ended.
struct CallJournal: ~Copyable {
  /// The shared memory of the two processes; -1 after it was passed to the helper.
  let descriptor: Int32
  private let page: UnsafeMutablePointer<journal_page>

  private static let size = MemoryLayout<journal_page>.size

  /// Creates shared memory; nil, and `errno`, where the system gives none.
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

  /// Starts to record this process's calls in the shared memory.
  static func write(to descriptor: Int32) {
    guard let page = map(descriptor) else { return }
    journal_open(page)
  }

  /// Records each call to a function before the call is made.
  static let interposer = DriverInterposer { name, real in journal_wrap(name, real) ?? real }

  /// Records the purpose of the calls that follow.
  static func note(_ text: String) { journal_note(":" + text) }

  // MARK: Reading

  /// The number of entries so far.
  var count: UInt32 { page.pointee.count }

  /// Reads the entries from the `start`-th on, as far as they are kept: names of functions, and notes with a `:` before
  /// them.
  func entries(from start: UInt32) -> [String] {
    let end = count
    // A crashed process may have damaged the counter.
    let first = max(start, end > UInt32(JOURNAL_ENTRIES) ? end - UInt32(JOURNAL_ENTRIES) : 0)
    guard first < end else { return [] }
    return (first..<end).map { String(cString: journal_entry(page, $0)) }
  }

  /// The last driver function that was entered, and the purpose of that call.
  var last: (call: String?, note: String?) {
    let all = entries(from: count > 512 ? count - 512 : 0)
    let note = all.last { $0.hasPrefix(":") }.map { String($0.dropFirst()) }
    return (all.last { !$0.hasPrefix(":") && !$0.isEmpty }, note)
  }
}
