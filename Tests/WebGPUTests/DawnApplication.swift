import CDawnDevice
import GLVulkanInterop
import InteropTestSupport
import Testing
import WebGPUInterop

/// The ages of Dawn's header that the package knows, by the names of scripts/dawn.sh's files.
enum DawnAge: String, CaseIterable, Sendable { case of2026 = "2026", of2025 = "2025" }

/// An application with a GL context, a Vulkan device and a WebGPU device, all on one GPU.
final class DawnApplication {
  let context: SurfacelessContext
  let host: VulkanHost
  let path: String
  private(set) var dawn = dawn_device()

  /// - Parameter leftOut: features that the application does not request, by number.
  /// - Returns: nil, with a line for it, where there is no Dawn.
  static func open(_ age: DawnAge, leavingOut leftOut: [UInt32] = []) throws -> DawnApplication? {
    guard let folder = TestStack.dawnFolder else {
      TestStack.skip("WebGPU: \(TestStack.dawnReason)")
      return nil
    }
    return try DawnApplication("\(folder)/libwebgpu_dawn-\(age.rawValue).so", leftOut)
  }

  private struct NoDevice: Error { let message: String }

  private init(_ path: String, _ leftOut: [UInt32]) throws {
    (context, host) = try TestStack.open()
    self.path = path
    let status = (leftOut + [0]).withUnsafeBufferPointer { dawn_device_open(&dawn, path, $0.baseAddress) }
    guard status == 0 else { throw NoDevice(message: message) }
  }

  deinit { dawn_device_close(&dawn) }

  /// Another Vulkan device on the same GPU.
  func anotherHost() throws -> VulkanHost {
    var options = VulkanHost.CreateOptions(.matching(context.gl))
    options.layers = TestStack.layers
    return try VulkanHost.create(options)
  }

  func adopt() throws -> WebGPUDevice {
    try WebGPUDevice(adopting: try #require(dawn.device), library: .path(path))
  }

  func interop() throws -> WebGPUInterop { try WebGPUInterop(try adopt(), gl: context.gl, host: host) }

  /// What Dawn's error callback was told.
  var message: String {
    withUnsafeBytes(of: &dawn.message) { String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self) }
  }
  var errors: UInt32 { dawn.errors }

  func copy(_ source: UnsafeMutableRawPointer, to destination: UnsafeMutableRawPointer, _ size: PixelSize) {
    dawn_device_copy(&dawn, source, destination, UInt32(size.width), UInt32(size.height))
  }

  func process() { dawn_device_process(&dawn) }
}
