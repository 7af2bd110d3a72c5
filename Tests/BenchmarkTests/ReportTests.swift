import BenchmarkReport
import Foundation
import FoundationXML
import Testing

/// Reports of made-up samples.
@Suite struct ReportTests {
  /// Frames of `microseconds`, in openings that differ by a few per cent; `times` of them as long.
  private static func samples(
    _ name: String, _ microseconds: Double, _ group: Samples.Group = .direct, isPipelined: Bool = false, way: Way? = nil
  ) -> Samples {
    var samples = Samples(name, "what \(name) does", group, isPipelined: isPipelined, way: way)
    samples.frames = (0..<40).map { microseconds * (1 + Double($0 % 5) / 100) }
    samples.frameCount = 40
    samples.blocks = (0..<4).map { opening in [0, 1, 2].map { microseconds * (1 + Double(opening + $0) / 1000) } }
    return samples
  }

  private static let way = Way(path: "opaque-fd", sync: "cpu-wait", mode: "direct", framesInFlight: 3, queueFamily: 1)

  private static func drivers(renderer: String = "llvmpipe (LLVM 15)") -> DriverNames {
    DriverNames(
      glRenderer: renderer, glVersion: "4.5", vulkanDevice: "device", vulkanDriver: "driver", vulkanVersion: "1.3.0",
      sync: "cpu-wait", queueFamily: 1, graphicsFamily: 0)
  }

  /// - Parameter swift: how long `swift-direct` takes; C takes 100.
  private static func report(
    swift: Double = 100, size: String = "1920x1080", renderer: String = "llvmpipe (LLVM 15)"
  ) -> Report {
    var report = Report(machine: Machine(), drivers: drivers(renderer: renderer), framesInFlight: 3)
    let all = [
      samples("c-render-only", 80, .limits), samples("c-render-only-pipelined", 70, .limits, isPipelined: true),
      samples("swift-direct", swift), samples("c-direct", 100), samples("swift-producer", 110),
      samples("c-readback-upload", 300, .copied), samples(way.name, 90, .ways, isPipelined: true, way: way),
    ]
    report.sizes = [Report.result(size, openings: 4, all)]
    var state = SteadyState(size: "64x64")
    var row = SteadyState.Row(name: "swift-direct", frames: 100)
    row.ownAllocations = 0
    row.driverObjects = 0.5
    state.systemCallsNotMeasured = "strace is not installed"
    state.rows = [row]
    report.steadyState = state
    report.notMeasured = [Report.NotMeasured("dma-buf | import", "missing <everything> & \"more\"")]
    report.judge([(size, all)])
    return report
  }

  private func verdicts(_ report: Report, _ what: String) -> [Target.Verdict] {
    report.targets.filter { $0.what == what }.map(\.verdict)
  }

  // MARK: Targets

  @Test func aTargetIsMetMissedOrNotMeasured() {
    let same = "as the C program with the same calls"
    #expect(verdicts(Self.report(swift: 100), same) == [.met])
    #expect(verdicts(Self.report(swift: 120), same) == [.missed])
    #expect(Self.report(swift: 120).missesATarget)
    // 300 / 110
    let readback = "1080p: readback and upload take so many times as long"
    #expect(verdicts(Self.report(), readback) == [.met])
    #expect(verdicts(Self.report(size: "640x480"), readback) == [.notMeasuredHere])
    #expect(verdicts(Self.report(renderer: "NVIDIA H200"), readback) == [.notMeasuredHere])
  }

  @Test func aNoisyMissIsUndecided() {
    var noisy = Self.samples("swift-direct", 100)
    noisy.blocks = [[80, 100, 130], [110, 90, 140], [85, 120, 95], [140, 150, 99]]
    var report = Report(machine: Machine(), drivers: Self.drivers(), framesInFlight: 3)
    report.judge([("8x8", [noisy, Self.samples("c-direct", 97)])])
    #expect(verdicts(report, "as the C program with the same calls") == [.undecided])
    #expect(!report.missesATarget)
  }

  @Test func countsAreComparedWithNothing() {
    let report = Self.report()
    #expect(verdicts(report, "heap allocations of the library per frame") == [.met])
    #expect(verdicts(report, "driver objects made per frame") == [.missed])
    let opened = report.targets.first { $0.what == "file descriptors opened per frame" }
    #expect(opened?.verdict == .notMeasuredHere)
    #expect(opened?.reason == "strace is not installed")
    #expect(opened?.value == nil)
  }

  @Test func everyTargetIsInEveryFormat() throws {
    let report = Self.report()
    #expect(report.targets.count >= 15)
    let (text, markdown, json) = (report.text(), report.markdown(), try report.json())
    for target in report.targets {
      #expect(text.contains(target.what))
      #expect(markdown.contains(target.what))
      #expect(json.contains(target.what))
      #expect(text.contains(target.verdict.rawValue))
    }
  }

  // MARK: Formats

  @Test func theJSONDecodes() throws {
    let report = Self.report()
    let decoded = try JSONDecoder().decode(Report.self, from: Data(report.json().utf8))
    #expect(decoded.schema == 2)
    #expect(decoded.sizes.map(\.size) == ["1920x1080"])
    #expect(decoded.sizes[0].workloads.map(\.name) == report.sizes[0].workloads.map(\.name))
    #expect(decoded.sizes[0].workloads.last?.way == Self.way)
    #expect(decoded.targets.map(\.verdict) == report.targets.map(\.verdict))
    #expect(decoded.notMeasured == report.notMeasured)
    let names = try #require(try JSONSerialization.jsonObject(with: Data(report.json().utf8)) as? [String: Any])
    let keys: Set<String> = [
      "schema", "machine", "drivers", "framesInFlight", "sizes", "targets", "notMeasured", "steadyState", "loadAtEnd",
    ]
    #expect(Set(names.keys) == keys)
  }

  @Test func workloadsAreComparedWithTheRenderingOfTheirKind() throws {
    let rows = Self.report().sizes[0].workloads
    let direct = try #require(rows.first { $0.name == "swift-direct" }?.toRenderOnly)
    #expect(abs(direct.median - 100 / 80) < 0.01)
    let pipelined = try #require(rows.first { $0.name == Self.way.name }?.toRenderOnly)
    #expect(abs(pipelined.median - 90 / 70) < 0.01)
    #expect(rows.first { $0.name == "c-render-only" }?.toRenderOnly == nil)
    // Groups are kept together.
    #expect(rows.first?.group == .limits && rows.last?.group == .ways)
  }

  @Test func everyRowOfMarkdownHasAllItsColumns() {
    var columns: Int?
    for line in Self.report().markdown().split(separator: "\n", omittingEmptySubsequences: false) {
      guard line.hasPrefix("|") else {
        columns = nil
        continue
      }
      let cells = String(line).replacing("\\|", with: "").count { $0 == "|" }
      #expect(columns == nil || columns == cells, "\(line)")
      columns = cells
    }
  }

  // MARK: The plot

  /// Counts elements; stops at anything that is not well-formed.
  private final class Elements: NSObject, XMLParserDelegate {
    var counts: [String: Int] = [:]
    func parser(
      _ parser: XMLParser, didStartElement name: String, namespaceURI: String?, qualifiedName: String?,
      attributes: [String: String]
    ) {
      counts[name, default: 0] += 1
      // Every coordinate is a number inside the picture.
      for key in ["x", "x1", "x2", "cx"] {
        guard let text = attributes[key] else { continue }
        if !(Double(text).map { (0...1000).contains($0) } ?? false) { counts["outside", default: 0] += 1 }
      }
    }
  }

  @Test(arguments: ["llvmpipe", "A & B <\"GPU\">\u{1}"]) func thePlotIsWellFormedXML(renderer: String) throws {
    let report = Self.report(renderer: renderer)
    let parser = XMLParser(data: Data(report.plot().utf8))
    let elements = Elements()
    parser.delegate = elements
    #expect(parser.parse(), "\(String(describing: parser.parserError))")
    #expect(elements.counts["svg"] == 1)
    // One mark for each workload, one in the legend.
    #expect(elements.counts["circle"] == report.sizes[0].workloads.count + 1)
    #expect(elements.counts["outside"] == nil)
    for row in report.sizes[0].workloads { #expect(report.plot().contains(">\(row.name)</text>")) }
  }
}
