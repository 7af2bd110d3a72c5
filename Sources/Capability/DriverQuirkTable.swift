internal import RawImport

extension DriverQuirk {
  /// The quirks that are known today. A new one needs a row in `DriverQuirkTests`.
  package static let all: [DriverQuirk] = mesa + dmaBuf + zink + angle + nvidia + pairs

  private static let shared = SubjectCondition(paths: [.opaqueFD])
  private static let dmaBufPaths: [TransferPath] = [.dmaBufImport, .dmaBufExport]
  /// Combinations with semaphores, of any memory that both sides see.
  private static let semaphores = SubjectCondition(paths: dmaBufPaths + [.opaqueFD], syncs: [.semaphoreFD])
  private static let bgra: [PixelFormat] = [.bgra8, .bgra8SRGB]

  private static let mesa = [
    DriverQuirk(
      id: "mesa-bgra-storage-refused",
      summary: "This Mesa has no GL_BGRA8_EXT in glTexStorageMem2DEXT and answers GL_INVALID_ENUM.",
      // Mesa got EXT_texture_storage, which brings the format, in early 2024.
      source: "seen: Mesa 22.3.6, llvmpipe and zink; KhronosGroup/OpenGL-API#92", effect: .explains,
      drivers: [.glMesa(from: nil, before: DriverVersion(25))],
      subject: SubjectCondition(paths: [.opaqueFD], modes: [.direct], formats: bgra),
      explains: Outcome([.unsupported, .failed], steps: ["glTexStorageMem2DEXT"])),
    DriverQuirk(
      id: "mesa-bgra-storage-exchanged",
      summary: "This Mesa takes GL_BGRA8_EXT over shared memory and exchanges red and blue without an error.",
      source: "seen: Mesa 25.0.7, llvmpipe, GL and GLES; KhronosGroup/OpenGL-API#92", effect: .explains,
      drivers: [.glMesa(from: DriverVersion(24), before: nil)],
      subject: SubjectCondition(paths: [.opaqueFD], modes: [.direct], formats: bgra),
      explains: Outcome([.unsupported, .failed], steps: ["check a red pixel", "compare pixels"])),
    DriverQuirk(
      id: "llvmpipe-no-gl-semaphores",
      summary: "llvmpipe has no GL_EXT_semaphore: it draws on the CPU and the CPU waits for it.",
      source: "seen: Mesa 22.3.6 and 25.0.7", effect: .explains, drivers: [.glRendererStarts(with: "llvmpipe")],
      subject: semaphores,
      explains: Outcome([.unsupported], steps: ["make a shared semaphore"])),
    DriverQuirk(
      id: "lavapipe-sync-fd-semaphores-only",
      summary: "lavapipe exports semaphores as SYNC_FD or not at all, never as OPAQUE_FD, which GL needs.",
      source: "seen: Mesa 22.3.6 (no VK_KHR_external_semaphore_fd) and 25.0.7 (SYNC_FD only)",
      effect: .explains, drivers: [.vulkanDriver(contains: "llvmpipe")],
      subject: semaphores,
      explains: Outcome([.unsupported], steps: ["make a shared semaphore", "vkGetSemaphoreFdKHR"])),
  ]

  /// Quirks of Mesa's software drivers with DMA-BUFs.
  private static let dmaBuf = [
    DriverQuirk(
      id: "lavapipe-dma-buf-needs-udmabuf",
      summary: "lavapipe has DMA-BUFs only where it may open /dev/udmabuf.",
      source: "seen: Mesa 25.0.7", effect: .explains,
      drivers: [.vulkanDriver(contains: "llvmpipe"), .vulkanMesa(from: DriverVersion(25), before: nil)],
      subject: SubjectCondition(paths: dmaBufPaths), explains: Outcome([.unsupported], steps: ["make a shared image"])),
    DriverQuirk(
      id: "lavapipe-opaque-fd-is-dma-buf",
      summary:
        "With /dev/udmabuf this lavapipe exports DMA-BUFs as OPAQUE_FD too, which llvmpipe imports through EGL only.",
      // lvp_AllocateMemory checks whether the screen imports and exports DMA-BUFs, not which handle type the caller
      // wants; llvmpipe_memobj_create_from_handle accepts the memfd that exists without the device.
      source: "seen: Mesa 26.2.6", effect: .explains,
      drivers: [.vulkanDriver(contains: "llvmpipe"), .vulkanMesa(from: DriverVersion(26), before: nil)],
      subject: shared, explains: Outcome([.unsupported], steps: ["glTexStorageMem2DEXT"])),
    DriverQuirk(
      id: "lavapipe-sync-files-signalled",
      summary: "lavapipe gives a sync file once its work is done: the CPU waits in vkGetSemaphoreFdKHR, no GPU later.",
      source: "seen: Mesa 25.0.7", effect: .explains, drivers: [.vulkanDriver(contains: "llvmpipe")],
      subject: SubjectCondition(syncs: [.syncFile]), explains: Outcome([.verified])),
    DriverQuirk(
      id: "mesa-bgra-export-exchanged",
      summary: "This Mesa exports a GL_BGRA8_EXT texture as AB24, so GL has no BGRA memory of its own to give.",
      source: "seen: Mesa 25.0.7, llvmpipe", effect: .explains,
      drivers: [.glMesa(from: DriverVersion(25), before: nil)],
      subject: SubjectCondition(
        paths: [.dmaBufExport], directions: [.glToVulkan], modes: [.direct], formats: bgra),
      explains: Outcome([.unsupported], steps: ["choose the GL format"])),
  ]

  private static let zink = [
    DriverQuirk(
      id: "zink-no-gl-semaphores",
      summary: "zink on lavapipe has no GL_EXT_semaphore.",
      source: "seen: Mesa 22.3.6", effect: .explains,
      drivers: [.glRendererStarts(with: "zink"), .glRenderer(contains: "llvmpipe")],
      subject: semaphores,
      explains: Outcome([.unsupported], steps: ["make a shared semaphore"])),
    DriverQuirk(
      id: "zink-linear-crash",
      summary: "zink crashes in its submit thread after drawing into a shared image of linear tiling.",
      // 22.3.6 is correct. The version in between that introduced the fault is not known.
      source: "seen: Mesa 25.0.7 on lavapipe, SIGSEGV during glFinish", effect: .unsafeInProcess,
      drivers: [.glRendererStarts(with: "zink"), .glMesa(from: DriverVersion(23), before: nil)],
      subject: SubjectCondition(paths: [.opaqueFD], tilings: [.linear]),
      explains: Outcome([.failed], codes: ["crashed"])),
    DriverQuirk(
      id: "zink-egl-fence-early",
      summary: "zink's EGL fences may count as signalled while the GPU works, so a readback ends on the GL thread.",
      source: "seen: Mesa 22.3.6, 228 of 240 frames stale", effect: .explains,
      drivers: [.glRendererStarts(with: "zink")], subject: SubjectCondition(paths: [.hostCopy]),
      explains: Outcome([.verified])),
  ]

  private static let angle = [
    DriverQuirk(
      id: "angle-semaphore-pairing-hang",
      summary: "ANGLE hangs for good if a binary semaphore is signalled or waited for twice in a row.",
      source: "seen: ANGLE 2.1 of Chromium 150, 7 of 12 runs; EXT_external_objects: a single waiter per signal",
      effect: .explains, drivers: [.glANGLE],
      subject: semaphores,
      explains: Outcome([.failed], codes: ["hung", "timeout"])),
    DriverQuirk(
      id: "swiftshader-no-linear-rendering",
      summary: "SwiftShader has no linear images with COLOR_ATTACHMENT usage.",
      source: "seen: SwiftShader of Chromium 150", effect: .explains, drivers: [.vulkanDriver(contains: "SwiftShader")],
      subject: SubjectCondition(paths: [.opaqueFD], tilings: [.linear]),
      explains: Outcome([.unsupported, .failed], steps: ["vkGetPhysicalDeviceImageFormatProperties2"])),
  ]

  private static let nvidia = [
    DriverQuirk(
      id: "nvidia-optimal-tiling-only",
      summary: "NVIDIA's GL has no linear tiling for shared textures.",
      source: "seen: NVIDIA 580.159.03 on an H200", effect: .explains, drivers: [.glNVIDIA],
      subject: SubjectCondition(paths: [.opaqueFD], tilings: [.linear]),
      explains: Outcome([.unsupported, .failed], steps: ["GL_TEXTURE_TILING_EXT"])),
    DriverQuirk(
      id: "nvidia-bgra-storage-gles-only",
      summary: "NVIDIA takes GL_BGRA8_EXT over shared memory in GLES; in desktop GL it answers GL_INVALID_VALUE.",
      source: "seen: NVIDIA 580.159.03 on an H200", effect: .explains, drivers: [.glNVIDIA, .desktopGL],
      subject: SubjectCondition(paths: [.opaqueFD], modes: [.direct], formats: bgra),
      explains: Outcome([.unsupported, .failed], steps: ["glTexStorageMem2DEXT"])),
    DriverQuirk(
      id: "nvidia-dma-buf-needs-drm-node",
      summary: "Without a DRM node NVIDIA's EGL lists DMA-BUF export and import, and neither it nor Vulkan has them.",
      // EGL_MESA_image_dma_buf_export exists and its query answers, but eglExportDMABUFImageMESA fails with
      // EGL_BAD_MATCH; Vulkan has VK_EXT_image_drm_format_modifier without VK_EXT_external_memory_dma_buf.
      source: "seen: NVIDIA 580.159.03 on an H200", effect: .explains, drivers: [.glNVIDIA],
      subject: SubjectCondition(paths: dmaBufPaths),
      explains: Outcome([.unsupported, .failed], steps: ["make a shared image", "eglExportDMABUFImageMESA"])),
  ]

  /// Quirks of two drivers that do not belong together.
  private static let pairs = [
    DriverQuirk(
      id: "different-devices-crash",
      summary: "GL and Vulkan on two devices: some drivers crash when they import the other's memory.",
      source: "KhronosGroup/Vulkan-Samples#378 (AMD and NVIDIA), WiVRn/WiVRn#1119 (iris and NVIDIA)",
      effect: .unsafeInProcess, drivers: [.differentDevices], subject: shared,
      explains: Outcome([.failed], codes: ["crashed", "hung"])),
    DriverQuirk(
      id: "different-devices-refused",
      summary: "OPAQUE_FD memory may go to the same device and driver only.",
      source: "Vulkan, VkExternalMemoryHandleTypeFlagBits: both UUIDs must match", effect: .explains,
      drivers: [.differentDevices], subject: shared,
      explains: Outcome([.unsupported], steps: ["compare device UUIDs"])),
    DriverQuirk(
      id: "swiftshader-gl-lavapipe-garbage",
      summary: "ANGLE on SwiftShader imports lavapipe's memory without an error and shows garbage.",
      source: "seen: ANGLE 2.1 of Chromium 150 with Mesa 22.3.6", effect: .explains,
      drivers: [.glRenderer(contains: "SwiftShader"), .vulkanDriver(contains: "llvmpipe")], subject: shared,
      explains: Outcome([.failed], steps: ["compare pixels", "check a red pixel"])),
    DriverQuirk(
      id: "llvmpipe-gl-swiftshader-incomplete",
      summary: "llvmpipe imports SwiftShader's memory without an error; the framebuffer is then incomplete (0x8CD6).",
      source: "seen: Mesa 22.3.6 with SwiftShader of Chromium 150", effect: .explains,
      drivers: [.glRendererStarts(with: "llvmpipe"), .vulkanDriver(contains: "SwiftShader")], subject: shared,
      explains: Outcome([.failed], steps: ["check the shared framebuffer", "glCheckFramebufferStatus"])),
  ]
}
