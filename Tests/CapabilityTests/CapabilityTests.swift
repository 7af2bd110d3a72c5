import Foundation
import GLVulkanInterop
import InteropTestSupport
import Testing

@Suite("Capability matrix") struct CapabilityTests {
  private func probe(
    _ api: SurfacelessContext.API, tries: Bool = true, isolation: ProbeOptions.Isolation = .childProcess,
    timing: ProbeOptions.Timing = .choice
  ) throws -> CapabilityMatrix {
    let (context, host) = try TestStack.open(api)
    var options = ProbeOptions()
    options.sizes = [PixelSize(width: 33, height: 17)]
    options.tries = tries
    options.timing = timing
    options.timedTransfers = 5
    options.isolation = isolation
    options.usesCache = false
    options.layers = TestStack.layers
    return CapabilityProbe(gl: context, vulkan: host, options: options).run()
  }

  static let places: [(SurfacelessContext.API, ProbeOptions.Isolation)] = TestStack.abilities.apis.flatMap { api in
    [ProbeOptions.Isolation.childProcess, .thisProcess].map { (api, $0) }
  }

  @Test(arguments: places)
  func everyCellHasItsVerdict(api: SurfacelessContext.API, isolation: ProbeOptions.Isolation) throws {
    let matrix = try probe(api, isolation: isolation)
    #expect(matrix.warnings.isEmpty)
    #expect(matrix.probedIn == (isolation == .childProcess ? .childProcess : .thisProcess))
    func count(_ path: TransferPath) -> Int { matrix.cells.filter { $0.configuration.path == path }.count }
    // 2 directions x 2 modes x 4 syncs x 2 tilings x 8 formats.
    #expect(count(.opaqueFD) == 256)
    #expect(count(.dmaBufExport) == 128)
    #expect(count(.hostCopy) == 8)
    // Each of rgba8's modifiers and at most 8 of another format's; one cell that says why where there are none.
    let (context, host) = try TestStack.open(api)
    let modifiers = PixelFormat.all.map { format in
      let all = CommonModifiers.of(format, context.gl, host).count
      return max(format == .rgba8 ? all : min(all, 8), 1)
    }
    #expect(count(.dmaBufImport) == 16 * modifiers.reduce(0, +))
    for cell in matrix.cells {
      let text =
        "\(cell.configuration) \(cell.direction) \(cell.format.name): \(cell.reason ?? "")"
      switch cell.verdict {
      case .verified: #expect(cell.reason == nil, "\(text)")
      case .unsupported: #expect(!cell.missing.isEmpty, "\(text)")
      case .failed, .notTried: Issue.record("\(text)")
      }
      if cell.verdict == .unsupported {
        let isExpected = cell.missing.contains { Self.mayBeMissing($0, cell) }
        #expect(isExpected, "\(text)")
      }
    }
    let choice = try #require(matrix.choice).configuration
    #expect(choice.path == .opaqueFD)
    #expect(choice.mode == .direct)
    if let sync = TestStack.abilities.mustChooseSync { #expect(choice.sync == sync) }
    #expect(matrix.sameDevice == true)
  }

  /// What these stacks lack: true BGRA, semaphores, sync files, DMA-BUFs outside the virtual machine, and on a real GPU
  /// linear tiling.
  private static func mayBeMissing(_ name: String, _ cell: CapabilityMatrix.Cell) -> Bool {
    let configuration = cell.configuration
    let isBuffer = configuration.path.rawValue.hasPrefix("dma-buf")
    switch name {
    case "GL_BGRA8_EXT in glTexStorageMem2DEXT", "GL_BGRA8_EXT": return !isBuffer && cell.format.name.hasPrefix("bgra8")
    case "GL_EXT_semaphore_fd", "export of OPAQUE_FD semaphores": return configuration.sync == .semaphoreFD
    case "GL_NV_timeline_semaphore", "the feature timelineSemaphore", "export of OPAQUE_FD timeline semaphores":
      return configuration.sync == .timelineSemaphore
    case "VK_KHR_external_semaphore_fd": return configuration.sync != .cpuWait
    case "EGL_ANDROID_native_fence_sync", "export and import of SYNC_FD semaphores":
      return configuration.sync == .syncFile
    case "VK_EXT_external_memory_dma_buf", "VK_EXT_image_drm_format_modifier":
      return isBuffer && !TestStack.abilities.mustShareDMABufs
    case "an export of AR24": return configuration.path == .dmaBufExport && cell.format.name.hasPrefix("bgra8")
    case "GL_LINEAR_TILING_EXT": return !TestStack.abilities.mustHaveLinearTiling
    default: return false
    }
  }

  @Test func withoutProbingNothingIsClaimed() throws {
    let matrix = try probe(TestStack.abilities.apis[0], tries: false)
    let verdicts = Set(matrix.cells.map(\.verdict))
    #expect(verdicts == [.notTried])
    #expect(matrix.choice == nil)
  }

  @Test func measuringGivesPercentiles() throws {
    let matrix = try probe(TestStack.abilities.apis[0], timing: .everything)
    let timed = matrix.cells.filter { $0.verdict == .verified && $0.direction == .glToVulkan }
    #expect(!timed.isEmpty)
    for cell in timed {
      let times = try #require(cell.transferMicroseconds)
      #expect(times.p50 > 0)
      #expect(times.p99 >= times.p50)
      let families = cell.queueFamilyCosts.map(\.family)
      #expect(families == matrix.queueFamilies.map(\.index))
    }
    let bare = matrix.queueFamilies.compactMap(\.bareSubmitMicroseconds?.p50)
    #expect(bare.count == matrix.queueFamilies.count)
  }

  /// Without being asked to time, a probe times what the choice needs, and nothing else.
  @Test func theChosenWayIsTimedOnEveryFamily() throws {
    let matrix = try probe(TestStack.abilities.apis[0])
    let timed = matrix.cells.filter { !$0.queueFamilyCosts.isEmpty }
    #expect(timed.count == 1)
    let choice = try #require(matrix.choice)
    let cost = try #require(choice.transferMicroseconds)
    #expect(cost.p50 > 0)
    #expect(timed[0].queueFamily == choice.queueFamily)
    #expect(timed[0].configuration == choice.configuration)
    #expect(choice.reason.contains("family \(choice.queueFamily)"))
  }

  /// What is known of the stack's drivers stands beside what it explains, and changes no verdict.
  @Test func quirksStandBesideWhatTheyExplain() throws {
    let matrix = try probe(TestStack.abilities.apis[0], timing: .nothing)
    let ids = Set(matrix.cells.flatMap(\.quirks))
    if let wanted = TestStack.abilities.mustShowQuirks {
      #expect(ids.isSuperset(of: wanted))
      #expect(wanted.isEmpty == ids.isEmpty, "what is missing there is expected: \(ids)")
    } else {
      print("quirks of these drivers: \(ids.sorted())")
    }
    for cell in matrix.cells {
      for id in cell.quirks {
        let quirk = try #require(DriverQuirk.all.first { $0.id == id })
        let isReason = quirk.explains(verdict: cell.verdict, step: cell.step, code: cell.code)
        #expect(isReason, "\(id) beside \(cell.verdict)")
      }
    }
  }

  /// What can be held back is, and what cannot is not claimed.
  @Test func waitsAreProvedByHoldingTheOtherSideBack() throws {
    let matrix = try probe(TestStack.abilities.apis[0])
    var seen: Set<SyncKind> = []
    for cell in matrix.cells where cell.verdict == .verified {
      let waits = try #require(cell.waits)
      let copies = cell.configuration.path == .hostCopy
      let sync = cell.configuration.sync
      #expect(waits.gl == (copies ? .recordedOnly : .heldBack))
      // Software drivers give a sync file when it is signalled: nothing holds GL back then.
      let canHoldGL =
        sync == .semaphoreFD || sync == .timelineSemaphore
        || (sync == .syncFile && TestStack.abilities.holdsBackSyncFiles)
      #expect(waits.vulkan == (canHoldGL ? .heldBack : .recordedOnly))
      seen.insert(sync)
    }
    let unproved = matrix.cells.filter { $0.verdict != .verified && $0.waits != nil }
    #expect(unproved.isEmpty)
    if !seen.contains(.semaphoreFD) {
      TestStack.skip("waits between GPUs by semaphore-fd: GL and Vulkan share none here")
    }
  }

  @Test func theJSONWritesNullsAndCanBeReadBack() throws {
    let matrix = try probe(TestStack.abilities.apis[0])
    let data = try JSONEncoder().encode(CapabilityReport(pairs: [matrix]))
    let object = try #require(JSONSerialization.jsonObject(with: data) as? [String: Any])
    #expect(object["schema"] as? Int == 1)
    let pair = try #require((object["pairs"] as? [[String: Any]])?.first)
    let pairKeys: Set<String> = [
      "gl", "vulkan", "sameDevice", "probedIn", "cached", "warnings", "queueFamilies", "cells", "choice",
    ]
    #expect(Set(pair.keys) == pairKeys)
    let cell = try #require((pair["cells"] as? [[String: Any]])?.first)
    let keys: Set<String> = [
      "path", "direction", "mode", "pixelFormat", "tiling", "modifier", "sync", "size", "verdict", "code", "step",
      "reason",
      "missing", "waits", "queueFamily", "handoverMicroseconds", "queueFamilyCosts", "quirks",
    ]
    #expect(Set(cell.keys) == keys)
    #expect(cell["modifier"] is NSNull)
    let again = try JSONDecoder().decode(CapabilityReport.self, from: data)
    #expect(again.pairs[0].cells.count == matrix.cells.count)
    #expect(again.pairs[0].choice == matrix.choice)
  }

  @Test func theChoiceFollowsWhatWasVerified() throws {
    var matrix = try probe(TestStack.abilities.apis[0])
    func worsen(_ matches: (CapabilityMatrix.Cell) -> Bool) {
      for index in matrix.cells.indices where matches(matrix.cells[index]) { matrix.cells[index].verdict = .failed }
    }
    let all = matrix.bestPath(for: .init(formats: PixelFormat.all, ranking: PathRanking()))
    #expect(all?.configuration.mode == (TestStack.abilities.mustBlitBGRA ? .blit : .direct))
    // A size in which nothing works spoils the formats that worked in another.
    var large = matrix
    large.cells += matrix.cells.map { cell in
      var cell = cell
      cell.size = PixelSize(width: 20_000, height: 20_000)
      cell.verdict = .unsupported
      return cell
    }
    #expect(large.bestPath() == nil)
    worsen { $0.configuration.path == .opaqueFD && $0.configuration.mode == .direct }
    #expect(matrix.bestPath()?.configuration.mode == .blit)
    worsen { $0.configuration.path == .opaqueFD }
    if let next = TestStack.abilities.mustFallBackTo { #expect(matrix.bestPath()?.configuration.path == next) }
    worsen { $0.configuration.path != .hostCopy }
    #expect(matrix.bestPath()?.configuration.path == .hostCopy)
    worsen { _ in true }
    #expect(matrix.bestPath() == nil)
  }

  @Test func percentilesOfKnownSamples() throws {
    let samples = (1...101).map(Double.init).shuffled()
    let percentiles = try #require(CapabilityMatrix.Percentiles(samples))
    #expect(percentiles.p50 == 51)
    #expect(percentiles.p99 == 100)
    #expect(CapabilityMatrix.Percentiles([]) == nil)
  }

  @Test func halfFloatsAreRoundedAsIEEEAsks() {
    let cases: [(Float, UInt16)] = [(0, 0), (1, 0x3C00), (0.5, 0x3800), (128.0 / 255, 0x3804), (0.1, 0x2E66)]
    for (value, bits) in cases { #expect(HalfFloat.bits(value) == bits) }
  }

  /// The bands reach both ends and the middle, are the same upside down, and begin where Vulkan lets a copy begin.
  @Test(arguments: [1, 79, 80, 81, 82, 83, 540, 719, 720, 1080, 4321]) func bandsCoverEndsAndMiddle(height: Int) {
    let size = PixelSize(width: 5, height: height)
    let bands = TestPattern.bands(of: size)
    let rows = bands.flatMap(Array.init)
    #expect(Set(rows).count == rows.count)
    #expect(Set(rows.map { height - 1 - $0 }) == Set(rows))
    #expect(Set(rows).isSuperset(of: [0, height - 1, height / 2, (height - 1) / 2]))
    for format in PixelFormat.all {
      var offset = 0
      for band in bands {
        #expect(offset % max(4, format.bytesPerPixel) == 0)
        offset += band.count * size.width * format.bytesPerPixel
      }
    }
  }

  /// What is wrong in a band is found, with its row in the picture.
  @Test func aWrongRowOfABandIsNamed() throws {
    let size = PixelSize(width: 7, height: 101)
    let bands = TestPattern.bands(of: size)
    let pattern = TestPattern(size: size, format: .rgba8, variant: 1, rows: bands)
    let right = pattern.bytes(.vulkan)
    #expect(right.count == 41 * 7 * 4)
    try pattern.compare(right, flipped: false, step: "right")
    let rows = bands.flatMap(Array.init)
    for (index, row) in rows.enumerated() {
      var wrong = right
      wrong[index * 7 * 4 + 4] ^= 1
      let error = #expect(throws: InteropError.self) { try pattern.compare(wrong, flipped: false, step: "one row") }
      #expect(error?.reason.hasPrefix("pixel (1, \(row)) of 7x101") == true, "\(String(describing: error))")
    }
  }

  /// The check must find each mistake it is there for.
  @Test func thePatternShowsEveryMistake() throws {
    let size = PixelSize(width: 9, height: 7)
    for format in PixelFormat.all {
      let pattern = TestPattern(size: size, format: format, variant: 0)
      let right = pattern.bytes(.vulkan)
      try pattern.compare(right, flipped: false, step: "right")
      let flipped = PixelPattern.flipped(right, size)
      try pattern.compare(flipped, flipped: true, step: "flipped")
      #expect(throws: InteropError.self) { try pattern.compare(flipped, flipped: false, step: "flip") }
      let stale = TestPattern(size: size, format: format, variant: 1).bytes(.vulkan)
      #expect(throws: InteropError.self) { try pattern.compare(stale, flipped: false, step: "stale") }
      var one = right
      one[one.count - 1] ^= 0x10
      #expect(throws: InteropError.self) { try pattern.compare(one, flipped: false, step: "one pixel") }
      if format.channelOrder == .redBlueExchanged {
        #expect(throws: InteropError.self) { try pattern.compare(pattern.bytes(.gl), flipped: false, step: "channels") }
      }
    }
  }
}
