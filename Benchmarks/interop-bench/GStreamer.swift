import BenchmarkReport
import GLVulkanInterop
import Glibc

/// GStreamer's path from GL to Vulkan: download to the CPU, then upload.
enum GStreamer {
  static let name = "gstreamer"
  private static let repetitions = 3

  enum Outcome {
    case measured(Samples)
    case notMeasured(String)
  }

  /// Runs the pipeline with two numbers of frames; the difference is the frames' time, without the start of the
  /// program.
  ///
  /// - Parameter folder: for a temporary file.
  static func run(size: PixelSize, isANGLE: Bool, folder: String) -> Outcome {
    if isANGLE { return .notMeasured("GStreamer uses the system's GL, not ANGLE") }
    guard ChildProcess.exists("gst-launch-1.0") else {
      return .notMeasured(
        "GStreamer is not installed (Debian's gstreamer1.0-tools, gstreamer1.0-gl, gstreamer1.0-plugins-bad)")
    }
    let pixels = size.width * size.height
    let few = 3
    // Few frames, because of the crashes described below.
    let many = few + min(max(60_000_000 / pixels, 8), 60)
    var samples = Samples(
      name, "gst-launch-1.0 gltestsrc ! gldownload ! vulkanupload, one value: the median of \(repetitions) runs",
      .copied, isPipelined: true)
    var (short, long): ([Double], [Double]) = ([], [])
    // GStreamer's GL needs a display, and 1.22 has no surfaceless one that works.
    let hasDisplay = getenv("DISPLAY") != nil || getenv("WAYLAND_DISPLAY") != nil
    guard hasDisplay || ChildProcess.exists("xvfb-run") else {
      return .notMeasured("GStreamer's GL needs a display: DISPLAY is not set, and there is no xvfb-run")
    }
    let command = ["sh", "-c", script(size, few: few, many: many)]
    let words = hasDisplay ? command : ["xvfb-run", "-a"] + command
    for _ in 0..<repetitions {
      let result = ChildProcess.run(words[0], Array(words.dropFirst()), log: folder + "/gstreamer.log", timeout: 60)
      guard let result else { return .notMeasured("gst-launch-1.0 did not end within a minute") }
      guard result.status == 0 else { return .notMeasured(reason(result)) }
      let times = (result.output.split(separator: "\n").last ?? "").split(separator: " ").compactMap { Double($0) }
      guard times.count == 2 else { return .notMeasured("its times could not be read") }
      short.append(times[0])
      long.append(times[1])
    }
    let frame = (median(long) - median(short)) / 1000 / Double(many - few)
    guard frame > 0 else { return .notMeasured("starting it takes longer than \(many) frames") }
    samples.frameCount = repetitions * (many - few)
    samples.frames = [frame]
    samples.blocks = [[frame]]
    return .measured(samples)
  }

  /// Returns a script that prints the nanoseconds of both runs. The picture is one colour, as in the other workloads.
  private static func script(_ size: PixelSize, few: Int, many: Int) -> String {
    func pipeline(_ frames: Int) -> String {
      // -f: GStreamer's handler of faults waits for a debugger, and takes signals that drivers use for faults.
      "gst-launch-1.0 -q -f gltestsrc pattern=red num-buffers=\(frames)"
        + " ! 'video/x-raw(memory:GLMemory),format=RGBA,width=\(size.width),height=\(size.height)'"
        + " ! gldownload ! video/x-raw,format=RGBA ! vulkanupload ! 'video/x-raw(memory:VulkanImage)' ! fakesink sync=false"
    }
    // GStreamer 1.22 frees buffers that lavapipe (Mesa 22.3) is still copying, and crashes in about half of the runs,
    // so the script tries again.
    return """
      t() {
        for try in 1 2 3 4 5 6 7 8 9 10; do
          a=$(date +%s%N)
          if "$@"; then echo $(($(date +%s%N) - a)); return; fi
        done
        exit 1
      }
      few() { \(pipeline(few)); }
      many() { \(pipeline(many)); }
      few=$(t few) && many=$(t many) && echo $few $many
      """
  }

  private static func reason(_ result: ChildProcess.Result) -> String {
    let lines = result.output.split(separator: "\n")
    let line =
      lines.first { $0.contains("ERROR") || $0.contains("erroneous") || $0.contains("fault") } ?? lines.last ?? ""
    return "gst-launch-1.0 ended with status \(result.status): \(line.prefix(200))"
  }
}
