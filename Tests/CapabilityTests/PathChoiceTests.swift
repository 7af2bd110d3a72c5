import GLVulkanInterop
import TestSupport
import Testing

/// The choice, on matrices that are made up: no driver is asked.
@Suite("Path choice") struct PathChoiceTests {
  /// Everything verified, at one size, with costs on three families as an H200 has them.
  private func matrix(
    families: [(UInt32, [String], Double)] = [(0, ["graphics", "compute", "transfer"], 512), (1, ["transfer"], 34)]
  ) -> CapabilityMatrix {
    var options = CapabilityProbe.Options()
    options.tries = false
    options.sizes = [PixelSize(width: 64, height: 64)]
    var matrix = CapabilityProbe(options: options).run()
    let costs = families.map {
      CapabilityMatrix.QueueFamilyCost(family: $0.0, handoverMicroseconds: CapabilityMatrix.Percentiles([$0.2, $0.2])!)
    }
    matrix.queueFamilies = families.map {
      CapabilityMatrix.QueueFamily(index: $0.0, capabilities: $0.1, bareSubmitMicroseconds: nil)
    }
    for index in matrix.cells.indices {
      matrix.cells[index].verdict = .verified
      matrix.cells[index].reason = nil
      matrix.cells[index].queueFamilyCosts = costs
    }
    return matrix
  }

  private func best(_ matrix: CapabilityMatrix, _ change: (inout CapabilityMatrix.Requirements) -> Void = { _ in })
    -> CapabilityMatrix.Choice?
  {
    var requirements = CapabilityMatrix.Requirements(ranking: PathRanking())
    change(&requirements)
    return matrix.bestPath(for: requirements)
  }

  @Test func theCheapestFamilyIsFoundByItsCost() throws {
    let choice = try #require(best(matrix()))
    #expect(choice.queueFamily == 1)
    #expect(choice.handoverMicroseconds?.p50 == 34)
    #expect(choice.reason.contains("family 1 (transfer only) in 34 us"))
    #expect(choice.reason.contains("family 0 (graphics, compute and transfer) in 512 us"))
    // Noise does not move the choice away from the family that can draw.
    let close = try #require(best(matrix(families: [(0, ["graphics", "transfer"], 36), (1, ["transfer"], 34)])))
    #expect(close.queueFamily == 0)
  }

  @Test func requirementsNarrowTheChoice() throws {
    let all = matrix()
    #expect(best(all)?.sync == .semaphoreFD)
    #expect(best(all)?.mode == .direct)
    let blit = best(all) { $0.modes = [.blit] }
    #expect(blit?.mode == .blit)
    let linear = best(all) { $0.tilings = [.linear] }
    #expect(linear?.tiling == .linear)
    let other = best(all) { $0.crossesProcesses = true }
    #expect(other == nil)
    var cpu = all
    for index in cpu.cells.indices where cpu.cells[index].sync == .semaphoreFD { cpu.cells[index].verdict = .unsupported }
    #expect(best(cpu)?.sync == .cpuWait)
    let onGPU = best(cpu) { $0.needsGPUWait = true }
    #expect(onGPU == nil)
    let reasons = cpu.rejections(for: .init(needsGPUWait: true, ranking: PathRanking()))
    let saysWhy = reasons.contains { $0.contains("the CPU would wait for the GPU") }
    #expect(saysWhy)
  }

  @Test func aSizeThatWasTriedCountsAlone() throws {
    var two = matrix()
    two.cells += two.cells.map { cell in
      var cell = cell
      cell.size = "8192x8192"
      cell.verdict = cell.path == "host-copy" ? .verified : .failed
      return cell
    }
    let large = best(two) { $0.size = PixelSize(width: 8192, height: 8192) }
    #expect(large?.path == "host-copy")
    let small = best(two) { $0.size = PixelSize(width: 64, height: 64) }
    #expect(small?.path == "opaque-fd")
    // A size nobody tried: what works at every size.
    let unknown = best(two) { $0.size = PixelSize(width: 100, height: 100) }
    #expect(unknown?.path == "host-copy")
  }

  @Test func theRankingCanBeOverridden() throws {
    let all = matrix()
    func first(_ text: String) throws -> CapabilityMatrix.Choice? {
      let ranking = try PathRanking(text)
      return best(all) { $0.ranking = ranking }
    }
    #expect(try first("host-copy")?.path == "host-copy")
    #expect(try first("opaque-fd/blit")?.mode == .blit)
    #expect(try first("opaque-fd/blit/cpu-wait")?.sync == .cpuWait)
    #expect(try first("-opaque-fd")?.path == "host-copy")
    #expect(try first("-opaque-fd, -host-copy") == nil)
    #expect(try first("")?.mode == .direct)
    #expect(try first("host-copy")?.reason.contains("the order of preference was changed") == true)
  }

  @Test(arguments: ["telepathy", "opaque-fd/sideways", "opaque-fd/blit/blit", "opaque-fd/blit/cpu-wait/x", "/", "-"])
  func aRankingThatMakesNoSenseIsRefused(text: String) {
    let error = #expect(throws: InteropError.self) { _ = try PathRanking(text) }
    #expect(error?.code == .invalidArgument)
  }
}
