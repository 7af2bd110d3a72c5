/// How `demo-raw-gl tap` tells what it was asked for to the library that it puts into another program.
public enum TapEnvironment {
  public enum Variable: String, CaseIterable, Sendable {
    /// The number of the process to be tapped, whatever it executes. Its children have another; also in
    /// Demos/CInteropTap.
    case process = "GL_VULKAN_INTEROP_TAP_PROCESS"
    case path = "GL_VULKAN_INTEROP_TAP_PATH"
    case sync = "GL_VULKAN_INTEROP_TAP_SYNC"
    case vulkanDevice = "GL_VULKAN_INTEROP_TAP_VULKAN_DEVICE"
    /// With commas between them.
    case vulkanLayers = "GL_VULKAN_INTEROP_TAP_VULKAN_LAYERS"
    case headless = "GL_VULKAN_INTEROP_TAP_HEADLESS"
    case frames = "GL_VULKAN_INTEROP_TAP_FRAMES"
    case output = "GL_VULKAN_INTEROP_TAP_OUTPUT"
    case statistics = "GL_VULKAN_INTEROP_TAP_STATS"
    case statisticsFile = "GL_VULKAN_INTEROP_TAP_STATS_FILE"
  }

  public enum StatisticsFormat: String, CaseIterable, Sendable { case text, json }

  /// Goes into LD_PRELOAD.
  public static let library = "libgl-vulkan-interop-tap.so"
}
