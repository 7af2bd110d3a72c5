package import InteropDrivers

// GL's access to an image, on the GL thread. What has to be waited for and signalled is the caller's.

extension ImageOwnership {
  /// Begins GL's access.
  ///
  /// - Parameters:
  ///   - tag: only if the content is still that frame; nil for any.
  ///   - wait: waits for Vulkan's work. If it throws, the wait is still due, and the access has not begun.
  func acquireForGL(
    tag: UInt64? = nil, _ wait: (PreviousWork) throws(InteropError) -> Void
  ) throws(InteropError) {
    let before = try locked { (state) throws(InteropError) in
      let due = try Self.step(&state, tag) { machine throws(OwnershipStateMachine.Violation) in
        try machine.begin(glSide, by: .gl)
      }
      return state.work(before: due.flatMap { signal($0) })
    }
    do throws(InteropError) {
      try wait(before)
    } catch {
      try step { machine throws(OwnershipStateMachine.Violation) in try machine.cancel(glSide, by: .gl) }
      throw error
    }
  }

  /// Ends GL's access.
  ///
  /// - Parameters:
  ///   - tag: names the content that GL has written; nil leaves the name as it is.
  ///   - signal: signals Vulkan. If it throws, the access has not ended.
  func releaseFromGL(
    naming tag: UInt64? = nil, _ signal: () throws(InteropError) -> Void
  ) throws(InteropError) {
    guard isHeldByGL else {
      throw Self.invalidState("end GL access", "GL does not have the image (it is \(current.rawValue))")
    }
    try signal()
    try locked { (state) throws(InteropError) in
      if let tag { state.tag = tag }
      try Self.step(&state, nil) { machine throws(OwnershipStateMachine.Violation) in
        try machine.end(glSide, by: .gl)
      }
    }
  }

  /// Cancels the access of a writing GL: the drawing is discarded, and GL may begin again. On any thread: it calls no
  /// driver.
  package func cancelAcquireForGL() throws(InteropError) {
    try step { machine throws(OwnershipStateMachine.Violation) in
      try machine.cancel(glSide, by: .gl, waited: true)
    }
  }
}
