import CInteropGraphics

// Semaphores under their Vulkan handle and their GL name: of binary ones one wait for each signal, of timelines as many
// as one likes; and what a wait proves. Which value of a timeline a wait is for is not looked at: it counts as the last
// one's.

extension OwnershipWalk {
  mutating func takeSemaphore(_ call: RecordedCall) {
    switch call.details {
    case .createSemaphore(let semaphore, _, let isTimeline) where call.result == 0:
      vulkanSemaphores[semaphore] = semaphores.count
      semaphores.append(SemaphoreState(label: "semaphore \(hex(semaphore))", isTimeline: isTimeline))
    case .exportSemaphore(let semaphore, let handleType, let descriptor)
    where call.result == 0 && handleType != Self.syncFD:
      exportedSemaphores[descriptor] = vulkanSemaphores[semaphore]
      if let index = vulkanSemaphores[semaphore] { semaphores[index].isInternal = false }
    case .importSemaphore(let name, let handleType, let descriptor): importSemaphore(name, handleType, descriptor, call)
    case .destroy(let semaphore) where call.name == "vkDestroySemaphore": vulkanSemaphores[semaphore] = nil
    case .semaphore(let name, let listed):
      if call.name == "glSignalSemaphoreEXT" { signalInGL(name, listed, call) } else { waitInGL(name, listed, call) }
    case .sync(_, let flags) where call.name == "glClientWaitSync" && flags & UInt32(GL_SYNC_FLUSH_COMMANDS_BIT) != 0:
      flush(call.context)
    case .sync(_, let flags)
    where call.name == "eglClientWaitSyncKHR" && flags & UInt32(EGL_SYNC_FLUSH_COMMANDS_BIT_KHR) != 0:
      flush(call.context)
    case nil where call.name == "glFlush" || call.name == "glFinish": flush(call.context)
    default: break
    }
  }

  private mutating func importSemaphore(
    _ name: UInt32, _ handleType: UInt32, _ descriptor: Int32, _ call: RecordedCall
  ) {
    guard let semaphore = exportedSemaphores.removeValue(forKey: descriptor) else {
      return report(
        call, "it imports file descriptor \(descriptor), which no vkGetSemaphoreFdKHR of the recording returned")
    }
    glSemaphores[glName(name, call)] = semaphore
    semaphores[semaphore].label += " (GL \(name))"
    if handleType != UInt32(GL_HANDLE_TYPE_OPAQUE_FD_EXT) {
      report(call, semaphore: semaphore, "GL imports it as \(hex(handleType)), not GL_HANDLE_TYPE_OPAQUE_FD_EXT")
    }
  }

  /// A signal that is flushed gets to the GPU.
  private mutating func flush(_ context: Handle) {
    for index in semaphores.indices where semaphores[index].signal?.call.context == context {
      semaphores[index].signal?.isFlushed = true
    }
    for fence in nativeFences.keys where nativeFences[fence]?.signal.call.context == context {
      nativeFences[fence]?.signal.isFlushed = true
    }
  }

  // MARK: Signals and waits

  private mutating func signalInGL(_ name: UInt32, _ listed: [RecordedCall.TextureLayout], _ call: RecordedCall) {
    checkTextures(listed, call)
    guard let semaphore = glSemaphores[glName(name, call)] else { return }
    let clock = advance(.gl(context: call.context), to: call.index)
    signal(semaphore, Signal(call: call, textures: listed.map { glName($0.texture, call) }, clock: clock))
  }

  private mutating func waitInGL(_ name: UInt32, _ listed: [RecordedCall.TextureLayout], _ call: RecordedCall) {
    checkTextures(listed, call)
    guard let semaphore = glSemaphores[glName(name, call)],
      let signal = consume(semaphore, Wait(call: call, queue: .gl(context: call.context)))
    else { return }
    learn(signal.clock, on: .gl(context: call.context))
    guard let submitted = signal.submitted else { return }
    for entry in listed {
      guard let handle = sharedImage(of: entry.texture, call), let image = images[handle], let release = image.release,
        release.queue == submitted.queue, release.order <= submitted.order
      else { continue }
      if case .in(let contexts) = image.settled { images[handle]?.settled = .in(contexts.union([call.context])) }
    }
  }

  mutating func signalInVulkan(_ handle: Handle, _ submitted: Submitted, _ call: RecordedCall) {
    guard let semaphore = vulkanSemaphores[handle] else { return }
    let clock = advance(.vulkan(submitted.queue), to: submitted.order)
    signal(semaphore, Signal(call: call, submitted: submitted, clock: clock))
  }

  mutating func waitInVulkan(_ wait: RecordedCall.SemaphoreWait, _ submitted: Submitted, _ call: RecordedCall) {
    guard let semaphore = vulkanSemaphores[wait.semaphore],
      let signal = consume(semaphore, Wait(call: call, queue: .vulkan(submitted.queue), submitted: submitted))
    else { return }
    learn(signal.clock, on: .vulkan(submitted.queue))
    if let signalled = signal.submitted {
      queueWaitStages[signalled.queue, default: 0] |= wait.stages
      if semaphores[semaphore].isInternal, signalled.queue == submitted.queue {
        report(
          call, semaphore: semaphore,
          "the queue that signals it (\(place(signal.call))) waits for it: it is for another")
      }
      return
    }
    if !signal.isFlushed {
      report(
        call, semaphore: semaphore,
        "it waits for \(place(signal.call)), after which there was no glFlush in that context, so it may never come")
    }
    if signal.isFence {
      for image in images.keys {
        settle(image, .semaphore(stages: wait.stages)) {
          $0.call.context == signal.call.context && $0.call.index < signal.call.index
        }
      }
    }
    // The signal comes after everything its context did before, and what it listed is visible to the one who waits.
    for texture in signal.textures {
      guard let image = textures[texture]?.image else { continue }
      settle(image, .semaphore(stages: wait.stages)) {
        $0.call.context == signal.call.context && $0.call.index < signal.call.index
      }
    }
  }

  mutating func signal(_ semaphore: Int, _ signal: Signal) {
    if let earlier = semaphores[semaphore].signal, !semaphores[semaphore].isTimeline {
      report(
        signal.call, semaphore: semaphore,
        "it is signalled again though the signal of \(place(earlier.call)) was not waited for")
    }
    semaphores[semaphore].signal = signal
  }

  private mutating func consume(_ semaphore: Int, _ wait: Wait) -> Signal? {
    guard let signal = semaphores[semaphore].signal else {
      report(
        wait.call, semaphore: semaphore, "it is waited for though no signal was submitted since the last wait")
      return nil
    }
    guard !semaphores[semaphore].isTimeline else { return signal }
    // No other queue may be waiting for it (VUID-vkQueueSubmit-pWaitSemaphores-00068): which of two gets the first
    // signal is chance, and the other one hangs. A queue that waits for its own signal does so when the signal is made.
    // One that happened before the signal was even given has its own already.
    if let earlier = semaphores[semaphore].lastWait, !earlier.isDone, earlier.queue != wait.queue,
      signal.queue != wait.queue, !signal.clock.includes(earlier.queue, earlier.time)
    {
      report(
        wait.call, semaphore: semaphore,
        "it is waited for while the wait of \(place(earlier.call)) on another queue may still be under way, and either"
          + " may get the signal")
    }
    semaphores[semaphore].signal = nil
    semaphores[semaphore].lastWait = wait
    return signal
  }

  /// The textures of a GL semaphore operation: GL must have them, and they cross in GENERAL.
  private mutating func checkTextures(_ listed: [RecordedCall.TextureLayout], _ call: RecordedCall) {
    for entry in listed {
      guard let handle = sharedImage(of: entry.texture, call), let image = images[handle] else { continue }
      if let sentence = whyNotGLs(image) { report(call, image: handle, "GL lists it \(sentence)") }
      if entry.layout != UInt32(GL_LAYOUT_GENERAL_EXT) {
        report(call, image: handle, "GL lists it in \(hex(entry.layout)), agreed is GL_LAYOUT_GENERAL_EXT")
      }
    }
  }

  // MARK: The end

  mutating func checkIdle() {
    for (descriptor, signal) in syncFiles.sorted(by: { $0.key < $1.key }) {
      violations.append("sync file \(descriptor), \(place(signal.call)): it was not imported by the end")
    }
    for semaphore in semaphores where !semaphore.isTimeline {
      guard let signal = semaphore.signal else { continue }
      violations.append("\(semaphore.label), \(place(signal.call)): this signal was not waited for by the end")
    }
    for (handle, image) in images.sorted(by: { $0.key < $1.key }) {
      guard case .moving(let from, let to, _, _) = image.owner else { continue }
      violations.append("image \(hex(handle)): it is on its way from queue family \(from) to \(to) at the end")
    }
  }
}
