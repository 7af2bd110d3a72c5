import Foundation
import GLVulkanInterop
import InteropTestSupport
import Testing

/// Drivers that say that all is well and do something else: each lie must be found, by what it does, in the cells it
/// concerns and in no others.
@Suite("Drivers that lie", .serialized) struct LyingDriverTests {
  typealias Cell = CapabilityMatrix.Cell

  private func hasSemaphores() -> Bool {
    var options = LyingProbe.options([.rgba8])
    options.directions = [.glToVulkan]
    let isThere = LyingProbe.honest(options).cells.contains {
      $0.configuration.sync == .semaphoreFD && $0.verdict == .verified
    }
    if !isThere { TestStack.skip("waits between GPUs by semaphore-fd: GL and Vulkan share none here") }
    return isThere
  }

  // MARK: None

  @Test func withoutALieTheVerdictsAreTheRealHelpers() {
    let options = LyingProbe.options([.rgba8, .bgra8, .r8])
    let planted = LyingProbe.honest(options)
    let real = LyingProbe.withLie("crashes", helper: nil) { LyingProbe.matrix(options) }
    #expect(real.warnings.isEmpty)
    #expect(planted.warnings.isEmpty)
    let wrong = zip(planted.cells, real.cells).compactMap { cell, wanted in
      cell.text == wanted.text && cell.waits == wanted.waits && cell.missing == wanted.missing ? nil : cell.text
    }
    #expect(wrong == [])
    let verified = planted.cells.filter { $0.verdict == .verified }
    #expect(!verified.isEmpty)
    #expect(planted.choice != nil)
  }

  @Test func aLieThatThereIsNotIsNoHelper() {
    let matrix = LyingProbe.withLie("says-the-truth") { LyingProbe.matrix(LyingProbe.options()) }
    let warning = matrix.warnings.first ?? ""
    #expect(warning.contains("it wrote: there is no lie says-the-truth"), "\(warning)")
  }

  // MARK: Wrong pixels

  @Test func exchangedChannels() {
    LyingProbe.check("swaps-channels", LyingProbe.options([.rgba8])) { cell in
      guard cell.direction == .glToVulkan else { return nil }
      // A blit turns the picture: another corner is first.
      let pixel =
        cell.configuration.mode == .blit
        ? "255 102 13 153, wanted 13 102 255 153" : "90 166 217 64, wanted 217 166 90 64"
      return Finding(step: "compare pixels, frame 1", reason: "pixel (0, 0) of 33x17 rgba8 is \(pixel)")
    }
  }

  @Test func aSecondFrameThatDoesNotArrive() {
    LyingProbe.check("drops-second-frame") { cell in
      cell.isSharing && cell.direction == .glToVulkan
        ? Finding(step: "compare pixels, frame 2", reason: "pixel (0, 0)") : nil
    }
  }

  @Test func aBlitThatDoesNotTurnThePicture() {
    LyingProbe.check("ignores-flip") { cell in
      // BGRA goes through a drawn copy, which does turn it.
      cell.configuration.mode == .blit && cell.format == .rgba8
        ? Finding(step: "compare pixels, frame 1", reason: "of 33x17 rgba8 is") : nil
    }
  }

  @Test func memoryThatIsNotImported() {
    LyingProbe.check("imports-nothing", LyingProbe.options([.rgba8, .r8])) { cell in
      // Of either frame: what was never written may be old memory that holds the first one by chance, as on zink.
      cell.isSharing ? Finding(step: "compare pixels, frame", reason: "pixel (") : nil
    }
  }

  @Test func noTextureAndNoError() {
    LyingProbe.check("no-error-no-texture", LyingProbe.options([.rgba8, .r8])) { cell in
      cell.isSharing
        ? Finding(step: "check the shared framebuffer", reason: "GL_FRAMEBUFFER_INCOMPLETE_ATTACHMENT") : nil
    }
  }

  // MARK: Descriptors

  @Test func aDescriptorThatIsClosedTwice() {
    LyingProbe.check("closes-twice") { cell in
      cell.isSharing ? Finding(step: "look at file descriptors", reason: "a second time") : nil
    }
  }

  // MARK: Waits

  @Test func glThatDoesNotWait() {
    guard hasSemaphores() else { return }
    LyingProbe.check("does-not-wait") { cell in
      // Not compare pixels: they were all right.
      cell.isSharing && cell.configuration.sync == .semaphoreFD
        ? Finding(step: "glWaitSemaphoreEXT", reason: "GL did not wait") : nil
    }
  }

  @Test func vulkanThatDoesNotWait() {
    guard hasSemaphores() else { return }
    LyingProbe.check("vulkan-does-not-wait", LyingProbe.options([.rgba8])) { cell in
      cell.isSharing && cell.configuration.sync == .semaphoreFD
        ? Finding(step: "vkQueueSubmit", reason: "Vulkan did not wait") : nil
    }
  }

  @Test func aFenceThatGivesUpAndCallsItASuccess() {
    LyingProbe.check("fence-gives-up") { cell in
      guard cell.isSharing else { return nil }
      // Whether Vulkan waits for GL is seen by a fence, too.
      return cell.configuration.sync == .cpuWait
        ? Finding(step: "vkWaitForFences", reason: "the CPU did not wait")
        : Finding(step: "vkQueueSubmit", reason: "Vulkan did not wait")
    }
  }

  /// Where it is noticed is a race: in the pixels, in the wait that is held back, or by a crash in memory that was
  /// freed too early.
  @Test func aFenceThatNeverWaits() {
    var options = LyingProbe.options([.rgba8])
    options.timeout = .seconds(2)
    let honest = LyingProbe.honest(options)
    let lying = LyingProbe.withLie("fence-lies") { LyingProbe.matrix(options) }
    let shared = zip(honest.cells, lying.cells).filter { was, _ in was.isSharing && was.verdict == .verified }
    let wrong = shared.map(\.1).filter { $0.verdict != .failed || $0.reason == nil }.map(\.text)
    #expect(!shared.isEmpty)
    #expect(wrong == [])
  }

  /// Nothing both APIs know could hold GL back, so that glFinish waits is never claimed to be proved. Whether pixels
  /// show it is a race.
  @Test func aFinishThatFinishesNothing() {
    let options = LyingProbe.options()
    let honest = LyingProbe.honest(options)
    let lying = LyingProbe.withLie("finishes-nothing") { LyingProbe.matrix(options) }
    let shared = zip(honest.cells, lying.cells).filter { was, _ in
      was.isSharing && was.configuration.sync == .cpuWait && was.verdict == .verified
    }
    #expect(!shared.isEmpty)
    let wrong = shared.flatMap { [$0, $1] }.filter { cell in
      cell.verdict == .verified ? cell.waits?.vulkan != .recordedOnly : cell.verdict != .failed || cell.waits != nil
    }
    let texts = wrong.map(\.text)
    #expect(texts == [])
  }
}
