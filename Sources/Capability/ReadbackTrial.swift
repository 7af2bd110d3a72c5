package import InteropDrivers
package import RawImport

/// Finds the first method of reading back that works.
package struct ReadbackTrial {
  /// The methods, best first; the last of several is the one that every driver has.
  package var methods: [ReadbackMethod]
  /// Checks the pixels of the first image; nil accepts an image without a check.
  package var pixelCheck: PixelCheck?

  /// A method that did not work.
  package struct Refusal: Sendable {
    package let method: ReadbackMethod
    package let error: InteropError
  }

  package init(_ methods: [ReadbackMethod], pixelCheck: PixelCheck?) {
    precondition(!methods.isEmpty, "a method to try")
    self.methods = methods
    self.pixelCheck = pixelCheck
  }

  /// The methods that a producer may try.
  ///
  /// - Parameter matrix: if it records that imported memory ended a driver's process, this process does not try
  ///   ``ReadbackMethod/sharedBuffer``.
  package static func methods(
    _ host: VulkanHost, _ context: GLContext, _ matrix: CapabilityMatrix?
  ) -> [ReadbackMethod] {
    let importEnds = matrix?.cells.contains { $0.configuration.path == .opaqueFD && $0.endedProcess } == true
    return ReadbackMethod.candidates(for: host, gl: context).filter { !importEnds || $0 != .sharedBuffer }
  }

  /// - Parameter make: makes an image with the method.
  /// - Returns: the first image that works, and the methods that were refused before.
  /// - Throws: the last method's refusal.
  package func run(
    _ make: (ReadbackMethod) throws(InteropError) -> HostCopyImage
  ) throws(InteropError) -> (HostCopyImage, [Refusal]) {
    var refusals: [Refusal] = []
    for method in methods {
      do throws(InteropError) {
        let image = try make(method)
        try pixelCheck?.verify(image)
        return (image, refusals)
      } catch {
        refusals.append(Refusal(method: method, error: error))
      }
    }
    throw refusals[refusals.count - 1].error
  }
}
