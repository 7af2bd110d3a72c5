import Glibc
import GLVulkanInterop
import TestSupport
import Testing

/// Nothing grows: after the first frames have gone round, the producer makes and opens nothing more.
@Suite("Long run", .serialized) struct LongRunTests {
  /// Frames to render; 20,000 is what is promised.
  static let frames = 20_000

  private func residentKiB() throws -> Int {
    let file = try #require(fopen("/proc/self/statm", "r"))
    defer { fclose(file) }
    var text = [CChar](repeating: 0, count: 256)
    _ = fgets(&text, 256, file)
    let fields = String(decoding: text.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self).split(separator: " ")
    return (Int(fields[1]) ?? 0) * 4
  }

  @Test(arguments: DMABufStack.paths) func nothingGrows(path: TransferPath) throws {
    let (context, host) = try TestStack.open(TestStack.apis[0], traced: true)
    let producer = try SurfacelessEGLProducer(
      size: PixelSize(width: 64, height: 48), host: host, context: context, options: ProducerOptions(path: path))
    func render(_ count: Int) throws {
      for number in 0..<count {
        let frame = try producer.render { target in
          target.gl.glClearBufferfv(GLenum(GL_COLOR), 0, [Float(number % 2), 0, 0, 1])
        }
        // Every tenth is dropped: that must not leave anything behind either.
        if number % 10 == 9 { continue }
        try frame.access(.transferSource) { (_, _) throws(InteropError) in }
      }
    }
    try render(100)
    context.gl.gl.glFinish()
    let objects = LiveObjects.snapshot()
    let files = OpenFiles.count()
    let start = try residentKiB()
    // A leak of a few bytes a frame would not show; one object a frame is a megabyte, each time. Caches and the allocator's
    // arenas fill now and then, so that one part without growth is enough.
    var growth: [Int] = []
    var end = start
    while growth.count < 2 || growth.count < 5 && growth.dropFirst().allSatisfy({ $0 >= 1024 }) {
      try render(Self.frames / 2)
      context.gl.gl.glFinish()
      let now = try residentKiB()
      growth.append(now - end)
      end = now
    }
    let made = LiveObjects.snapshot().changes(since: objects).filter { !$0.hasPrefix("EGLSync") }
    #expect(made.isEmpty)
    // SwiftShader may compile a routine late.
    #expect(OpenFiles.count() <= files + 1)
    let isLevel = growth.dropFirst().contains { $0 < 1024 }
    #expect(isLevel, "resident memory grew by \(growth) KiB in \(Self.frames / 2) frames each")
  }

  /// The calls of a frame in steady state make, import and export nothing; a sync file is made for each turn and closed.
  @Test(arguments: DMABufStack.paths) func aFrameMakesNothing(path: TransferPath) throws {
    let (context, host) = try TestStack.open(TestStack.apis[0], traced: true)
    let producer = try SurfacelessEGLProducer(
      size: PixelSize(width: 64, height: 48), host: host, context: context, options: ProducerOptions(path: path))
    func frame() throws {
      let frame = try producer.render { _ in }
      try frame.access(.transferSource) { (_, _) throws(InteropError) in }
    }
    for _ in 0..<10 { try frame() }
    let calls = try DriverTrace.record(on: .current) { for _ in 0..<10 { try frame() } }
    let makers = calls.map(\.name).filter {
      ($0.contains("Create") && $0 != "eglCreateSyncKHR") || $0.contains("Allocate") || $0.hasPrefix("glGen")
        || $0.contains("Import") || $0.contains("Storage") || $0.contains("GetMemoryFd") || $0.contains("GetSemaphoreFd")
    }.filter { producer.sync != .syncFile || !["vkGetSemaphoreFdKHR", "vkImportSemaphoreFdKHR"].contains($0) }
    #expect(makers.isEmpty)
    #expect(!calls.isEmpty)
  }
}
