import GLVulkanInterop
import InteropPrograms
import InteropViewer

/// Renders and presents frames until the limit, a signal or the user ends the loop.
final class FrameLoop {
  private let producer: any DemoProducer
  private let presenter: any FramePresenter
  private let triangle: Triangle
  private let limit: Int?
  private let wantsPicture: Bool
  private let clock = ContinuousClock()

  /// The last frame, after it is drawn.
  private var picture: Picture?
  private var frames = 0
  private var frameTimes = DurationSamples()
  private var transferTimes = DurationSamples()
  private var elapsed = Duration.zero

  /// - Parameters:
  ///   - limit: the number of frames; nil for no limit.
  ///   - wantsPicture: whether ``run()`` returns the last frame.
  init(
    producer: any DemoProducer, presenter: any FramePresenter, triangle: Triangle, limit: Int?, wantsPicture: Bool
  ) {
    self.producer = producer
    self.presenter = presenter
    self.triangle = triangle
    self.limit = limit
    self.wantsPicture = wantsPicture
  }

  /// - Returns: the last frame, if it was wanted.
  func run() throws -> Picture? {
    let start = clock.now
    do {
      try showFrames(since: start)
    } catch {
      // Nothing may be destroyed while the device still uses it.
      try? presenter.finish()
      throw error
    }
    try presenter.finish()
    elapsed = clock.now - start
    return picture
  }

  private func showFrames(since start: ContinuousClock.Instant) throws {
    var frameStart = start
    var rate = FrameRate(since: start)
    while picture == nil, limit.map({ frames < $0 }) ?? true {
      let isInterrupted = Interruption.isRequested
      if isInterrupted, !wantsPicture { break }
      let readiness = try presenter.beginFrame()
      let isStopping = isInterrupted || readiness == .closed
      if isStopping, !wantsPicture { break }
      switch readiness {
      case .hidden where !isStopping:
        frameStart = clock.now
        continue
      case .ready(let size): try producer.resize(to: size)
      case .hidden, .closed: break
      }
      // The loop knows which frame is the last before it draws it, so that it can keep its pixels.
      if wantsPicture, isStopping || frames + 1 == limit {
        picture = try Picture(producer.size, producer.options.format, producer.options.orientation, producer.host)
      }
      try showFrame(at: frameStart - start)
      frames += 1
      let now = clock.now
      frameTimes.add(now - frameStart)
      frameStart = now
      if let framesPerSecond = rate.countFrame(at: now) {
        presenter.report(
          "demo-raw-gl: \(framesPerSecond) fps, \(producer.status.path), \(producer.status.mode.rawValue), \(producer.status.sync.rawValue)"
        )
      }
    }
  }

  private func showFrame(at time: Duration) throws {
    // A rotation in six seconds, or a degree a frame: the same at 60 frames per second.
    let degrees = presenter.followsClock ? Double(time.nanoseconds) / 1e9 * 60 : Double(frames)
    var drawn = clock.now
    let frame = try producer.frame {
      triangle.draw(producer.context.gl, size: producer.size, angle: degrees * .pi / 180)
      drawn = clock.now
    }
    transferTimes.add(try presenter.present(frame, copyingTo: picture) - drawn)
  }

  var statistics: DemoStatistics {
    DemoStatistics(
      producer.status, mode: producer.status.mode, queue: presenter.queue, format: producer.options.format,
      size: producer.size, frames: frames, frameTimes: frameTimes, transferTimes: transferTimes, elapsed: elapsed,
      gl: producer.context.renderer,
      vulkan: producer.host.info.deviceName)
  }
}
