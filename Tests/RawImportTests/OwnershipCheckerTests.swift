import GLVulkanInterop
import InteropTestSupport
import Testing

/// The checker of recorded calls, on recordings made by hand: a right access of two queues passes, and each mistake in
/// one is found.
@Suite("Ownership checker") struct OwnershipCheckerTests {
  typealias Handle = RecordedCall.Handle
  typealias Submission = HandMadeRecording.Submission

  static let checker = OwnershipChecker(internalFormats: [:])
  static let (ownership, using): (Handle, Handle) = (0x20, 0x21)
  static let (passedOn, handedBack): (Handle, Handle) = (0x30, 0x31)
  static let external = OwnershipTransferBarrier.externalFamily
  static let general = VK_IMAGE_LAYOUT_GENERAL
  static let sampled = VK_IMAGE_LAYOUT_SHADER_READ_ONLY_OPTIMAL

  private static func barrier(
    _ old: VkImageLayout, _ new: VkImageLayout, _ source: UInt32, _ destination: UInt32
  ) -> RecordedCall.ImageBarrier { HandMadeRecording.barrier(old, new, source, destination) }

  /// EXTERNAL to family 1, which only transfers, to family 0, which draws, and back; the first submission gives a new
  /// image to GL.
  private static var access: [Submission] {
    [
      Submission(ownership, [barrier(VK_IMAGE_LAYOUT_UNDEFINED, general, 1, external)]),
      Submission(
        ownership, [barrier(general, general, external, 1), barrier(general, sampled, 1, 0)], signals: passedOn),
      Submission(
        using, waits: passedOn, [barrier(general, sampled, 1, 0), barrier(sampled, general, 0, 1)],
        signals: handedBack),
      Submission(
        ownership, waits: handedBack, [barrier(sampled, general, 0, 1), barrier(general, general, 1, external)]),
    ]
  }

  private func violations(_ access: [Submission]) -> [String] {
    let flags = [UInt32(VK_QUEUE_GRAPHICS_BIT.rawValue), UInt32(VK_QUEUE_TRANSFER_BIT.rawValue)]
    var recording = HandMadeRecording(familyFlags: flags, queues: [Self.using: 0, Self.ownership: 1, 0x22: 1])
    recording.submissions = access
    return Self.checker.violations(in: recording.calls)
  }

  @Test func aRightAccessPasses() {
    let found = violations(Self.access)
    #expect(found.isEmpty, "\(found.joined(separator: "; "))")
    // Again, with the same semaphores.
    let twice = violations(Self.access + Self.access.dropFirst())
    #expect(twice.isEmpty, "\(twice.joined(separator: "; "))")
  }

  @Test func eachMistakeIsFound() {
    let fragment = UInt32(VK_PIPELINE_STAGE_FRAGMENT_SHADER_BIT.rawValue)
    let mistakes: [(what: String, says: String, change: (inout [Submission]) -> Void)] = [
      ("no wait for the ownership queue", "has not waited for queue", { $0[2].waits = nil }),
      ("no wait for the using queue", "has not waited for queue", { $0[3].waits = nil }),
      ("a signal without a wait", "this signal was not waited for", { $0[3].waits = nil }),
      ("a wait without a signal", "no signal was submitted", { $0[1].signals = nil }),
      ("waited for by its own queue", "it is for another", { $0[2].queue = Self.ownership }),
      (
        "a wait at other stages", "none of the stages",
        {
          $0[2].waitStages = fragment; $0[2].sourceStages = 0x1000
        }
      ),
      ("no release half", "has not released it", { $0[1].barriers.removeLast() }),
      (
        "no acquire half", "before queue family 0 acquired it",
        {
          $0[2].barriers.removeAll(); $0[3].barriers.removeFirst()
        }
      ),
      ("no release half on the way back", "has not released it", { $0[2].barriers.removeLast() }),
      ("no acquire half on the way back", "before queue family 1 acquired it", { $0[3].barriers.removeFirst() }),
      ("other layouts in the halves", "differ in layouts", { $0[2].barriers[0].newLayout = VK_IMAGE_LAYOUT_GENERAL }),
      (
        "another layout on the way back", "differ in layouts", { $0[3].barriers[0].oldLayout = VK_IMAGE_LAYOUT_GENERAL }
      ),
      ("another family", "has not released it", { $0[1].barriers[1].destinationFamily = 2 }),
      (
        "released for another family", "for 0",
        {
          $0[1].barriers[1].sourceFamily = 0; $0[1].barriers[1].destinationFamily = 2
        }
      ),
      ("access of the other queue", "is ignored", { $0[1].barriers[1].destinationAccess = 32 }),
      ("stages of another family", "has no stages", { $0[1].destinationStages = fragment }),
      (
        "an access that stops halfway", "on its way",
        {
          $0.removeLast(2); $0[1].signals = nil
        }
      ),
    ]
    for mistake in mistakes {
      var access = Self.access
      mistake.change(&access)
      let found = violations(access)
      let isFound = found.contains { $0.contains(mistake.says) }
      #expect(isFound, "\(mistake.what): \(found.joined(separator: "; "))")
    }
  }

  /// Two queues of one family pass nothing on, and still wait for each other.
  @Test func queuesOfOneFamilyWaitToo() {
    let general = Self.general
    let ignored = OwnershipTransferBarrier.ignoredFamily
    let other: Handle = 0x22
    func plan(waits: Bool) -> [Submission] {
      var access = Self.access
      access[1].barriers = [Self.barrier(general, general, Self.external, 1)]
      access[2].queue = other
      access[2].barriers = [
        Self.barrier(general, Self.sampled, ignored, ignored), Self.barrier(Self.sampled, general, ignored, ignored),
      ]
      access[3].barriers.removeFirst()
      if !waits { access[2].waits = nil }
      return access
    }
    let right = violations(plan(waits: true))
    #expect(right.isEmpty, "\(right.joined(separator: "; "))")
    let wrong = violations(plan(waits: false)).contains { $0.contains("has not waited for queue") }
    #expect(wrong)
  }
}
