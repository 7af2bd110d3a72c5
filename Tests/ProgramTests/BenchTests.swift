import BenchmarkReport
import Foundation
import InteropTestSupport
import Testing

extension ProgramTests {
  /// interop-bench on small frames: what it writes, and ratios that must not get worse. Ratios, not times, of workloads
  /// that alternate in one process; and the best of a few attempts, because the machine may be busy with something
  /// else.
  @Suite("interop-bench", .serialized) struct BenchTests {
    private static let path = URL(fileURLWithPath: DemoProgram.path).deletingLastPathComponent()
      .appendingPathComponent("interop-bench").path

    private func run(_ arguments: [String]) throws -> (result: Program.Result, folder: TemporaryFolder) {
      let folder = try TemporaryFolder()
      var arguments = arguments + ["--output", folder.path("bench")]
      if let library = TestStack.eglLibrary { arguments += ["--gl", "angle:\(library)"] }
      return (try Program(Self.path, arguments).wait(atMost: .seconds(120)), folder)
    }

    private func report(_ folder: TemporaryFolder) throws -> Report {
      try JSONDecoder().decode(Report.self, from: try folder.bytes("bench/report.json"))
    }

    // MARK: What it writes

    @Test func itWritesTheWholeReportOfASmallRun() throws {
      let (result, folder) = try run([
        "--size", "64x48", "--frames", "24", "--openings", "2", "--section", "frames", "--section", "ways", "--section",
        "sampling",
      ])
      #expect(result.status == 0, "\(result.errors)")
      let report = try report(folder)
      let names = report.sizes[0].workloads.map(\.name)
      for name in [
        "swift-direct", "c-direct", "swift-producer", "swift-direct-pipelined", "c-render-only", "c-vulkan-only",
        "c-readback-upload", "c-pixel-buffers-3", "c-import-each-frame", "swift-sample", "c-sample",
        "c-sample-unshared",
      ] { #expect(names.contains(name), "\(name)") }
      // Every way is a row or is named with the reason.
      let ways = report.sizes[0].workloads.compactMap(\.way)
      for path in ["opaque-fd", "dma-buf-import", "dma-buf-export", "host-copy"] {
        let isRow = ways.contains { $0.path == path }
        let isNamed = report.notMeasured.contains { $0.what.hasPrefix(path) && !$0.reason.isEmpty }
        #expect(isRow || isNamed, "\(path)")
      }
      #expect(ways.contains { $0.path == "opaque-fd" && $0.mode == "blit" && $0.framesInFlight == 3 })
      for row in report.sizes[0].workloads {
        #expect(row.p10 > 0 && row.p10 <= row.p50 && row.p50 <= row.p90 && row.p90 <= row.p99, "\(row.name)")
      }
      #expect(!report.machine.cpu.isEmpty && report.machine.cores > 0 && !report.drivers.glRenderer.isEmpty)
      #expect(folder.read("bench/report.md").contains("| swift-direct |"))
      #expect(folder.read("bench/plot.svg").hasPrefix("<svg "))
      #expect(result.output.contains("swift-direct"))
    }

    @Test func framesInSteadyStateMakeNothing() throws {
      let (result, folder) = try run([
        "--check-steady", "1000", "--size", "64x48", "--only", "swift-direct", "--only", "swift-producer", "--only",
        "swift-host-copy", "--only", "swift-consumer",
      ])
      #expect(result.status == 0, "\(result.errors)")
      let rows = try #require(try report(folder).steadyState?.rows)
      for name in [
        "swift-direct", "swift-producer", "swift-host-copy", "swift-host-copy/staging-buffer",
        "swift-host-copy/pixel-buffer", "swift-consumer/opaque-fd", "swift-consumer/host-copy",
      ] { #expect(rows.contains { $0.name == name }, "\(name)") }
      for row in rows {
        #expect(row.fileDescriptorGrowth == 0, "\(row.name)")
        // A fence of EGL's where nothing else tells another thread that a buffer of GL's is filled
        // (docs/performance.md).
        let mayNeedFence = ["swift-host-copy/shared-buffer", "swift-host-copy/pixel-buffer"].contains(row.name)
        #expect(row.driverObjects == 0 || mayNeedFence && row.driverObjects == 1, "\(row.name)")
        #expect(row.driverDescriptors == 0, "\(row.name)")
        // nil under a sanitizer.
        #expect(row.ownAllocations ?? 0 == 0, "\(row.name)")
        #expect((row.driverAllocations ?? 1) > 0, "nothing was counted at all")
      }
    }

    @Test(arguments: [["--size", "2x2"], ["--path", "telepathy"], ["--only", "nothing-such", "--size", "64x48"]])
    func wrongUsageIsSaid(arguments: [String]) throws {
      let (result, _) = try run(arguments)
      #expect(result.status == (arguments[0] == "--only" ? 1 : 64))
      #expect(result.errors.contains(arguments[0] == "--size" ? "32768" : arguments[1]))
    }

    // MARK: Ratios

    /// The library's cost over the same calls in C, and its gain over copying.
    @Test func theLibraryIsAboutAsQuickAsCAndQuickerThanCopying() throws {
      let names = ["swift-direct", "c-direct", "c-readback-upload"]
      var seen: [String] = []
      for _ in 0..<3 {
        let (result, folder) = try run(
          ["--size", "1280x720", "--frames", "144", "--openings", "3", "--seconds", "4"]
            + names.flatMap { ["--only", $0] })
        try #require(result.status == 0, "\(result.errors)")
        let ratios = try report(folder).sizes[0].ratios
        let toC = try #require(ratios.first { $0.of == "swift-direct" && $0.to == "c-direct" }).ratio.median
        let toCopy = try #require(ratios.first { $0.of == "swift-direct" && $0.to == "c-readback-upload" }).ratio.median
        if toC <= 1.5, toCopy <= 0.8 { return }
        seen.append("\(toC) of C, \(toCopy) of readback and upload")
      }
      Issue.record("three attempts, swift-direct takes: \(seen.joined(separator: "; "))")
    }
  }
}
