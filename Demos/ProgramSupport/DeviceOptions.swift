public import ArgumentParser
public import GLVulkanInterop

/// Which GL and which Vulkan device a program runs on.
public struct DeviceOptions: ParsableArguments {
  @Option(
    name: .customLong("gl"),
    help: ArgumentHelp(
      "Where GL comes from: the system's EGL without a window, its N-th device, or ANGLE's libEGL at a path.",
      valueName: "surfaceless|device:N|angle:LIBEGL_PATH"))
  public var platform = SurfacelessContext.Platform.surfaceless

  @Option(name: .customLong("gl-api"), help: "Desktop GL or OpenGL ES. (default: gl; gles for ANGLE)")
  public var api: SurfacelessContext.API?

  @Option(
    name: .customLong("vulkan-device"),
    help: ArgumentHelp(
      "The Vulkan device, by number or by a part of its name. (default: the one GL runs on)", valueName: "INDEX|NAME"))
  public var vulkanDevice: String?

  @Option(
    name: .customLong("vulkan-layer"),
    help: ArgumentHelp(
      "A layer to enable on the program's own Vulkan instance, VK_LAYER_KHRONOS_validation say; repeat for more.",
      valueName: "NAME"))
  public var vulkanLayers: [String] = []

  public init() {}

  /// Makes the context and makes it current on this thread.
  public func openGL() throws(InteropError) -> SurfacelessContext {
    var usual = SurfacelessContext.API.openGL
    // ANGLE has no desktop GL.
    if case .angle = platform { usual = .openGLES }
    return try SurfacelessContext(platform: platform, api: api ?? usual)
  }

  /// Makes the Vulkan device.
  ///
  /// - Parameters:
  ///   - gl: the context whose GPU is taken if the user named none.
  ///   - instanceExtensions: what the program needs beyond sharing; a missing one is an error.
  ///   - deviceExtensions: as above.
  public func openVulkan(
    matching gl: GLContext, instanceExtensions: [String] = [], deviceExtensions: [String] = []
  ) throws(InteropError) -> VulkanHost {
    var options = VulkanHost.CreateOptions(.matching(gl))
    if let vulkanDevice { options.choice = Int(vulkanDevice).map { .index($0) } ?? .name(vulkanDevice) }
    options.layers = vulkanLayers
    options.instanceExtensions = instanceExtensions
    options.deviceExtensions = deviceExtensions
    return try VulkanHost.create(options)
  }
}
