import CBaseline
import GLVulkanInterop

/// The same frames in C, and those that the direct ones are compared with. See CBaseline.h.
final class CFrames {
  private let baseline: OpaquePointer
  private let isANGLE: Bool

  /// Makes everything as the Swift side has it; the C side's context is current afterwards.
  init(like swift: SwiftFrames) throws {
    let library: String? = if case .angle(let path) = swift.context.platform { path } else { nil }
    var options = cb_options()
    options.width = UInt32(swift.size.width)
    options.height = UInt32(swift.size.height)
    options.image_count = UInt32(swift.images.count)
    withUnsafeMutableBytes(of: &options.device_uuid) { bytes in
      bytes.copyBytes(from: swift.host.info.identity.deviceUUIDs[0].bytes)
    }
    options.queue_family = swift.queue.family
    options.image_usage = swift.images[0].usage
    options.semaphores = swift.images[0].sync == .semaphoreFD
    let opened = Self.withOptionalCString(library) { path in
      options.angle_library = path
      return cb_open(&options)
    }
    guard let opened else { throw Self.failure() }
    baseline = opened
    isANGLE = library != nil
  }

  deinit { cb_close(baseline) }

  func makeCurrent() throws { try check(cb_make_current(baseline)) }

  func workloads(pipelined: Bool) -> [Workload] {
    let baseline = baseline
    let direct = [
      Workload("c-direct", "C, the same driver calls as swift-direct", .c) {
        try self.check(cb_frame_direct(baseline, $0, true))
      },
      Workload("c-direct-unchecked", "C, without glGetError and eglGetCurrentContext", .c) {
        try self.check(cb_frame_direct(baseline, $0, false))
      },
    ]
    let several = Workload(
      "c-direct-pipelined", "C, as c-direct, several frames in flight", .c, isPipelined: true,
      drain: { try self.check(cb_drain(baseline)) }
    ) { try self.check(cb_frame_direct_pipelined(baseline, $0, true)) }
    let others = [
      Workload("c-readback-upload", "C, glReadPixels, memcpy, vkCmdCopyBufferToImage", .c) {
        try self.check(cb_frame_readback_upload(baseline, $0, false))
      },
      Workload("c-readback-into-staging", "C, glReadPixels into mapped staging memory, vkCmdCopyBufferToImage", .c) {
        try self.check(cb_frame_readback_upload(baseline, $0, true))
      },
      Workload("c-import-each-frame", "C, allocates, imports, blits and frees for each frame", .c) {
        try self.check(cb_frame_import_each_frame(baseline, $0))
      },
      Workload("c-vulkan-only", "C, an empty vkQueueSubmit and its wait", .c) { _ in
        try self.check(cb_frame_vulkan_only(baseline))
      },
    ]
    // ANGLE puts clears off until somebody looks, so nothing would be drawn.
    let renderOnly = Workload("c-render-only", "C, GL draws and finishes, no Vulkan", .c) {
      try self.check(cb_frame_render_only(baseline, $0))
    }
    return direct + (pipelined ? [several] : []) + (isANGLE ? [] : [renderOnly]) + others
  }

  @inline(__always)
  private func check(_ succeeded: Bool) throws {
    if !succeeded { throw Self.failure() }
  }

  private static func failure() -> BenchmarkError {
    BenchmarkError(description: "the C side failed: " + String(cString: cb_last_error()))
  }

  private static func withOptionalCString<Result>(
    _ text: String?, _ body: (UnsafePointer<CChar>?) -> Result
  ) -> Result {
    guard let text else { return body(nil) }
    return text.withCString { body($0) }
  }
}
