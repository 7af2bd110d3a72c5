import CInteropGraphics

// GL's objects and commands: how the memory is imported, and when GL reads and writes shared images.

extension OwnershipWalk {
  func shareGroup(of call: RecordedCall) -> Handle { shareGroups[call.context] ?? call.context }

  func glName(_ name: UInt32, _ call: RecordedCall) -> GLName {
    GLName(shareGroup: shareGroup(of: call), name: name)
  }

  mutating func takeGL(_ call: RecordedCall) {
    switch call.details {
    case .createContext(let context, let shareContext) where context != 0 && shareContext != 0:
      shareGroups[context] = shareGroups[shareContext] ?? shareContext
    case .names(let names) where call.name.hasPrefix("glDelete"): delete(names, call)
    case .memoryObjectParameter(let memory, let name, let value):
      if name == UInt32(GL_DEDICATED_MEMORY_OBJECT_EXT) {
        memoryObjects[glName(memory, call), default: MemoryObject()].isDedicated = value != 0
      }
    case .importMemory(let memory, let size, let handleType, let descriptor):
      importMemory(memory, size, handleType, descriptor, call)
    case .activeTexture(let unit): withContext(call) { $0.activeUnit = unit }
    case .bindTexture(let target, let texture):
      withContext(call) { $0.textures[ContextState.Binding(unit: $0.activeUnit, target: target)] = texture }
    case .textureParameter(let target, let name, let value):
      if name == UInt32(GL_TEXTURE_TILING_EXT), let texture = boundTexture(target, call) {
        textures[texture, default: Texture()].tiling = value
      }
    case .textureStorage(let storage): makeTexture(storage, call)
    case .createEGLImage(let creation) where creation.image != 0:
      let isOfTexture = creation.target == UInt32(EGL_GL_TEXTURE_2D_KHR)
      eglImages[creation.image] = (
        call.inode, isOfTexture ? glName(UInt32(truncatingIfNeeded: creation.buffer), call) : nil, creation
      )
    case .exportEGLImage(let image, let descriptor) where descriptor >= 0:
      if let texture = eglImages[image]?.texture { textures[texture, default: Texture()].inode = call.inode }
    case .textureOfImage(let target, let image): makeTexture(of: image, target, call)
    case .bindFramebuffer(let target, let framebuffer):
      withContext(call) { context in
        if target != UInt32(GL_READ_FRAMEBUFFER) { context.drawFramebuffer = framebuffer }
        if target != UInt32(GL_DRAW_FRAMEBUFFER) { context.readFramebuffer = framebuffer }
      }
    case .framebufferTexture(let target, let attachment, let texture, _):
      withContext(call) { context in
        let framebuffer = target == UInt32(GL_READ_FRAMEBUFFER) ? context.readFramebuffer : context.drawFramebuffer
        context.attachments[framebuffer, default: [:]][attachment] = texture
      }
    case .draw, .clear, .blit, .readPixels: draw(call)
    case .sync(let sync, let flags): takeSync(sync, flags, call)
    case nil where call.name == "glFinish":
      hostClock.merge(advance(.gl(context: call.context), to: call.index))
      settleGL(call.context, before: call.index)
    default: break
    }
  }

  private mutating func withContext(_ call: RecordedCall, _ change: (inout ContextState) -> Void) {
    change(&contexts[call.context, default: ContextState()])
  }

  /// The texture that a call with this target is about.
  private func boundTexture(_ target: UInt32, _ call: RecordedCall) -> GLName? {
    guard let context = contexts[call.context] else { return nil }
    let texture = context.textures[ContextState.Binding(unit: context.activeUnit, target: target)] ?? 0
    return texture == 0 ? nil : glName(texture, call)
  }

  private mutating func delete(_ names: [UInt32], _ call: RecordedCall) {
    for name in names {
      switch call.name {
      case "glDeleteTextures":
        textures[glName(name, call)] = nil
        withContext(call) { context in
          for (binding, texture) in context.textures where texture == name { context.textures[binding] = nil }
        }
      case "glDeleteFramebuffers":
        withContext(call) { context in
          context.attachments[name] = nil
          if context.drawFramebuffer == name { context.drawFramebuffer = 0 }
          if context.readFramebuffer == name { context.readFramebuffer = 0 }
        }
      case "glDeleteMemoryObjectsEXT": memoryObjects[glName(name, call)] = nil
      case "glDeleteSemaphoresEXT": glSemaphores[glName(name, call)] = nil
      default: break
      }
    }
  }

  // MARK: Importing

  private mutating func importMemory(
    _ name: UInt32, _ size: UInt64, _ handleType: UInt32, _ descriptor: Int32, _ call: RecordedCall
  ) {
    guard let memory = exportedMemory.removeValue(forKey: descriptor) else {
      return report(
        call, "it imports file descriptor \(descriptor), which no vkGetMemoryFdKHR of the recording returned")
    }
    let key = glName(name, call)
    memoryObjects[key, default: MemoryObject()].memory = memory
    guard let image = image(of: memory) else { return }
    if memoryObjects[key]?.isDedicated != true {
      report(call, image: image, "GL_DEDICATED_MEMORY_OBJECT_EXT is not set before the import of its dedicated memory")
    }
    if let allocated = allocations[memory]?.size, allocated != size {
      report(call, image: image, "GL imports \(size) bytes of its memory, allocated are \(allocated)")
    }
    if handleType != UInt32(GL_HANDLE_TYPE_OPAQUE_FD_EXT) {
      report(call, image: image, "GL imports its memory as \(hex(handleType)), not GL_HANDLE_TYPE_OPAQUE_FD_EXT")
    }
  }

  private mutating func makeTexture(_ storage: RecordedCall.TextureStorage, _ call: RecordedCall) {
    guard let memory = memoryObjects[glName(storage.memory, call)]?.memory, let image = image(of: memory),
      let creation = images[image]?.creation
    else { return }
    guard let texture = boundTexture(storage.target, call) else {
      return report(call, image: image, "GL makes a texture of its memory with none bound")
    }
    let tiling = textures[texture]?.tiling
    textures[texture, default: Texture()].image = image
    let isLinear = creation.tiling == VK_IMAGE_TILING_LINEAR
    let expected = isLinear ? GL_LINEAR_TILING_EXT : GL_OPTIMAL_TILING_EXT
    let rules: [(Bool, String)] = [
      (tiling != nil, "GL_TEXTURE_TILING_EXT is not set before its texture gets storage"),
      (
        tiling == nil || tiling == expected,
        "GL takes it for \(isLinear ? "optimal" : "linear") tiling (\(hex(tiling ?? 0))), Vulkan made it"
          + " \(isLinear ? "linear" : "optimal")"
      ),
      (
        storage.width == Int32(creation.width) && storage.height == Int32(creation.height),
        "its texture is \(storage.width)x\(storage.height), the image \(creation.width)x\(creation.height)"
      ),
      (storage.levels == 1, "its texture has \(storage.levels) levels, not 1"),
      (storage.offset == 0, "its texture starts at offset \(storage.offset), and GL drivers ignore offsets"),
      (
        internalFormats[creation.format]?.contains(storage.internalFormat) ?? false,
        "its texture's internal format \(hex(storage.internalFormat)) does not belong to VkFormat"
          + " \(creation.format.rawValue)"
      ),
    ]
    for (holds, sentence) in rules where !holds { report(call, image: image, sentence) }
  }

  /// A texture in a DMA-BUF: of the layout that Vulkan has for it, where Vulkan has it already.
  private mutating func makeTexture(of eglImage: Handle, _ target: UInt32, _ call: RecordedCall) {
    guard let made = eglImages[eglImage], made.inode != 0 else { return }
    guard let texture = boundTexture(target, call) else {
      return report(call, "a texture is made of an EGLImage with none bound")
    }
    textures[texture, default: Texture()].inode = made.inode
    guard let (handle, image) = images.first(where: { $0.value.inodes.contains(made.inode) }) else { return }
    let attributes = made.creation.attributes
    let size = (attributes[EGL_WIDTH] ?? 0, attributes[EGL_HEIGHT] ?? 0)
    if size != (Int32(image.creation.width), Int32(image.creation.height)) {
      report(
        call, image: handle,
        "its texture is \(size.0)x\(size.1), the image \(image.creation.width)x\(image.creation.height)")
    }
  }

  // MARK: Reading and writing

  /// The shared images that are attached to a framebuffer.
  private func images(attachedTo framebuffer: UInt32, _ call: RecordedCall) -> Set<Handle> {
    guard framebuffer != 0, let attachments = contexts[call.context]?.attachments[framebuffer] else { return [] }
    return Set(attachments.values.compactMap { sharedImage(of: $0, call) })
  }

  /// The shared image whose memory a texture sees.
  func sharedImage(of texture: UInt32, _ call: RecordedCall) -> Handle? {
    guard let seen = textures[glName(texture, call)] else { return nil }
    if images[seen.image] != nil { return seen.image }
    // The image may be made after the texture.
    return seen.inode == 0 ? nil : images.first { $0.value.inodes.contains(seen.inode) }?.key
  }

  private mutating func draw(_ call: RecordedCall) {
    let context = contexts[call.context] ?? ContextState()
    let target = images(attachedTo: context.drawFramebuffer, call)
    let source = images(attachedTo: context.readFramebuffer, call)
    switch call.details {
    case .clear(let mask) where mask & UInt32(GL_COLOR_BUFFER_BIT) != 0:
      for image in target.sorted() { touch(image, isWrite: true, call) }
    case .blit(_, _, let mask, _) where mask & UInt32(GL_COLOR_BUFFER_BIT) != 0:
      for image in source.sorted() { touch(image, isWrite: false, call) }
      for image in target.sorted() { touch(image, isWrite: true, call) }
    case .draw:
      // Which of the bound textures a program samples, the recording does not say.
      let sampled = Set(context.textures.values.compactMap { sharedImage(of: $0, call) })
      for image in sampled.subtracting(target).sorted() { touch(image, isWrite: false, call) }
      for image in target.sorted() { touch(image, isWrite: true, call) }
    case .readPixels:
      for image in source.sorted() { touch(image, isWrite: false, call) }
    default: break
    }
  }

  private mutating func touch(_ handle: Handle, isWrite: Bool, _ call: RecordedCall) {
    guard let image = images[handle] else { return }
    if let reason = whyNotGLs(image) ?? whyTooEarly(image, call), !image.isReported {
      report(call, image: handle, "GL \(isWrite ? "writes" : "reads") it \(reason)")
      images[handle]?.isReported = true
    }
    images[handle]?.accesses.append(GLAccess(call: call, isWrite: isWrite))
  }

  /// Why a context may not touch an image that is GL's, nil if it may.
  private func whyTooEarly(_ image: ExternalImage, _ call: RecordedCall) -> String? {
    guard let release = image.release, case .in(let contexts) = image.settled, !contexts.contains(call.context) else {
      return nil
    }
    return "without having waited for Vulkan's release (submitted by #\(release.call)): neither glWaitSemaphoreEXT with"
      + " its texture or eglWaitSyncKHR, nor a fence or an idle queue"
  }

  /// Why GL may not touch an image, nil if it may.
  func whyNotGLs(_ image: ExternalImage) -> String? {
    switch image.owner {
    case .external: nil
    case .new: "before Vulkan has released it"
    case .family(Self.ignoredFamily): "while Vulkan owns it"
    case .family(let family): "while queue family \(family) owns it"
    case .moving(let from, let to, _, _): "while it goes from queue family \(from) to \(to)"
    }
  }

  // MARK: Waiting for GL on the CPU

  private mutating func takeSync(_ sync: Handle, _ flags: UInt32, _ call: RecordedCall) {
    switch call.name {
    case "glFenceSync", "eglCreateSyncKHR":
      if sync != 0 { syncs[sync] = (call.context, call.index) }
    case "glDeleteSync": syncs[sync] = nil
    case "glClientWaitSync":
      let done = [Int64(GL_ALREADY_SIGNALED), Int64(GL_CONDITION_SATISFIED)].contains(call.result)
      if done, let fence = syncs[sync] { settleGL(fence.context, before: fence.index) }
    case "eglClientWaitSyncKHR":
      if call.result == Int64(EGL_CONDITION_SATISFIED_KHR), let fence = syncs[sync] {
        settleGL(fence.context, before: fence.index)
      }
    default: break
    }
  }

  /// GL is done with what the context did before the call of that index.
  private mutating func settleGL(_ context: Handle, before index: Int) {
    for handle in images.keys {
      settle(handle, .cpu) { $0.call.context == context && $0.call.index < index }
    }
    for semaphore in semaphores.indices {
      guard let wait = semaphores[semaphore].lastWait, wait.queue == .gl(context: context), wait.call.index < index
      else { continue }
      semaphores[semaphore].lastWait?.isDone = true
    }
  }

  mutating func settle(_ image: Handle, _ settled: AccessSettled, where matches: (GLAccess) -> Bool) {
    guard var accesses = images[image]?.accesses else { return }
    // A CPU wait is stronger than any semaphore: it stays.
    for index in accesses.indices where matches(accesses[index]) {
      if case .cpu = accesses[index].settled { continue }
      accesses[index].settled = settled
    }
    images[image]?.accesses = accesses
  }
}
