import Foundation
import GLVulkanInterop
import InteropTestSupport
import Testing

/// Drivers that crash, hang, exit or cut the helper off: verdicts, in time, and nothing left behind.
@Suite("Drivers that take the helper along", .serialized) struct DriversThatEndTests {
  /// How `lie` ends the first cells of each way in which memory is shared; the others of that way are not tried.
  ///
  /// - Parameters:
  ///   - tries: how many cells of a way are tried.
  ///   - ways: how many ways are.
  private func check(
    _ lie: String, timeout: Duration = .seconds(10), tries: Int, ways: Int = .max, says: String
  ) {
    var options = LyingProbe.options([.rgba8, .r8, .rg8])
    options.directions = [.glToVulkan]
    options.timeout = timeout
    let honest = LyingProbe.honest(options)
    let matrix = LyingProbe.withLie(lie) { LyingProbe.matrix(options) }
    var found = 0
    var tried: Set<TransferConfiguration> = []
    let wrong = zip(honest.cells, matrix.cells).enumerated().compactMap { index, pair -> String? in
      let (was, cell) = pair
      // host-copy among them: a new helper goes on where the old one ended.
      guard was.isSharing, was.verdict == .verified else {
        // After so many hangs not even what is missing is asked for.
        let isGivenUp = was.isSharing && tried.count == ways && cell.verdict == .notTried
        return cell.verdict == was.verdict || isGivenUp ? nil : cell.text
      }
      found += 1
      let way = cell.configuration
      if tried.count < ways { tried.insert(way) }
      let isRight =
        tried.contains(way) && index % options.formats.count < tries
        ? cell.isFailed(Finding(step: "glTexStorageMem2DEXT", reason: says))
        : cell.verdict == .notTried && cell.reason?.contains(says) == true
      return isRight ? nil : cell.text
    }
    #expect(wrong == [])
    #expect(found > 0)
    #expect(matrix.choice?.configuration.path == .hostCopy)
  }

  /// Before anything could be tried: every cell fails, and it is not tried again for each.
  private func checkStart(_ lie: String, timeout: Duration = .seconds(10), says: String, step: String) {
    var options = LyingProbe.options()
    options.timeout = timeout
    let start = ContinuousClock.now
    let matrix = LyingProbe.withLie(lie) { LyingProbe.matrix(options) }
    let took = ContinuousClock.now - start
    let wrong = matrix.cells.filter { !$0.isFailed(Finding(step: step, reason: says)) }.map(\.text)
    #expect(wrong == [])
    #expect(matrix.choice == nil)
    #expect(took < timeout * 3 + .seconds(5))
  }

  @Test func crashing() { check("crashes", tries: 2, says: "crashed: SIGSEGV in glTexStorageMem2DEXT") }

  @Test func hanging() {
    // A machine that is busy with something else must not look like a driver that hangs.
    let start = ContinuousClock.now
    _ = LyingProbe.honest(LyingProbe.options([.rgba8, .r8, .rg8]))
    let honest = ContinuousClock.now - start
    let timeout = Duration.seconds(max(1, honest.components.seconds))
    check(
      "hangs", timeout: timeout, tries: 1, ways: 3, says: "hung: no answer within \(timeout) in glTexStorageMem2DEXT")
    // Three ways, each tried once; the rest is the honest helper and starting new ones.
    let took = ContinuousClock.now - start
    #expect(took < timeout * 3 + max(Duration.seconds(12), honest * 6))
  }

  @Test func closingTheHelpersConnection() {
    check(
      "closes-everything", timeout: .seconds(2), tries: 1, ways: 3,
      says: "hung: it closed its connection and did not end in glTexStorageMem2DEXT")
  }

  @Test func writingIntoTheHelpersConnection() {
    check("babbles", tries: 2, says: "crashed: the helper's answer cannot be read in glTexStorageMem2DEXT")
  }

  /// Every path needs memory.
  @Test func aborting() {
    var options = LyingProbe.options([.rgba8, .r8])
    options.directions = [.glToVulkan]
    let honest = LyingProbe.honest(options)
    let matrix = LyingProbe.withLie("aborts") { LyingProbe.matrix(options) }
    let finding = Finding(
      step: "vkAllocateMemory", reason: "; it wrote: the lying driver is out of ideas")
    let tried = zip(honest.cells, matrix.cells).filter { was, _ in was.verdict == .verified }.map(\.1)
    let wrong = tried.filter { cell in
      !cell.isFailed(finding) || cell.reason?.hasPrefix("crashed: SIGABRT in vkAllocateMemory") != true
    }
    let texts = wrong.map(\.text)
    #expect(texts == [])
    #expect(!tried.isEmpty)
    #expect(matrix.choice == nil)
  }

  @Test func exiting() {
    checkStart("exits", says: "crashed: it exited with status 3 in vkCreateDevice", step: "vkCreateDevice")
  }

  @Test func crashingAtTheStart() {
    checkStart("crashes-at-start", says: "crashed: SIGSEGV in eglInitialize", step: "eglInitialize")
  }

  @Test func hangingAtTheStart() {
    checkStart(
      "hangs-at-start", timeout: .seconds(1), says: "hung: no answer within 3.0 seconds", step: "eglInitialize")
  }
}
