public import InteropBase
internal import CInteropKernel

// CPU access to a buffer's bytes.

extension DMABuf {
  /// A plane of pixels in CPU memory, valid during ``map(for:timeout:_:)``.
  public struct MappedPlane {
    /// The plane's bytes, first to last; padding follows every row but the last. Writing with ``DMABufAccess/read``
    /// access is a segmentation fault.
    public let bytes: UnsafeMutableRawBufferPointer
    /// Bytes from one row to the next.
    public let stride: Int
    /// The bytes of a row's samples, without padding.
    public let rowBytes: Int
    /// The number of rows of samples.
    public let rowCount: Int

    /// Returns one row without its padding.
    public func row(_ index: Int) -> UnsafeMutableRawBufferPointer {
      precondition((0..<rowCount).contains(index), "row \(index) of \(rowCount)")
      return UnsafeMutableRawBufferPointer(rebasing: bytes[index * stride..<index * stride + rowBytes])
    }
  }

  /// Passes the pixels of a linear buffer to `body`, its planes in the format's order. Any thread.
  ///
  /// It first waits for device work that the buffer's implicit fences cover; the caller waits for explicit fences
  /// (``SyncFile/wait(timeout:)``). Devices are not kept away meanwhile.
  ///
  /// - Parameters:
  ///   - access: `.read` maps read-only; the others need writable descriptors.
  ///   - timeout: how long to wait for devices.
  ///   - body: must not keep the pointers.
  /// - Throws: what `body` throws; ``InteropError/Code/unsupported`` for a layout that is not
  ///   ``DRMModifier/linear``; ``InteropError/Code/invalidArgument`` to write through a read-only descriptor;
  ///   ``InteropError/Code/timeout``; ``InteropError/Code/driverFailure``.
  ///
  /// The corresponding C calls are `poll`, `mmap` and, around `body` whether it throws or not,
  /// `ioctl(DMA_BUF_IOCTL_SYNC)`.
  public func map<Result>(
    for access: DMABufAccess, timeout: Duration = .seconds(10),
    _ body: ([MappedPlane]) throws(InteropError) -> Result
  ) throws(InteropError) -> Result {
    guard modifier == .linear, let layouts = format.colorPlanes else {
      throw InteropError(
        .unsupported, step: "map the DMA-BUF", reason: "its layout is \(modifier), not rows of pixels",
        missing: ["DRM_FORMAT_MOD_LINEAR"],
        advice: "Import it into GL or Vulkan and read it there; mapBytes(ofBuffer:for:) gives the bytes as they lie")
    }
    return try withMapping(of: Array(objects.indices), for: access, timeout: timeout) { buffers throws(InteropError) in
      // Validation ensured that there are as many planes as the format has.
      let mapped = zip(planes, layouts).map { plane, layout in
        let samples = layout.size(of: size)
        let rowBytes = samples.width * layout.bytesPerSample
        let start = Int(plane.offset)
        let end = start + Int(plane.stride) * (samples.height - 1) + rowBytes
        return MappedPlane(
          bytes: UnsafeMutableRawBufferPointer(rebasing: buffers[plane.object][start..<end]),
          stride: Int(plane.stride), rowBytes: rowBytes, rowCount: samples.height)
      }
      return try body(mapped)
    }
  }

  /// Passes all bytes of one buffer to `body` as they lie, in any layout: to compare or to store, since only the vendor
  /// knows their meaning. Waits and synchronises as ``map(for:timeout:_:)`` does.
  ///
  /// - Parameters:
  ///   - index: the buffer's index, see ``DMABufDescription/Plane/object``.
  ///   - access: the access that `body` makes.
  ///   - timeout: the longest wait before `body`.
  ///   - body: gets bytes that are valid until it returns.
  /// - Throws: as ``map(for:timeout:_:)``, but not for the layout. Drivers may refuse CPU access to tiled memory: then
  ///   a ``InteropError/Code/driverFailure`` names `mmap`.
  public func mapBytes<Result>(
    ofBuffer index: Int = 0, for access: DMABufAccess, timeout: Duration = .seconds(10),
    _ body: (UnsafeMutableRawBufferPointer) throws(InteropError) -> Result
  ) throws(InteropError) -> Result {
    guard objects.indices.contains(index) else {
      throw InteropError(
        .invalidArgument, step: "map the DMA-BUF", reason: "there is no buffer \(index) of \(objects.count)")
    }
    return try withMapping(of: [index], for: access, timeout: timeout) { buffers throws(InteropError) in
      try body(buffers[0])
    }
  }

  /// Maps buffers, brackets `body` with CPU access to all of them, and undoes each step even after a failure.
  private func withMapping<Result>(
    of indices: [Int], for access: DMABufAccess, timeout: Duration,
    _ body: ([UnsafeMutableRawBufferPointer]) throws(InteropError) -> Result
  ) throws(InteropError) -> Result {
    if access.writes, let index = indices.first(where: { !objects[$0].isWritable }) {
      throw InteropError(
        .invalidArgument, step: "map the DMA-BUF", reason: "buffer \(index) has a read-only descriptor",
        advice: "Map it for reading, or have it exported with DRM_RDWR")
    }
    return try withDescriptors { descriptors throws(InteropError) in
      var mappings: [ObjectMapping] = []
      for index in indices {
        mappings.append(try ObjectMapping(descriptors[index], bytes: objects[index].size, access))
      }
      // This wait for devices has a limit; DMA_BUF_IOCTL_SYNC would wait without one.
      let deadline = ContinuousClock.now + timeout
      for index in indices {
        try Self.wait(descriptors[index], for: access, timeout: deadline - ContinuousClock.now, of: timeout)
      }
      let outcome = try Self.bracket(mappings, body)
      return try withExtendedLifetime(mappings) { () throws(InteropError) in try outcome.get() }
    }
  }

  private static func bracket<Result>(
    _ mappings: [ObjectMapping], _ body: ([UnsafeMutableRawBufferPointer]) throws(InteropError) -> Result
  ) throws(InteropError) -> Swift.Result<Result, InteropError> {
    for (count, mapping) in mappings.enumerated() {
      do throws(InteropError) { try mapping.sync(starts: true) } catch {
        for started in mappings.prefix(count) { try? started.sync(starts: false) }
        throw error
      }
    }
    var outcome: Swift.Result<Result, InteropError>
    do throws(InteropError) { outcome = .success(try body(mappings.map(\.bytes))) } catch { outcome = .failure(error) }
    for mapping in mappings {
      do throws(InteropError) { try mapping.sync(starts: false) } catch {
        // An error of the caller's closure takes precedence.
        if case .success = outcome { outcome = .failure(error) }
      }
    }
    return outcome
  }
}

/// One buffer mapped into CPU memory, unmapped when it goes away.
private final class ObjectMapping {
  let bytes: UnsafeMutableRawBufferPointer
  private let descriptor: Int32
  private let access: DMABufAccess

  init(_ descriptor: Int32, bytes size: UInt64, _ access: DMABufAccess) throws(InteropError) {
    var start: UnsafeMutableRawPointer?
    let result = kernel_map(descriptor, Int(size), access.writes, &start)
    guard result == 0, let start else {
      throw InteropError(
        .driverFailure, step: "mmap", reason: "the CPU cannot see the buffer", driverCode: .posix(-result),
        advice: "Import it into GL or Vulkan and read it there")
    }
    bytes = UnsafeMutableRawBufferPointer(start: start, count: Int(size))
    self.descriptor = descriptor
    self.access = access
  }

  deinit { kernel_unmap(bytes.baseAddress, bytes.count) }

  func sync(starts: Bool) throws(InteropError) {
    let result = kernel_dma_buf_sync(descriptor, starts, access.reads, access.writes)
    guard result == 0 else {
      throw InteropError(
        .driverFailure, step: "DMA_BUF_IOCTL_SYNC",
        reason: "the CPU's access cannot be \(starts ? "begun" : "ended"): caches may be stale",
        driverCode: .posix(-result))
    }
  }
}
