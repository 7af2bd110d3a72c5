import CDriverTrace
internal import CFakeDRMDriver
import CInteropGraphics
public import InteropDrivers
import Glibc

/// Records and breaks driver calls: a loader for the package's function tables that puts a thunk before every driver
/// function.
///
/// The thunks belong to the process: one libEGL and one Vulkan loader can be traced in it, and ``record(on:_:)`` and
/// ``failingCall(_:times:on:matching:_:)`` run one at a time. What another test calls through a traced table meanwhile
/// takes part unless ``Threads/current`` excludes it, and ``LiveObjects`` counts the objects of all tests. A suite's
/// `.serialized` does not hold other suites back: wrap what must be alone in ``exclusively(_:)``, or test with
/// `--no-parallel`.
public enum DriverTrace {
  /// Whose calls are recorded or made to fail.
  public enum Threads: Sendable {
    case all
    /// Those of the thread that asks.
    case current
  }

  // MARK: Loaders

  /// libEGL with every function traced, and GL's functions out of it.
  ///
  /// - Parameter path: another libEGL; nil for the system's. A process can trace one only.
  public static func eglFunctions(path: String? = nil) throws(InteropError) -> EGLFunctions {
    let library = try DynamicLibrary(path ?? "libEGL.so.1", package: "libegl1")
    return try EGLFunctions(resolver: tracing(library.resolver))
  }

  /// `resolver` with ``FakeDRMDriver`` before the functions it finds, which changes nothing until it is started.
  private static func beforeDriver(_ resolver: FunctionResolver) -> FunctionResolver {
    FunctionResolver(source: resolver.source) { name in
      guard let real: UnsafeMutableRawPointer = resolver.optional(name) else { return nil }
      guard name == "eglGetProcAddress" else { return fake_drm_replace(name, real) }
      guard let replacement = fake_drm_eglGetProcAddress(real) else {
        preconditionFailure("this process traces another libEGL than \(resolver.source)")
      }
      return replacement
    }
  }

  /// `resolver` with the functions it finds traced, those that its `eglGetProcAddress` finds included.
  public static func tracing(_ resolver: FunctionResolver) -> FunctionResolver {
    let resolver = beforeDriver(resolver)
    return FunctionResolver(source: resolver.source) { name in
      let real: UnsafeMutableRawPointer? = resolver.optional(name)
      guard name == "eglGetProcAddress", let real else { return trace_resolve(name, real) }
      guard let thunk = trace_eglGetProcAddress(real) else {
        preconditionFailure("this process traces another libEGL than \(resolver.source)")
      }
      return thunk
    }
  }

  /// The Vulkan loader with every function traced.
  ///
  /// - Parameter path: another loader; nil for the system's. A process can trace one only.
  public static func vulkanLoader(path: String? = nil) throws(InteropError) -> VulkanLoader {
    tracing(try VulkanLoader.open(path: path))
  }

  /// `loader` with every function traced.
  public static func tracing(_ loader: VulkanLoader) -> VulkanLoader {
    let real = unsafeBitCast(loader.getInstanceProcAddr, to: UnsafeMutableRawPointer.self)
    guard let pretended = pretend_vkGetInstanceProcAddr(real), let fake = fake_drm_vkGetInstanceProcAddr(pretended),
      let thunk = trace_vkGetInstanceProcAddr(fake)
    else {
      preconditionFailure("this process traces another Vulkan loader")
    }
    return VulkanLoader(getInstanceProcAddr: unsafeBitCast(thunk, to: PFN_vkGetInstanceProcAddr.self))
  }

  /// Runs `body` while devices that are made have two queues of their first family and one more family, which only
  /// transfers: for drivers with one queue (PretendedQueues.h). They keep them.
  public static func pretendingQueues<Result>(_ body: () throws -> Result) rethrows -> Result {
    pretend_queues(true)
    defer { pretend_queues(false) }
    return try body()
  }

  /// What broke the rules of pretended queue families since it was last asked; the driver and the validation layer do
  /// not get to see it.
  public static func takePretendedViolations() -> [String] {
    var violations: [String] = []
    while let text = pretend_violation(Int32(violations.count)) { violations.append(String(cString: text)) }
    pretend_forget_violations()
    return violations
  }

  /// Functions that traced loaders handed out untraced: they have no line in scripts/driver-functions.txt, or a
  /// second driver has its own.
  public static var untracedNames: [String] {
    var names: [String] = []
    while let name = trace_untraced_name(Int32(names.count)) { names.append(String(cString: name)) }
    return names
  }

  // MARK: Recording and failing

  /// Runs `body` while no other thread records, injects failures or is in here itself. May be nested.
  public static func exclusively<Result>(_ body: () throws -> Result) rethrows -> Result {
    exclusive.lock()
    defer { exclusive.unlock() }
    return try body()
  }

  /// The driver calls made while `body` runs, in the order in which they took effect.
  public static func record(on threads: Threads = .all, _ body: () throws -> Void) rethrows -> [RecordedCall] {
    exclusive.lock()
    defer { exclusive.unlock() }
    recorder.start()
    trace_start_recording({ DriverTrace.recorder.append($0) }, threads == .current)
    do {
      defer { trace_stop_recording() }
      try body()
    } catch {
      _ = recorder.stop()
      throw error
    }
    return recorder.stop()
  }

  /// Runs `body` with its n-th driver call that can fail made to fail.
  ///
  /// A call fails without reaching the driver: a Vulkan function returns an error that it may return, an EGL function
  /// its failure value with an error for `eglGetError`, a GL function does nothing and `glGetError` then gives
  /// `GL_OUT_OF_MEMORY`. Only functions that can report a failure count; releasing is never made to fail.
  ///
  /// - Parameters:
  ///   - n: which call, counted from 1.
  ///   - times: how many calls fail, one after another.
  ///   - matching: leaves out functions by name.
  /// - Returns: the error `body` threw, and the function that was made to fail: nil when `body` made fewer than n such
  ///   calls, which is the end of a loop over n.
  public static func failingCall(
    _ n: Int, times: Int = 1, on threads: Threads = .all, matching: (String) -> Bool = { _ in true },
    _ body: () throws -> Void
  ) -> (error: (any Error)?, failedCall: String?) {
    precondition(n > 0, "calls are counted from 1")
    exclusive.lock()
    defer { exclusive.unlock() }
    let chosen = (0..<TRACE_FUNCTION_COUNT.rawValue).map { matching(functionName(trace_function(rawValue: $0))) }
    trace_start_failing(UInt64(n), UInt64(times), chosen, threads == .current)
    var thrown: (any Error)?
    do { try body() } catch { thrown = error }
    let failed = trace_stop_failing()
    return (thrown, failed == TRACE_FUNCTION_COUNT ? nil : functionName(failed))
  }

  private static func functionName(_ function: trace_function) -> String {
    String(cString: trace_function_name(function))
  }

  private static let recorder = Recorder()

  /// Held while recording or failing, by one thread, which may do the one inside the other.
  private static let exclusive = RecursiveLock()
}

/// The calls of the recording under way, from all threads.
private final class Recorder: @unchecked Sendable {
  // Not Synchronization.Mutex: thread sanitizer does not see it on Linux and reports races where there are none.
  private let lock = RecursiveLock()
  private var isRecording = false
  /// The sequence number orders the calls across threads.
  private var calls: [(sequence: UInt64, call: RecordedCall)] = []

  func start() {
    lock.lock()
    defer { lock.unlock() }
    precondition(!isRecording, "a recording inside a recording")
    isRecording = true
  }

  func append(_ call: UnsafePointer<trace_call>?) {
    guard let call = call?.pointee else { return }
    let recorded = RecordedCall(call)
    lock.lock()
    defer { lock.unlock() }
    // Another thread's call may return when the recording is over.
    if isRecording { calls.append((call.sequence, recorded)) }
  }

  func stop() -> [RecordedCall] {
    lock.lock()
    defer { lock.unlock() }
    defer { calls = [] }
    isRecording = false
    return calls.sorted { $0.sequence < $1.sequence }.enumerated().map { index, entry in
      var call = entry.call
      call.index = index
      return call
    }
  }
}

/// A lock that its holder may take again.
private final class RecursiveLock: @unchecked Sendable {
  private let mutex = UnsafeMutablePointer<pthread_mutex_t>.allocate(capacity: 1)

  init() {
    var attributes = pthread_mutexattr_t()
    pthread_mutexattr_init(&attributes)
    pthread_mutexattr_settype(&attributes, Int32(PTHREAD_MUTEX_RECURSIVE))
    pthread_mutex_init(mutex, &attributes)
    pthread_mutexattr_destroy(&attributes)
  }

  deinit {
    pthread_mutex_destroy(mutex)
    mutex.deallocate()
  }

  func lock() { pthread_mutex_lock(mutex) }
  func unlock() { pthread_mutex_unlock(mutex) }
}
