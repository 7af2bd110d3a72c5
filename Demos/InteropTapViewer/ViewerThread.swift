internal import GLVulkanInterop
import Glibc
internal import InteropPrograms
internal import InteropViewer

/// The window that shows a context's frames. Created on the program's thread, used on the viewer's.
struct ViewerWindow: @unchecked Sendable {
  let window: XWindow
  let surface: WindowSurface

  static func open(_ creation: VulkanHost.CreateOptions, _ size: PixelSize) throws(InteropError) -> (
    VulkanHost, ViewerWindow?
  ) {
    var creation = creation
    let window = try XWindow(size: size, title: "demo-raw-gl tap", placement: .beside)
    creation.instanceExtensions = WindowSurface.instanceExtensions
    creation.deviceExtensions = WindowSurface.deviceExtensions
    let host = try VulkanHost.create(creation)
    return (host, ViewerWindow(window: window, surface: try WindowSurface(window, host: host)))
  }
}

/// Shows the frames of one context, on a thread of its own.
final class ViewerThread: @unchecked Sendable {
  private let settings: TapSettings
  private let number: Int
  private let host: VulkanHost
  private let ownershipQueue: VulkanQueue
  private let options: ProducerOptions
  private let firstSize: PixelSize
  private let renderer: String
  private var window: ViewerWindow?
  private let frames: FrameQueue<Frame>
  private let shared = Mutex(Shared())
  private let isStopping = Atomic(false)
  private let hasEnded = Atomic(false)
  private var thread = pthread_t()

  /// State that both threads use.
  private struct Shared {
    var swaps = 0
    var state: TransferStatus?
    var transferTimes = DurationSamples()
  }

  /// Starts the thread. All signals are blocked on it, as on the thread that starts it: the signals are the program's.
  ///
  /// - Throws: ``InteropError/Code/driverFailure`` if the system cannot create a thread.
  init(_ settings: TapSettings, number: Int, _ producer: RawGLProducer, _ window: ViewerWindow?) throws(InteropError) {
    self.settings = settings
    self.number = number
    host = producer.host
    ownershipQueue = producer.status.ownershipQueue
    options = producer.options
    firstSize = producer.size
    renderer = producer.context.renderer
    self.window = window
    frames = FrameQueue<Frame>(capacity: producer.options.framesInFlight)
    let own = Unmanaged.passRetained(self)
    let code = pthread_create(
      &thread, nil,
      { argument in
        let viewer = Unmanaged<ViewerThread>.fromOpaque(argument!).takeRetainedValue()
        viewer.run()
        return nil
      }, own.toOpaque())
    guard code == 0 else {
      own.release()
      throw InteropError(
        .driverFailure, step: "pthread_create", reason: "no thread for the viewer", driverCode: .posix(code))
    }
  }

  // MARK: The program's thread

  /// Whether the viewer needs no more frames: it was closed, has shown the number of frames asked for, or failed.
  var isDone: Bool { hasEnded.load(ordering: .acquiring) }

  func countSwap() { shared.withLock { $0.swaps += 1 } }

  /// - Parameter handover: the time for which the program had to wait.
  func show(_ frame: consuming Frame, _ state: TransferStatus, handover: Duration) {
    shared.withLock { shared in
      shared.state = state
      shared.transferTimes.add(handover)
    }
    frames.send(frame)
  }

  /// Lets the viewer show the remaining frames, write its files, and end. Waits for that, but not without a limit: a
  /// driver that hangs must not block the program.
  func finish() {
    guard !isStopping.exchange(true, ordering: .acquiringAndReleasing) else { return }
    frames.close()
    for _ in 0..<1000 where !isDone { usleep(5_000) }
    if isDone { pthread_join(thread, nil) } else { Tap.say("the viewer does not end, and is left behind") }
  }

  // MARK: The viewer's thread

  private var shown = 0
  private var frameTimes = DurationSamples()
  private var pictures = PictureRing()
  private var start = ContinuousClock.now
  private var lastShown: ContinuousClock.Instant?
  private var lastSize: PixelSize?

  private func run() {
    do {
      let presenter: any FramePresenter =
        if let window {
          try WindowPresenter(window.surface, format: options.format, framesInFlight: options.framesInFlight)
        } else {
          try HeadlessPresenter(
            host, queue: ownershipQueue, format: options.format, size: firstSize, framesInFlight: options.framesInFlight
          )
        }
      defer { report(presenter.queue) }
      do {
        try showFrames(presenter)
      } catch {
        try? presenter.finish()
        throw error
      }
      try presenter.finish()
      try writePicture()
    } catch {
      Tap.say("the viewer has ended: \(error)")
    }
    // A frame that is not received would keep its slot.
    frames.close()
    while let frame = frames.receive(timeout: .zero) { _ = consume frame }
    window = nil
    hasEnded.store(true, ordering: .releasing)
  }

  private func showFrames(_ presenter: any FramePresenter) throws {
    var rate = FrameRate(since: start)
    // The readiness found for a frame that was not presented in the end.
    var readiness: FrameReadiness?
    while settings.frames.map({ shown < $0 }) ?? true {
      guard let frame = frames.receive(timeout: .milliseconds(50)) else {
        // The queue is closed and empty, or the program shows no frames at the moment.
        if isStopping.load(ordering: .acquiring) { return }
        window?.window.handleEvents()
        if window?.window.isClosed == true { return }
        continue
      }
      if let window, let lastSize, lastSize != frame.size { window.window.resize(to: frame.size) }
      lastSize = frame.size
      let found = if let readiness { readiness } else { try presenter.beginFrame() }
      readiness = nil
      if found == .closed { return }
      // While the window is hidden, the frame is dropped, unless the picture is needed.
      if found == .hidden, settings.output == nil { continue }
      let picture = settings.output == nil ? nil : try pictures.next(frame.size, options, host)
      do {
        _ = try presenter.present(frame, copyingTo: picture)
        if picture != nil { pictures.keep() }
        count(&rate, presenter)
      } catch let error as InteropError where error.code == .invalidState {
        // The producer has dropped the frame for a newer one, which is in the queue.
        readiness = found
      }
    }
  }

  private func count(_ rate: inout FrameRate, _ presenter: any FramePresenter) {
    let now = ContinuousClock.now
    if let lastShown { frameTimes.add(now - lastShown) } else { start = now }
    lastShown = now
    shown += 1
    // The first presentation makes the drivers start threads and set handlers for the program's end. Register the tap's
    // handler after them, so that it runs before them.
    if shown == 1 { Tap.shared.registerExitHandler() }
    guard let perSecond = rate.countFrame(at: now), let state = shared.withLock({ $0.state }) else { return }
    presenter.report("demo-raw-gl tap: \(perSecond) fps, \(state.path), blit, \(state.sync.rawValue)")
  }

  private func writePicture() throws(InteropError) {
    guard let output = settings.output, let picture = pictures.last else { return }
    try picture.write(to: numbered(output))
  }

  /// Returns `frame.png`; for the second context `frame-2.png`.
  private func numbered(_ path: String) -> String {
    guard number > 1 else { return path }
    let name = path.lastIndex(of: "/").map { path[path.index(after: $0)...] } ?? path[...]
    guard let dot = name.lastIndex(of: "."), dot != name.startIndex else { return "\(path)-\(number)" }
    return "\(path[..<dot])-\(number)\(path[dot...])"
  }

  private func report(_ queue: VulkanQueue) {
    let (swaps, state, transferTimes) = shared.withLock { ($0.swaps, $0.state, $0.transferTimes) }
    guard let state, let lastShown, let lastSize else { return }
    let statistics = TapStatistics(
      shown: DemoStatistics(
        state, mode: .blit, queue: queue, format: options.format, size: lastSize, frames: shown,
        frameTimes: frameTimes, transferTimes: transferTimes, elapsed: lastShown - start, gl: renderer,
        vulkan: host.info.deviceName),
      swaps: swaps)
    do {
      let text =
        switch settings.statistics {
        case .text: "\(statistics)"
        case .json: try ProgramOutput.json(statistics)
        }
      guard let file = settings.statisticsFile.map(numbered) else { return ProgramOutput.tell(text) }
      try ProgramOutput.write(text + "\n", to: file)
    } catch {
      Tap.say("the statistics are lost: \(error)")
    }
  }
}

/// The pictures to which frames are copied, as many as there may be frames in flight. One of them may be the last
/// frame.
private struct PictureRing {
  private var pictures: [Int: Picture] = [:]
  private var index = 0
  private var following = 0
  /// The picture that holds the last frame.
  private(set) var last: Picture?

  /// Called when the copy to the result of ``next(_:_:_:)`` was submitted.
  mutating func keep() {
    index = following
    last = pictures[index]
  }

  /// Returns the picture to which the next frame is copied.
  mutating func next(_ size: PixelSize, _ options: ProducerOptions, _ host: VulkanHost) throws(InteropError) -> Picture
  {
    following = (index + 1) % options.framesInFlight
    var picture = pictures[following]
    if picture?.size != size { picture = nil }
    let found = if let picture { picture } else { try Picture(size, options.format, options.orientation, host) }
    pictures[following] = found
    return found
  }
}
