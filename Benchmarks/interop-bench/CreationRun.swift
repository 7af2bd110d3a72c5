import BenchmarkReport
import CBaseline
import FoundationEssentials
import GLVulkanInterop
import Glibc

/// Times the creation of context, device, ring and first frame, until the frame has arrived.
enum CreationRun {
  static func run(_ setup: Setup, size: PixelSize, inFlight: Int, times: Int) throws -> Creation {
    // The reference finds out what both sides use, and loads the drivers.
    let reference = try SwiftSide(platform: setup.platform)
    let usage = try SharedImage(
      SharedImageDescription(size: size), gl: reference.context.gl, host: reference.host, sync: setup.sync
    ).usage
    var swift: [Double] = []
    var unverified: [Double] = []
    var cold: [Double] = []
    var c: [Double] = []
    // The first round fills caches, including the capability matrix's on disk.
    for round in 0...times {
      let first = try milliseconds(ofSwift: setup, size, inFlight, verifies: true)
      let second = try milliseconds(ofSwift: setup, size, inFlight, verifies: false)
      let third = try milliseconds(ofC: setup, size, inFlight, usage, reference.host)
      let fourth = try withoutCache { try milliseconds(ofSwift: setup, size, inFlight, verifies: true) }
      guard round > 0 else { continue }
      swift.append(first)
      unverified.append(second)
      c.append(third)
      cold.append(fourth)
    }
    try reference.context.makeCurrent()
    return Creation(
      size: size.description,
      [
        (
          "swift-create",
          "Swift, SurfacelessEGLProducer: context, device, cached matrix, ring with its pixel check, frame", swift
        ),
        ("swift-create-unverified", "the same without the pixel check (verifiesPixels = false)", unverified),
        (
          "swift-create-cold", "swift-create on a machine that has not probed yet: the matrix comes from the helper",
          cold
        ),
        ("c-create", "C, the same steps without matrix and pixel check", c),
      ])
  }

  /// Runs `body` with an empty cache of probes. The driver's own cache stays.
  private static func withoutCache(_ body: () throws -> Double) throws -> Double {
    var template = Array("/tmp/interop-bench.XXXXXX".utf8CString)
    guard let made = mkdtemp(&template) else {
      throw BenchmarkError(description: "no directory can be made in /tmp: \(String(cString: strerror(errno)))")
    }
    let folder = String(cString: made)
    func value(_ name: String) -> String? { getenv(name).map { String(cString: $0) } }
    let before = ["XDG_CACHE_HOME", "MESA_SHADER_CACHE_DIR"].map { name in (name, value(name)) }
    defer {
      for (name, value) in before { if let value { setenv(name, value, 1) } else { unsetenv(name) } }
      try? FileManager.default.removeItem(atPath: folder)
    }
    let cache = before[0].1 ?? value("HOME").map { $0 + "/.cache" } ?? folder
    setenv("MESA_SHADER_CACHE_DIR", cache, 0)
    setenv("XDG_CACHE_HOME", folder, 1)
    return try body()
  }

  private static func milliseconds(
    ofSwift setup: Setup, _ size: PixelSize, _ inFlight: Int, verifies: Bool
  ) throws -> Double {
    let start = now()
    let side = try SwiftSide(platform: setup.platform)
    var options = setup.options(.opaqueFD, .direct, setup.sync, framesInFlight: inFlight)
    // From the cache on disk, as in a program that starts.
    options.capability = .automatic
    options.verifiesPixels = verifies
    let frames = ProducerFrames(
      try SurfacelessEGLProducer(size: size, host: side.host, context: side.context, options: options))
    try frames.frame(1, on: try side.queue(family: setup.queueFamily), waits: true)
    return microseconds(from: start, to: now()) / 1000
  }

  private static func milliseconds(
    ofC setup: Setup, _ size: PixelSize, _ inFlight: Int, _ usage: VkImageUsageFlags, _ host: VulkanHost
  ) throws -> Double {
    let start = now()
    let frames = try CFrames(setup, size: size, inFlight: inFlight, usage: usage, host: host, parts: CB_DIRECT)
    try frames.frame(1)
    return withExtendedLifetime(frames) { microseconds(from: start, to: now()) / 1000 }
  }
}
