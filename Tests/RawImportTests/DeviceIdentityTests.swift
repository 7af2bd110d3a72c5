import GLVulkanInterop
import InteropTestSupport
import Testing

@Suite("Device identity") struct DeviceIdentityTests {
  private func uuid(_ last: UInt8) -> DriverUUID {
    DriverUUID([0x6C, 0, 0] + [UInt8](repeating: 7, count: 12) + [last])
  }

  @Test func allSixteenBytesCount() {
    // The two differ only behind a NUL, where a comparison as C strings stops.
    let a = DeviceIdentity(deviceUUIDs: [uuid(1)], driverUUID: uuid(9))
    let b = DeviceIdentity(deviceUUIDs: [uuid(2)], driverUUID: uuid(9))
    #expect(a.match(b) == .different)
    #expect(a.match(a) == .same)
  }

  @Test func anotherDriverBuildIsToldApart() {
    let a = DeviceIdentity(deviceUUIDs: [uuid(1)], driverUUID: uuid(8))
    let b = DeviceIdentity(deviceUUIDs: [uuid(1)], driverUUID: uuid(9))
    #expect(a.match(b) == .sameDeviceOtherDriver)
    #expect(a.match(b).sameDevice == true)
  }

  @Test func oneOfSeveralDevicesIsEnough() {
    let gl = DeviceIdentity(deviceUUIDs: [uuid(1), uuid(2)])
    #expect(gl.match(DeviceIdentity(deviceUUIDs: [uuid(2)])) == .same)
  }

  @Test func theDRMNodeDecidesWhereNoUUIDIsKnown() {
    let node = DRMNode(major: 226, minor: 128)
    let gl = DeviceIdentity(renderNode: node)
    let vulkan = DeviceIdentity(deviceUUIDs: [uuid(1)], renderNode: node)
    let other = DeviceIdentity(deviceUUIDs: [uuid(1)], renderNode: DRMNode(major: 226, minor: 129))
    #expect(gl.match(vulkan) == .same)
    #expect(gl.match(other) == .different)
    #expect(DeviceIdentity().match(vulkan) == .unknown)
    #expect(DeviceIdentity().match(vulkan).sameDevice == nil)
  }

  @Test(arguments: TestStack.abilities.apis) func theStackRunsOnOneDevice(api: SurfacelessContext.API) throws {
    let (context, host) = try TestStack.open(api)
    let match = context.gl.identity.match(host.info.identity)
    #expect(match == .same || !TestStack.abilities.mustBeOneDevice)
    let devices = try VulkanHost.physicalDevices(matching: context.gl, of: host.instance, loader: host.loader)
    #expect(devices.first == host.physicalDevice)
  }

  @Test func aDeviceThatGoesAwayLeavesGLCurrent() throws {
    let (context, first) = try TestStack.open()
    func makeAndDestroy() throws {
      var options = VulkanHost.CreateOptions(.matching(context.gl))
      options.layers = TestStack.layers
      _ = try VulkanHost.create(options)
    }
    try makeAndDestroy()
    let isCurrent = context.gl.isCurrent()
    #expect(isCurrent, "destroying a VkDevice took the EGL context from this thread")
    withExtendedLifetime(first) {}
  }

  @Test func twoDevicesAreRefusedUnlessAskedFor() throws {
    let (context, host) = try TestStack.open()
    let elsewhere = try GLContext(
      resolver: context.egl.glResolver, identity: DeviceIdentity(deviceUUIDs: [uuid(1)], driverUUID: uuid(9)))
    var description = SharedImageDescription(size: PixelSize(width: 4, height: 4))
    let error = #expect(throws: InteropError.self) { try SharedImage(description, gl: elsewhere, host: host) }
    #expect(error?.code == .unsupported)
    #expect(error?.step == "compare device UUIDs")
    description.allowsDeviceMismatch = true
    _ = try SharedImage(description, gl: elsewhere, host: host)
  }

  @Test func noMatchingDeviceIsAnErrorThatListsThem() throws {
    let (context, host) = try TestStack.open()
    let elsewhere = try GLContext(
      resolver: context.egl.glResolver, identity: DeviceIdentity(deviceUUIDs: [uuid(1)]))
    let error = #expect(throws: InteropError.self) { try VulkanHost.create(.init(.matching(elsewhere))) }
    let text = error?.description ?? ""
    #expect(text.contains(host.info.deviceName), "\(text)")
  }
}
