internal import InteropDrivers

/// An object in a context by which it is known again: window systems give the address of a destroyed context to the
/// next one, NVIDIA's EGL always does. Names are no proof, since each context counts from 1, and NVIDIA's sync objects
/// are counted too; so it is a sampler with a value that nobody else would set.
struct ContextSentinel: Sendable {
  private let sampler: GLuint
  private let cookie: Float
  private static let count = Atomic<Int>(0)

  /// In the current context. nil where it cannot be made.
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

  /// Whether the current context is the one it was made in, or one that shares its objects. Raises no GL error.
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
