import GLVulkanInterop
import Glibc
import InteropTestSupport
import Testing

/// On real buffers and drivers: every call of a DMA-BUF's life fails once, and a thousand refused imports of each kind
/// leave no descriptor. DMABufFakeTests does the same with layouts that no software driver has.
@Suite("DMA-BUFs that fail", .serialized) struct FailingDMABufTests {
  static let size = PixelSize(width: 64, height: 48)

  /// nil where GL and Vulkan share no buffers, which is then said.
  private func open(_ api: SurfacelessContext.API) throws -> (SurfacelessContext, VulkanHost)? {
    let (context, host) = try TestStack.open(api, traced: true)
    return TestStack.abilities.sharesDMABufs(context.api) ? (context, host) : nil
  }

  // MARK: Every call fails once

  struct AllocatorOfAPI: CustomTestStringConvertible, Sendable {
    let allocator: SharedMemoryAllocator
    let api: SurfacelessContext.API
    var testDescription: String { "\(allocator) \(api)" }
  }

  /// The calls are the same in GLES: once is enough for an emulated processor.
  private static let allocators = SharedMemoryAllocator.allCases.flatMap { allocator in
    TestStack.abilities.apis.prefix(allocator == .vulkan ? 2 : 1).map { AllocatorOfAPI(allocator: allocator, api: $0) }
  }

  @Test(arguments: allocators) func everyCallOfASharedImageFails(test: AllocatorOfAPI) throws {
    let (allocator, api) = (test.allocator, test.api)
    guard let (context, host) = try open(api) else { return }
    let buffer = try UDMABuf().makeBuffer(size: Self.size, format: .abgr8888)
    for direction in TransferDirection.allCases {
      for sync in TestStack.abilities.dmaBufSyncs(context.api) {
        try FailureInjection.everyCall(
          "\(allocator) \(direction.rawValue) \(sync)", tolerated: ["vkGetPhysicalDeviceImageFormatProperties2"],
          in: context, isRepeated: true
        ) { (_: inout [AnyObject]) in
          let image = try Self.shared(allocator, direction, sync, buffer, context, host)
          for _ in 0..<2 {
            if direction == .vulkanToGL { try image.access(.general) { (_) throws(InteropError) in } }
            try image.accessInGL {}
            if direction == .glToVulkan { try image.access(.general) { (_) throws(InteropError) in } }
          }
          try image.retire()
        }
      }
    }
  }

  private static func shared(
    _ allocator: SharedMemoryAllocator, _ direction: TransferDirection, _ sync: SyncKind, _ buffer: DMABuf,
    _ context: SurfacelessContext, _ host: VulkanHost
  ) throws(InteropError) -> SharedImage {
    guard allocator != .neither else {
      return try SharedImage(importing: buffer, direction: direction, gl: context.gl, host: host, sync: sync)
    }
    return try SharedImage(
      .init(size: size, direction: direction, handleType: .dmaBuf, allocator: allocator), gl: context.gl, host: host,
      sync: sync)
  }

  // MARK: A thousand refusals

  struct Refusal: CustomStringConvertible, Sendable {
    let description: String
    let code: InteropError.Code
    let attempt: @Sendable (DMABuf, SurfacelessContext, VulkanHost) throws(InteropError) -> Void
  }

  private static func described(
    _ buffer: DMABuf, _ change: (inout DMABufDescription) -> Void
  ) throws(InteropError) -> DMABuf {
    var description = buffer.description
    change(&description)
    let numbers = buffer.withDescriptors { $0 }
    return try DMABuf(description, duplicating: numbers)
  }

  static let amd = DRMModifier(rawValue: 0x0200_0000_2097_BB03)

  static let refusals: [Refusal] = [
    Refusal(description: "a stride that is too small", code: .invalidArgument) { (buffer, _, _) throws(InteropError) in
      _ = try described(buffer) { $0.planes[0].stride = 255 }
    },
    Refusal(description: "rows beyond the end", code: .invalidArgument) { (buffer, _, _) throws(InteropError) in
      _ = try described(buffer) { $0.size.height = 1000 }
    },
    Refusal(description: "no DMA-BUF", code: .invalidArgument) { (buffer, _, _) throws(InteropError) in
      let file = Glibc.open("/dev/zero", O_RDWR | O_CLOEXEC)
      defer { close(file) }
      _ = try DMABuf(buffer.description, duplicating: [file])
    },
    Refusal(description: "a buffer twice", code: .invalidArgument) { (buffer, _, _) throws(InteropError) in
      let numbers = buffer.withDescriptors { $0 + $0 }
      _ = try DMABuf(buffer.description, duplicating: numbers)
    },
    Refusal(description: "Vulkan: another vendor's modifier", code: .unsupported) {
      (buffer, _, host) throws(InteropError) in
      _ = try described(buffer) { $0.modifier = amd }.importIntoVulkan(host)
    },
    Refusal(description: "Vulkan: no modifier", code: .unsupported) { (buffer, _, host) throws(InteropError) in
      _ = try described(buffer) { $0.modifier = .invalid }.importIntoVulkan(host)
    },
    Refusal(description: "Vulkan: a format of other bytes", code: .invalidArgument) {
      (buffer, _, host) throws(InteropError) in
      _ = try buffer.importIntoVulkan(host, format: .bgra8)
    },
    Refusal(description: "GL: another vendor's modifier", code: .unsupported) {
      (buffer, context, _) throws(InteropError) in
      _ = try described(buffer) { $0.modifier = amd }.importIntoGL(context.gl)
    },
    Refusal(description: "export: no texture", code: .driverFailure) { (buffer, context, _) throws(InteropError) in
      _ = try DMABuf(exporting: 9999, size: buffer.size, gl: context.gl)
    },
  ]

  @Test(arguments: refusals) func aThousandLeaveNothing(refusal: Refusal) throws {
    guard let (context, host) = try open(TestStack.abilities.apis[0]) else { return }
    let buffer = try UDMABuf().makeBuffer(size: Self.size, format: .abgr8888)
    func error() -> InteropError? {
      do throws(InteropError) {
        try refusal.attempt(buffer, context, host)
        return nil
      } catch {
        return error
      }
    }
    let first = error()
    #expect(first?.code == refusal.code, "\(refusal): \(String(describing: first))")
    let files = OpenFiles.list()
    let objects = LiveObjects.snapshot()
    var refused = 0
    for _ in 0..<1000 where error()?.code == refusal.code { refused += 1 }
    #expect(refused == 1000)
    let opened = FailureInjection.leftOpen(since: files)
    #expect(opened.isEmpty, "\(refusal) leaves open \(opened)")
    let left = LiveObjects.snapshot().changes(since: objects)
    #expect(left.isEmpty, "\(refusal) leaves \(left)")
  }

  /// Imports that work leave nothing either.
  @Test func aThousandImportsLeaveNothing() throws {
    guard let (context, host) = try open(TestStack.abilities.apis[0]) else { return }
    let buffer = try UDMABuf().makeBuffer(size: Self.size, format: .abgr8888)
    _ = try buffer.importIntoVulkan(host)
    _ = try buffer.importIntoGL(context.gl)
    let files = OpenFiles.list()
    let objects = LiveObjects.snapshot()
    for _ in 0..<1000 {
      _ = try buffer.importIntoVulkan(host)
      _ = try buffer.importIntoGL(context.gl)
    }
    let opened = FailureInjection.leftOpen(since: files)
    #expect(opened.isEmpty, "\(opened)")
    let left = LiveObjects.snapshot().changes(since: objects)
    #expect(left.isEmpty, "\(left)")
  }
}
