internal import CInteropWebGPU
internal import InteropDrivers
internal import LinuxBuffers
internal import RawImport

// Dawn's calls for shared textures and fences, with the structures of either age.

extension DawnFunctions {
  /// Imports OPAQUE_FD memory. Dawn duplicates the descriptor.
  ///
  /// - Returns: a `WGPUSharedTextureMemory`, which is an error object if Dawn refuses.
  func importMemory(
    _ description: ExternalImageDescription, _ descriptor: Int32, _ device: UnsafeMutableRawPointer
  ) throws(InteropError) -> UnsafeMutableRawPointer {
    var chain = StructChain()
    let create = chain.add(description.createInfo(in: &chain))
    var memory = DawnOpaqueFDDescriptor()
    memory.chain.sType = age.opaqueFDDescriptor
    memory.vkImageCreateInfo = UnsafeRawPointer(create)
    memory.memoryFD = descriptor
    memory.memoryTypeIndex = description.memoryTypeIndex
    memory.allocationSize = description.allocationSize
    memory.dedicatedAllocation = description.isDedicated ? 1 : 0
    return try imported(importMemory, device, &memory, "wgpuDeviceImportSharedTextureMemory")
  }

  /// Imports a DMA-BUF. Dawn duplicates the descriptors.
  func importMemory(
    _ buffer: borrowing DMABuf, _ device: UnsafeMutableRawPointer
  ) throws(InteropError) -> UnsafeMutableRawPointer {
    let descriptors = buffer.withDescriptors { $0 }
    let planes = buffer.planes.map {
      DawnDmaBufPlane(fd: descriptors[$0.object], offset: $0.offset, stride: UInt32($0.stride))
    }
    var chain = StructChain()
    var memory = DawnDmaBufDescriptor()
    memory.chain.sType = age.dmaBufDescriptor
    memory.size = DawnExtent3D(
      width: UInt32(buffer.size.width), height: UInt32(buffer.size.height), depthOrArrayLayers: 1)
    memory.drmFormat = buffer.format.rawValue
    memory.drmModifier = buffer.modifier.rawValue
    memory.planeCount = planes.count
    memory.planes = UnsafePointer(chain.add(contentsOf: planes))
    return try imported(importMemory, device, &memory, "wgpuDeviceImportSharedTextureMemory")
  }

  /// Imports the giver's binary semaphore, for every access. Dawn duplicates the descriptor.
  func importFence(
    _ descriptor: borrowing FileDescriptorOwner?, _ device: UnsafeMutableRawPointer
  ) throws(InteropError) -> UnsafeMutableRawPointer {
    switch descriptor {
    case .some(let owner):
      var fence = DawnFenceHandle()
      fence.chain.sType = age.vkSemaphoreOpaqueFDDescriptor
      fence.handle = owner.withBorrowed { $0 }
      return try imported(importFence, device, &fence, "wgpuDeviceImportSharedFence")
    case .none:
      throw InteropError(
        .invalidArgument, step: "wgpuDeviceImportSharedFence", reason: "the bundle has no semaphore of the giver's",
        advice: "State it in giverDone (giver_done), as the sync semaphore-fd needs it")
    }
  }

  /// Imports the fence of one access. Dawn duplicates the descriptor.
  func importFence(
    _ file: borrowing SyncFile, _ device: UnsafeMutableRawPointer
  ) throws(InteropError) -> UnsafeMutableRawPointer {
    var fence = DawnFenceHandle()
    fence.chain.sType = age.syncFDDescriptor
    fence.handle = file.withBorrowed { $0 }
    return try imported(importFence, device, &fence, "wgpuDeviceImportSharedFence")
  }

  private func imported<Chained>(
    _ function: PFN_wgpuDeviceImport, _ device: UnsafeMutableRawPointer, _ chained: inout Chained, _ step: String
  ) throws(InteropError) -> UnsafeMutableRawPointer {
    let made = withUnsafeMutablePointer(to: &chained) { pointer in
      var descriptor = DawnImportDescriptor()
      descriptor.nextInChain = UnsafeMutableRawPointer(pointer)
      return function(device, &descriptor)
    }
    guard let made else {
      throw InteropError(.driverFailure, step: step, reason: "Dawn returns NULL", advice: "Is the device lost?")
    }
    return made
  }

  /// The corresponding C function is `wgpuSharedTextureMemoryBeginAccess`.
  ///
  /// - Returns: a `WGPUStatus`.
  func begin(
    _ memory: UnsafeMutableRawPointer, _ texture: UnsafeMutableRawPointer, _ fences: [UnsafeMutableRawPointer?],
    isInitialized: Bool, layout: Int32
  ) -> UInt32 {
    // Binary semaphores and sync files count nothing.
    let values = [UInt64](repeating: 1, count: fences.count)
    var state = DawnVkImageLayoutState()
    state.chain.sType = age.vkImageLayoutBeginState
    (state.oldLayout, state.newLayout) = (layout, layout)
    return withUnsafeMutablePointer(to: &state) { state in
      fences.withUnsafeBufferPointer { fences in
        values.withUnsafeBufferPointer { values in
          if age.countsSignaledValues {
            var begin = DawnBeginAccessDescriptor()
            begin.nextInChain = UnsafeMutableRawPointer(state)
            begin.initialized = isInitialized ? 1 : 0
            (begin.fenceCount, begin.fences) = (fences.count, fences.baseAddress)
            (begin.signaledValueCount, begin.signaledValues) = (values.count, values.baseAddress)
            return beginAccess(memory, texture, &begin)
          }
          var begin = DawnBeginAccessDescriptor2025()
          begin.nextInChain = UnsafeMutableRawPointer(state)
          begin.initialized = isInitialized ? 1 : 0
          (begin.fenceCount, begin.fences, begin.signaledValues) = (
            fences.count, fences.baseAddress, values.baseAddress
          )
          return beginAccess(memory, texture, &begin)
        }
      }
    }
  }

  /// The end of an access: Dawn's fence, nil where nothing is due, and the layout of the image.
  struct End: ~Copyable {
    var point: ExternalPoint
    var layout: VkImageLayout
  }

  /// The corresponding C functions are `wgpuSharedTextureMemoryEndAccess`, `wgpuSharedFenceExportInfo` and
  /// `wgpuSharedTextureMemoryEndAccessStateFreeMembers`.
  func end(
    _ memory: UnsafeMutableRawPointer, _ texture: UnsafeMutableRawPointer, _ step: String
  ) throws(InteropError) -> End {
    var layouts = DawnVkImageLayoutState()
    layouts.chain.sType = age.vkImageLayoutEndState
    if age.countsSignaledValues {
      var state = DawnEndAccessState()
      let status = withUnsafeMutablePointer(to: &layouts) { pointer in
        state.nextInChain = UnsafeMutableRawPointer(pointer)
        return endAccess(memory, texture, &state)
      }
      defer { freeMembers(state) }
      return try end(status, state.fenceCount, state.fences, layouts, step)
    }
    var state = DawnEndAccessState2025()
    let status = withUnsafeMutablePointer(to: &layouts) { pointer in
      state.nextInChain = UnsafeMutableRawPointer(pointer)
      return endAccess(memory, texture, &state)
    }
    defer { freeMembers2025(state) }
    return try end(status, state.fenceCount, state.fences, layouts, step)
  }

  private func end(
    _ status: UInt32, _ count: Int, _ fences: UnsafePointer<UnsafeMutableRawPointer?>?,
    _ layouts: DawnVkImageLayoutState, _ step: String
  ) throws(InteropError) -> End {
    guard status == DawnAge.success, count <= 1 else {
      throw InteropError(
        .driverFailure, step: step, reason: "Dawn ends the access with status \(status) and \(count) fences",
        advice: "Its reason is in the device's error callback (WGPUUncapturedErrorCallbackInfo)")
    }
    // Where nothing used the texture, the giver's fence comes back.
    let point = count == 1 ? try exported(fences?[0]) : .done
    return End(point: point, layout: VkImageLayout(rawValue: UInt32(bitPattern: layouts.newLayout)))
  }

  /// Duplicates the descriptor of a fence of Dawn's.
  private func exported(_ fence: UnsafeMutableRawPointer?) throws(InteropError) -> ExternalPoint {
    let step = "wgpuSharedFenceExportInfo"
    guard let fence else { return .done }
    var handle = DawnFenceHandle()
    handle.handle = -1
    var info = DawnFenceExportInfo()
    // The first call says the type, which the second one's structure depends on.
    fenceExportInfo(fence, &info)
    let type = info.type
    handle.chain.sType = type == DawnAge.syncFD ? age.syncFDExportInfo : age.vkSemaphoreOpaqueFDExportInfo
    withUnsafeMutablePointer(to: &handle) { pointer in
      info.nextInChain = UnsafeMutableRawPointer(pointer)
      fenceExportInfo(fence, &info)
    }
    guard handle.handle >= 0 else {
      throw InteropError(
        .driverFailure, step: step, reason: "Dawn's fence of type \(type) has no descriptor",
        advice: "Request SharedFenceVkSemaphoreOpaqueFD or SharedFenceSyncFD when the device is made")
    }
    let descriptor = try FileDescriptorOwner(duplicating: handle.handle)
    return type == DawnAge.syncFD ? .syncFile(SyncFile(owning: descriptor)) : .newSemaphore(descriptor)
  }
}
