/// A driver's version of up to three numbers, compared number by number.
package struct DriverVersion: Sendable, Hashable, Comparable, CustomStringConvertible {
  /// First number.
  package let major: Int
  /// Second number.
  package let minor: Int
  /// Third number.
  package let patch: Int

  /// Makes a version from its numbers.
  package init(_ major: Int, _ minor: Int = 0, _ patch: Int = 0) {
    self.major = major
    self.minor = minor
    self.patch = patch
  }

  /// Reads numbers between full stops; it ignores the rest (`-2~bpo12+1`, `-devel`, a fourth number).
  ///
  /// - Returns: nil if `text` does not begin with a number.
  package init?(_ text: some StringProtocol) {
    let digits = text.prefix { ("0"..."9").contains($0) || $0 == "." }
    let numbers = digits.split(separator: ".", omittingEmptySubsequences: false).prefix(3)
    guard let first = numbers.first, let major = Int(first) else { return nil }
    // "22.", "22..6": a missing number is 0.
    func number(_ index: Int) -> Int { numbers.count > index ? Int(numbers[index]) ?? 0 : 0 }
    self.init(major, number(1), number(2))
  }

  package static func < (a: DriverVersion, b: DriverVersion) -> Bool {
    (a.major, a.minor, a.patch) < (b.major, b.minor, b.patch)
  }

  package var description: String { "\(major).\(minor).\(patch)" }

  // MARK: In GL_VERSION and VkPhysicalDeviceDriverProperties.driverInfo

  /// Reads Mesa's version from `4.5 (Core Profile) Mesa 22.3.6`, `OpenGL ES 3.2 Mesa 25.0.7-2~bpo12+1`, and in Vulkan
  /// `Mesa 22.3.6 (LLVM 15.0.6)`.
  ///
  /// - Returns: nil for another driver.
  package static func mesa(in text: String) -> DriverVersion? { version(after: "Mesa ", in: text) }

  /// Reads NVIDIA's version from `4.6.0 NVIDIA 580.159.03`, `OpenGL ES 3.2 NVIDIA 580.159.03`.
  package static func nvidia(in text: String) -> DriverVersion? { version(after: "NVIDIA ", in: text) }

  /// Reads ANGLE's version from `OpenGL ES 3.1 (ANGLE 2.1 git hash: unknown hash)`,
  /// `OpenGL ES 3.1.0 (ANGLE 2.1.24218 git hash: …)`.
  ///
  /// The version tells little: every ANGLE of the last years is 2.1.
  package static func angle(in text: String) -> DriverVersion? { version(after: "(ANGLE ", in: text) }

  private static func version(after word: String, in text: String) -> DriverVersion? {
    var rest = Substring(text)
    while let start = rest.firstRange(of: word) {
      rest = rest[start.upperBound...]
      if let version = DriverVersion(rest) { return version }
    }
    return nil
  }
}
