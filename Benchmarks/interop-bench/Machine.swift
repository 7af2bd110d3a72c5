import Glibc
import GLVulkanInterop

/// What the numbers were measured on. No host name and no path: reports get published.
struct Machine: Codable {
  let cpu: String
  let cores: Int
  let memoryGiB: Int
  let operatingSystem: String
  let kernel: String
  /// How busy the machine was at the beginning, in runnable threads over the last minute.
  let load: Double

  init() {
    let information = Self.lines(of: "/proc/cpuinfo")
    cpu = Self.value(of: "model name", in: information, separator: ":") ?? "unknown"
    cores = sysconf(Int32(_SC_NPROCESSORS_ONLN))
    memoryGiB = (sysconf(Int32(_SC_PHYS_PAGES)) * sysconf(Int32(_SC_PAGESIZE)) + 1 << 29) >> 30
    let release = Self.lines(of: "/etc/os-release")
    operatingSystem =
      Self.value(of: "PRETTY_NAME", in: release, separator: "=").map { $0.filter { $0 != "\"" } } ?? "Linux"
    var names = utsname()
    uname(&names)
    kernel = withUnsafeBytes(of: names.release) { String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self) }
    load = Self.lines(of: "/proc/loadavg").first.flatMap { $0.split(separator: " ").first }.flatMap { Double($0) } ?? 0
  }

  private static func value(of key: String, in lines: [String], separator: Character) -> String? {
    for line in lines where line.hasPrefix(key) {
      let parts = line.split(separator: separator, maxSplits: 1)
      if parts.count == 2 { return String(parts[1].drop { $0 == " " }) }
    }
    return nil
  }

  private static func lines(of path: String) -> [String] {
    guard let file = fopen(path, "r") else { return [] }
    defer { fclose(file) }
    var lines: [String] = []
    var buffer = [CChar](repeating: 0, count: 4096)
    while fgets(&buffer, Int32(buffer.count), file) != nil {
      let characters = buffer.prefix { $0 != 0 && $0 != 10 }
      lines.append(String(decoding: characters.map { UInt8(bitPattern: $0) }, as: UTF8.self))
    }
    return lines
  }
}

/// The two drivers.
struct DriverPair: Codable {
  let glRenderer: String
  let glVersion: String
  let vulkanDevice: String
  let vulkanDriver: String
  let vulkanVersion: String
  let sync: String
  let queueFamily: UInt32

  init(_ frames: SwiftFrames) {
    glRenderer = frames.context.gl.renderer
    glVersion = frames.context.gl.versionString
    let info = frames.host.info
    vulkanDevice = info.deviceName
    vulkanDriver = [info.driverName, info.driverInfo].filter { !$0.isEmpty }.joined(separator: " ")
    vulkanVersion = VulkanVersion.text(info.apiVersion)
    sync = frames.images[0].sync.rawValue
    queueFamily = frames.queue.family
  }
}

/// What a process holds of the machine.
struct Resources {
  /// Resident memory in bytes.
  let memory: Int
  let fileDescriptors: Int

  static func now() -> Resources {
    var resident = 0
    if let file = fopen("/proc/self/statm", "r") {
      var buffer = [CChar](repeating: 0, count: 256)
      if fgets(&buffer, Int32(buffer.count), file) != nil {
        let text = String(decoding: buffer.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
        let fields = text.split(separator: " ")
        if fields.count > 1 { resident = (Int(fields[1]) ?? 0) * sysconf(Int32(_SC_PAGESIZE)) }
      }
      fclose(file)
    }
    var descriptors = 0
    if let folder = opendir("/proc/self/fd") {
      while readdir(folder) != nil { descriptors += 1 }
      closedir(folder)
    }
    // Not ".", ".." and the folder itself.
    return Resources(memory: resident, fileDescriptors: descriptors - 3)
  }
}
