import Foundation
import GLVulkanInterop
import InteropTestSupport
import Testing

/// udmabuf and DMA-BUF heaps, and how they lay images out.
@Suite(.serialized) struct AllocatorTests {
  enum Allocator: CaseIterable {
    case udmabuf, heap

    func make(_ size: PixelSize, _ format: DRMFourCC, alignment: Int = 256) throws(InteropError) -> DMABuf {
      switch self {
      case .udmabuf: try UDMABuf().makeBuffer(size: size, format: format, strideAlignment: alignment)
      case .heap: try DMAHeap().makeBuffer(size: size, format: format, strideAlignment: alignment)
      }
    }
  }

  @Test func planesFollowOneAnother() throws {
    let odd = PixelSize(width: 17, height: 13)
    let layout = try LinearLayout(size: odd, format: .nv12)
    #expect(layout.description.planes == [.init(stride: 256), .init(offset: 13 * 256, stride: 256)])
    // 13 rows of luma, 7 of chroma: 5120 bytes.
    #expect(layout.byteCount == 8192)
    let packed = try LinearLayout(size: odd, format: .nv12, strideAlignment: 1)
    #expect(packed.description.planes == [.init(stride: 17), .init(offset: 221, stride: 18)])
    #expect(packed.byteCount == 4096)
    let three = try LinearLayout(size: odd, format: .yuv420, strideAlignment: 64)
    #expect(
      three.description.planes == [.init(stride: 64), .init(offset: 832, stride: 64), .init(offset: 1280, stride: 64)])
    let wide = try LinearLayout(size: PixelSize(width: 1920, height: 1080), format: .abgr16161616F)
    #expect(wide.description.planes == [.init(stride: 15360)] && wide.byteCount == 16_588_800)
  }

  @Test(arguments: [
    (PixelSize(width: 0, height: 1), DRMFourCC.abgr8888, 256, InteropError.Code.invalidArgument, "the size is 0x1"),
    (PixelSize(width: 1, height: 1 << 21), .abgr8888, 256, .invalidArgument, "the size is 1x2097152"),
    (PixelSize(width: 4, height: 4), DRMFourCC(rawValue: 1), 256, .unsupported, "0x00000001 is no pixel format"),
    (PixelSize(width: 4, height: 4), .abgr8888, 0, .invalidArgument, "alignment of rows is 0"),
    (PixelSize(width: 4, height: 4), .abgr8888, 24, .invalidArgument, "alignment of rows is 24"),
    (PixelSize(width: 4, height: 4), .abgr8888, 1 << 17, .invalidArgument, "alignment of rows is 131072"),
    (PixelSize(width: 1 << 20, height: 1 << 20), .nv12, 1, .invalidArgument, "31 bits"),
  ])
  func whatCannotBeRightIsRefused(
    size: PixelSize, format: DRMFourCC, alignment: Int, code: InteropError.Code, reason: String
  ) {
    let error = refusal { () throws(InteropError) in
      _ = try LinearLayout(size: size, format: format, strideAlignment: alignment)
    }
    #expect(error?.code == code)
    let text = error?.reason ?? "nothing was refused"
    #expect(text.contains(reason))
  }

  @Test(arguments: Allocator.allCases, DRMFourCC.known) func aBufferIsWhatWasAskedFor(
    allocator: Allocator, format: DRMFourCC
  ) throws {
    guard RealBuffers.areThere(for: "allocating DMA-BUFs") else { return }
    let files = OpenFiles.list()
    var buffer: DMABuf? = try allocator.make(RealBuffers.size, format)
    let object = try #require(buffer?.objects.first)
    #expect(buffer?.objects.count == 1)
    #expect(object.isDMABuf && object.isWritable && object.size % 4096 == 0)
    #expect(buffer?.format == format && buffer?.modifier == .linear && buffer?.size == RealBuffers.size)
    let isZero = try buffer?.mapBytes(for: .read) { $0.allSatisfy { $0 == 0 } }
    #expect(isZero == true)
    // The allocator is gone already: only the buffer's descriptor is left, close-on-exec.
    let opened = OpenFiles.opened(since: files)
    #expect(opened.count == 1 && opened.first?.contains("dmabuf") == true, "\(opened)")
    let flags = buffer?.withDescriptors { fcntl($0[0], F_GETFD) }
    #expect(flags == FD_CLOEXEC)
    buffer = nil
    let left = OpenFiles.opened(since: files)
    #expect(left.isEmpty)
  }

  @Test func twoBuffersAreTwo() throws {
    guard RealBuffers.areThere(for: "allocating DMA-BUFs") else { return }
    let device = try UDMABuf()
    let first = try device.makeBuffer(size: RealBuffers.size, format: .r8)
    let second = try device.makeBuffer(size: RealBuffers.size, format: .r8)
    #expect(first.objects[0].inode != second.objects[0].inode)
    try first.mapBytes(for: .write) { $0[0] = 1 }
    let byte = try second.mapBytes(for: .read) { $0[0] }
    #expect(byte == 0)
  }

  @Test func tooMuchIsRefusedWithTheKernelsReason() throws {
    guard RealBuffers.areThere(for: "allocating DMA-BUFs") else { return }
    // 128 MiB, over udmabuf's limit of 64.
    let large = PixelSize(width: 8192, height: 4096)
    let error = refusal { () throws(InteropError) in _ = try Allocator.udmabuf.make(large, .abgr8888) }
    #expect(error?.step == "UDMABUF_CREATE" && error?.driverCode == .posix(EINVAL))
    let advice = error?.advice ?? ""
    #expect(advice.contains("size_limit_mb"))
    // 2 TiB: the machine has not got it, and the kernel would end this process trying.
    let huge = PixelSize(width: 1 << 20, height: 1 << 18)
    let heap = refusal { () throws(InteropError) in _ = try Allocator.heap.make(huge, .abgr16161616F) }
    #expect(heap?.step == "allocate from the heap system" && heap?.code == .invalidArgument)
  }
}
