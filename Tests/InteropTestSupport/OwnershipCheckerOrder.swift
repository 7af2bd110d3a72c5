import CInteropGraphics

// What comes after what, across queues and the two APIs: a clock per queue (Lamport's, a count for each queue it has
// heard of), moved on by semaphores and by what the CPU waits for.

extension OwnershipWalk {
  /// How far each queue had got, as known somewhere.
  struct Clock {
    private var times: [Queue: Int] = [:]

    mutating func merge(_ other: Clock) { times.merge(other.times) { max($0, $1) } }
    mutating func set(_ queue: Queue, _ time: Int) { times[queue] = time }
    func includes(_ queue: Queue, _ time: Int) -> Bool { (times[queue] ?? .min) >= time }
  }

  /// A queue has got to its next command: what it knows by then.
  mutating func advance(_ queue: Queue, to time: Int) -> Clock {
    var clock = clocks[queue] ?? Clock()
    clock.merge(hostClock)
    clock.set(queue, time)
    clocks[queue] = clock
    return clock
  }

  /// A queue has waited for something.
  mutating func learn(_ clock: Clock, on queue: Queue) { clocks[queue, default: Clock()].merge(clock) }

  /// A batch has to do with an image that another queue of Vulkan's used last: it must have waited for that, by way of
  /// GL where GL had the image in between.
  ///
  /// - Parameter stages: a barrier's source stages, which must be among those that wait.
  func checkOrder(_ image: ExternalImage, _ submitted: Submitted, stages: UInt32?, _ report: (String) -> Void) {
    guard let last = image.lastUse, last.queue != submitted.queue else { return }
    let clock = clocks[.vulkan(submitted.queue)] ?? Clock()
    guard clock.includes(.vulkan(last.queue), last.order) else {
      return report(
        "queue \(hex(submitted.queue)) has not waited for queue \(hex(last.queue)), which used it last (#\(last.call))")
    }
    if let stages, let waiting = queueWaitStages[last.queue], !Self.chains(waiting, with: stages) {
      report(
        "the barrier's source stages \(hex(stages)) have none of the stages \(hex(waiting)) at which its batch waits for"
          + " queue \(hex(last.queue))")
    }
  }

  /// The barrier's stages must be the queue family's (Vulkan 1.3, table "Supported pipeline stage flags").
  func checkStages(_ barrier: RecordedCall.Barrier, _ step: inout BarrierStep) {
    guard let family = step.family, familyFlags.indices.contains(Int(family)) else { return }
    let all = barrier.sourceStages | barrier.destinationStages
    let illegal = all & ~Self.stages(of: familyFlags[Int(family)])
    step.expect(illegal == 0, "queue family \(family) has no stages \(hex(illegal))")
  }

  private static func stages(of flags: UInt32) -> UInt32 {
    let any =
      VK_PIPELINE_STAGE_TOP_OF_PIPE_BIT.rawValue | VK_PIPELINE_STAGE_BOTTOM_OF_PIPE_BIT.rawValue
      | VK_PIPELINE_STAGE_ALL_COMMANDS_BIT.rawValue | VK_PIPELINE_STAGE_TRANSFER_BIT.rawValue
      | VK_PIPELINE_STAGE_HOST_BIT.rawValue
    if flags & VK_QUEUE_GRAPHICS_BIT.rawValue != 0 { return ~0 }
    guard flags & VK_QUEUE_COMPUTE_BIT.rawValue != 0 else { return any }
    return any | VK_PIPELINE_STAGE_COMPUTE_SHADER_BIT.rawValue | VK_PIPELINE_STAGE_DRAW_INDIRECT_BIT.rawValue
  }
}
