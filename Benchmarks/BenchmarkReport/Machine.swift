import Glibc

/// The machine that the numbers were measured on. No host name and no path, because reports are published.
package struct Machine: Codable, Sendable {
  /// The start of the run, UTC: `2026-01-31T12:00:00Z`.
  package let date: String
  package let cpu: String
  package let cores: Int
  package let memoryGiB: Int
  package let operatingSystem: String
  package let kernel: String
  /// The load of the machine at the start, in runnable threads over the last minute.
  package let load: Double

  /// The current load, in runnable threads over the last minute.
  package static var loadNow: Double {
    lines(of: "/proc/loadavg").first.flatMap { $0.split(separator: " ").first }.flatMap { Double($0) } ?? 0
  }

  /// Describes this machine.
  package init() {
    date = Self.text(of: time(nil))
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
    load = Self.loadNow
  }

  private static func text(of moment: time_t) -> String {
    var moment = moment
    var parts = tm()
    gmtime_r(&moment, &parts)
    var buffer = [CChar](repeating: 0, count: 32)
    let count = strftime(&buffer, buffer.count, "%Y-%m-%dT%H:%M:%SZ", &parts)
    return String(decoding: buffer.prefix(count).map { UInt8(bitPattern: $0) }, as: UTF8.self)
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

/// The two drivers, and the sync and queue families of the direct workloads.
package struct DriverNames: Codable, Sendable {
  package var glRenderer: String
  package var glVersion: String
  package var vulkanDevice: String
  package var vulkanDriver: String
  package var vulkanVersion: String
  package var sync: String
  /// The queue family that acquires frames, unless a workload names another.
  package var queueFamily: UInt32
  /// The queue family that samples frames.
  package var graphicsFamily: UInt32

  package init(
    glRenderer: String, glVersion: String, vulkanDevice: String, vulkanDriver: String, vulkanVersion: String,
    sync: String, queueFamily: UInt32, graphicsFamily: UInt32
  ) {
    self.glRenderer = glRenderer
    self.glVersion = glVersion
    self.vulkanDevice = vulkanDevice
    self.vulkanDriver = vulkanDriver
    self.vulkanVersion = vulkanVersion
    self.sync = sync
    self.queueFamily = queueFamily
    self.graphicsFamily = graphicsFamily
  }
}

/// The resources that a process holds.
package struct Resources {
  /// Resident memory in bytes.
  package let memory: Int
  package let fileDescriptors: Int

  package static func now() -> Resources {
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
    // Without ".", ".." and the folder's own descriptor.
    return Resources(memory: resident, fileDescriptors: descriptors - 3)
  }
}
