public import CInteropGraphics

/// Reads a recording and says where it breaks the rules by which GL and Vulkan share an image.
///
/// Nothing else checks most of these rules: software drivers pass without the dedicated flag, with the opposite
/// tiling, without a barrier or a wait, and the Khronos validation layer sees one side only. The rules are those of
/// Vulkan 1.3 (7.7.4 "Queue Family Ownership Transfer", 12.2.5), EXT_external_objects and EXT_external_objects_fd, and
/// this package's own: one image per memory, transferred in `VK_IMAGE_LAYOUT_GENERAL`, with
/// `VK_QUEUE_FAMILY_EXTERNAL` on the far side.
///
/// A DMA-BUF is `VK_QUEUE_FAMILY_FOREIGN_EXT`'s on the far side, and one that is imported begins there, in GENERAL.
/// What GL sees of it is found by the buffer's inode; a sync file carries one signal from where it was made to where it
/// is imported and waited for.
///
/// It looks at `VkImage`s made for `OPAQUE_FD` and DMA-BUFs within the recording, which should therefore start before
/// the image, its semaphores and the queue are got; calls that were made to fail are skipped. It knows no driver:
/// hand-made recordings do as well.
public struct OwnershipChecker: Sendable {
  private let internalFormats: [VkFormat: Set<GLenum>]
  private let expectIdle: Bool
  private let dmaBufFamily: UInt32

  /// - Parameters:
  ///   - internalFormats: which GL internal formats may see the memory of an image of that Vulkan format.
  ///   - expectIdle: whether every semaphore signal must have been waited for at the end.
  ///   - dmaBufFamily: whose DMA-BUFs are while the device does not have them.
  public init(
    internalFormats: [VkFormat: Set<GLenum>], expectIdle: Bool = true,
    dmaBufFamily: UInt32 = OwnershipWalk.foreignFamily
  ) {
    self.internalFormats = internalFormats
    self.expectIdle = expectIdle
    self.dmaBufFamily = dmaBufFamily
  }

  /// A sentence per broken rule, in the order of the calls: which image or semaphore, which call, what is wrong.
  public func violations(in calls: [RecordedCall]) -> [String] {
    var walk = OwnershipWalk(internalFormats: internalFormats, dmaBufFamily: dmaBufFamily)
    for call in calls where !call.injectedFailure { walk.take(call) }
    if expectIdle { walk.checkIdle() }
    return walk.violations
  }
}

/// The state of both sides as far as the recording tells, moved on by one call at a time.
public struct OwnershipWalk {
  typealias Handle = RecordedCall.Handle

  /// A name of a texture, memory object or semaphore: contexts that share objects share them.
  struct GLName: Hashable {
    var shareGroup: Handle
    var name: UInt32
  }

  let internalFormats: [VkFormat: Set<GLenum>]
  let dmaBufFamily: UInt32
  var violations: [String] = []

  // Vulkan's side (OwnershipCheckerVulkan.swift).
  var images: [Handle: ExternalImage] = [:]
  var allocations: [Handle: RecordedCall.MemoryAllocation] = [:]
  /// The buffers that memory was imported from.
  var memoryInodes: [Handle: UInt64] = [:]
  var queues: [Handle: (family: UInt32, device: Handle)] = [:]
  /// What each queue family can do, empty if the recording does not tell.
  var familyFlags: [UInt32] = []
  /// The commands recorded into a command buffer since it began.
  var commands: [Handle: [RecordedCall]] = [:]
  /// Batches submitted so far: a batch's order on its queue.
  var batchCount = 0
  var fences: [Handle: Submitted] = [:]

  // What comes after what (OwnershipCheckerOrder.swift).
  var clocks: [Queue: Clock] = [:]
  var fenceClocks: [Handle: Clock] = [:]
  /// What the CPU has waited for.
  var hostClock = Clock()
  /// The stages at which the batch under way waits for other queues of Vulkan's.
  var queueWaitStages: [Handle: UInt32] = [:]

  // GL's side (OwnershipCheckerGL.swift).
  var contexts: [Handle: ContextState] = [:]
  var shareGroups: [Handle: Handle] = [:]
  var memoryObjects: [GLName: MemoryObject] = [:]
  var textures: [GLName: Texture] = [:]
  /// GLsyncs and EGLSyncs, with the call that made them.
  var syncs: [Handle: (context: Handle, index: Int)] = [:]
  /// EGLImages: the inode of their buffer, or the texture that they are of.
  var eglImages: [Handle: (inode: UInt64, texture: GLName?, creation: RecordedCall.EGLImageCreation)] = [:]

  // Both sides' (OwnershipCheckerSemaphores.swift).
  var exportedMemory: [Int32: Handle] = [:]
  var exportedSemaphores: [Int32: Int] = [:]
  var semaphores: [SemaphoreState] = []
  var vulkanSemaphores: [Handle: Int] = [:]
  var glSemaphores: [GLName: Int] = [:]

  // Sync files (OwnershipCheckerSyncFiles.swift).
  var nativeFences: [Handle: NativeFence] = [:]
  /// By the number under which a driver gave them out; not imported yet.
  var syncFiles: [Int32: Signal] = [:]

  /// An image that GL may see.
  struct ExternalImage {
    var creation: RecordedCall.ImageCreation
    var requirements: RecordedCall.ImageRequirements?
    var memory: Handle = 0
    /// Of a DMA-BUF: the buffers'.
    var inodes: Set<UInt64> = []
    var owner: Owner = .new
    var layout: VkImageLayout = VK_IMAGE_LAYOUT_UNDEFINED
    /// What GL did since Vulkan released the image.
    var accesses: [GLAccess] = []
    /// What released the image to GL, and how far GL has waited for that.
    var release: Submitted?
    var settled: Settled = .in([])
    /// The last batch that had to do with it since Vulkan acquired it.
    var lastUse: Submitted?
    /// GL used it in its present state and should not have: said once, not for every draw call.
    var isReported = false

    var isDMABuf: Bool { creation.externalHandleTypes & OwnershipWalk.dmaBuf != 0 }
    var isDisjoint: Bool { creation.flags & VK_IMAGE_CREATE_DISJOINT_BIT.rawValue != 0 }
    var isConcurrent: Bool { creation.sharingMode == VK_SHARING_MODE_CONCURRENT }
  }

  /// The owner of an image, which may use it.
  enum Owner: Equatable {
    /// No owner yet: the first user becomes the owner.
    case new
    /// A queue family; `VK_QUEUE_FAMILY_IGNORED` for any of them.
    case family(UInt32)
    case external
    /// Released by one queue family to another that has not acquired it yet.
    case moving(from: UInt32, to: UInt32, oldLayout: VkImageLayout, newLayout: VkImageLayout)
  }

  /// A batch of a `vkQueueSubmit`.
  struct Submitted {
    var call: Int
    var queue: Handle
    var order: Int
  }

  /// Which GL contexts know that Vulkan is done.
  enum Settled {
    case `in`(Set<Handle>)
    case everywhere
  }

  /// GL reading or writing an image, and how Vulkan may know that it is done.
  struct GLAccess {
    var call: RecordedCall
    var isWrite: Bool
    var settled: AccessSettled?
  }

  enum AccessSettled {
    /// The CPU waited.
    case cpu
    /// A submission waits for a semaphore signalled since, at these stages.
    case semaphore(stages: UInt32)
  }

  struct ContextState {
    var activeUnit = UInt32(GL_TEXTURE0)
    /// Textures by unit and target.
    var textures: [Binding: UInt32] = [:]
    var drawFramebuffer: UInt32 = 0
    var readFramebuffer: UInt32 = 0
    /// The textures attached to each framebuffer, by attachment point.
    var attachments: [UInt32: [UInt32: UInt32]] = [:]

    struct Binding: Hashable {
      var unit: UInt32
      var target: UInt32
    }
  }

  struct MemoryObject {
    var isDedicated = false
    /// The Vulkan memory that was imported.
    var memory: Handle = 0
  }

  struct Texture {
    var tiling: Int32?
    /// The image whose memory it sees.
    var image: Handle = 0
    /// The DMA-BUF whose memory it sees or is.
    var inode: UInt64 = 0
  }

  /// A binary semaphore under its names on both sides.
  struct SemaphoreState {
    var label: String
    var isTimeline = false
    /// Known to this device only.
    var isInternal = true
    var signal: Signal?
    var lastWait: Wait?
  }

  /// Where GPU commands are carried out one after another.
  enum Queue: Hashable {
    case gl(context: Handle)
    case vulkan(Handle)
  }

  /// A wait that was submitted.
  struct Wait {
    var call: RecordedCall
    var queue: Queue
    /// Vulkan's: the batch that waits.
    var submitted: Submitted?
    /// The CPU has waited for something that comes after it.
    var isDone = false

    /// When, on its queue's clock.
    var time: Int { submitted?.order ?? call.index }
  }

  /// A signal that has not been waited for.
  struct Signal {
    var call: RecordedCall
    /// GL's: the textures that it releases, and whether it was flushed.
    var textures: [GLName] = []
    var isFlushed = false
    /// A fence: it comes after everything that its context did before, whatever it names.
    var isFence = false
    /// Vulkan's: what it comes after.
    var submitted: Submitted?
    /// What has happened before it.
    var clock = Clock()

    var queue: Queue { submitted.map { .vulkan($0.queue) } ?? .gl(context: call.context) }
  }

  // MARK: Reports

  mutating func report(_ call: RecordedCall, image: Handle, _ sentence: String) {
    violations.append("image \(hex(image)), \(place(call)): \(sentence)")
  }

  mutating func report(_ call: RecordedCall, semaphore: Int, _ sentence: String) {
    violations.append("\(semaphores[semaphore].label), \(place(call)): \(sentence)")
  }

  mutating func report(_ call: RecordedCall, _ sentence: String) {
    violations.append("\(place(call)): \(sentence)")
  }

  func place(_ call: RecordedCall) -> String { "#\(call.index) \(call.name)" }

  func hex(_ value: some BinaryInteger) -> String { "0x" + String(value, radix: 16) }

  func name(_ layout: VkImageLayout) -> String {
    switch layout {
    case VK_IMAGE_LAYOUT_UNDEFINED: "UNDEFINED"
    case VK_IMAGE_LAYOUT_GENERAL: "GENERAL"
    case VK_IMAGE_LAYOUT_COLOR_ATTACHMENT_OPTIMAL: "COLOR_ATTACHMENT_OPTIMAL"
    case VK_IMAGE_LAYOUT_SHADER_READ_ONLY_OPTIMAL: "SHADER_READ_ONLY_OPTIMAL"
    case VK_IMAGE_LAYOUT_TRANSFER_SRC_OPTIMAL: "TRANSFER_SRC_OPTIMAL"
    case VK_IMAGE_LAYOUT_TRANSFER_DST_OPTIMAL: "TRANSFER_DST_OPTIMAL"
    default: "layout \(layout.rawValue)"
    }
  }

  // MARK: Calls

  mutating func take(_ call: RecordedCall) {
    takeVulkan(call)
    takeGL(call)
    takeSemaphore(call)
    takeSyncFile(call)
  }
}
