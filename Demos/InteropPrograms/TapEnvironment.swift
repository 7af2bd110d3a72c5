/// The environment variables by which `demo-raw-gl tap` passes its options to the library that it loads into another
/// program.
public enum TapEnvironment {
  public enum Variable: String, CaseIterable, Sendable {
    /// The number of the process to be tapped, whatever program it executes. Its child processes have other numbers.
    /// Demos/CInteropTap uses the same name.
    case process = "GL_VULKAN_INTEROP_TAP_PROCESS"
    case path = "GL_VULKAN_INTEROP_TAP_PATH"
    case sync = "GL_VULKAN_INTEROP_TAP_SYNC"
    case vulkanDevice = "GL_VULKAN_INTEROP_TAP_VULKAN_DEVICE"
    /// Separated by commas.
    case vulkanLayers = "GL_VULKAN_INTEROP_TAP_VULKAN_LAYERS"
    case headless = "GL_VULKAN_INTEROP_TAP_HEADLESS"
    case frames = "GL_VULKAN_INTEROP_TAP_FRAMES"
    case output = "GL_VULKAN_INTEROP_TAP_OUTPUT"
    case statistics = "GL_VULKAN_INTEROP_TAP_STATS"
    case statisticsFile = "GL_VULKAN_INTEROP_TAP_STATS_FILE"
  }

  public enum StatisticsFormat: String, CaseIterable, Sendable { case text, json }

  /// The library for LD_PRELOAD.
  public static let library = "libgl-vulkan-interop-tap.so"
}
