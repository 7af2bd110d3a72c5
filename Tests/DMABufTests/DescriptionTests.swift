import Foundation
import InteropTestSupport
import Testing

import GLVulkanInterop

/// What is refused before any driver sees it. Buffers are described, none is needed.
struct DescriptionTests {
  private static let size = PixelSize(width: 17, height: 13)
  private static let buffer = DMABufObject(size: 4096, inode: 1)

  private static func described(
    _ size: PixelSize = size, _ format: DRMFourCC = .abgr8888, _ modifier: DRMModifier = .linear,
    _ planes: [DMABufDescription.Plane] = [.init(stride: 68)]
  ) -> DMABufDescription {
    DMABufDescription(size: size, format: format, modifier: modifier, planes: planes)
  }

  private static func refusal(_ description: DMABufDescription, _ objects: [DMABufObject] = [buffer]) -> InteropError? {
    do throws(InteropError) {
      try description.validate(objects)
      return nil
    } catch {
      return error
    }
  }

  @Test func whatFitsIsTaken() {
    #expect(Self.refusal(Self.described()) == nil)
    // The last row need not be padded: 12 rows of 320 bytes and one of 68.
    #expect(Self.refusal(Self.described(Self.size, .abgr8888, .linear, [.init(offset: 188, stride: 320)])) == nil)
    let nv12 = Self.described(
      Self.size, .nv12, .linear, [.init(stride: 32), .init(object: 1, offset: 64, stride: 18)])
    #expect(Self.refusal(nv12, [Self.buffer, .init(size: 190, inode: 2)]) == nil)
    #expect(nv12.isDisjoint)
  }

  @Test(arguments: [
    (described(PixelSize(width: 0, height: 4)), "size is 0x4"),
    (described(PixelSize(width: 1 << 31, height: 1)), "size is 2147483648x1"),
    (described(size, .abgr8888, .linear, []), "0 planes"),
    (described(size, .abgr8888, .linear, .init(repeating: .init(stride: 68), count: 5)), "5 planes"),
    (described(size, .abgr8888, .linear, [.init(stride: 67)]), "stride of 67"),
    (described(size, .abgr8888, .linear, [.init(offset: 4096, stride: 68)]), "begins at byte 4096"),
    (described(size, .abgr8888, .linear, [.init(offset: 189, stride: 320)]), "ends at byte 4097"),
    (described(size, .abgr8888, .linear, [.init(offset: .max, stride: .max)]), "31 bits"),
    (described(size, .abgr8888, .linear, [.init(object: 1, stride: 68)]), "no plane is in buffer 0"),
    (described(size, .abgr8888, .linear, [.init(object: -1, stride: 68)]), "no plane is in buffer 0"),
    (described(size, .nv12, .linear, [.init(stride: 32)]), "1 planes for linear NV12"),
    (described(size, .abgr8888, .invalid, [.init(stride: 68), .init(stride: 68)]), "2 planes for invalid"),
  ])
  func whatCannotBeRightIsRefused(description: DMABufDescription, reason: String) {
    let error = Self.refusal(description)
    let text = error?.reason ?? "nothing was refused"
    #expect(text.contains(reason))
    let code = error?.code
    #expect(code == .invalidArgument)
  }

  @Test func anUnknownFormatIsNamed() throws {
    let format = try #require(DRMFourCC("ZZ99"))
    let error = Self.refusal(Self.described(Self.size, format))
    #expect(error?.code == .unsupported)
    #expect(error?.missing == ["ZZ99"])
  }

  @Test func aFileThatIsNoDMABufIsRefused() throws {
    let file = open("/dev/zero", O_RDWR | O_CLOEXEC)
    defer { close(file) }
    let error = #expect(throws: InteropError.self) { try DMABuf(Self.described(), duplicating: [file]) }
    let reason = error?.reason
    #expect(reason == "descriptor 0 is no DMA-BUF")
    let closed = #expect(throws: InteropError.self) { try DMABuf(Self.described(), adopting: [file + 1000]) }
    #expect(closed?.driverCode == .posix(EBADF))
  }

  /// A descriptor can be inspected any number of times: each inspection used to be slower than the one before, until
  /// the stack was used up.
  @Test func aDescriptorIsLookedAtOftenWithoutEnd() throws {
    let file = open("/dev/zero", O_RDWR | O_CLOEXEC)
    defer { close(file) }
    var buffers = 0
    for _ in 0..<200_000 where try DMABuf.inspect(file).isDMABuf { buffers += 1 }
    #expect(buffers == 0)
  }

  @Test func aDescriptionSurvivesJSON() throws {
    let modifier = DRMModifier(rawValue: 0x0300_0000_00E0_8014)
    let description = Self.described(Self.size, .abgr8888, modifier)
    let data = try JSONEncoder().encode(description)
    let text = String(decoding: data, as: UTF8.self)
    #expect(text.contains("\"0x300000000e08014\"") && text.contains("\"AB24\""))
    let back = try JSONDecoder().decode(DMABufDescription.self, from: data)
    #expect(back == description)
  }
}
