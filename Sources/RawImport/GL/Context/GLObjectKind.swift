internal import InteropDrivers

/// The kinds of GL names this package makes.
package enum GLObjectKind: Sendable {
  case texture, framebuffer, renderbuffer, buffer, vertexArray, program, shader, memoryObject, semaphore
  /// Of GL_NV_timeline_semaphore: a name of `glGenSemaphoresEXT` has no type that could be changed (NVIDIA 580:
  /// GL_INVALID_VALUE).
  case timelineSemaphore
}

extension GLObjectKind {
  /// Deletes a name of this kind in the current context.
  func delete(_ name: GLuint, _ gl: GLFunctions) {
    var name = name
    switch self {
    case .texture: gl.glDeleteTextures(1, &name)
    case .framebuffer: gl.glDeleteFramebuffers(1, &name)
    case .renderbuffer: gl.glDeleteRenderbuffers(1, &name)
    case .buffer: gl.glDeleteBuffers(1, &name)
    case .vertexArray: gl.glDeleteVertexArrays(1, &name)
    case .program: gl.glDeleteProgram(name)
    case .shader: gl.glDeleteShader(name)
    case .memoryObject:
      // llvmpipe (Mesa 22.3.6) unmaps the memory although its threads may still draw what was called before, and
      // crashes: after a turn that GL abandoned.
      gl.glFinish()
      gl.glDeleteMemoryObjectsEXT?(1, &name)
    case .semaphore, .timelineSemaphore: gl.glDeleteSemaphoresEXT?(1, &name)
    }
  }
}
