public import ArgumentParser
public import GLVulkanInterop

/// The options that choose a program's GL and Vulkan device.
public struct DeviceOptions: ParsableArguments {
  @Option(
    name: .customLong("gl"),
    help: ArgumentHelp(
      "Where GL comes from: the system's EGL without a window, its N-th device, or ANGLE's libEGL at a path."
        + " (default: surfaceless)",
      valueName: "surfaceless|device:N|angle:LIBEGL_PATH"))
  public var platform: SurfacelessContext.Platform?

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
      valueName: "NAME"),
    completion: .list(["VK_LAYER_KHRONOS_validation"]))
  public var vulkanLayers: [String] = []

  public init() {}

  /// Creates the context and makes it current on this thread.
  public func openGL() throws(InteropError) -> SurfacelessContext {
    try SurfacelessContext(platform: platform ?? .surfaceless, api: chosenAPI)
  }

  /// The API that the user chose, or the platform's: ANGLE has no desktop GL.
  public var chosenAPI: SurfacelessContext.API {
    if case .angle? = platform { return api ?? .openGLES }
    return api ?? .openGL
  }

  /// Creates the Vulkan device.
  ///
  /// - Parameters:
  ///   - gl: the context whose GPU is used if the user named none.
  ///   - instanceExtensions: extensions that the program needs beyond sharing; a missing one is an error.
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
