// Made by scripts/generate-driver-tables.py of scripts/driver-functions.txt. Not to be edited.

/// The few functions of GLX that tell which context and drawables are current, and exchange them; Xlib's types stay out
/// of it.
///
/// A display is a `Display *`, a drawable an XID.
package struct GLXFunctions: @unchecked Sendable {
  let interposer: DriverInterposer?
  let library: FunctionResolver

  /// GLX 1.0. <https://registry.khronos.org/OpenGL-Refpages/gl2.1/xhtml/glXGetCurrentContext.xml>
  package private(set) var glXGetCurrentContext: CurrentContext = notLookedUp()
  /// GLX 1.2. <https://registry.khronos.org/OpenGL-Refpages/gl2.1/xhtml/glXGetCurrentDisplay.xml>
  package private(set) var glXGetCurrentDisplay: CurrentDisplay = notLookedUp()
  /// GLX 1.0. <https://registry.khronos.org/OpenGL-Refpages/gl2.1/xhtml/glXGetCurrentDrawable.xml>
  package private(set) var glXGetCurrentDrawable: CurrentDrawable = notLookedUp()
  /// GLX 1.3. <https://registry.khronos.org/OpenGL-Refpages/gl2.1/xhtml/glXGetCurrentReadDrawable.xml>
  package private(set) var glXGetCurrentReadDrawable: CurrentDrawable = notLookedUp()
  /// GLX 1.3. <https://registry.khronos.org/OpenGL-Refpages/gl2.1/xhtml/glXMakeContextCurrent.xml>
  package private(set) var glXMakeContextCurrent: MakeContextCurrent = notLookedUp()
  /// GLX 1.3. <https://registry.khronos.org/OpenGL-Refpages/gl2.1/xhtml/glXQueryDrawable.xml>
  package private(set) var glXQueryDrawable: QueryDrawable = notLookedUp()
  /// `GLX_ARB_get_proc_address`. Under the name that the Linux OpenGL ABI promises.
  package private(set) var glXGetProcAddressARB: GetProcAddress = notLookedUp()

  mutating func fill(from resolver: FunctionResolver) throws(InteropError) {
    glXGetCurrentContext = try resolver.required("glXGetCurrentContext")
    glXGetCurrentDisplay = try resolver.required("glXGetCurrentDisplay")
    glXGetCurrentDrawable = try resolver.required("glXGetCurrentDrawable")
    glXGetCurrentReadDrawable = try resolver.required("glXGetCurrentReadDrawable")
    glXMakeContextCurrent = try resolver.required("glXMakeContextCurrent")
    glXQueryDrawable = try resolver.required("glXQueryDrawable")
    glXGetProcAddressARB = try resolver.required("glXGetProcAddressARB")
  }
}
