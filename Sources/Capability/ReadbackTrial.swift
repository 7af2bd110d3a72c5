package import InteropDrivers
package import RawImport

/// Finds the first method of reading back that works here.
package struct ReadbackTrial {
  /// Best first; of several the last is the one that is there on every driver.
  package var methods: [ReadbackMethod]
  /// Looks at the pixels of the first image; nil makes it and believes it.
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
  /// - Parameter matrix: one that saw a driver end a process which imported memory keeps
  ///   ``ReadbackMethod/sharedBuffer`` out of this one.
  package static func methods(
    _ host: VulkanHost, _ context: GLContext, _ matrix: CapabilityMatrix?
  ) -> [ReadbackMethod] {
    let importEnds = matrix?.cells.contains { $0.path == TransferPath.opaqueFD.rawValue && $0.endedProcess } == true
    return ReadbackMethod.candidates(for: host, gl: context).filter { !importEnds || $0 != .sharedBuffer }
  }

  /// - Parameter make: an image by the method.
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
