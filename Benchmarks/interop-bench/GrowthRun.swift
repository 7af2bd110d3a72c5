import BenchmarkReport
import GLVulkanInterop

/// One producer's frames, from the first to many.
enum GrowthRun {
  /// - Parameter count: how many frames; the last decade may be cut short.
  static func run(_ setup: Setup, size: PixelSize, inFlight: Int, count: Int) throws -> Growth {
    let side = try SwiftSide(platform: setup.platform)
    let queue = try side.queue(family: setup.queueFamily)
    let frames = ProducerFrames(
      try SurfacelessEGLProducer(
        size: size, host: side.host, context: side.context,
        options: setup.options(.opaqueFD, .direct, setup.sync, framesInFlight: inFlight)))
    var times: [Double] = []
    times.reserveCapacity(count)
    var decades: [Growth.Decade] = []
    var number: UInt32 = 0
    var limit = 100
    while number < count {
      times.removeAll(keepingCapacity: true)
      while number < min(limit, count) {
        let start = now()
        try frames.frame(number, on: queue, waits: true)
        times.append(microseconds(from: start, to: now()))
        number += 1
      }
      let (sorted, resources) = (times.sorted(), Resources.now())
      decades.append(
        Growth.Decade(
          upTo: Int(number), p50: percentile(0.5, ofSorted: sorted), p99: percentile(0.99, ofSorted: sorted),
          memoryKiB: resources.memory / 1024, fileDescriptors: resources.fileDescriptors))
      limit *= 10
    }
    try frames.drain()
    return Growth(name: "swift-producer", size: size.description, decades: decades)
  }
}
