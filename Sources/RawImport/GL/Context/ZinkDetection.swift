extension GLContext {
  /// Mesa's GL on top of Vulkan.
  ///
  /// zink (Mesa 22.3.6) keeps, in buffers, pointers to batches of a context that was destroyed, and asks the freed
  /// memory whether the GPU is done (`bo_can_reclaim` in zink_bo.c). If it says no, the list of what may be used again
  /// is stuck behind that buffer, for every context of the process (`pb_slabs_reclaim_locked` gives up after two): from
  /// then on each transfer between GL and memory of the program takes staging memory, up to 1 MiB, that is never used
  /// again. A buffer of GL's own needs no staging memory.
  var isZink: Bool { renderer.hasPrefix("zink") }
}
