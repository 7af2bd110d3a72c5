import GLVulkanInterop
import Testing

/// The plan of an access that takes two queues, as values: which family owns the image in which layout, which
/// submission waits for which, and that a family is asked for nothing it does not have.
@Suite("Barriers across queues, planned") struct CrossQueueBarriersTests {
  static let external = OwnershipTransferBarrier.externalFamily
  static let ignored = OwnershipTransferBarrier.ignoredFamily
  static let uses: [VulkanAccess] = [.general, .fragmentSampling, .transferSource, .transferDestination]
  /// The families of the ownership queue and of the queue that uses the image.
  static let families: [(UInt32, UInt32)] = [(0, 1), (1, 0), (2, 0), (3, 5), (0, 0), (1, 1)]
  static let cases = families.flatMap { families in
    uses.flatMap { use in uses.map { Case(ownership: families.0, using: families.1, use: use, last: $0) } }
  }

  struct Case: CustomStringConvertible {
    let ownership: UInt32
    let using: UInt32
    let use: VulkanAccess
    /// The application's last use, which need not be the one it acquired for.
    let last: VulkanAccess
    var description: String { "\(ownership) \(using) \(use.layout.rawValue) \(last.layout.rawValue)" }

    var chain: CrossQueueBarriers { CrossQueueBarriers(ownershipFamily: ownership, usingFamily: using) }
    var whole: [CrossQueueBarriers.Submission] {
      [chain.takeOver(for: use), chain.acquire(for: use), chain.release(after: last), chain.giveBack(after: last)]
    }
    var turnedBack: [CrossQueueBarriers.Submission] {
      [chain.takeOver(for: use), chain.turnBack(for: use), chain.giveBack(after: use)]
    }
  }

  /// Walks a plan as the devices do and says what is wrong.
  private func violations(_ plan: [CrossQueueBarriers.Submission], _ test: Case) -> [String] {
    var found: [String] = []
    func expect(_ condition: Bool, _ sentence: String) { if !condition { found.append(sentence) } }
    var owner = Self.external
    var layout = VK_IMAGE_LAYOUT_GENERAL
    var moving: CrossQueueBarriers.Barrier?
    var signalled: (CrossQueueBarriers.Semaphore, CrossQueueBarriers.QueueRole)?
    for (index, part) in plan.enumerated() {
      let family = part.queue == .ownership ? test.ownership : test.using
      let previous = index > 0 ? plan[index - 1].queue : nil
      if let semaphore = part.waits {
        if semaphore == .gl {
          expect(index == 0, "\(index) waits for GL late")
        } else {
          expect(signalled?.0 == semaphore, "\(index) waits for what was not signalled")
          expect(signalled?.1 != part.queue, "\(index) waits for its own queue")
          signalled = nil
        }
      } else {
        expect(previous == part.queue, "\(index) waits for nothing and comes after another queue")
      }
      for barrier in part.barriers {
        check(barrier, on: part.queue, family, expect)
        let (source, destination) = (barrier.sourceFamily, barrier.destinationFamily)
        if let released = moving {
          let same =
            released.oldLayout == barrier.oldLayout && released.newLayout == barrier.newLayout
            && released.sourceFamily == source && released.destinationFamily == destination
          expect(same, "\(index): the halves differ")
          expect(family == destination, "\(index): family \(family) acquires for \(destination)")
          expect(barrier.sourceAccess == 0, "\(index): an acquire half with source access")
          (owner, layout, moving) = (destination, barrier.newLayout, nil)
          continue
        }
        expect(barrier.oldLayout == layout, "\(index): from a layout it is not in")
        if source == destination {
          expect(source == Self.ignored && owner == family, "\(index): no transfer, and not its owner")
          layout = barrier.newLayout
        } else if source == Self.external {
          expect(owner == Self.external && destination == family, "\(index): wrong acquire from GL")
          (owner, layout) = (family, barrier.newLayout)
        } else {
          expect(owner == source && family == source, "\(index): family \(family) releases for \(source)")
          expect(barrier.destinationAccess == 0, "\(index): a release half with destination access")
          if destination == Self.external {
            expect(barrier.newLayout == VK_IMAGE_LAYOUT_GENERAL, "\(index): GL gets another layout")
            (owner, layout) = (Self.external, barrier.newLayout)
          } else {
            moving = barrier
          }
        }
      }
      // The application's use in between, or a return of the unused image.
      if part.queue == .using, part.signals == nil {
        expect(layout == test.use.layout, "\(index): the application finds another layout")
        layout = test.last.layout
      }
      if let semaphore = part.signals {
        expect(signalled == nil, "\(index) signals while a signal is pending")
        if semaphore == .gl {
          expect(index == plan.count - 1, "\(index) signals GL early")
        } else {
          signalled = (semaphore, part.queue)
        }
      }
    }
    expect(signalled == nil, "a signal is left over")
    expect(owner == Self.external && moving == nil, "GL does not get it back")
    expect(plan.first?.waits == .gl && plan.last?.signals == .gl, "GL takes no part")
    return found
  }

  /// The ownership queue may be one that only transfers: its stages and accesses are those that every family has.
  private func check(
    _ barrier: CrossQueueBarriers.Barrier, on queue: CrossQueueBarriers.QueueRole, _ family: UInt32,
    _ expect: (Bool, String) -> Void
  ) {
    expect(barrier.sourceStages != 0 && barrier.destinationStages != 0, "a stage mask of 0")
    guard queue == .ownership else { return }
    let all = UInt32(VK_PIPELINE_STAGE_ALL_COMMANDS_BIT.rawValue)
    let memory = UInt32(VK_ACCESS_MEMORY_READ_BIT.rawValue | VK_ACCESS_MEMORY_WRITE_BIT.rawValue)
    expect(barrier.sourceStages == all && barrier.destinationStages == all, "stages that a family may lack")
    expect((barrier.sourceAccess | barrier.destinationAccess) & ~memory == 0, "accesses that a family may lack")
  }

  @Test(arguments: cases) func everyAccessIsLegal(test: Case) {
    let found = violations(test.whole, test)
    #expect(found.isEmpty, "\(test)")
    let back = violations(test.turnedBack, test)
    #expect(back.isEmpty, "\(test), turned back")
  }

  /// Writes on the one side are visible on the other: made available before each signal, made visible to the use.
  @Test(arguments: cases) func memoryIsVisible(test: Case) {
    let plan = test.whole
    let acquire = plan[1].barriers[0]
    let release = plan[2].barriers[0]
    #expect(acquire.destinationStages == test.use.stages)
    #expect(acquire.destinationAccess == test.use.access)
    #expect(release.sourceStages == test.last.stages)
    #expect(release.sourceAccess == test.last.access)
    let memory = VulkanAccess.general.access
    let arrives = plan[0].barriers[0].destinationAccess
    let leaves = plan[3].barriers.last?.sourceAccess
    #expect(arrives == memory)
    #expect(leaves == memory)
  }

  @Test(arguments: families) func ownershipIsTransferredBetweenFamiliesOnly(ownership: UInt32, using: UInt32) {
    let chain = CrossQueueBarriers(ownershipFamily: ownership, usingFamily: using)
    let test = Case(ownership: ownership, using: using, use: .fragmentSampling, last: .fragmentSampling)
    let barriers = test.whole.flatMap(\.barriers)
    let transfers = barriers.filter { barrier in
      let known = [barrier.sourceFamily, barrier.destinationFamily].filter { $0 != Self.external && $0 != Self.ignored }
      return known.count == 2 && known[0] != known[1]
    }
    let expected = ownership == using ? 0 : 4
    #expect(transfers.count == expected)
    let count = chain.takeOver(for: .general).barriers.count + chain.giveBack(after: .general).barriers.count
    let expectedCount = ownership == using ? 2 : 4
    #expect(count == expectedCount)
  }

  /// The walk above finds what it is for.
  @Test func theWalkFindsMistakes() {
    let test = Case(ownership: 1, using: 0, use: .fragmentSampling, last: .transferSource)
    func mistaken(_ change: (inout [CrossQueueBarriers.Submission]) -> Void) -> Int {
      var plan = test.whole
      change(&plan)
      return violations(plan, test).count
    }
    let mistakes: [(String, (inout [CrossQueueBarriers.Submission]) -> Void)] = [
      ("no wait for GL", { $0[0].waits = nil }),
      ("no wait for the ownership queue", { $0[1].waits = nil }),
      ("no wait for the using queue", { $0[3].waits = nil }),
      ("no signal for the using queue", { $0[0].signals = nil }),
      ("no signal for the ownership queue", { $0[2].signals = nil }),
      ("no release half", { $0[0].barriers.removeLast() }),
      ("no acquire half", { $0[1].barriers.removeAll() }),
      ("no release half on the way back", { $0[2].barriers.removeAll() }),
      ("no acquire half on the way back", { $0[3].barriers.removeFirst() }),
      ("another layout", { $0[1].barriers[0].newLayout = VK_IMAGE_LAYOUT_GENERAL }),
      ("another family", { $0[1].barriers[0].destinationFamily = 3 }),
      ("the layout of the acquire", { $0[3].barriers[0].oldLayout = VK_IMAGE_LAYOUT_SHADER_READ_ONLY_OPTIMAL }),
      ("a fragment stage on the ownership queue", { $0[0].barriers[1].destinationStages = test.use.stages }),
      ("access of the other queue", { $0[0].barriers[1].destinationAccess = test.use.access }),
    ]
    for (what, change) in mistakes {
      let count = mistaken(change)
      #expect(count > 0, "\(what)")
    }
  }
}
