import GLVulkanInterop
import InteropTestSupport
import Testing

/// The tables that a new format is added to say the same of it.
@Suite("Pixel formats") struct PixelFormatTests {
  @Test(.onFirstStack, arguments: PixelFormat.all) func itsFourCCHasItsBytesAndItsVulkanFormat(format: PixelFormat) {
    #expect(DRMFourCC.known.contains(format.drmFourCC))
    #expect(format.drmFourCC.colorPlanes?.map(\.bytesPerSample) == [format.bytesPerPixel])
    #expect(Set(format.drmFourCC.vkFormats ?? []) == Set(format.viewFormats))
    #expect(format.hasAlpha == (format.drmFourCC(isOpaque: true) != format.drmFourCC))
  }

  @Test(.onFirstStack, arguments: DRMFourCC.known)
  func everyFourCCOfOnePlaneHasAVulkanFormat(format: DRMFourCC) {
    #expect((format.vkFormats == nil) == format.isYUV, "\(format)")
    #expect(format.withAlpha.withoutAlpha == (format.hasPadding ? format : format.withoutAlpha), "\(format)")
  }
}
