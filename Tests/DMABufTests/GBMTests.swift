import Foundation
import GLVulkanInterop
import InteropTestSupport
import Testing

/// Buffers of a GPU's through GBM: a real device's, and those of drivers that are not here.
@Suite("GBM", .serialized) struct GBMTests {
  private static let size = PixelSize(width: 17, height: 13)

  /// A real device, or nil and a skip. The card's node, which makes buffers without a GPU as well.
  private static func device() throws(InteropError) -> GBMDevice? {
    guard let path = DRMDevice.nodes().last(where: { access($0, R_OK | W_OK) == 0 }) else {
      TestStack.skip("GBM on a real device: this machine has no /dev/dri (the virtual machine has it, mode virtio_gpu)")
      return nil
    }
    return try GBMDevice(DRMDevice(path: path))
  }

  @Test(arguments: [DRMFourCC.xrgb8888, .argb8888], [[], [DRMModifier.linear], [.invalid], [.linear, .invalid]])
  func aRealBufferCanBeWrittenAndRead(format: DRMFourCC, modifiers: [DRMModifier]) throws {
    guard let device = try Self.device() else { return }
    let buffer = try device.makeBuffer(
      size: Self.size, format: format, modifiers: modifiers,
      usage: modifiers == [.linear] ? [.rendering, .linear] : .rendering)
    #expect(buffer.objects.map(\.isWritable) == [true], "PRIME was exported without DRM_RDWR")
    #expect(modifiers.isEmpty || modifiers.contains(buffer.modifier) || modifiers.contains(.invalid))
    if modifiers == [.linear] {
      try buffer.map(for: .write) { $0[0].row(12)[67] = 78 }
      let last = try buffer.duplicate().map(for: .read) { $0[0].row(12)[67] }
      #expect(last == 78)
    }
    try buffer.mapBytes(for: .write) { $0[40] = 77 }
    let byte = try buffer.duplicate().mapBytes(for: .read) { $0[40] }
    #expect(byte == 77)
  }

  @Test func aRealBufferOutlivesItsDevice() throws {
    let files = OpenFiles.list()
    do {
      guard var device = try Self.device() as GBMDevice? else { return }
      let first = try device.makeBuffer(size: Self.size, format: .xrgb8888)
      let second = try device.makeBuffer(size: Self.size, format: .xrgb8888)
      #expect(first.objects[0].inode != second.objects[0].inode)
      guard let next = try Self.device() else { return }
      device = next
      try first.mapBytes(for: .readWrite) { $0[0] = 3 }
      let other = try second.mapBytes(for: .read) { $0[0] }
      #expect(other == 0)
    }
    let left = OpenFiles.opened(since: files)
    #expect(left.isEmpty)
  }

  @Test func aRenderNodeWithoutAGPUSendsToTheCard() throws {
    guard try Self.device() != nil, let path = DRMDevice.nodes().first, path.contains("renderD") else { return }
    let device = try GBMDevice(DRMDevice(path: path))
    guard device.device.driverName == "virtio_gpu" else { return }
    for modifiers in [[], [DRMModifier.linear]] {
      let error = refusal { () throws(InteropError) in
        _ = try device.makeBuffer(size: Self.size, format: .xrgb8888, modifiers: modifiers)
      }
      #expect(error?.code == .driverFailure && error?.driverCode == .posix(EACCES))
      let advice = error?.advice ?? ""
      #expect(advice.contains("card's node"))
    }
  }

  @Test func whatARealDeviceCannotIsRefused() throws {
    guard let device = try Self.device() else { return }
    let tiled = DRMModifier(rawValue: 0x0300_0000_00E0_8014)
    let error = refusal { () throws(InteropError) in
      _ = try device.makeBuffer(size: Self.size, format: .xrgb8888, modifiers: [tiled])
    }
    #expect(error?.code == .unsupported && error?.missing == ["0x300000000e08014 (NVIDIA)"])
  }

  @Test func theListIsTriedBeforeTheRest() throws {
    // As a driver with modifiers answers.
    let tiled: UInt64 = 0x0300_0000_00E0_8014
    let calls = try FakeGBM.run(.init(modifier: tiled)) { device throws(InteropError) in
      let buffer = try device.makeBuffer(
        size: Self.size, format: .abgr8888, modifiers: [.linear, .init(rawValue: tiled), .invalid],
        usage: [.rendering, .scanout])
      let modifier = buffer.modifier.rawValue
      #expect(modifier == tiled)
    }
    // INVALID is no layout to ask a driver for; the descriptor is to be written through.
    #expect(
      calls == [
        "gbm_bo_create_with_modifiers2 [\"0\", \"300000000e08014\"] usage 5", "PRIME rw 0", "gbm_device_destroy",
      ])
  }

  @Test func anOlderLibraryTakesNoUsage() throws {
    let calls = try FakeGBM.run(.init(hasModifiers2: false)) { device throws(InteropError) in
      let buffer = try device.makeBuffer(size: Self.size, format: .abgr8888, modifiers: [.linear])
      let modifier = buffer.modifier
      #expect(modifier == .linear)
    }
    #expect(calls.first == "gbm_bo_create_with_modifiers [\"0\"]")
  }

  @Test(arguments: [true, false]) func aDriverWithoutModifiersIsAskedForRows(hasFunction: Bool) throws {
    let driver = FakeGBM.Driver(
      hasModifiers2: hasFunction, hasModifiers: hasFunction, modifiersFail: ENOSYS,
      modifier: DRMModifier.invalid.rawValue)
    let calls = try FakeGBM.run(driver) { device throws(InteropError) in
      // GBM_BO_USE_LINEAR is a promise of rows.
      let linear = try device.makeBuffer(size: Self.size, format: .abgr8888, modifiers: [.linear])
      let first = linear.modifier
      #expect(first == .linear)
      // Without it the modifier is unknown.
      for modifiers in [[], [DRMModifier.linear, .invalid]] {
        let unknown = try device.makeBuffer(size: Self.size, format: .abgr8888, modifiers: modifiers)
        let second = unknown.modifier
        #expect(second == .invalid)
      }
    }
    #expect(
      calls.filter { $0.hasPrefix("gbm_bo_create ") } == [
        "gbm_bo_create usage 20", "gbm_bo_create usage 4", "gbm_bo_create usage 4",
      ])
  }

  /// As Mesa's kms_swrast does.
  @Test func aDriverThatNamesNoModifierHeldToTheOnlyOne() throws {
    _ = try FakeGBM.run(.init(modifier: DRMModifier.invalid.rawValue)) { device throws(InteropError) in
      let linear = try device.makeBuffer(size: Self.size, format: .abgr8888, modifiers: [.linear])
      let first = linear.modifier
      #expect(first == .linear)
      // One of two is not known.
      let error = refusal { () throws(InteropError) in
        _ = try device.makeBuffer(size: Self.size, format: .abgr8888, modifiers: [.linear, .init(rawValue: 7)])
      }
      #expect(error?.step == "gbm_bo_get_modifier")
    }
  }

  @Test(arguments: [false, true]) func planesOfOneBufferShareADescriptor(isDisjoint: Bool) throws {
    let files = OpenFiles.list()
    _ = try FakeGBM.run(.init(planeCount: 2, isDisjoint: isDisjoint)) { device throws(InteropError) in
      let buffer = try device.makeBuffer(size: Self.size, format: .nv12)
      let objects = buffer.planes.map(\.object)
      #expect(objects == (isDisjoint ? [0, 1] : [0, 0]))
      let offsets = buffer.planes.map(\.offset)
      #expect(offsets == (isDisjoint ? [0, 0] : [0, 8192]))
    }
    let left = OpenFiles.opened(since: files)
    #expect(left.isEmpty)
  }

  /// A driver whose buffers have no handles, or that refuses PRIME.
  @Test(arguments: [FakeGBM.Driver(hasHandles: false), .init(exportFailsAt: 0)])
  func gbmsOwnExportIsTheLastResort(driver: FakeGBM.Driver) throws {
    let calls = try FakeGBM.run(driver) { device throws(InteropError) in
      _ = try device.makeBuffer(size: Self.size, format: .abgr8888)
    }
    #expect(calls.contains("gbm_bo_get_fd_for_plane 0"))
  }

  struct Failure: CustomTestStringConvertible, Sendable {
    let driver: FakeGBM.Driver
    var format = DRMFourCC.abgr8888
    var modifiers: [DRMModifier] = []
    let code: InteropError.Code
    let step: String
    let testDescription: String
  }

  private static let failures = [
    Failure(
      driver: .init(modifier: 7), modifiers: [.linear], code: .driverFailure, step: "gbm_bo_get_modifier",
      testDescription: "another modifier"),
    Failure(
      driver: .init(planeCount: 0), code: .driverFailure, step: "gbm_bo_get_plane_count", testDescription: "no plane"),
    Failure(
      driver: .init(planeCount: 5), code: .driverFailure, step: "gbm_bo_get_plane_count", testDescription: "five planes"
    ),
    Failure(
      driver: .init(planeCount: 2), code: .invalidArgument, step: "check the DMA-BUF",
      testDescription: "a second plane that a linear AB24 has not"),
    Failure(
      driver: .init(createFails: ENOMEM), code: .driverFailure, step: "gbm_bo_create", testDescription: "no memory"),
    Failure(
      driver: .init(createFails: EINVAL, supportsFormat: false), code: .unsupported, step: "gbm_bo_create",
      testDescription: "a format that the device lacks"),
    Failure(
      driver: .init(modifiersFail: EINVAL), modifiers: [.init(rawValue: 9)], code: .unsupported,
      step: "gbm_bo_create_with_modifiers2", testDescription: "a modifier that the device lacks"),
    Failure(
      driver: .init(), format: DRMFourCC(rawValue: 1), code: .unsupported, step: "allocate with GBM",
      testDescription: "a format that nobody knows"),
  ]

  @Test(arguments: failures) func nothingIsLeftOfWhatFails(failure: Failure) throws {
    let (code, step) = (failure.code, failure.step)
    let files = OpenFiles.list()
    let calls = try FakeGBM.run(failure.driver) { device throws(InteropError) in
      let error = refusal { () throws(InteropError) in
        _ = try device.makeBuffer(size: Self.size, format: failure.format, modifiers: failure.modifiers)
      }
      #expect(error?.code == code && error?.step == step, "\(String(describing: error))")
      let zero = refusal { () throws(InteropError) in
        _ = try device.makeBuffer(size: PixelSize(width: 0, height: 1), format: failure.format)
      }
      #expect(zero?.code == .invalidArgument)
    }
    let alive = FakeGBM.state.withLock { $0.alive }
    #expect(alive == 0, "\(step)")
    #expect(calls.last == "gbm_device_destroy")
    let left = OpenFiles.opened(since: files)
    #expect(left.isEmpty, "\(step)")
  }

  @Test func aMachineWithoutTheLibraryIsToldWhatToInstall() {
    let error = refusal { () throws(InteropError) in _ = try GBMFunctions.open(path: "libgbm-nobody-has.so.1") }
    #expect(error?.code == .driverMissing && error?.missing == ["libgbm-nobody-has.so.1"])
    let advice = error?.advice ?? ""
    #expect(advice.contains("libgbm1"))
    let empty = refusal { () throws(InteropError) in
      _ = try GBMFunctions(resolver: FunctionResolver(source: "an empty library") { _ in nil })
    }
    #expect(empty?.missing == ["gbm_create_device"])
  }
}
