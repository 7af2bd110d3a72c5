package import RawImport

extension CapabilityProbe {
  /// Finds out what the drivers of an application's context can do.
  ///
  /// Only the helper tries: opening a second context in this process would replace the application's current context on
  /// its thread. The helper opens the same driver without a window. Its answer counts only if device UUID, vendor,
  /// renderer and version are the same.
  ///
  /// - Parameter problem: why there is no answer, or not all of one.
  /// - Returns: nil if there is no helper or if the helper opened another driver.
  package static func matrix(
    ofAdopted context: GLContext, vulkan host: VulkanHost, options: ProbeOptions, problem: inout ProbeProblem?
  ) -> CapabilityMatrix? {
    let platform: SurfacelessContext.Platform =
      if let library = context.angleLibrary { .angle(libraryPath: library) } else { .surfaceless }
    var target = ProbeTarget(
      platform: platform, api: context.isES ? .openGLES : .openGL, device: ProbeTarget.device(of: host))
    target.limits = ProbeTarget.limits(of: host)
    var options = options
    options.isolation = .childProcess
    let matrix = CapabilityProbe(target, options: options).run()
    let gl = matrix.gl
    problem = matrix.problem
    guard !gl.renderer.isEmpty, !matrix.vulkan.deviceName.isEmpty else {
      problem = ProbeProblem(
        text: "nothing is known of the drivers: \(matrix.warnings.first ?? "the helper could not open them")",
        isFailure: matrix.problem?.isFailure ?? false)
      return nil
    }
    let uuid = context.identity.deviceUUIDs.first?.description ?? ""
    guard gl.vendor == context.vendor, gl.renderer == context.renderer, gl.deviceUUID == uuid else {
      problem = ProbeProblem(
        text: "what is known is of \(gl.renderer), not of \(context.renderer): ways are tried in turn", isFailure: false
      )
      return nil
    }
    return matrix
  }
}
