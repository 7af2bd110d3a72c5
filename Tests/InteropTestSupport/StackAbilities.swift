import Foundation
package import GLVulkanInterop

/// What the drivers of a stack can do, and what they must be able to do. ``TestStack/abilities`` holds this machine's.
///
/// A `must…` member is known beforehand. A driver of that stack that loses the ability fails the tests that need it; on
/// every other stack those tests skip. This file alone compares the names of stacks.
///
/// The drivers are asked once, when the first test needs an answer of theirs: what is known needs no driver.
package struct StackAbilities: Sendable {
  // MARK: Contexts and devices

  /// The APIs of the contexts that EGL makes here, desktop GL first. ANGLE has GLES only.
  package let apis: [SurfacelessContext.API]
  /// Whether EGL makes contexts of desktop GL.
  package var hasDesktopGL: Bool { apis.contains(.openGL) }
  /// Whether GL and Vulkan must be one device's and share memory. Of a machine's own drivers this is not known.
  package let mustBeOneDevice: Bool
  /// Whether DMA-BUFs of the stack must have one modifier at most, the linear one. GPUs have more.
  package let mustHaveOneModifier: Bool
  /// Whether GL itself draws with Vulkan, and ends where there is no Vulkan driver: zink.
  package let drawsWithVulkan: Bool
  /// Whether Vulkan must present to windows of an X server. SwiftShader cannot.
  package let mustPresentToX: Bool
  /// Whether programs that know nothing of the tests get the GL of the stack too. ANGLE's libEGL is opened by name, and
  /// other programs find Mesa's.
  package let givesProgramsItsGL: Bool
  /// Whether a program whose GL is the system's must share memory with Vulkan.
  package let mustShareWithPrograms: Bool
  /// Whether a shared image can be made in a process that may open 64 files. zink's libraries take too many of them.
  package let mustShareWithFewFiles: Bool
  /// Whether a producer must share memory again once the process has descriptors again. ANGLE may go on without.
  package let mustRecoverFromFewFiles: Bool

  // MARK: Images

  /// Whether GL takes linear textures over shared memory: every software stack does, NVIDIA 580 does not.
  package var hasLinearTiling: Bool {
    mustHaveLinearTiling || Self.answers[apis[0]]?.hasLinearTiling != false
  }
  /// Whether linear textures must work, so that their lack is a failure.
  package let mustHaveLinearTiling: Bool
  /// Whether the probe's choice for all formats at once must be a blit: Mesa's GL has no BGRA memory to render into.
  package let mustBlitBGRA: Bool
  /// Whether surfaces with sRGB encoding must work in ES 2.0. ANGLE lacks them.
  package let mustHaveSRGBInES2: Bool
  /// The microseconds that a copy may cost beyond its bare blit; nil where nothing is known of the driver's speed.
  package let copyOverheadLimit: Double?
  /// Whether GL renders into BGRA memory where that is known.
  private let knownTrueBGRA: Bool?

  /// Whether GL renders into true BGRA memory. The software stacks are known; a real GPU is asked (NVIDIA 580: in GLES,
  /// not in desktop GL).
  package func hasTrueBGRA(_ api: SurfacelessContext.API) -> Bool {
    knownTrueBGRA ?? (Self.answers[api]?.hasTrueBGRA == true)
  }

  // MARK: Waits

  /// What must order GL and Vulkan. ANGLE alone of the software stacks has semaphores: without them the code for
  /// semaphores is tested nowhere.
  private let mustSupport: Set<SyncKind>
  /// The wait that the probe must choose; nil where that is not known.
  package let mustChooseSync: SyncKind?
  /// Whether a sync file of Vulkan's can hold GL back. Software drivers give the file when it is signalled.
  package let holdsBackSyncFiles: Bool
  /// Whether EGL's fences tell the truth, so that the library makes them: zink's signal too early.
  package let hasEGLFences: Bool

  /// Whether GL and Vulkan can be ordered by `sync`.
  package func supports(_ sync: SyncKind, _ api: SurfacelessContext.API) -> Bool {
    mustSupport.contains(sync) || Self.answers[api]?.syncs.contains(sync) == true
  }

  /// As ``supports(_:_:)``, and says so in the closing lines where not.
  package func shares(_ sync: SyncKind, _ api: SurfacelessContext.API) -> Bool {
    if supports(sync, api) { return true }
    TestStack.skip("waits between GPUs by \(sync.rawValue): GL and Vulkan share none here")
    return false
  }

  // MARK: Readback

  /// What path `host-copy` may lack here; what is not in it must work.
  package let mayLackReadback: Set<ReadbackMethod>

  // MARK: DMA-BUFs

  /// Whether GL and Vulkan must share DMA-BUFs: in the modes of the virtual machine that have what it takes.
  package let mustShareDMABufs: Bool
  /// Whether this is the virtual machine without /dev/udmabuf.
  package let isWithoutUDMABuf: Bool
  /// Whether frames may go over DMA-BUFs elsewhere: of the software stacks only the virtual machine's do.
  private let mayShareFramesByDMABuf: Bool
  /// The path that must be next best after opaque-fd; nil where that is not known.
  package let mustFallBackTo: TransferPath?

  /// Whether GL and Vulkan share DMA-BUFs; says so in the closing lines if not.
  package func sharesDMABufs(_ api: SurfacelessContext.API) -> Bool {
    if mustShareDMABufs { return true }
    guard let refusal = Self.answers[api]?.dmaBufRefusal else { return true }
    TestStack.skip("sharing DMA-BUFs between GL and Vulkan: \(refusal)")
    return false
  }

  /// The paths that frames must be able to take: where DMA-BUFs are shared all, elsewhere those without, with a word in
  /// the closing lines.
  package var paths: [TransferPath] {
    if mustShareDMABufs { return TransferPath.all }
    if mayShareFramesByDMABuf, let answers = Self.answers[apis[0]], answers.dmaBufRefusal == nil {
      return TransferPath.all
    }
    TestStack.skip("frames over DMA-BUF: GL and Vulkan share none here")
    return [.opaqueFD, .hostCopy]
  }

  /// Every way to wait for a DMA-BUF that the pair has.
  package func dmaBufSyncs(_ api: SurfacelessContext.API) -> [SyncKind] {
    Self.answers[api]?.hasSyncFiles == true ? [.syncFile, .cpuWait] : [.cpuWait]
  }

  // MARK: The capability probe

  /// The quirks that the probe must name beside what they explain, none where this is empty; nil where nothing is known
  /// of the drivers.
  package let mustShowQuirks: Set<String>?

  // MARK: Asking

  /// - Parameters:
  ///   - stack: its name, see ``TestStack/name``.
  ///   - mode: the mode of the virtual machine; nil elsewhere.
  ///   - eglLibrary: ANGLE's.
  init(stack: String, mode: String?, eglLibrary: String?) {
    let isKnown = stack != "native"
    let isMesa = stack == "llvmpipe" || stack == "zink"
    let apis: [SurfacelessContext.API] = eglLibrary == nil ? [.openGL, .openGLES] : [.openGLES]
    self.apis = apis
    mustBeOneDevice = isKnown
    mustHaveOneModifier = isKnown
    drawsWithVulkan = stack == "zink"
    mustPresentToX = isMesa
    givesProgramsItsGL = stack != "angle"
    mustShareWithPrograms = isMesa
    mustShareWithFewFiles = stack != "zink"
    mustRecoverFromFewFiles = stack != "angle"
    mustHaveLinearTiling = isKnown
    mustBlitBGRA = isMesa
    mustHaveSRGBInES2 = eglLibrary == nil
    copyOverheadLimit = stack == "llvmpipe" ? 50 : nil
    holdsBackSyncFiles = !isKnown
    hasEGLFences = stack != "zink"
    mayLackReadback =
      switch stack {
      case "native": [.linearImage, .sharedBuffer]
      // ANGLE has glBufferStorageMemEXT in name only. SwiftShader does not blit from linear images.
      case "angle": [.sharedBuffer, .linearImage]
      default: []
      }
    mustShareDMABufs = mode.map(["fence", "udmabuf", "syncobj"].contains) ?? false
    isWithoutUDMABuf = mode == "bare"
    mustFallBackTo = !isKnown ? nil : mustShareDMABufs ? .dmaBufImport : .hostCopy
    (mustChooseSync, mustShowQuirks) =
      switch stack {
      case "llvmpipe": (.cpuWait, ["mesa-bgra-storage-refused", "llvmpipe-no-gl-semaphores"])
      case "zink": (.cpuWait, ["mesa-bgra-storage-refused", "zink-no-gl-semaphores"])
      case "angle": (.semaphoreFD, [])
      case "vm": (.syncFile, nil)
      default: (nil, nil)
      }
    knownTrueBGRA = isKnown ? stack == "angle" : nil
    mustSupport = stack == "angle" ? [.semaphoreFD] : []
    mayShareFramesByDMABuf = !isKnown
  }

  /// What only a pair of drivers can say.
  private struct Answers: Sendable {
    var hasLinearTiling, hasTrueBGRA, hasSyncFiles: Bool
    var syncs: Set<SyncKind>
    var dmaBufRefusal: String?

    init(_ context: SurfacelessContext, _ host: VulkanHost) {
      func refusal(_ description: SharedImageDescription) -> InteropError? {
        do throws(InteropError) {
          _ = try SharedImage(description, gl: context.gl, host: host)
          return nil
        } catch {
          return error
        }
      }
      let (dot, small) = (PixelSize(width: 4, height: 4), PixelSize(width: 16, height: 16))
      hasLinearTiling = refusal(.init(size: dot, tiling: .linear)) == nil
      hasTrueBGRA = refusal(.init(size: dot, format: .bgra8)) == nil
      hasSyncFiles = (try? SyncFileSignal.checkSupport(gl: context.gl, host: host)) != nil
      syncs = Set(
        SyncKind.allCases.filter { sync in
          (try? SharedImage.checkSupport(.init(size: small), sync: sync, gl: context.gl, host: host)) != nil
        })
      dmaBufRefusal = refusal(.init(size: dot, handleType: .dmaBuf)).map { "\($0)" }
    }
  }

  /// The drivers' answers by API, none for an API whose context or device cannot be had: the tests then say why.
  ///
  /// A thread of its own asks them, as the caller's thread may have a context that is current.
  private static let answers: [SurfacelessContext.API: Answers] = {
    let apis = TestStack.abilities.apis
    var found: [SurfacelessContext.API: Answers] = [:]
    try? withThread({
      for api in apis {
        guard let (context, host) = try? TestStack.open(api) else { continue }
        found[api] = Answers(context, host)
      }
    }) {}
    return found
  }()
}
