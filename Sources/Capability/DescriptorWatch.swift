internal import CInteropProbe
package import InteropDrivers
internal import Glibc

/// Finds a driver that closes a file descriptor twice.
///
/// A driver takes ownership of an imported descriptor and closes it. If it closes the same number again later, it
/// closes the file that has got that number meanwhile: a file of the application, seldom and far from the cause. The
/// watch therefore occupies the number with a sentinel file as soon as it is free. When the cell is over, the sentinel
/// must still be there.
///
/// The time of the close differs: llvmpipe closes at the import, zink at the creation of the texture, ANGLE with the
/// memory object. The watch therefore inspects the numbers around these calls and at each glGetError, which follows
/// each step.
///
/// It works in the helper only, where no other code opens files.
package final class DescriptorWatch: Sendable {
  package static let shared = DescriptorWatch()

  private struct State {
    /// Descriptors that were given to the driver and were still open at the last inspection.
    var given: [(number: Int32, file: FileIdentity)] = []
    /// Numbers that hold the sentinel file.
    var occupied: [Int32] = []
    /// The sentinel file; -1 while there is nothing to watch.
    var sentinel: Int32 = -1
    var isOn = false
  }

  /// The identity of the file behind a number.
  private struct FileIdentity: Equatable {
    let device: dev_t
    let inode: ino_t

    init?(_ number: Int32) {
      var found = stat()
      guard fstat(number, &found) == 0 else { return nil }
      (device, inode) = (found.st_dev, found.st_ino)
    }
  }

  private let state = Mutex(State())

  private init() {}

  /// Wraps the functions that import a descriptor or delete its object, and glGetError, with an inspection.
  package static let interposer = DriverInterposer { name, real in
    func watch<Function>(_ slot: borrowing Atomic<UInt>, _ replacement: Function) -> UnsafeMutableRawPointer {
      slot.store(UInt(bitPattern: real), ordering: .releasing)
      return unsafeBitCast(replacement, to: UnsafeMutableRawPointer.self)
    }
    return switch name {
    case "glImportMemoryFdEXT": watch(realImportMemory, watchedImportMemory)
    case "glImportSemaphoreFdEXT": watch(realImportSemaphore, watchedImportSemaphore)
    case "glGetError": watch(realGetError, watchedGetError)
    case "glDeleteMemoryObjectsEXT": watch(realDeleteMemory, watchedDeleteMemory)
    case "glDeleteSemaphoresEXT": watch(realDeleteSemaphores, watchedDeleteSemaphores)
    default: real
    }
  }

  func begin() { state.withLock { $0.isOn = true } }

  /// - Returns: the driver's error, in a sentence; nil if there is none.
  @discardableResult func end() -> String? {
    state.withLock { state in
      defer {
        if state.sentinel >= 0 { close(state.sentinel) }
        state = State()
      }
      var misuse: String?
      for number in state.occupied {
        if FileIdentity(number) == FileIdentity(state.sentinel) {
          close(number)
        } else {
          misuse = "GL closed file descriptor \(number) a second time, after it had taken it over and closed it"
        }
      }
      return misuse
    }
  }

  fileprivate func willBeHandedOver(_ number: Int32) {
    state.withLock { state in
      guard state.isOn, let file = FileIdentity(number) else { return }
      // Opened before the driver closes the number, or the sentinel would get that number.
      if state.sentinel < 0 { state.sentinel = system_memory_file("gl-vulkan-interop-sentinel") }
      state.given.append((number, file))
    }
  }

  /// Occupies the numbers that have become free.
  fileprivate func look() {
    state.withLock { state in
      guard state.isOn, state.sentinel >= 0 else { return }
      let sentinel = state.sentinel
      var freed: [Int32] = []
      state.given.removeAll { given in
        guard let file = FileIdentity(given.number) else {
          if system_duplicate(sentinel, given.number) == given.number { freed.append(given.number) }
          return true
        }
        // Another file already has the number, so nothing can be concluded any more.
        return file != given.file
      }
      state.occupied += freed
    }
  }
}

private let realImportMemory = Atomic<UInt>(0)
private let realImportSemaphore = Atomic<UInt>(0)
private let realGetError = Atomic<UInt>(0)
private let realDeleteMemory = Atomic<UInt>(0)
private let realDeleteSemaphores = Atomic<UInt>(0)

private func real<Function>(_ slot: borrowing Atomic<UInt>, _ type: Function.Type) -> Function {
  unsafeBitCast(slot.load(ordering: .acquiring), to: type)
}

private let watchedImportMemory: @convention(c) (GLuint, GLuint64, GLenum, GLint) -> Void = {
  memory, size, type, number in
  DescriptorWatch.shared.willBeHandedOver(number)
  real(realImportMemory, PFNGLIMPORTMEMORYFDEXTPROC.self)(memory, size, type, number)
  DescriptorWatch.shared.look()
}

private let watchedImportSemaphore: @convention(c) (GLuint, GLenum, GLint) -> Void = { semaphore, type, number in
  DescriptorWatch.shared.willBeHandedOver(number)
  real(realImportSemaphore, PFNGLIMPORTSEMAPHOREFDEXTPROC.self)(semaphore, type, number)
  DescriptorWatch.shared.look()
}

private let watchedGetError: @convention(c) () -> GLenum = {
  DescriptorWatch.shared.look()
  return real(realGetError, PFNGLGETERRORPROC.self)()
}

private let watchedDeleteMemory: @convention(c) (GLsizei, UnsafePointer<GLuint>?) -> Void = { count, names in
  DescriptorWatch.shared.look()
  real(realDeleteMemory, PFNGLDELETEMEMORYOBJECTSEXTPROC.self)(count, names)
  DescriptorWatch.shared.look()
}

private let watchedDeleteSemaphores: @convention(c) (GLsizei, UnsafePointer<GLuint>?) -> Void = { count, names in
  DescriptorWatch.shared.look()
  real(realDeleteSemaphores, PFNGLDELETESEMAPHORESEXTPROC.self)(count, names)
  DescriptorWatch.shared.look()
}
