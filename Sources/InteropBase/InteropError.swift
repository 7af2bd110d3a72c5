/// The error of a failed operation: the step, the driver's answer, the missing extensions or functions, and advice.
///
/// Every throwing call of this package throws this type. An error leaves nothing behind: file descriptors, GL names and
/// Vulkan handles made on the way have been released.
public struct InteropError: Error, Sendable, Hashable {
  /// The kind of failure. More kinds may be added; always keep a `default` branch.
  public struct Code: RawRepresentable, Hashable, Sendable, CustomStringConvertible {
    public let rawValue: String
    public init(rawValue: String) { self.rawValue = rawValue }
    public var description: String { rawValue }

    /// An argument is invalid: size 0, an incomplete framebuffer, an index out of range. No driver was asked.
    public static let invalidArgument = Code(rawValue: "invalid-argument")
    /// A library (libEGL.so.1, libvulkan.so.1) or one of its functions is not on this machine.
    public static let driverMissing = Code(rawValue: "driver-missing")
    /// This GL driver and Vulkan device do not support the operation; `missing` names the extension or feature.
    public static let unsupported = Code(rawValue: "unsupported")
    /// A driver call failed; `driverCode` is its answer.
    public static let driverFailure = Code(rawValue: "driver-failure")
    /// A driver reported success and gave wrong pixels.
    public static let wrongPixels = Code(rawValue: "wrong-pixels")
    /// The call does not fit the state of the image or frame: released twice, dropped, used after `destroy()`.
    public static let invalidState = Code(rawValue: "invalid-state")
    /// The right context is not current on this thread.
    public static let wrongThread = Code(rawValue: "wrong-thread")
    /// All frames of the ring are in use and the caller asked not to wait (or waited long enough).
    public static let ringExhausted = Code(rawValue: "ring-exhausted")
    /// The GPU did not finish in the time allowed.
    public static let timeout = Code(rawValue: "timeout")
  }

  /// The kind of failure.
  public package(set) var code: Code
  /// The failed step: a driver function (`glImportMemoryFdEXT`) or a check of the package (`check framebuffer size`).
  public package(set) var step: String
  /// The cause, in a sentence without a full stop.
  public package(set) var reason: String
  /// The driver's answer, if it was asked; nil where it failed and reported no error.
  public package(set) var driverCode: DriverCode?
  /// The missing extensions, features or functions, by their registered names.
  public package(set) var missing: [String]
  /// Advice for the caller.
  public package(set) var advice: String?

  /// Makes an error. A driver code that reports success is left out.
  public init(
    _ code: Code, step: String, reason: String, driverCode: DriverCode? = nil, missing: [String] = [],
    advice: String? = nil
  ) {
    self.code = code
    self.step = step
    self.reason = reason
    // A driver that fails and reports no error has not answered.
    self.driverCode = driverCode.flatMap { $0.isSuccess ? nil : $0 }
    self.missing = missing
    self.advice = advice
  }
}

extension InteropError: CustomStringConvertible {
  public var description: String {
    var text = "\(step): \(reason)"
    if let driverCode { text += " (\(driverCode))" }
    if !missing.isEmpty { text += "; missing: \(missing.joined(separator: ", "))" }
    if let advice { text += ". \(advice)" }
    return text
  }
}
