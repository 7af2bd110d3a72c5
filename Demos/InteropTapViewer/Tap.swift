internal import GLVulkanInterop
import Glibc
internal import Logging
internal import InteropPrograms

/// The tap's state in the program: the program's contexts that show frames, each with a viewer.
///
/// No failure here reaches the program. The tap reports a failure on stderr, once for each context, and does not read
/// that context's frames any more.
final class Tap: Sendable {
  static let shared = Tap()

  private let settings: TapSettings
  private let contexts: Mutex<Contexts>
  private let process = getpid()

  // A context's tap is used on the thread on which the context is current, and that is one thread at a time.
  private struct Contexts: @unchecked Sendable {
    var taps: [ContextKey: ContextTap] = [:]
    var count = 0
    var hasExitHandler = false
  }

  private init() {
    settings = .fromEnvironment()
    contexts = Mutex(Contexts())
    // swift-log writes to stdout by default. The statistics list the combinations that failed; this is another
    // program's stderr.
    LoggingSystem.bootstrap {
      var handler = StreamLogHandler.standardError(label: $0)
      handler.logLevel = .error
      return handler
    }
  }

  static func say(_ text: String) { ProgramOutput.tell("demo-raw-gl tap: \(text)") }

  /// - Returns: GL errors of the program that this call removed from the context.
  func frame(_ key: ContextKey) -> [UInt32] {
    let tap = contexts.withLock { contexts in
      if let tap = contexts.taps[key] { return tap }
      contexts.count += 1
      let tap = ContextTap(settings, number: contexts.count)
      contexts.taps[key] = tap
      return tap
    }
    let errors = tap.frame()
    // Set this handler after those that the drivers set during the first frame, so that it runs before them.
    let isFirst = contexts.withLock { contexts in
      defer { contexts.hasExitHandler = true }
      return !contexts.hasExitHandler
    }
    if isFirst { registerExitHandler() }
    return errors
  }

  func end(_ key: ContextKey, isCurrent: Bool) {
    contexts.withLock { $0.taps.removeValue(forKey: key) }?.end(isCurrent: isCurrent)
  }

  func endAll(ofDisplay display: UInt) {
    let ending = contexts.withLock { contexts in
      let keys = contexts.taps.keys.filter { $0.display == display }
      return keys.compactMap { contexts.taps.removeValue(forKey: $0) }
    }
    for tap in ending { tap.end(isCurrent: false) }
  }

  func registerExitHandler() { atexit { Tap.shared.exit() } }

  /// Runs when the program calls `exit`. Viewers must not work while the drivers' handlers shut the drivers down.
  private func exit() {
    // A child process that the program forked has the same memory but none of the threads.
    guard getpid() == process else { return }
    // The taps are kept: their objects belong to the contexts, and the thread on which a context is current is unknown.
    let taps = contexts.withLock { contexts in Array(contexts.taps.values) }
    for tap in taps { tap.finishViewer() }
  }
}

/// One context of the program. Used on the thread on which the context is current.
final class ContextTap: @unchecked Sendable {
  private let settings: TapSettings
  /// Counts the contexts, from 1 on.
  private let number: Int
  private var state = State.new
  /// Returns the program's errors, whatever fails.
  private var context: GLContext?

  private enum State {
    case new
    case running(RawGLProducer, ViewerThread)
    /// The viewer needs no more frames, or something failed.
    case stopped
  }

  init(_ settings: TapSettings, number: Int) {
    self.settings = settings
    self.number = number
  }

  /// The context is current, and its framebuffer 0 has a frame.
  func frame() -> [UInt32] {
    do throws(InteropError) {
      if case .new = state {
        state = .stopped
        if let (producer, viewer) = try start() { state = .running(producer, viewer) } else { state = .new }
      }
      if case .running(let producer, let viewer) = state {
        if viewer.isDone { stop(producer, isCurrent: true) } else { try submit(producer, viewer) }
      }
    } catch {
      if case .running(let producer, _) = state { stop(producer, isCurrent: true) }
      state = .stopped
      Tap.say("the program's frames are not shown: \(error)")
    }
    return context?.takeApplicationErrors() ?? []
  }

  private func submit(_ producer: RawGLProducer, _ viewer: ViewerThread) throws(InteropError) {
    let start = ContinuousClock.now
    viewer.countSwap()
    let frame: Frame
    do throws(InteropError) {
      frame = try producer.submit()
    } catch {
      switch error.code {
      // The window has no pixels now.
      case .invalidArgument: return
      // The viewer is late. Without a window this thread has waited for it once, and must not wait for every frame.
      case .ringExhausted where !settings.isHeadless: return
      default: throw error
      }
    }
    viewer.show(frame, producer.status, handover: ContinuousClock.now - start)
  }

  /// - Returns: nil while the window has no pixels.
  private func start() throws(InteropError) -> (RawGLProducer, ViewerThread)? {
    let context = if let context { context } else { try GLContext.current() }
    self.context = context
    guard let size = context.defaultFramebufferSize(), size.width > 0, size.height > 0 else { return nil }
    var options = ProducerOptions(path: settings.path, mode: .blit)
    options.sync = settings.sync
    options.alphaMode = .opaque
    // A window shows the newest frame and drops older ones. Without a window every frame is read.
    options.backPressure = settings.isHeadless ? .wait(timeout: .seconds(5)) : .dropOldest(timeout: .zero)
    let (host, window) = try openVulkan(context, size)
    let producer = try RawGLProducer(size: size, host: host, context: context, options: options)
    let viewer = try ViewerThread(settings, number: number, producer, window)
    return (producer, viewer)
  }

  /// Opens the Vulkan device as demo-raw-gl does, with a window if the options ask for one and there is a display.
  private func openVulkan(_ gl: GLContext, _ size: PixelSize) throws(InteropError) -> (VulkanHost, ViewerWindow?) {
    var creation = VulkanHost.CreateOptions(.matching(gl))
    if let device = settings.vulkanDevice { creation.choice = Int(device).map { .index($0) } ?? .name(device) }
    creation.layers = settings.vulkanLayers
    if settings.isHeadless { return (try VulkanHost.create(creation), nil) }
    let reason: InteropError
    do throws(InteropError) {
      return try ViewerWindow.open(creation, size)
    } catch {
      reason = error
    }
    let host = try VulkanHost.create(creation)
    Tap.say("running headless, as there is no usable display: \(reason)")
    return (host, nil)
  }

  private func stop(_ producer: RawGLProducer, isCurrent: Bool) {
    finishViewer()
    if isCurrent {
      try? producer.contextWillBeDestroyed()
    } else {
      // Objects in the context are destroyed with it.
      producer.context.contextWillBeDestroyed()
    }
    state = .stopped
  }

  /// Called when the context is about to be destroyed.
  func end(isCurrent: Bool) {
    if case .running(let producer, _) = state { stop(producer, isCurrent: isCurrent) }
    state = .stopped
  }

  func finishViewer() {
    if case .running(_, let viewer) = state { viewer.finish() }
  }
}
