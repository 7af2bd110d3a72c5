import BenchmarkReport
import GLVulkanInterop

/// Every combination of the library: path x sync x mode x frames in flight x queue family, each by a producer.
struct Ways {
  /// The combinations that the caller selected; empty for all.
  struct Choice {
    var paths: [String] = []
    var modes: [TransferMode] = []
    var syncs: [SyncKind] = []
    var framesInFlight: [Int] = [1, 3]
  }

  private(set) var workloads: [Workload] = []
  private var refusals: [Refusal] = []

  private struct Refusal {
    let path: String
    let reason: String
    var modes: [String]
    var syncs: [String]
  }

  /// Combinations that do not work here; those of a path with the same reason together.
  var refused: [Report.NotMeasured] {
    refusals.map {
      Report.NotMeasured(
        "\($0.path): \($0.modes.joined(separator: ", ")); \($0.syncs.joined(separator: ", "))", $0.reason)
    }
  }

  /// Creates a producer for each path, sync, mode and number of frames in flight, with the side's context current.
  ///
  /// - Parameter isWanted: whether a workload's name is selected; others are not created.
  init(
    _ side: SwiftSide, _ setup: Setup, size: PixelSize, _ choice: Choice, isWanted: (String) -> Bool
  ) throws {
    for path in TransferPath.all where choice.paths.isEmpty || choice.paths.contains(path.rawValue) {
      // host-copy reads back the drawn pixels: there is nothing to blit, and no order for a semaphore to keep.
      let syncs = path == .hostCopy ? [.cpuWait] : SyncKind.allCases
      let modes = path == .hostCopy ? [.direct] : TransferMode.allCases
      for sync in syncs where choice.syncs.isEmpty || choice.syncs.contains(sync) {
        for mode in modes where choice.modes.isEmpty || choice.modes.contains(mode) {
          for count in choice.framesInFlight {
            let ways = setup.families.map {
              Way(path: path.rawValue, sync: sync.rawValue, mode: mode.rawValue, framesInFlight: count, queueFamily: $0)
            }.filter { isWanted($0.name) }
            guard !ways.isEmpty else { continue }
            do throws(InteropError) {
              let producer = try SurfacelessEGLProducer(
                size: size, host: side.host, context: side.context,
                options: setup.options(path, mode, sync, framesInFlight: count))
              for way in ways { try add(way, ProducerFrames(producer), side) }
            } catch {
              refuse(path, mode, sync, error)
            }
          }
        }
      }
    }
  }

  private mutating func add(_ way: Way, _ frames: ProducerFrames, _ side: SwiftSide) throws(InteropError) {
    guard let queue = side.host.queue(family: way.queueFamily) else { return }
    let waits = way.framesInFlight == 1
    workloads.append(
      Workload(
        way.name, waits ? "one frame at a time" : "\(way.framesInFlight) frames in flight", .ways, .swift,
        isPipelined: !waits, way: way, drain: { _ in try frames.drain() }
      ) { try frames.frame($0, on: queue, waits: waits) })
  }

  private mutating func refuse(_ path: TransferPath, _ mode: TransferMode, _ sync: SyncKind, _ error: InteropError) {
    let reason =
      error.missing.isEmpty ? error.reason : "\(error.reason) (missing: \(error.missing.joined(separator: ", ")))"
    func add(_ name: String, to names: inout [String]) { if !names.contains(name) { names.append(name) } }
    if let index = refusals.firstIndex(where: { $0.path == path.rawValue && $0.reason == reason }) {
      add(mode.rawValue, to: &refusals[index].modes)
      add(sync.rawValue, to: &refusals[index].syncs)
    } else {
      refusals.append(Refusal(path: path.rawValue, reason: reason, modes: [mode.rawValue], syncs: [sync.rawValue]))
    }
  }
}
