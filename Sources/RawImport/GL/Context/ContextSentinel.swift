internal import InteropDrivers

/// Identifies a context by an object in it, since a new context can have the address of a destroyed one: window systems
/// reuse addresses, NVIDIA's EGL always does.
///
/// An object's name proves nothing, because each context counts names from 1, and NVIDIA counts sync objects, too. So
/// the sentinel is a sampler with a value that no application sets.
struct ContextSentinel: Sendable {
  private let sampler: GLuint
  private let cookie: Float
  private static let count = Atomic<Int>(0)

  /// Makes the sentinel in the current context; nil where that fails.
  init?(_ gl: GLFunctions) {
    guard let make = gl.glGenSamplers, let set = gl.glSamplerParameterf, gl.glDeleteSamplers != nil,
      gl.glIsSampler != nil,
      gl.glGetSamplerParameterfv != nil
    else { return nil }
    var name: GLuint = 0
    make(1, &name)
    guard name != 0 else { return nil }
    sampler = name
    // Whole numbers up to 2^24 are exact; the usual value is -1000.
    cookie = -Float(100_000 + Self.count.add(1, ordering: .relaxed).newValue % 10_000_000)
    set(name, GLenum(GL_TEXTURE_MIN_LOD), cookie)
  }

  /// Whether the current context is the sentinel's, or shares objects with it. Raises no GL error.
  func isThere(_ gl: GLFunctions) -> Bool {
    guard let isSampler = gl.glIsSampler, isSampler(sampler) == GL_TRUE else { return false }
    var value: Float = 0
    gl.glGetSamplerParameterfv?(sampler, GLenum(GL_TEXTURE_MIN_LOD), &value)
    return value == cookie
  }

  func delete(_ gl: GLFunctions) {
    var name = sampler
    gl.glDeleteSamplers?(1, &name)
  }
}
