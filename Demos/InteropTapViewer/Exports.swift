internal import CInteropTapInterface

// The functions of CInteropTap.h. `@_cdecl`, as `@c` needs Swift 6.3.

/// Called when the program is about to show a frame, on this thread.
@_cdecl("gl_vulkan_interop_tap_frame")
public func tapFrame(_ context: UnsafeRawPointer, _ errors: UnsafeMutablePointer<UInt32>) -> Int32 {
  let context = context.load(as: tap_context.self)
  let found = Tap.shared.frame(ContextKey(context)).prefix(Int(TAP_ERRORS))
  for (index, error) in found.enumerated() { errors[index] = error }
  return Int32(found.count)
}

/// Called when the program is about to destroy a context, or all contexts of a display.
@_cdecl("gl_vulkan_interop_tap_end")
public func tapEnd(_ context: UnsafeRawPointer, _ isCurrent: Int32) {
  let context = context.load(as: tap_context.self)
  if context.handle == nil {
    Tap.shared.endAll(ofDisplay: UInt(bitPattern: context.display))
  } else {
    Tap.shared.end(ContextKey(context), isCurrent: isCurrent != 0)
  }
}

/// Identifies a context of the program. Drivers reuse addresses, so the key of a destroyed context is removed.
struct ContextKey: Hashable {
  let handle: UInt
  let display: UInt
  let isGLX: Bool

  init(_ context: tap_context) {
    handle = UInt(bitPattern: context.handle)
    display = UInt(bitPattern: context.display)
    isGLX = context.is_glx != 0
  }
}
