internal import InteropDrivers

/// The taker's Vulkan image over a giver's memory, with what orders its accesses.
final class ExternalVulkanSide: @unchecked Sendable {
  let host: VulkanHost
  let memory: VulkanImageMemory
  let viewed: ViewedImage
  private let sync: SyncKind
  private let semaphores: ExternalVulkanSemaphores?
  private let files: FileSemaphores?
  /// The command buffers for each queue that an access was on.
  private let commands = Mutex<[VkQueue: VulkanCommands]>([:])

  /// Semaphores that hold a sync file for one wait, and that one is taken from after one signal.
  private final class FileSemaphores: @unchecked Sendable {
    let wait: VulkanObject
    let signal: VulkanObject

    init(_ host: VulkanHost) throws(InteropError) {
      wait = try host.makeSemaphore()
      signal = try host.makeSemaphore(exporting: VK_EXTERNAL_SEMAPHORE_HANDLE_TYPE_SYNC_FD_BIT)
    }
  }

  init(
    _ memory: VulkanImageMemory, _ viewed: ViewedImage, _ sync: SyncKind, _ semaphores: ExternalVulkanSemaphores?,
    _ host: VulkanHost
  ) throws(InteropError) {
    if sync == .syncFile, !host.canShareSyncFiles { throw host.missing("export and import of SYNC_FD semaphores") }
    self.host = host
    self.memory = memory
    self.viewed = viewed
    self.sync = sync
    self.semaphores = semaphores
    files = sync == .syncFile ? try FileSemaphores(host) : nil
  }

  /// Waits for the work that was submitted here. A lost device ends the wait, too.
  deinit { finish() }

  func finish() { for one in commands.withLock({ Array($0.values) }) { try? one.finish() } }

  /// Returns command buffers that nothing executes any more.
  func commands(for queue: VulkanQueue) throws(InteropError) -> VulkanCommands {
    try commands.withLock { (all) throws(InteropError) in
      if let known = all[queue.handle] {
        try known.finish()
        return known
      }
      let made = try VulkanCommands(host: host, queue: queue)
      all[queue.handle] = made
      return made
    }
  }

  /// The semaphore that stands for the giver's point. A sync file is taken over.
  func wait(for point: consuming ExternalPoint) throws(InteropError) -> SemaphorePoint? {
    switch consume point {
    case .done: return nil
    case .newSemaphore: preconditionFailure("refused before")
    case .semaphore: return semaphores.map { SemaphorePoint($0.giverDone) }
    case .timeline(let value, _): return semaphores.map { SemaphorePoint($0.giverDone, at: value) }
    case .syncFile(let file):
      guard let files else { preconditionFailure("checked by the caller") }
      // The semaphore's last wait is done: see ``commands(for:)``.
      try host.importSyncFile(file, into: files.wait.handle)
      return SemaphorePoint(files.wait.handle)
    }
  }

  /// The semaphore that the submission of an access signals.
  ///
  /// - Parameter value: of a timeline.
  func signal(_ value: UInt64) -> SemaphorePoint? {
    switch sync {
    case .cpuWait: nil
    case .semaphoreFD: semaphores.map { SemaphorePoint($0.takerDone) }
    case .timelineSemaphore: semaphores.map { SemaphorePoint($0.takerDone, at: value) }
    case .syncFile: files.map { SemaphorePoint($0.signal.handle) }
    }
  }

  /// Takes the sync file of a submission that signals; nil if it is done.
  func takeFile() throws(InteropError) -> SyncFile? {
    guard let files else { preconditionFailure("only with sync files") }
    return try host.syncFile(of: files.signal.handle)
  }
}

extension VulkanHost {
  /// Makes a binary semaphore whose payload can be exported.
  func makeSemaphore(
    exporting type: VkExternalSemaphoreHandleTypeFlagBits
  ) throws(InteropError) -> VulkanObject {
    var chain = StructChain()
    var export = VkExportSemaphoreCreateInfo()
    export.sType = VK_STRUCTURE_TYPE_EXPORT_SEMAPHORE_CREATE_INFO
    export.handleTypes = UInt32(type.rawValue)
    var create = VkSemaphoreCreateInfo()
    create.sType = VK_STRUCTURE_TYPE_SEMAPHORE_CREATE_INFO
    create.pNext = UnsafeRawPointer(chain.add(export))
    return try makeObject(.semaphore, "vkCreateSemaphore", "no exportable semaphore") { out in
      vk.vkCreateSemaphore(device, &create, nil, out)
    }
  }
}
