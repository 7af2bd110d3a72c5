public import InteropBase
internal import CInteropKernel

// The CPU's way to a buffer's bytes.

extension DMABuf {
  /// A plane of pixels in the CPU's memory, for the duration of ``map(for:timeout:_:)``.
  public struct MappedPlane {
    /// From the plane's first byte to its last; padding follows every row but the last. Writing where only
    /// ``DMABufAccess/read`` was asked for is a segmentation fault.
    public let bytes: UnsafeMutableRawBufferPointer
    /// Bytes from one row to the next.
    public let stride: Int
    /// Bytes of a row's samples, without padding.
    public let rowBytes: Int
    /// Rows of samples.
    public let rowCount: Int

    /// One row without its padding.
    public func row(_ index: Int) -> UnsafeMutableRawBufferPointer {
      precondition((0..<rowCount).contains(index), "row \(index) of \(rowCount)")
      return UnsafeMutableRawBufferPointer(rebasing: bytes[index * stride..<index * stride + rowBytes])
    }
  }

  /// Gives `body` the pixels of a linear buffer, its planes in the order of the format's. Any thread.
  ///
  /// Waits first for what devices do with the buffer as far as its implicit fences say so; explicit ones
  /// (``SyncFile/wait(timeout:)``) are the caller's. Nothing keeps devices away in the meantime.
  ///
  /// - Parameters:
  ///   - access: `.read` maps without permission to write; the others need descriptors that are writable.
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
      // There are as many planes as the format has: validated.
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

  /// Gives `body` all bytes of one buffer as they lie, of any layout: to compare or to store, since only its vendor
  /// knows what they mean. Waits and synchronises as ``map(for:timeout:_:)``.
  ///
  /// - Parameters:
  ///   - index: which buffer, see ``DMABufDescription/Plane/object``.
  ///   - access: what `body` does.
  ///   - timeout: for the wait before.
  ///   - body: gets bytes that are valid until it returns.
  /// - Throws: as ``map(for:timeout:_:)``, but for the layout. Drivers need not allow the CPU into tiled memory: a
  ///   ``InteropError/Code/driverFailure`` of `mmap` says so.
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

  /// Maps buffers, brackets `body` with the CPU's access to all of them, and undoes what was done whatever fails.
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
      // A device's work has a bound here; DMA_BUF_IOCTL_SYNC would wait for as long as it takes.
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
        // What the caller's own code says comes first.
        if case .success = outcome { outcome = .failure(error) }
      }
    }
    return outcome
  }
}

/// One buffer in the CPU's memory, unmapped when it goes away.
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
