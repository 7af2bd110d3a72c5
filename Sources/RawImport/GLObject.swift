package import Drivers

/// The kinds of GL names this package makes.
package enum GLObjectKind: Sendable {
  case texture, framebuffer, renderbuffer, buffer, vertexArray, program, shader, memoryObject, semaphore
  /// Of GL_NV_timeline_semaphore: a name of `glGenSemaphoresEXT` has no type that could be changed (NVIDIA 580: GL_INVALID_VALUE).
  case timelineSemaphore
}

/// A GL name with exactly one owner, deleted when the owner goes away.
///
/// The owner may go away on any thread. Where the context is not current, the name is put aside and deleted the next
/// time the package is called with that context (``GLContext/collectGarbage()``).
package struct GLObject: ~Copyable {
  package let kind: GLObjectKind
  package let name: GLuint
  private let context: GLContext

  /// Takes over `name`. 0 owns nothing.
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
  /// A new name, without storage.
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

  /// Deletes `name` now if this thread has the context current, otherwise at the next call that has it.
  func delete(_ name: GLuint, _ kind: GLObjectKind) {
    if isCurrent() { deleteNow(name, kind) } else { garbage.withLock { $0.append((name, kind)) } }
  }

  /// Deletes what owners on other threads gave up. The package calls it itself; a program that stops using the
  /// package but keeps its context may call it once more on that context's thread.
  public func collectGarbage() {
    let names = garbage.withLock { names in
      defer { names.removeAll(keepingCapacity: true) }
      return names.isEmpty ? [] : names
    }
    for (name, kind) in names { deleteNow(name, kind) }
  }

  private func deleteNow(_ name: GLuint, _ kind: GLObjectKind) {
    var name = name
    switch kind {
    case .texture: gl.glDeleteTextures(1, &name)
    case .framebuffer: gl.glDeleteFramebuffers(1, &name)
    case .renderbuffer: gl.glDeleteRenderbuffers(1, &name)
    case .buffer: gl.glDeleteBuffers(1, &name)
    case .vertexArray: gl.glDeleteVertexArrays(1, &name)
    case .program: gl.glDeleteProgram(name)
    case .shader: gl.glDeleteShader(name)
    case .memoryObject:
      // llvmpipe (Mesa 22.3.6) unmaps the memory although its threads may still draw what was called before, and crashes:
      // after a turn that GL abandoned.
      gl.glFinish()
      gl.glDeleteMemoryObjectsEXT?(1, &name)
    case .semaphore, .timelineSemaphore: gl.glDeleteSemaphoresEXT?(1, &name)
    }
  }
}
