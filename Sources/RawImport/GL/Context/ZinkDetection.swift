extension GLContext {
  /// Whether this is zink, Mesa's GL on top of Vulkan.
  ///
  /// zink (Mesa 22.3.6) keeps pointers in buffers to batches of a destroyed context, and reads from the freed memory
  /// whether the GPU is done (`bo_can_reclaim` in zink_bo.c). If that reads as not done, the list of reusable memory is
  /// stuck behind that buffer, for every context of the process (`pb_slabs_reclaim_locked` stops after two). From then
  /// on each transfer between GL and application memory takes up to 1 MiB of staging memory that is never reused. A GL
  /// buffer needs no staging memory.
  var isZink: Bool { renderer.hasPrefix("zink") }
}
