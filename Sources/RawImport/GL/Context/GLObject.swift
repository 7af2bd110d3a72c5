package import InteropDrivers

/// A GL name with exactly one owner, deleted when the owner goes away.
///
/// The owner may go away on any thread. Where the context is not current, the name is put aside and deleted the next
/// time the package is called with that context (``GLContext/collectGarbage()``).
package struct GLObject: ~Copyable {
  package let kind: GLObjectKind
  package let name: GLuint
  private let context: GLContext

  /// Takes ownership of `name`; 0 owns nothing.
  package init(owning name: GLuint, _ kind: GLObjectKind, in context: GLContext) {
    self.kind = kind
    self.name = name
    self.context = context
  }

  deinit {
    if name != 0 { context.delete(name, kind) }
  }
}

extension GLContext {
  /// Makes a new name, without storage.
  package func makeObject(_ kind: GLObjectKind) throws(InteropError) -> GLObject {
    var name: GLuint = 0
    let step: String
    switch kind {
    case .texture: step = "glGenTextures"; gl.glGenTextures(1, &name)
    case .framebuffer: step = "glGenFramebuffers"; gl.glGenFramebuffers(1, &name)
    case .renderbuffer: step = "glGenRenderbuffers"; gl.glGenRenderbuffers(1, &name)
    case .buffer: step = "glGenBuffers"; gl.glGenBuffers(1, &name)
    case .vertexArray: step = "glGenVertexArrays"; gl.glGenVertexArrays(1, &name)
    case .program: step = "glCreateProgram"; name = gl.glCreateProgram()
    case .shader: preconditionFailure("shaders are made with their type, see makeShader")
    case .memoryObject: step = "glCreateMemoryObjectsEXT"; gl.glCreateMemoryObjectsEXT?(1, &name)
    case .semaphore: step = "glGenSemaphoresEXT"; gl.glGenSemaphoresEXT?(1, &name)
    case .timelineSemaphore: step = "glCreateSemaphoresNV"; gl.glCreateSemaphoresNV?(1, &name)
    }
    guard name != 0 else {
      throw InteropError(
        .driverFailure, step: step, reason: "the driver gave no name", driverCode: .gl(takeError() ?? 0))
    }
    return GLObject(owning: name, kind, in: self)
  }
}
