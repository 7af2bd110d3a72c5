package import RawImport

extension CapabilityProbe {
  /// Finds out what the drivers of an application's context can do.
  ///
  /// Only the helper tries: opening a second context in this process would replace the application's current context on
  /// its thread. The helper opens the same driver without a window. Its answer counts only if device UUID, vendor,
  /// renderer and version are the same.
  ///
  /// - Returns: no matrix if there is no helper or if the helper opened another driver, and why there is none, or not
  ///   all of one.
  package static func matrix(
    ofAdopted context: GLContext, vulkan host: VulkanHost, options: ProbeOptions
  ) -> (CapabilityMatrix?, ProbeProblem?) {
    let platform: SurfacelessContext.Platform =
      if let library = context.angleLibrary { .angle(libraryPath: library) } else { .surfaceless }
    var target = ProbeTarget(
      platform: platform, api: context.isES ? .openGLES : .openGL, device: ProbeTarget.device(of: host))
    target.limits = ProbeTarget.limits(of: host)
    var options = options
    options.isolation = .childProcess
    let matrix = CapabilityProbe(target, options: options).run()
    let gl = matrix.gl
    guard !gl.renderer.isEmpty, !matrix.vulkan.deviceName.isEmpty else {
      let text = "nothing is known of the drivers: \(matrix.warnings.first ?? "the helper could not open them")"
      return (nil, ProbeProblem(text: text, isFailure: matrix.problem?.isFailure ?? false))
    }
    let uuid = context.identity.deviceUUIDs.first?.description ?? ""
    guard gl.vendor == context.vendor, gl.renderer == context.renderer, gl.deviceUUID == uuid else {
      let text = "what is known is of \(gl.renderer), not of \(context.renderer): ways are tried in turn"
      return (nil, ProbeProblem(text: text, isFailure: false))
    }
    return (matrix, matrix.problem)
  }
}
