import BenchmarkReport
import GLVulkanInterop

/// GStreamer's way from GL to Vulkan: download to the CPU, upload again.
enum GStreamer {
  static let name = "gstreamer"
  private static let repetitions = 3

  enum Outcome {
    case measured(Samples)
    case notMeasured(String)
  }

  /// Runs the pipeline at two numbers of frames; the difference is theirs, without the start of the program.
  ///
  /// - Parameter folder: for a file that is removed again.
  static func run(size: PixelSize, isANGLE: Bool, folder: String) -> Outcome {
    if isANGLE { return .notMeasured("GStreamer uses the system's GL, not ANGLE") }
    guard ChildProcess.exists("gst-launch-1.0") else {
      return .notMeasured(
        "GStreamer is not installed (Debian's gstreamer1.0-tools, gstreamer1.0-gl, gstreamer1.0-plugins-bad)")
    }
    let pixels = size.width * size.height
    let few = 3
    let many = few + min(max(120_000_000 / pixels, 4), 120)
    var samples = Samples(
      name, "gst-launch-1.0 gltestsrc ! gldownload ! vulkanupload, \(many - few) frames", .copied, isPipelined: true)
    samples.blocks = [[]]
    for _ in 0..<repetitions {
      var seconds: [Double] = []
      for count in [few, many] {
        let result = ChildProcess.run(
          "gst-launch-1.0", pipeline(size, frames: count), log: folder + "/gstreamer.log", timeout: 60)
        guard let result else { return .notMeasured("gst-launch-1.0 did not end within a minute") }
        guard result.status == 0 else { return .notMeasured(reason(result)) }
        seconds.append(result.seconds)
      }
      let frame = (seconds[1] - seconds[0]) * 1e6 / Double(many - few)
      guard frame > 0 else { return .notMeasured("starting it takes longer than \(many) frames") }
      samples.frameCount += many - few
      samples.frames.append(frame)
      samples.blocks[0].append(frame)
    }
    return .measured(samples)
  }

  /// One colour, as the other workloads draw.
  private static func pipeline(_ size: PixelSize, frames: Int) -> [String] {
    [
      "-q", "gltestsrc", "pattern=red", "num-buffers=\(frames)", "!",
      "video/x-raw(memory:GLMemory),format=RGBA,width=\(size.width),height=\(size.height)", "!", "gldownload", "!",
      "vulkanupload", "!", "video/x-raw(memory:VulkanImage)", "!", "fakesink", "sync=false",
    ]
  }

  private static func reason(_ result: ChildProcess.Result) -> String {
    let lines = result.output.split(separator: "\n")
    let line = lines.first { $0.contains("ERROR") || $0.contains("erroneous") } ?? lines.last ?? ""
    return "gst-launch-1.0 ended with status \(result.status): \(line.prefix(200))"
  }
}
