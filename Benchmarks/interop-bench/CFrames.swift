import BenchmarkReport
import CBaseline
import GLVulkanInterop

/// The same frames in C, and the frames with which the direct ones are compared. See CBaseline.h.
final class CFrames {
  private let baseline: OpaquePointer
  private let inFlight: Int

  /// Creates the same objects as the Swift side; the C side's context is current afterwards.
  convenience init(like swift: SwiftFrames, _ setup: Setup) throws {
    try self.init(
      setup, size: swift.size, inFlight: swift.images.count, usage: swift.images[0].usage, host: swift.side.host)
  }

  /// - Parameters:
  ///   - usage: of the shared images.
  ///   - host: its device is the one to use.
  init(
    _ setup: Setup, size: PixelSize, inFlight: Int, usage: VkImageUsageFlags, host: VulkanHost,
    parts: cb_parts = CB_EVERYTHING
  ) throws {
    let library: String? = if case .angle(let path) = setup.platform { path } else { nil }
    var options = cb_options()
    options.width = UInt32(size.width)
    options.height = UInt32(size.height)
    options.image_count = UInt32(inFlight)
    withUnsafeMutableBytes(of: &options.device_uuid) { bytes in
      bytes.copyBytes(from: host.info.identity.deviceUUIDs[0].bytes)
    }
    options.queue_family = setup.queueFamily
    options.graphics_family = setup.graphicsFamily ?? setup.queueFamily
    options.image_usage = usage
    options.semaphores = setup.sync == .semaphoreFD
    options.parts = parts
    let opened = Self.withOptionalCString(library) { path in
      options.angle_library = path
      return cb_open(&options)
    }
    guard let opened else { throw Self.failure() }
    baseline = opened
    self.inFlight = inFlight
  }

  deinit { cb_close(baseline) }

  func makeCurrent() throws { try Self.check(cb_make_current(baseline)) }

  func workloads() -> [Workload] { direct() + limits() + copied() }

  /// Sends one frame and waits for its arrival, with the calls of `swift-direct`.
  func frame(_ number: UInt32) throws { try Self.check(cb_frame_direct(baseline, number, true)) }

  /// Draws one frame with GL alone; the ring waits for it when it comes round.
  func drawPipelined(_ number: UInt32) throws { try Self.check(cb_frame_render_only_pipelined(baseline, number)) }

  func checkDrawn(_ number: UInt32) throws { try Self.check(cb_check_rendered(baseline, number, true)) }

  // MARK: Workloads

  private func direct() -> [Workload] {
    [
      workload("c-direct", "C, the same driver calls as swift-direct", .direct) { cb_frame_direct($0, $1, true) },
      workload("c-direct-unchecked", "C, without glGetError and eglGetCurrentContext", .direct) {
        cb_frame_direct($0, $1, false)
      },
      workload("c-direct-pipelined", "C, as c-direct, several frames in flight", .direct, isPipelined: true) {
        cb_frame_direct_pipelined($0, $1, true)
      },
      workload(
        "c-handover", "C, the same driver calls as swift-handover", .direct, prepare: { cb_transfer_prepare($0, $1) }
      ) { cb_transfer($0, $1) },
    ]
  }

  private func limits() -> [Workload] {
    [
      workload(
        "c-render-only", "C, GL draws and finishes, no Vulkan", .limits, check: { cb_check_rendered($0, $1, false) }
      ) { cb_frame_render_only($0, $1) },
      workload(
        "c-render-only-pipelined", "C, GL draws, several frames in flight, no Vulkan", .limits, isPipelined: true,
        check: { cb_check_rendered($0, $1, true) }
      ) { cb_frame_render_only_pipelined($0, $1) },
      workload("c-vulkan-only", "C, an empty vkQueueSubmit and its wait", .limits) { baseline, _ in
        cb_frame_vulkan_only(baseline)
      },
      workload(
        "c-vulkan-after-draw", "C, the same just after GL drew a frame and finished", .limits,
        prepare: { cb_frame_render_only($0, $1) }
      ) { baseline, _ in cb_frame_vulkan_only(baseline) },
    ]
  }

  private func copied() -> [Workload] {
    [
      workload("c-readback-upload", "C, glReadPixels, memcpy, vkCmdCopyBufferToImage", .copied) {
        cb_frame_readback_upload($0, $1, false)
      },
      workload(
        "c-readback-into-staging", "C, glReadPixels into mapped staging memory, vkCmdCopyBufferToImage", .copied
      ) { cb_frame_readback_upload($0, $1, true) },
      workload(
        "c-pixel-buffers-2", "C, glReadPixels into one of 2 pixel buffers, upload a frame later", .copied,
        isPipelined: true
      ) {
        cb_frame_pixel_buffers($0, $1, 2)
      },
      workload(
        "c-pixel-buffers-3", "C, glReadPixels into one of 3 pixel buffers, upload two frames later", .copied,
        isPipelined: true
      ) {
        cb_frame_pixel_buffers($0, $1, 3)
      },
      workload("c-import-each-frame", "C, allocates, imports, blits and frees for each frame", .copied) {
        cb_frame_import_each_frame($0, $1)
      },
    ]
  }

  func samplingWorkloads() -> [Workload] {
    [
      workload("c-sample", "C, the same driver calls as swift-sample", .sampled, isPipelined: true) {
        cb_frame_sample($0, $1)
      },
      workload(
        "c-sample-unshared", "C, GL draws and Vulkan samples an image of its own; neither waits for the other",
        .sampled,
        isPipelined: true, check: { cb_check_rendered($0, $1, true) }
      ) { cb_frame_sample_unshared($0, $1) },
    ]
  }

  /// - Parameter check: compares the last frame of a block for workloads without Vulkan.
  private func workload(
    _ name: String, _ summary: String, _ group: Samples.Group, isPipelined: Bool = false,
    prepare: ((OpaquePointer, UInt32) -> Bool)? = nil, check: ((OpaquePointer, UInt32) -> Bool)? = nil,
    frame: @escaping (OpaquePointer, UInt32) -> Bool
  ) -> Workload {
    // The workload keeps this side alive.
    let step = prepare.map { prepare in { (number: UInt32) in try Self.check(prepare(self.baseline, number)) } }
    return Workload(
      name, summary, group, .c, isPipelined: isPipelined, prepare: step,
      drain: { number in
        try Self.check(cb_drain(self.baseline))
        if let check { try Self.check(check(self.baseline, number)) }
      }
    ) { try Self.check(frame(self.baseline, $0)) }
  }

  // MARK: Errors

  @inline(__always)
  private static func check(_ succeeded: Bool) throws {
    if !succeeded { throw failure() }
  }

  /// Returns the C side's last failure on this thread.
  static func failure() -> BenchmarkError {
    BenchmarkError(
      description: "the C side failed: " + String(cString: cb_last_error()),
      isWrongPixels: cb_last_error_is_wrong_pixels())
  }

  private static func withOptionalCString<Result>(
    _ text: String?, _ body: (UnsafePointer<CChar>?) -> Result
  ) -> Result {
    guard let text else { return body(nil) }
    return text.withCString { body($0) }
  }
}
