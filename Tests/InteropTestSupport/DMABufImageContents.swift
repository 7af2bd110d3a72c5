package import GLVulkanInterop

extension VulkanHost {
  /// A binary semaphore whose signal can be given away as a sync file.
  package func makeSyncFileSemaphore() throws(InteropError) -> VulkanObject {
    var chain = StructChain()
    var export = VkExportSemaphoreCreateInfo()
    export.sType = VK_STRUCTURE_TYPE_EXPORT_SEMAPHORE_CREATE_INFO
    export.handleTypes = UInt32(VK_EXTERNAL_SEMAPHORE_HANDLE_TYPE_SYNC_FD_BIT.rawValue)
    var create = VkSemaphoreCreateInfo()
    create.sType = VK_STRUCTURE_TYPE_SEMAPHORE_CREATE_INFO
    create.pNext = UnsafeRawPointer(chain.add(export))
    return try makeObject(.semaphore, "vkCreateSemaphore", "no semaphore that takes sync files") { out in
      vk.vkCreateSemaphore(device, &create, nil, out)
    }
  }
}

extension DMABufImage {
  private var byteCount: Int {
    size.width * size.height * (PixelFormat.all.first { $0.vkFormat == vkFormat }?.bytesPerPixel ?? 4)
  }

  /// What Vulkan sees, in tightly packed rows. Waits.
  package func read() throws(InteropError) -> [UInt8] {
    let queue = host.queues[0]
    let landing = try HostBuffer(host: host, size: byteCount, .readback)
    let commands = try VulkanCommands(host: host, queue: queue)
    let buffer = try commands.record(.first) { (commands) throws(InteropError) in
      try acquireBarrier(.transferSource, queue: queue).record(into: commands, host.vk)
      landing.recordCopy(from: vkImage, size, layout: VulkanAccess.transferSource.layout, into: commands)
      try releaseBarrier(.transferSource, queue: queue).record(into: commands, host.vk)
    }
    try commands.submit(buffer)
    try commands.finish()
    return Array(landing.bytes)
  }

  /// Writes tightly packed rows, and waits.
  package func write(_ pixels: [UInt8], isNew: Bool = false) throws(InteropError) {
    try write(pixels, isNew: isNew, signalling: nil)
  }

  /// Writes into a new image; done when the fence is.
  package func writeWithFence(_ pixels: [UInt8]) throws(InteropError) -> SyncFile? {
    let semaphore = try host.makeSyncFileSemaphore()
    try write(pixels, isNew: true, signalling: SemaphorePoint(semaphore.handle))
    return try host.syncFile(of: semaphore.handle)
  }

  private func write(_ pixels: [UInt8], isNew: Bool, signalling signal: SemaphorePoint?) throws(InteropError) {
    let queue = host.queues[0]
    let staging = try HostBuffer(host: host, size: byteCount, .upload)
    staging.bytes.copyBytes(from: pixels)
    let commands = try VulkanCommands(host: host, queue: queue)
    let buffer = try commands.record(.first) { (commands) throws(InteropError) in
      let begin =
        isNew
        ? try discard(for: .transferDestination, queue: queue) : try acquireBarrier(.transferDestination, queue: queue)
      begin.record(into: commands, host.vk)
      staging.recordCopy(to: vkImage, size, layout: VulkanAccess.transferDestination.layout, into: commands)
      try releaseBarrier(.transferDestination, queue: queue).record(into: commands, host.vk)
    }
    try commands.submit(buffer, signalling: signal)
    try commands.finish()
  }
}
