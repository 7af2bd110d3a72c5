// Swift's static libraries have no Testing, see TestStack.
#if canImport(Testing)
  package import GLVulkanInterop
  import Glibc
  internal import Testing

  /// Every driver call of a scenario fails once: the error says so, and nothing stays behind.
  package enum FailureInjection {
    /// Runs `body` with its first, second, … driver call failing until it makes no more calls.
    ///
    /// - Parameters:
    ///   - tolerated: calls whose failure the package may survive: it then does without.
    ///   - context: GL's, where objects are given back when the GPU is done with them.
    ///   - fewest: how many calls that can fail there must be, or the scenario is not what it says.
    ///   - steps: what the error may call the step beside the function's name; nil where the step is not checked.
    ///   - isRepeated: whether the scenario must work again after each failure.
    ///   - body: what it appends is torn down after its calls have been counted, since `deinit` cannot throw.
    /// - Returns: the functions that were made to fail.
    @discardableResult
    package static func everyCall(
      _ what: String, tolerated: Set<String>, in context: SurfacelessContext? = nil, fewest: Int = 20,
      steps: [String: Set<String>]? = nil, isRepeated: Bool = false, _ body: (inout [AnyObject]) throws -> Void
    ) throws -> Set<String> {
      // ANGLE gives back what was deleted when the GPU is done with it.
      func settle() { context?.gl.gl.glFinish() }
      // Once without failing: the driver opens files and makes threads at first use.
      var kept: [AnyObject] = []
      try body(&kept)
      kept = []
      settle()
      var failedFunctions: Set<String> = []
      var n = 0
      while true {
        n += 1
        let objects = LiveObjects.snapshot()
        let files = OpenFiles.list()
        let (error, failed) = DriverTrace.failingCall(n, on: .current) { try body(&kept) }
        kept = []
        guard let failed else {
          if let error { throw error }
          break
        }
        failedFunctions.insert(failed)
        let kind = error.map { $0 is InteropError }
        #expect(kind != false, "\(what): \(failed) gives \(String(describing: error))")
        if let steps, let step = (error as? InteropError)?.step {
          let isNamed = step == failed || steps[failed]?.contains(step) == true
          #expect(isNamed, "\(what): \(failed) failing (call \(n)) is said to be step \"\(step)\"")
        }
        if error == nil {
          #expect(tolerated.contains(failed), "\(what): no error says that \(failed) failed (call \(n))")
        }
        let left = LiveObjects.snapshot().changes(since: objects)
        #expect(left.isEmpty, "\(what): \(failed) failing (call \(n)) leaves \(left)")
        settle()
        let opened = leftOpen(since: files)
        #expect(opened.isEmpty, "\(what): \(failed) failing (call \(n)) leaves open \(opened)")
        if isRepeated {
          #expect(throws: Never.self, "\(what): does not work again after \(failed) failed (call \(n))") {
            try body(&kept)
          }
          kept = []
          settle()
        }
      }
      #expect(n > fewest, "\(what) made only \(n) calls that can fail")
      let untraced = DriverTrace.untracedNames
      #expect(untraced.isEmpty, "calls past the seam: \(untraced)")
      return failedFunctions
    }

    /// The descriptors that are open and were not, drivers' own left out. lavapipe's queue thread gives a sync file
    /// back only after it has signalled the fence of the submission that waited for it, so it has a moment.
    package static func leftOpen(since files: [Int32: String]) -> [String] {
      for attempt in 0... {
        let opened = OpenFiles.opened(since: files).filter { file in !driversOwnFiles.contains { file.contains($0) } }
        if opened.isEmpty || attempt == 100 { return opened }
        usleep(10_000)
      }
      return []
    }

    /// SwiftShader compiles and makes its semaphores, Mesa writes its shader cache and NVIDIA opens its device when
    /// they like; the validation layer never closes its log.
    package static let driversOwnFiles = [
      "swiftshader_jit", "memfd:SwiftShader", "mesa_shader_cache", "/dev/nvidia", "/messages",
    ]
  }
#endif
