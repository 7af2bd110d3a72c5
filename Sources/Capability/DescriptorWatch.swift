internal import CInteropProbe
package import InteropDrivers
internal import Glibc

/// Finds a driver that closes a file descriptor twice.
///
/// A driver takes the descriptor of an import over and closes it. If it closes the same number again later, it closes
/// whatever has got that number meanwhile: a file of the application, seldom and far from the cause. Here the number is
/// occupied by a file of ours as soon as it is free, and when the cell is over that file must still be there.
///
/// When that is differs: llvmpipe closes at the import, zink when the texture is made, ANGLE with the memory object. So
/// the numbers are looked at around these calls and whenever GL is asked for errors, which is after each step.
///
/// Works in the helper only, where nobody else opens files.
package final class DescriptorWatch: Sendable {
  package static let shared = DescriptorWatch()

  private struct State {
    /// Handed over and still open when last looked at.
    var given: [(number: Int32, file: FileIdentity)] = []
    /// Numbers that hold our file.
    var occupied: [Int32] = []
    /// Our file; -1 while there is nothing to watch.
    var sentinel: Int32 = -1
    var isOn = false
  }

  /// Which file a number stands for.
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

  /// Puts a look at the descriptors into the functions that take one over or give it up, and into glGetError.
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

  /// - Returns: what was done wrong, in a sentence; nil if all is well.
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
      // Before the number is free, or it would be this file's.
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
        // Already somebody else's: nothing can be told of it any more.
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
