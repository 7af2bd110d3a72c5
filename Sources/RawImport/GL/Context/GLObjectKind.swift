internal import InteropDrivers

/// The kinds of GL names this package makes.
package enum GLObjectKind: Sendable {
  case texture, framebuffer, renderbuffer, buffer, vertexArray, program, shader, memoryObject, semaphore
  /// A semaphore of GL_NV_timeline_semaphore: the type of a name from `glGenSemaphoresEXT` cannot be changed (NVIDIA
  /// 580: GL_INVALID_VALUE).
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
      // llvmpipe (Mesa 22.3.6) unmaps the memory while its threads may still execute earlier draws, and crashes: after
      // an access that GL abandoned.
      gl.glFinish()
      gl.glDeleteMemoryObjectsEXT?(1, &name)
    case .semaphore, .timelineSemaphore: gl.glDeleteSemaphoresEXT?(1, &name)
    }
  }
}
