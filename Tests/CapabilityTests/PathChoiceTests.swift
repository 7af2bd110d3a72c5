import Foundation
import GLVulkanInterop
import InteropTestSupport
import Testing

/// The choice, on matrices that are made up: no driver is asked.
@Suite("Path choice") struct PathChoiceTests {
  static let tiled = DRMModifier(rawValue: 0x0100_0000_0000_0001)
  static let linear = DRMModifier.linear

  /// Everything verified, at one size, with costs on three families as an H200 has them; two modifiers for each format.
  private func matrix(
    families: [(UInt32, [String], Double)] = [(0, ["graphics", "compute", "transfer"], 512), (1, ["transfer"], 34)]
  ) -> CapabilityMatrix {
    var options = ProbeOptions()
    options.tries = false
    options.sizes = [PixelSize(width: 64, height: 64)]
    var matrix = CapabilityProbe(options: options).run()
    let costs = families.map {
      CapabilityMatrix.QueueFamilyCost(family: $0.0, transferMicroseconds: CapabilityMatrix.Percentiles([$0.2, $0.2])!)
    }
    matrix.queueFamilies = families.map {
      CapabilityMatrix.QueueFamily(index: $0.0, capabilities: $0.1, bareSubmitMicroseconds: nil)
    }
    matrix.cells = matrix.cells.flatMap { cell -> [CapabilityMatrix.Cell] in
      guard cell.configuration.path.rawValue.hasPrefix("dma-buf") else { return [cell] }
      return (cell.configuration.path == .dmaBufImport ? [Self.tiled, Self.linear] : [Self.linear]).map {
        var cell = cell
        cell.modifier = $0
        return cell
      }
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
    #expect(choice.transferMicroseconds?.p50 == 34)
    #expect(choice.reason.contains("family 1 (transfer only) in 34 us"))
    #expect(choice.reason.contains("family 0 (graphics, compute and transfer) in 512 us"))
    // Noise does not move the choice away from the family that can draw.
    let close = try #require(best(matrix(families: [(0, ["graphics", "transfer"], 36), (1, ["transfer"], 34)])))
    #expect(close.queueFamily == 0)
  }

  @Test func requirementsNarrowTheChoice() throws {
    let all = matrix()
    #expect(best(all)?.configuration.sync == .timelineSemaphore)
    #expect(best(all)?.configuration.mode == .direct)
    let blit = best(all) { $0.modes = [.blit] }
    #expect(blit?.configuration.mode == .blit)
    let linear = best(all) { $0.tilings = [.linear] }
    #expect(linear?.configuration.tiling == .linear)
    var cpu = all
    cpu.spoil { $0.configuration.sync == .timelineSemaphore }
    #expect(best(cpu)?.configuration.sync == .semaphoreFD)
    cpu.spoil { $0.configuration.sync == .semaphoreFD }
    #expect(best(cpu)?.configuration.sync == .syncFile)
    let byFile = best(cpu) { $0.needsGPUWait = true }
    #expect(byFile?.configuration.sync == .syncFile)
    #expect(byFile?.reason.contains("for a sync file of each access") == true)
    cpu.spoil { $0.configuration.sync == .syncFile }
    #expect(best(cpu)?.configuration.sync == .cpuWait)
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
      cell.size = PixelSize(width: 8192, height: 8192)
      cell.verdict = cell.configuration.path == .hostCopy ? .verified : .failed
      return cell
    }
    let large = best(two) { $0.size = PixelSize(width: 8192, height: 8192) }
    #expect(large?.configuration.path == .hostCopy)
    let small = best(two) { $0.size = PixelSize(width: 64, height: 64) }
    #expect(small?.configuration.path == .opaqueFD)
    // A size that was not tried: what works at every size.
    let unknown = best(two) { $0.size = PixelSize(width: 100, height: 100) }
    #expect(unknown?.configuration.path == .hostCopy)
  }

  // MARK: DMA-BUF

  @Test func sharedPathsComeInTheirOrder() {
    var matrix = matrix()
    var paths: [TransferPath] = []
    while let choice = best(matrix) {
      paths.append(choice.configuration.path)
      let isBuffer = choice.configuration.path.rawValue.hasPrefix("dma-buf")
      #expect(choice.configuration.tiling == (isBuffer ? .drmModifier : .optimal))
      matrix.spoil { $0.configuration.path == choice.configuration.path }
    }
    #expect(paths == [.opaqueFD, .dmaBufImport, .dmaBufExport, .hostCopy])
  }

  @Test func onlyADMABufGoesToAnotherProcess() throws {
    var matrix = matrix()
    func other() -> CapabilityMatrix.Choice? { best(matrix) { $0.crossesProcesses = true } }
    #expect(other()?.configuration.path == .dmaBufImport)
    #expect(other()?.modifiers == [Self.tiled, Self.linear])
    matrix.spoil { $0.configuration.path == .dmaBufImport }
    #expect(other()?.configuration.path == .dmaBufExport)
    #expect(other()?.modifiers == [Self.linear])
    matrix.spoil { $0.configuration.path == .dmaBufExport }
    #expect(other() == nil)
    let reasons = matrix.rejections(for: .init(crossesProcesses: true, ranking: PathRanking()))
    for path in ["opaque-fd", "host-copy"] {
      let saysWhy = reasons.contains {
        $0.hasPrefix(path) && $0.hasSuffix("its memory cannot be passed to another process")
      }
      #expect(saysWhy, "\(path)")
    }
  }

  /// A format works if it does with one modifier, at every size that counts; which one is said.
  @Test func aFormatNeedsOneModifierThatWorks() throws {
    var matrix = matrix()
    matrix.spoil { $0.configuration.path == .opaqueFD }
    matrix.spoil { $0.format == .rgba8 && $0.modifier == Self.tiled }
    let rgba = try #require(best(matrix) { $0.formats = [.rgba8] })
    #expect(rgba.configuration.path == .dmaBufImport)
    #expect(rgba.modifiers == [Self.linear])
    #expect(rgba.reason.contains("(modifier linear)"))
    let bgra = best(matrix) { $0.formats = [.bgra8] }
    #expect(bgra?.modifiers == [Self.tiled, Self.linear])
    // Verified at one size and not at the other: not at all, unless one size is asked for.
    matrix.cells += matrix.cells.map { cell in
      var cell = cell
      cell.size = PixelSize(width: 8192, height: 8192)
      if cell.format == .rgba8, cell.configuration.path == .dmaBufImport { cell.verdict = .failed }
      return cell
    }
    #expect(best(matrix) { $0.formats = [.rgba8] }?.configuration.path == .dmaBufExport)
    let small = best(matrix) {
      $0.formats = [.rgba8]
      $0.size = PixelSize(width: 64, height: 64)
    }
    #expect(small?.configuration.path == .dmaBufImport)
  }

  @Test func modifiersNarrowTheChoice() throws {
    var matrix = matrix()
    func first(_ modifiers: [DRMModifier]) -> CapabilityMatrix.Choice? {
      best(matrix) {
        $0.modifiers = modifiers
        $0.tilings = [.drmModifier]
        $0.formats = [.rgba8]
      }
    }
    #expect(first([Self.tiled])?.modifiers == [Self.tiled])
    #expect(first([.linear])?.modifiers == [Self.linear])
    matrix.spoil { $0.configuration.path == .dmaBufImport }
    #expect(first([.linear])?.configuration.path == .dmaBufExport)
    #expect(first([Self.tiled]) == nil, "GL's own choice is another")
    let reasons = matrix.rejections(
      for: .init(tilings: [.drmModifier], modifiers: [Self.tiled], ranking: PathRanking()))
    let saysWhy = reasons.contains { $0.contains("the program cannot use its modifiers: 0x0") }
    #expect(saysWhy)
    // Paths without modifiers are not asked for one.
    let any = best(matrix) { $0.modifiers = [Self.tiled] }
    #expect(any?.configuration.path == .opaqueFD)
    #expect(any?.modifiers == [])
  }

  /// Of a device that lists dozens, rgba8 is tried with each, others with eight, linear among them.
  @Test func manyModifiersAreCapped() {
    let many = (1...20).map { DRMModifier(rawValue: 0x0100_0000_0000_0000 + $0) } + [Self.linear]
    #expect(CommonModifiers.tried(many, all: true) == many)
    let some = CommonModifiers.tried(many, all: false)
    #expect(some == Array(many.prefix(7)) + [Self.linear])
    #expect(CommonModifiers.tried([Self.linear] + many.dropLast(), all: false).count == 8)
    #expect(CommonModifiers.tried(Array(many.prefix(3)), all: false) == Array(many.prefix(3)))
  }

  /// The key of an export has no modifier, since a caller cannot ask for one; that of an import has.
  @Test func keysNameWhatCanBeAskedFor() {
    let matrix = matrix()
    for cell in matrix.cells {
      let wanted = cell.configuration.path == .dmaBufImport ? cell.modifier : nil
      #expect(cell.key.modifier == wanted)
    }
    #expect(Set(matrix.cells.map(\.key)).count == matrix.cells.count)
  }

  // MARK: JSON

  /// Values are typed in Swift and names in JSON, side by side.
  @Test func theJSONHasNames() throws {
    let matrix = matrix()
    let cell = try #require(matrix.cells.first { $0.modifier == Self.tiled })
    let data = try JSONEncoder().encode(cell)
    let json = try #require(JSONSerialization.jsonObject(with: data) as? [String: Any])
    let names = ["path", "direction", "mode", "pixelFormat", "tiling", "modifier", "sync", "size"]
    let wanted = [
      "dma-buf-import", cell.direction.rawValue, cell.configuration.mode.rawValue, cell.format.name, "drm-modifier",
      "0x100000000000001", cell.configuration.sync.rawValue, "64x64",
    ]
    #expect(names.map { json[$0] as? String } == wanted)
    let again = try JSONDecoder().decode(CapabilityMatrix.Cell.self, from: data)
    #expect(again.key == cell.key)
    #expect(again.configuration.description == "\(wanted[0]) \(wanted[2]) drm-modifier \(wanted[6])")
    let choice = try #require(best(matrix) { $0.crossesProcesses = true })
    let chosen = try JSONDecoder().decode(CapabilityMatrix.Choice.self, from: try JSONEncoder().encode(choice))
    #expect(chosen == choice)
    // A name that nobody knows is no cell.
    for name in ["pixelFormat", "size", "modifier", "sync"] {
      var other = json
      other[name] = "unheard-of"
      let data = try JSONSerialization.data(withJSONObject: other)
      #expect(throws: DecodingError.self) { _ = try JSONDecoder().decode(CapabilityMatrix.Cell.self, from: data) }
    }
  }

  @Test func theRankingCanBeOverridden() throws {
    let all = matrix()
    func first(_ text: String) throws -> CapabilityMatrix.Choice? {
      let ranking = try PathRanking(text)
      return best(all) { $0.ranking = ranking }
    }
    #expect(try first("host-copy")?.configuration.path == .hostCopy)
    #expect(try first("opaque-fd/blit")?.configuration.mode == .blit)
    #expect(try first("opaque-fd/blit/cpu-wait")?.configuration.sync == .cpuWait)
    #expect(try first("opaque-fd/blit/sync-file")?.configuration.sync == .syncFile)
    #expect(try first("dma-buf-export/direct")?.configuration.path == .dmaBufExport)
    #expect(try first("-opaque-fd")?.configuration.path == .dmaBufImport)
    #expect(try first("-opaque-fd,-dma-buf-import,-dma-buf-export")?.configuration.path == .hostCopy)
    #expect(try first("-opaque-fd, -dma-buf-import, -dma-buf-export, -host-copy") == nil)
    #expect(try first("")?.configuration.mode == .direct)
    #expect(try first("host-copy")?.reason.contains("the order of preference was changed") == true)
  }

  @Test(arguments: ["telepathy", "opaque-fd/sideways", "opaque-fd/blit/blit", "opaque-fd/blit/cpu-wait/x", "/", "-"])
  func aRankingThatMakesNoSenseIsRefused(text: String) {
    let error = #expect(throws: InteropError.self) { _ = try PathRanking(text) }
    #expect(error?.code == .invalidArgument)
  }
}

extension CapabilityMatrix {
  fileprivate mutating func spoil(_ matches: (Cell) -> Bool) {
    for index in cells.indices where matches(cells[index]) { cells[index].verdict = .unsupported }
  }
}
