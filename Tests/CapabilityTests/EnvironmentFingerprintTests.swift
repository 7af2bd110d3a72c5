import Glibc
import InteropTestSupport
import Testing

import Capability

@Suite("Environment fingerprint") struct EnvironmentFingerprintTests {
  private let folder = CacheFolder()
  private var root: String { folder.path }

  private func parts(_ environment: [String: String] = [:]) -> [String] {
    EnvironmentFingerprint.current(environment: environment, root: root).parts
  }

  /// The files it looks at, without the folder of the test.
  private func files(_ environment: [String: String] = [:]) -> [String] {
    parts(environment).filter { $0.hasPrefix("file ") }.map {
      String($0.split(separator: " ")[1].dropFirst(root.utf8.count))
    }
  }

  @Test func itIsTheSameTwice() {
    #expect(EnvironmentFingerprint.current() == EnvironmentFingerprint.current())
    #expect(EnvironmentFingerprint.current().parts.contains { $0.hasPrefix("kernel ") })
  }

  /// The shortest of many, as other tests run at the same time.
  @Test func itIsQuick() {
    var times: [Double] = []
    for _ in 0..<51 {
      let start = ContinuousClock.now
      _ = EnvironmentFingerprint.current()
      times.append(Double((ContinuousClock.now - start).components.attoseconds) / 1e12)
    }
    times.sort()
    print("fingerprint: \(times[0]) µs, median \(times[25]) µs")
    #if DEBUG
      #expect(times[0] < 3000)
    #else
      #expect(times[0] < 1000)
    #endif
  }

  @Test func variablesOfDriversCount() {
    let drivers = [
      "LIBGL_ALWAYS_SOFTWARE", "MESA_LOADER_DRIVER_OVERRIDE", "GALLIUM_DRIVER", "ZINK_DEBUG", "LP_NUM_THREADS",
      "ANGLE_DEFAULT_PLATFORM", "__EGL_VENDOR_LIBRARY_FILENAMES", "__GLX_VENDOR_LIBRARY_NAME", "__GL_SYNC_TO_VBLANK",
      "EGL_PLATFORM", "VK_DRIVER_FILES", "VK_ICD_FILENAMES", "VK_ADD_DRIVER_FILES", "VK_LOADER_DRIVERS_SELECT",
      "NVIDIA_VISIBLE_DEVICES", "CUDA_VISIBLE_DEVICES", "LD_LIBRARY_PATH", "LD_PRELOAD", "DRI_PRIME",
      "SWIFTSHADER_X", "AMD_DEBUG", "RADV_DEBUG", "ANV_DEBUG", "INTEL_DEBUG", "NIR_DEBUG", "TU_DEBUG",
    ]
    let before = parts()
    for name in drivers {
      let one = parts([name: "1"])
      #expect(one != before, "\(name)")
      #expect(one.contains("env \(name)=1"))
      #expect(parts([name: "2"]) != one, "\(name)")
    }
    let all = parts(Dictionary(uniqueKeysWithValues: drivers.map { ($0, "x") })).filter { $0.hasPrefix("env ") }
    #expect(all == drivers.sorted().map { "env \($0)=x" })
    for name in ["PATH", "HOME", "NVIDIA_API_KEY", "VK_ACCESS_TOKEN", "LIBGL", "XLIBGL_DEBUG", "LD_PRELOADS"] {
      #expect(!parts([name: "1"]).contains { $0.hasPrefix("env ") }, "\(name)")
    }
  }

  @Test func theProcessEnvironmentIsWhatGetenvSees() {
    let environment = ProcessEnvironment.current()
    #expect(!environment.isEmpty)
    for (name, value) in environment { #expect(getenv(name).map { String(cString: $0) } == value, "\(name)") }
  }

  @Test func aTouchedManifestCounts() {
    for name in [
      "usr/share/vulkan/icd.d/lvp.json", "etc/vulkan/icd.d/n.json", "usr/local/share/vulkan/icd.d/l.json",
      "etc/xdg/vulkan/icd.d/x.json", "usr/share/vulkan/implicit_layer.d/overlay.json",
      "usr/share/glvnd/egl_vendor.d/50_mesa.json", "etc/glvnd/egl_vendor.d/10_nvidia.json",
      "usr/share/drirc.d/00-mesa.conf", "etc/drirc",
    ] {
      let before = parts()
      folder.touch(name)
      let made = parts()
      #expect(made != before, "\(name) is new")
      #expect(parts() == made)
      folder.age(name, 100)
      #expect(parts() != made, "\(name) was touched")
      let aged = parts()
      folder.touch(name + ".rpmsave")
      #expect(parts() == aged, "no loader reads that")
    }
  }

  @Test func variablesChooseTheManifests() {
    for name in [
      "usr/share/vulkan/icd.d/a.json", "mine/vulkan/icd.d/b.json", "other/c.json", "other/d.json",
      "usr/share/glvnd/egl_vendor.d/e.json", "vendors/f.json",
    ] { folder.touch(name) }
    let usual = ["/usr/share/vulkan/icd.d/a.json"]
    let egl = ["/usr/share/glvnd/egl_vendor.d/e.json"]
    #expect(files() == usual + egl)
    #expect(files(["XDG_DATA_DIRS": "\(root)/mine"]) == ["/mine/vulkan/icd.d/b.json"] + usual + egl)
    #expect(files(["XDG_DATA_HOME": "\(root)/mine"]) == ["/mine/vulkan/icd.d/b.json"] + usual + egl)
    #expect(files(["XDG_CONFIG_HOME": "\(root)/mine"]) == ["/mine/vulkan/icd.d/b.json"] + usual + egl)
    for name in ["VK_DRIVER_FILES", "VK_ICD_FILENAMES"] {
      #expect(files([name: "\(root)/other/c.json:\(root)/gone.json"]) == ["/other/c.json", "/gone.json"] + egl)
      #expect(files([name: "\(root)/other"]) == ["/other", "/other/c.json", "/other/d.json"] + egl)
    }
    #expect(files(["VK_ADD_DRIVER_FILES": "\(root)/other/c.json"]) == ["/other/c.json"] + usual + egl)
    #expect(files(["__EGL_VENDOR_LIBRARY_FILENAMES": "\(root)/vendors/f.json"]) == usual + ["/vendors/f.json"])
    #expect(files(["__EGL_VENDOR_LIBRARY_DIRS": "\(root)/vendors"]) == usual + ["/vendors/f.json"])
    #expect(parts(["VK_DRIVER_FILES": "\(root)/gone.json"]).contains("file \(root)/gone.json absent"))
  }

  @Test(.enabled(if: geteuid() == 0, "needs root, to make device nodes"))
  func deviceNodesCount() {
    for name in ["dev/dri/by-path/x", "dev/nvidia-caps/y", "dev/dri/file"] { folder.touch(name) }
    mkdir("\(root)/dev/dma_heap", 0o700)
    #expect(!parts().contains { $0.hasPrefix("device ") })
    let names = [
      "dri/card0", "dri/renderD128", "nvidia0", "nvidiactl", "udmabuf", "dma_heap/system", "kfd", "mali0", "kgsl-3d0",
      "null", "tty0",
    ]
    // The null device's number: whatever the machine, it may be made and opened.
    for name in names where mknod("\(root)/dev/\(name)", S_IFCHR | 0o600, 1 << 8 | 3) != 0 { return }
    let seen = parts().filter { $0.hasPrefix("device ") }
    #expect(Set(seen) == Set(names.dropLast(2).map { "device \(root)/dev/\($0) 259 rw" }))
    unlink("\(root)/dev/dri/card0")
    #expect(parts().filter { $0.hasPrefix("device ") }.count == seen.count - 1)
  }
}
