import Capability
import RawImport
import Testing

/// Driver pairs by the names they gave themselves, and what is known of them.
@Suite("Driver quirks") struct DriverQuirkTests {
  // MARK: Pairs

  // Printed by interop-caps: Debian 12's Mesa, and Mesa 25.0.7 of bookworm-backports.
  static let llvmpipe22 = DriverPair(
    glVendor: "Mesa/X.org", glRenderer: "llvmpipe (LLVM 15.0.6, 256 bits)", glVersion: "4.5 (Core Profile) Mesa 22.3.6",
    vulkanDriverName: "llvmpipe", vulkanDriverInfo: "Mesa 22.3.6 (LLVM 15.0.6)",
    vulkanDeviceName: "llvmpipe (LLVM 15.0.6, 256 bits)", sameDevice: true, isES: false)
  static let llvmpipe25 = DriverPair(
    glVendor: "Mesa", glRenderer: "llvmpipe (LLVM 15.0.6, 256 bits)",
    glVersion: "OpenGL ES 3.2 Mesa 25.0.7-2~bpo12+1", vulkanDriverName: "llvmpipe",
    vulkanDriverInfo: "Mesa 25.0.7-2~bpo12+1 (LLVM 15.0.6)", vulkanDeviceName: "llvmpipe (LLVM 15.0.6, 256 bits)",
    sameDevice: true, isES: true)
  static let llvmpipe26 = llvmpipe25.with {
    $0.glRenderer = "llvmpipe (LLVM 22.1.8, 256 bits)"
    $0.glVersion = "4.6 (Core Profile) Mesa 26.2.6-1"
    ($0.vulkanDriverInfo, $0.vulkanDeviceName) = ("Mesa 26.2.6-1 (LLVM 22.1.8)", "llvmpipe (LLVM 22.1.8, 256 bits)")
    $0.isES = false
  }
  static let zink22 = llvmpipe22.with {
    $0.glVendor = "Collabora Ltd"
    $0.glRenderer = "zink (llvmpipe (LLVM 15.0.6, 256 bits))"
    $0.glVersion = "4.6 (Core Profile) Mesa 22.3.6"
  }
  static let zink25 = llvmpipe25.with {
    $0.glRenderer = "zink Vulkan 1.4(llvmpipe (LLVM 15.0.6, 256 bits) (MESA_LLVMPIPE))"
    $0.glVersion = "4.6 (Core Profile) Mesa 25.0.7-2~bpo12+1"
    $0.isES = false
  }
  static let angle = DriverPair(
    glVendor: "Google Inc. (Google)",
    glRenderer:
      "ANGLE (Google, Vulkan 1.3.0 (SwiftShader Device (Subzero) (0x0000C0DE)), SwiftShader driver-5.0.0)",
    glVersion: "OpenGL ES 3.1 (ANGLE 2.1 git hash: unknown hash)", vulkanDriverName: "SwiftShader driver",
    vulkanDriverInfo: "", vulkanDeviceName: "SwiftShader Device (Subzero)", sameDevice: true, isES: true)
  // Put together from the facts and threads: GL_VERSION is as it was seen, the device names are of that form.
  static let nvidia = DriverPair(
    glVendor: "NVIDIA Corporation", glRenderer: "NVIDIA H200/PCIe/SSE2", glVersion: "4.6.0 NVIDIA 580.159.03",
    vulkanDriverName: "NVIDIA", vulkanDriverInfo: "580.159.03", vulkanDeviceName: "NVIDIA H200", sameDevice: true,
    isES: false)
  static let nvidiaES = nvidia.with {
    $0.glVersion = "OpenGL ES 3.2 NVIDIA 580.159.03"
    $0.isES = true
  }
  static let hybrid = nvidia.with {
    $0.glVendor = "Intel"
    $0.glRenderer = "Mesa Intel(R) Graphics (ARL)"
    $0.glVersion = "4.6 (Core Profile) Mesa 26.0.8-1ubuntu0.3"
    $0.sameDevice = false
  }
  static let angleWithLavapipe = angle.with {
    ($0.vulkanDriverName, $0.vulkanDriverInfo) = (llvmpipe22.vulkanDriverName, llvmpipe22.vulkanDriverInfo)
    $0.vulkanDeviceName = llvmpipe22.vulkanDeviceName
    $0.sameDevice = false
  }
  static let llvmpipeWithSwiftShader = llvmpipe22.with {
    ($0.vulkanDriverName, $0.vulkanDriverInfo) = (angle.vulkanDriverName, angle.vulkanDriverInfo)
    $0.vulkanDeviceName = angle.vulkanDeviceName
    $0.sameDevice = false
  }

  // MARK: Rows

  /// One quirk: where it applies, one change that makes it not apply, what it explains and what it does not.
  struct Row: Sendable, CustomTestStringConvertible {
    let id: String
    let pair: DriverPair
    var key = CellKey(
      configuration: TransferConfiguration(path: .opaqueFD, mode: .direct, sync: .cpuWait, tiling: .optimal),
      direction: .glToVulkan, format: .rgba8, size: PixelSize(width: 16, height: 16))
    let explained: (verdict: CapabilityMatrix.Verdict, step: String?, code: String?)
    var effect = DriverQuirk.Effect.explains
    let otherPair: DriverPair
    var otherKey: CellKey?
    var testDescription: String { id }

    init(
      _ id: String, _ pair: DriverPair, not otherPair: DriverPair,
      effect: DriverQuirk.Effect = .explains,
      _ explained: (verdict: CapabilityMatrix.Verdict, step: String?, code: String?),
      key change: (inout CellKey) -> Void = { _ in }, notKey: (inout CellKey) -> Void
    ) {
      self.id = id
      self.pair = pair
      self.otherPair = otherPair
      self.effect = effect
      self.explained = explained
      change(&key)
      var other = key
      notKey(&other)
      otherKey = other
    }
  }

  static let storage = "glTexStorageMem2DEXT"
  static let semaphore = "make a shared semaphore"
  static let rows = [
    Row(
      "mesa-bgra-storage-refused", llvmpipe22, not: nvidia, (.unsupported, storage, "unsupported"),
      key: { $0.format = .bgra8 }, notKey: { $0.configuration.mode = .blit }),
    Row(
      "mesa-bgra-storage-exchanged", llvmpipe25, not: llvmpipe22, (.unsupported, "check a red pixel", "unsupported"),
      key: { $0.format = .bgra8SRGB }, notKey: { $0.format = .rgba8 }),
    Row(
      "llvmpipe-no-gl-semaphores", llvmpipe25, not: zink22, (.unsupported, semaphore, "unsupported"),
      key: { $0.configuration.sync = .semaphoreFD }, notKey: { $0.configuration.sync = .cpuWait }),
    Row(
      "lavapipe-sync-fd-semaphores-only", zink25, not: angle, (.unsupported, semaphore, "unsupported"),
      key: { $0.configuration.sync = .semaphoreFD }, notKey: { $0.configuration.sync = .cpuWait }),
    Row(
      "zink-no-gl-semaphores", zink22, not: llvmpipe22, (.unsupported, semaphore, "unsupported"),
      key: { $0.configuration.sync = .semaphoreFD }, notKey: { $0.configuration.path = .hostCopy }),
    Row(
      "zink-linear-crash", zink25, not: zink22, effect: .unsafeInProcess, (.failed, "glFinish", "crashed"),
      key: { $0.configuration.tiling = .linear }, notKey: { $0.configuration.tiling = .optimal }),
    Row(
      "zink-egl-fence-early", zink22, not: llvmpipe22, (.verified, nil, nil),
      key: { $0.configuration.path = .hostCopy }, notKey: { $0.configuration.path = .opaqueFD }),
    Row(
      "angle-semaphore-pairing-hang", angle, not: nvidiaES, (.failed, "vkWaitForFences", "hung"),
      key: { $0.configuration.sync = .semaphoreFD }, notKey: { $0.configuration.sync = .cpuWait }),
    Row(
      "swiftshader-no-linear-rendering", angle, not: zink25,
      (.unsupported, "vkGetPhysicalDeviceImageFormatProperties2", "unsupported"),
      key: { $0.configuration.tiling = .linear }, notKey: { $0.configuration.tiling = .optimal }),
    Row(
      "nvidia-optimal-tiling-only", nvidiaES, not: llvmpipe22,
      (.unsupported, "glTexParameteri(GL_TEXTURE_TILING_EXT)", "unsupported"),
      key: { $0.configuration.tiling = .linear }, notKey: { $0.configuration.tiling = .optimal }),
    Row(
      "nvidia-bgra-storage-gles-only", nvidia, not: nvidiaES, (.unsupported, storage, "unsupported"),
      key: { $0.format = .bgra8 }, notKey: { $0.format = .rgb10a2 }),
    Row(
      "nvidia-dma-buf-needs-drm-node", nvidia, not: llvmpipe25,
      (.failed, "eglExportDMABUFImageMESA", "driver-failure"), key: { $0.configuration.path = .dmaBufExport },
      notKey: { $0.configuration.path = .opaqueFD }),
    Row(
      "lavapipe-dma-buf-needs-udmabuf", llvmpipe25, not: llvmpipe22,
      (.unsupported, "make a shared image", "unsupported"), key: { $0.configuration.path = .dmaBufImport },
      notKey: { $0.configuration.path = .opaqueFD }),
    Row(
      "lavapipe-opaque-fd-is-dma-buf", llvmpipe26, not: llvmpipe25, (.unsupported, storage, "unsupported"),
      notKey: { $0.configuration.path = .dmaBufImport }),
    Row(
      "lavapipe-sync-files-signalled", llvmpipe25, not: angle, (.verified, nil, nil),
      key: { $0.configuration.sync = .syncFile }, notKey: { $0.configuration.sync = .cpuWait }),
    Row(
      "mesa-bgra-export-exchanged", llvmpipe25, not: llvmpipe22, (.unsupported, "choose the GL format", "unsupported"),
      key: {
        $0.configuration.path = .dmaBufExport
        $0.format = .bgra8
      }, notKey: { $0.configuration.mode = .blit }),
    Row(
      "different-devices-crash", hybrid, not: nvidia, effect: .unsafeInProcess,
      (.failed, "glTexStorageMem2DEXT", "crashed"), notKey: { $0.configuration.path = .hostCopy }),
    Row(
      "different-devices-refused", hybrid, not: hybrid.with { $0.sameDevice = nil },
      (.unsupported, "compare device UUIDs", "unsupported"), notKey: { $0.configuration.path = .hostCopy }),
    Row(
      "swiftshader-gl-lavapipe-garbage", angleWithLavapipe, not: angle,
      (.failed, "compare pixels, frame 1", "wrong-pixels"), notKey: { $0.configuration.path = .hostCopy }),
    Row(
      "llvmpipe-gl-swiftshader-incomplete", llvmpipeWithSwiftShader, not: llvmpipe22,
      (.failed, "check the shared framebuffer", "driver-failure"), notKey: { $0.configuration.path = .hostCopy }),
  ]

  @Test(arguments: rows) func aQuirkAppliesWhereItShould(row: Row) throws {
    let quirk = try #require(DriverQuirk.all.first { $0.id == row.id })
    #expect(quirk.effect == row.effect)
    #expect(quirk.applies(to: row.pair, at: row.key))
    #expect(!quirk.applies(to: row.otherPair, at: row.key), "another driver")
    if let other = row.otherKey { #expect(!quirk.applies(to: row.pair, at: other), "another combination") }
    let (verdict, step, code) = row.explained
    #expect(quirk.explains(verdict: verdict, step: step, code: code))
    #expect(quirk.explains(verdict: verdict, step: step))
    #expect(!quirk.explains(verdict: .notTried, step: step))
    #expect(!quirk.explains(verdict: verdict == .verified ? .failed : .verified, step: step))
    if code == "crashed" || code == "hung" {
      #expect(!quirk.explains(verdict: verdict, step: step, code: "wrong-pixels"), "another failure")
    } else if step != nil {
      #expect(!quirk.explains(verdict: verdict, step: "vkCreateImage"), "another step")
      #expect(!quirk.explains(verdict: verdict, step: nil))
    }
  }

  @Test func everyQuirkHasARow() {
    let ids = DriverQuirk.all.map(\.id)
    #expect(Set(ids).count == ids.count, "ids are unique")
    #expect(ids.sorted() == Self.rows.map(\.id).sorted())
    for quirk in DriverQuirk.all {
      #expect(quirk.id.allSatisfy { $0 == "-" || ("a"..."z").contains($0) || ("0"..."9").contains($0) }, "\(quirk.id)")
      #expect(quirk.summary.hasSuffix(".") && !quirk.summary.contains("\n"), "\(quirk.id)")
      #expect(quirk.source.contains("seen: ") || quirk.source.contains("#") || quirk.source.contains("Vulkan, "))
    }
  }

  @Test func nothingIsKnownOfDriversThatWork() {
    var plain = Self.rows[0].key
    plain.format = .rgba8
    for pair in [Self.llvmpipe22, Self.llvmpipe25, Self.zink25, Self.angle, Self.nvidia, Self.nvidiaES] {
      #expect(DriverQuirk.all.filter { $0.applies(to: pair, at: plain) }.map(\.id) == [])
    }
  }

  @Test func aQuirkMayForbid() {
    let quirk = DriverQuirk(
      id: "x", summary: "X.", source: "seen: x", effect: .forbids,
      drivers: [.vulkanMesa(from: DriverVersion(22), before: DriverVersion(23)), .glVendor(contains: "Mesa")],
      explains: .init([.notTried]))
    #expect(quirk.applies(to: Self.llvmpipe22, at: Self.rows[0].key))
    #expect(!quirk.applies(to: Self.llvmpipe25, at: Self.rows[0].key))
    #expect(!quirk.applies(to: Self.angle, at: Self.rows[0].key), "no Mesa has no version of Mesa")
    #expect(quirk.explains(verdict: .notTried, step: nil))
  }
}

extension DriverPair {
  /// A copy with something else in it.
  func with(_ change: (inout DriverPair) -> Void) -> DriverPair {
    var pair = self
    change(&pair)
    return pair
  }
}
