import GLVulkanInterop
import InteropTestSupport
import Testing

/// Drivers that lie about DMA-BUFs and sync files, where there are any: see ``LyingDriverTests``.
@Suite("Drivers that lie about DMA-BUF", .serialized) struct LyingBufferTests {
  private static let paths: [TransferPath] = [.dmaBufImport, .dmaBufExport]

  /// - Returns: nil where nothing is shared.
  private func options(_ formats: [PixelFormat] = [.rgba8]) -> ProbeOptions? {
    guard TestStack.abilities.paths.contains(.dmaBufImport) else {
      TestStack.skip("drivers that lie about DMA-BUF: GL and Vulkan share none here")
      return nil
    }
    var options = LyingProbe.options(formats)
    options.paths = Self.paths
    options.directions = [.glToVulkan]
    return options
  }

  @Test func exchangedChannels() {
    guard let options = options() else { return }
    LyingProbe.check("swaps-channels", options) { cell in
      Finding(step: "compare pixels, frame 1", reason: "pixel (0, 0) of 33x17 rgba8 is")
    }
  }

  @Test func aSecondFrameThatDoesNotArrive() {
    guard let options = options() else { return }
    LyingProbe.check("drops-second-frame", options) { cell in
      Finding(step: "compare pixels, frame 2", reason: "pixel (0, 0)")
    }
  }

  /// Not seen by any pixel.
  @Test func aSyncFileThatSaysDone() {
    guard var options = options() else { return }
    options.directions = TransferDirection.allCases
    LyingProbe.check("sync-file-lies", options) { cell in
      cell.configuration.sync == .syncFile ? Finding(step: "eglWaitSyncKHR", reason: "GL did not wait") : nil
    }
  }

  /// Before there is a cell to try: the cells of that path say so, once, and the other path is tried.
  @Test func aListOfModifiersThatCrashes() {
    guard let options = options() else { return }
    let honest = LyingProbe.honest(options)
    let matrix = LyingProbe.withLie("crashes-listing") { LyingProbe.matrix(options) }
    let finding = Finding(
      step: "eglQueryDmaBufModifiersEXT", reason: "crashed: SIGSEGV in eglQueryDmaBufModifiersEXT (list modifiers)")
    let imported = matrix.cells.filter { $0.configuration.path == .dmaBufImport }
    #expect(imported.count == 6)
    let wrong = imported.filter { !$0.isFailed(finding) || $0.modifier != nil || $0.code != "crashed" }.map(\.text)
    #expect(wrong == [])
    let exported = matrix.cells.filter { $0.configuration.path == .dmaBufExport }.map(\.text)
    #expect(exported == honest.cells.filter { $0.configuration.path == .dmaBufExport }.map(\.text))
    #expect(matrix.choice?.configuration.path == .dmaBufExport)
  }
}
