import BenchmarkReport
import CBaseline
import GLVulkanInterop

/// Times one producer's frames, from the first to many. Blocks of the C baseline's frames are in between, so that a
/// machine that is busier later does not look like growth.
enum GrowthRun {
  private static let block: UInt32 = 25
  private static let referenceBlock: UInt32 = 10
  /// Frames after a change of contexts that are not timed.
  private static let leadIn: UInt32 = 3

  /// - Parameter count: the number of frames; the last decade may be incomplete.
  static func run(_ setup: Setup, size: PixelSize, inFlight: Int, count: Int) throws -> Growth {
    let side = try SwiftSide(platform: setup.platform)
    let queue = try side.queue(family: setup.queueFamily)
    let frames = ProducerFrames(
      try SurfacelessEGLProducer(
        size: size, host: side.host, context: side.context,
        options: setup.options(.opaqueFD, .direct, setup.sync, framesInFlight: inFlight)))
    let usage = try SharedImage(
      SharedImageDescription(size: size), gl: side.context.gl, host: side.host, sync: setup.sync
    ).usage
    let reference = try CFrames(
      setup, size: size, inFlight: inFlight, usage: usage, host: side.host, parts: CB_DIRECT)
    // The reference's pools and caches fill up before the comparison.
    for number in 0..<500 { try reference.frame(UInt32(number)) }
    var times: [Double] = []
    times.reserveCapacity(count)
    var ratios: [Double] = []
    var decades: [Growth.Decade] = []
    var (number, referenceNumber): (UInt32, UInt32) = (0, 500)
    var limit = 100
    while number < count {
      let end = UInt32(min(limit, count))
      times.removeAll(keepingCapacity: true)
      ratios.removeAll(keepingCapacity: true)
      while number < end {
        try side.context.makeCurrent()
        let mine = try block(&number, min(block, end - number)) { try frames.frame($0, on: queue, waits: true) }
        try reference.makeCurrent()
        let theirs = try block(&referenceNumber, referenceBlock) { try reference.frame($0) }
        times += mine
        ratios.append(median(mine) / median(theirs))
      }
      let resources = Resources.now()
      decades.append(
        Growth.Decade(
          upTo: Int(number), times: times, ratios: ratios, memoryKiB: resources.memory / 1024,
          fileDescriptors: resources.fileDescriptors))
      limit *= 10
    }
    try side.context.makeCurrent()
    try frames.drain()
    return Growth(name: "swift-producer", reference: "c-direct", size: size.description, decades: decades)
  }

  /// - Returns: the times of the frames, in microseconds, without those after the change of contexts.
  private static func block(_ number: inout UInt32, _ count: UInt32, _ frame: (UInt32) throws -> Void) throws
    -> [Double]
  {
    var times: [Double] = []
    for position in 0..<count {
      let start = now()
      try frame(number)
      number += 1
      if position >= min(leadIn, count - 1) { times.append(microseconds(from: start, to: now())) }
    }
    return times
  }
}
